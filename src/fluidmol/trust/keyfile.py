"""A private key file: readable facts about the key, and secret bytes, encrypted by a passphrase.

One JSON text. The secret is encrypted by ChaCha20-Poly1305 with a key that scrypt makes from the passphrase; the
facts around it are authenticated together with it, so that nobody changes them unseen.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from fluidmol.errors import InputError, MissingFileError, OutputError
from fluidmol.values.files import refuse_pipe
from fluidmol.values.strict_json import read_json

FORMAT = "fluidmol private keys 1"
"""First thing in the file."""

WORK = 1 << 17
"""Cost of scrypt, a power of 2: 128 MiB of memory and a good part of a second for each guess of a passphrase."""

_WORK_RANGE = (1 << 10, 1 << 20)
_NONCE = 12
_ENTRIES = {"format", "facts", "scrypt", "secret"}
_LARGEST = 1 << 16


@attrs.frozen
class KeyFile:
    """What a private key file holds."""

    facts: Mapping[str, str]
    """What may be read without the passphrase."""

    scrypt: Mapping[str, Any] | None
    """Cost and salt; None if there is no passphrase."""

    secret: bytes = attrs.field(repr=False)
    """Nonce and ciphertext; the plain secret if there is no passphrase."""

    def opened(self, passphrase: str | None, where: str) -> bytes:
        """Give the plain secret.

        Parameters
        ----------
        passphrase : str or None
            Not looked at if the file needs none.
        where : str
            What the file is called in messages.

        Raises
        ------
        InputError
            If the passphrase is missing or wrong, or the file was altered.
        """
        if self.scrypt is None:
            return self.secret
        if passphrase is None:
            raise InputError(f"{where} is protected by a passphrase", hint="Give it.")
        key = _key(passphrase, base64.b64decode(self.scrypt["salt"]), self.scrypt["n"])
        nonce, sealed = self.secret[:_NONCE], self.secret[_NONCE:]
        try:
            return ChaCha20Poly1305(key).decrypt(nonce, sealed, _bound(self.facts, self.scrypt))
        except (InvalidTag, ValueError) as problem:
            raise InputError(
                f"the passphrase doesn't open {where}",
                hint="Either it is wrong, or the file was altered: then take it from your backup.",
            ) from problem


def write_keyfile(path: Path, facts: Mapping[str, str], secret: bytes, passphrase: str | None) -> None:
    """Write a new file that only its owner may read (mode 0600).

    Parameters
    ----------
    path : Path
        Nothing may be there: what a lost key signed or opened can't be had back.
    facts : mapping of str to str
        What may be read without the passphrase.
    secret : bytes
    passphrase : str or None
        None leaves the secret as plain base64.

    Raises
    ------
    OutputError
        If something is there, or the folder can't be written.
    InputError
        If the passphrase is empty.
    """
    write_private(path, _content(facts, secret, passphrase))


def change_passphrase(path: Path, passphrase: str | None, new: str | None) -> None:
    """Encrypt a private key file anew; the secrets stay the same.

    The file is replaced whole or not at all, once the new one has been read back.

    Parameters
    ----------
    path : Path
    passphrase : str or None
        The one that opens it now.
    new : str or None
        None leaves the secret unprotected.

    Raises
    ------
    MissingFileError, InputError
        If it can't be read, is no private key file, or the passphrase is missing or wrong, or the new one is empty.
    OutputError
        If the folder can't be written; then the file is as it was.
    """
    path = path.resolve()  # a link stays one
    file = read_keyfile(path)
    secret = file.opened(passphrase, str(path))
    content = _content(file.facts, secret, new)
    if _parsed(content, path).opened(new, str(path)) != secret:
        raise OutputError(f"{path} couldn't be read back", hint="It is as it was.")
    write_private(path, content, replace=True)


def _content(facts: Mapping[str, str], secret: bytes, passphrase: str | None) -> bytes:
    if passphrase == "":
        raise InputError("the passphrase is empty", hint="Give one, or None for none.")
    scrypt = None
    if passphrase is not None:
        salt = secrets.token_bytes(16)
        scrypt = {"n": WORK, "salt": base64.b64encode(salt).decode()}
        nonce = secrets.token_bytes(_NONCE)
        sealer = ChaCha20Poly1305(_key(passphrase, salt, WORK))
        secret = nonce + sealer.encrypt(nonce, secret, _bound(facts, scrypt))
    content = {
        "format": FORMAT, "facts": dict(facts), "scrypt": scrypt, "secret": base64.b64encode(secret).decode()
    }  # fmt: skip
    return json.dumps(content, indent=1).encode() + b"\n"


def read_keyfile(path: Path) -> KeyFile:
    """Read a private key file, without opening its secret.

    Raises
    ------
    MissingFileError
        If there is no such file, or it can't be read.
    InputError
        If it is no private key file.
    """
    try:
        refuse_pipe(path)
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as problem:
        raise MissingFileError(
            f"the key file {path} can't be read: {problem.strerror}", hint="Make one with: fluid keys new NAME."
        ) from problem
    return _parsed(data, path)


def _parsed(data: bytes, path: Path) -> KeyFile:
    try:
        content = read_json(data) if len(data) <= _LARGEST else {}
        if set(content) != _ENTRIES or content["format"] != FORMAT:
            raise ValueError("other entries")
        facts, scrypt = {str(k): str(v) for k, v in content["facts"].items()}, content["scrypt"]
        if scrypt is not None:
            n = scrypt["n"]
            if type(n) is not int or not _WORK_RANGE[0] <= n <= _WORK_RANGE[1] or n & (n - 1):
                raise ValueError("cost out of range")
            base64.b64decode(scrypt["salt"], validate=True)
        return KeyFile(facts, scrypt, base64.b64decode(content["secret"], validate=True))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
        # The problem isn't quoted: it might quote the secret.
        raise InputError(
            f"{path} is no private key file", hint="Expected NAME.key, as fluid keys new writes it."
        ) from problem


def readable_by_others(path: Path) -> bool:
    """Say whether other users of this machine may read a file; never where the system doesn't tell."""
    return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def _key(passphrase: str, salt: bytes, n: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=n, r=8, p=1).derive(passphrase.encode())


def _bound(facts: Mapping[str, str], scrypt: Mapping[str, Any]) -> bytes:
    return json.dumps([FORMAT, dict(facts), dict(scrypt)], sort_keys=True).encode()


def write_private(path: Path, content: bytes, *, replace: bool = False) -> None:
    """Write a file that only its owner may read, whole or not at all.

    Parameters
    ----------
    path : Path
    content : bytes
    replace : bool
        Whether something may be there.

    Raises
    ------
    OutputError
        If something is there, or the folder can't be written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        if path.exists() and not replace:
            raise OutputError(
                f"{path} is there already", hint="Keys are never replaced: choose another name or folder."
            )
        # Private from its first moment on, whatever the umask.
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        part.replace(path)
    except OSError as problem:
        part.unlink(missing_ok=True)
        raise OutputError(f"{path} can't be written: {problem.strerror}", hint="Choose another folder.") from problem
    except BaseException:
        part.unlink(missing_ok=True)
        raise
