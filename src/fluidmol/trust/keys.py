"""A party's keys: the public ones that everybody may have, and the private ones that never leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pyrage
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from fluidmol.errors import InputError, SignatureError
from fluidmol.trust.keyfile import KeyFile, read_keyfile, readable_by_others, write_keyfile
from fluidmol.values.parties import Party, check_name, fingerprint, signing_bytes, signing_text
from fluidmol.values.toml import read_toml

FORMAT = "fluidmol public keys 1"
"""First line of a public key file."""


def _check_sealing(_keys: object, _field: object, value: Any) -> None:
    try:
        pyrage.x25519.Recipient.from_str(value)
    except (pyrage.RecipientError, TypeError) as problem:
        raise ValueError(f"the sealing key {value!r}: expected an age recipient, age1...") from problem


@attrs.frozen
class PublicKeys:
    """By what others know a party: they check its signatures, and seal to it.

    Raises
    ------
    ValueError
        If the name or a key is malformed.

    Examples
    --------
    >>> public = PrivateKeys.generate("acme").public
    >>> PublicKeys.from_toml(public.to_toml(), "acme.pub") == public
    True
    """

    name: str = attrs.field(validator=lambda _keys, _field, value: check_name(value) and None)
    """The party's name."""

    signing: str = attrs.field(validator=lambda _keys, _field, value: signing_bytes(value) and None)
    """Ed25519, ``ed25519:`` and base64."""

    sealing: str = attrs.field(validator=_check_sealing)
    """X25519, an age recipient."""

    @property
    def fingerprint(self) -> str:
        """What people compare on the telephone: eight groups of four hexadecimal digits."""
        return fingerprint(self.signing, self.sealing)

    def party(self, role: str) -> Party:
        """Give the party of these keys, as charters name it."""
        return Party(self.name, role, self.signing, self.sealing)

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Say whether this party signed this very message."""
        return verifies(self.signing, message, signature)

    def to_toml(self) -> str:
        """Write the keys as a small TOML text that may be sent to anybody."""
        fields = {"format": FORMAT, **attrs.asdict(self)}
        return "".join(f'{key} = "{value}"\n' for key, value in fields.items())

    @classmethod
    def from_toml(cls, text: str, where: str) -> PublicKeys:
        """Read a public key file.

        Raises
        ------
        InputError
            If it is something else.
        """
        hint = "Expected NAME.pub, as fluid keys new writes it."
        try:
            table = read_toml(text)
        except (ValueError, RecursionError) as problem:  # tomllib's own, and what thousands of digits or brackets cause
            raise InputError(f"{where} is no public key file", hint=hint) from problem
        if set(table) != {"format", "name", "signing", "sealing"} or table.pop("format") != FORMAT:
            raise InputError(f"{where} is no public key file", hint=hint)
        try:
            return cls(**table)
        except (TypeError, ValueError) as problem:
            raise InputError(f"{where}: {problem.args[0] if problem.args else problem}", hint=hint) from problem


def verifies(signing: str, message: bytes, signature: bytes) -> bool:
    """Say whether the holder of a signing key signed this very message."""
    try:
        Ed25519PublicKey.from_public_bytes(signing_bytes(signing)).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@attrs.frozen(eq=False)
class PrivateKeys:
    """A party's secrets. Nothing shows them: no ``repr``, no message, no log.

    Examples
    --------
    >>> keys = PrivateKeys.generate("acme")
    >>> keys.public.verifies(b"a message", keys.sign(b"a message"))
    True
    >>> keys
    PrivateKeys(name='acme')
    """

    name: str
    """The party's name."""

    _signing: Ed25519PrivateKey = attrs.field(repr=False)
    _sealing: pyrage.x25519.Identity = attrs.field(repr=False)

    @classmethod
    def generate(cls, name: str) -> PrivateKeys:
        """Make new keys.

        Raises
        ------
        ValueError
            If the name can't be a party's.
        """
        return cls(check_name(name), Ed25519PrivateKey.generate(), pyrage.x25519.Identity.generate())

    @property
    def public(self) -> PublicKeys:
        """What others may know."""
        raw = self._signing.public_key().public_bytes_raw()
        return PublicKeys(self.name, signing_text(raw), str(self._sealing.to_public()))

    def sign(self, message: bytes) -> bytes:
        """Sign a message: 64 bytes, the same ones each time."""
        return self._signing.sign(message)

    def unseal(self, data: bytes) -> bytes:
        """Open what was sealed to these keys.

        Raises
        ------
        SignatureError
            If it is sealed to somebody else, or damaged.
        """
        try:
            return bytes(pyrage.decrypt(data, [self._sealing]))
        except pyrage.DecryptError as problem:
            raise SignatureError(
                f"a sealed file can't be opened by the keys of {self.name}",
                hint="It is sealed to somebody else, or damaged: ask the sender for it again.",
            ) from problem

    def save(self, path: Path, passphrase: str | None) -> None:
        """Write a new private key file, readable by its owner only.

        Parameters
        ----------
        path : Path
            Nothing may be there.
        passphrase : str or None
            None writes the secrets unprotected; never do that on a machine that you share.

        Raises
        ------
        OutputError
            If something is there, or the folder can't be written.
        InputError
            If the passphrase is empty.
        """
        secret = self._signing.private_bytes_raw() + str(self._sealing).encode()
        write_keyfile(path, attrs.asdict(self.public), secret, passphrase)

    @classmethod
    def load(cls, path: Path, passphrase: str | None) -> PrivateKeys:
        """Read a private key file.

        Parameters
        ----------
        path : Path
        passphrase : str or None
            Not looked at if the file needs none; :func:`needs_passphrase` tells.

        Raises
        ------
        MissingFileError
            If there is no such file, or it can't be read.
        InputError
            If it is no private key file, the passphrase is missing or wrong, or the secrets are unprotected in a
            file that others may read.
        """
        file = read_keyfile(path)
        if file.scrypt is None and readable_by_others(path):
            raise InputError(
                f"{path} has no passphrase, and other users of this machine may read it",
                hint=f"Make it private, with: chmod 600 {path}.",
            )
        secret = file.opened(passphrase, str(path))
        try:
            signing = Ed25519PrivateKey.from_private_bytes(secret[:32])
            sealing = pyrage.x25519.Identity.from_str(secret[32:].decode("ascii"))
            keys = cls(check_name(file.facts.get("name")), signing, sealing)
        except (ValueError, pyrage.IdentityError):
            # Without its cause, which might quote the secret.
            raise InputError(f"{path} is damaged", hint="Take it from your backup.") from None
        if keys.public != _public(file, path):
            raise InputError(f"the public keys in {path} aren't those of its secrets", hint="Take it from your backup.")
        return keys


def public_of(path: Path) -> PublicKeys:
    """Read the public part of a private key file, without its passphrase.

    Raises
    ------
    MissingFileError
        If there is no such file, or it can't be read.
    InputError
        If it is no private key file.
    """
    return _public(read_keyfile(path), path)


def needs_passphrase(path: Path) -> bool:
    """Say whether a private key file is protected by a passphrase.

    Raises
    ------
    MissingFileError, InputError
        As for :func:`public_of`.
    """
    return read_keyfile(path).scrypt is not None


def _public(file: KeyFile, path: Path) -> PublicKeys:
    try:
        return PublicKeys(**file.facts)
    except (TypeError, ValueError) as problem:
        raise InputError(f"{path} is damaged", hint="Take it from your backup.") from problem
