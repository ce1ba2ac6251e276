"""Secret keys in the forms that other programs know: PKCS#8 in PEM, and age's own; and back from PEM."""

from __future__ import annotations

import re

import pyrage
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from fluidmol.errors import InputError
from fluidmol.trust.bech32 import from_bech32, to_bech32
from fluidmol.trust.keys import PrivateKeys
from fluidmol.values.parties import check_name

_IDENTITY = "age-secret-key-"
_BLOCK = re.compile(r"-----BEGIN ((?:[A-Z]+ )*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)
_HINT = "Expected PKCS#8 in PEM: one Ed25519 key and one X25519 key."


def to_pem(keys: PrivateKeys, passphrase: str | None) -> str:
    """Write both secret keys as PKCS#8: the Ed25519 key that signs, then the X25519 key that opens.

    Parameters
    ----------
    keys : PrivateKeys
    passphrase : str or None
        None writes them unprotected. What protects them in PEM (PBKDF2) is weaker against guessing than scrypt.

    Examples
    --------
    >>> keys = PrivateKeys.generate("acme")
    >>> from_pem("acme", to_pem(keys, None), None).public == keys.public
    True
    """
    if passphrase == "":
        raise InputError("the passphrase is empty", hint="Give one, or None for none.")
    sealing = X25519PrivateKey.from_private_bytes(from_bech32(_IDENTITY, str(keys._sealing).lower()))
    guard = (
        serialization.NoEncryption()
        if passphrase is None
        else serialization.BestAvailableEncryption(passphrase.encode())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, guard)
    return "".join(key.private_bytes(*form).decode() for key in (keys._signing, sealing))


def pem_is_encrypted(text: str) -> bool:
    """Check whether a PEM text has an encrypted key in it."""
    return any("ENCRYPTED" in block[1] for block in _BLOCK.finditer(text))


def from_pem(name: str, text: str, passphrase: str | None) -> PrivateKeys:
    """Read both secret keys of a party from PEM, in any order.

    Parameters
    ----------
    name : str
        The party's, which PEM doesn't tell.
    text : str
    passphrase : str or None
        Of both, where they are encrypted.

    Raises
    ------
    InputError
        If there isn't one key of each kind, or the passphrase is missing or wrong.
    ValueError
        If the name can't be a party's.
    """
    check_name(name)
    signing: list[Ed25519PrivateKey] = []
    sealing: list[X25519PrivateKey] = []
    for block in _BLOCK.finditer(text):
        given = passphrase.encode() if passphrase and "ENCRYPTED" in block[1] else None
        try:
            key = serialization.load_pem_private_key(block[0].encode(), given)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            # Without its cause, which might quote the secret.
            why = "the passphrase is missing or wrong, or it is damaged" if "ENCRYPTED" in block[1] else "it is damaged"
            raise InputError(f"a key in PEM can't be read: {why}", hint=_HINT) from None
        if isinstance(key, Ed25519PrivateKey):
            signing.append(key)
        elif isinstance(key, X25519PrivateKey):
            sealing.append(key)
        else:
            raise InputError("a key in PEM is of another kind", hint=_HINT)
    if len(signing) != 1 or len(sealing) != 1:
        raise InputError(f"there are {len(signing)} Ed25519 keys and {len(sealing)} X25519 keys", hint=_HINT)
    identity = to_bech32(_IDENTITY, sealing[0].private_bytes_raw()).upper()
    return PrivateKeys(name, signing[0], pyrage.x25519.Identity.from_str(identity))


def to_age(keys: PrivateKeys) -> str:
    """Write the key that opens sealed files as any program of age's reads it, unprotected.

    Examples
    --------
    >>> to_age(PrivateKeys.generate("acme")).splitlines()[0]
    '# acme: opens everything that was ever sealed to it. Not protected by a passphrase: keep it secret.'
    """
    return (
        f"# {keys.name}: opens everything that was ever sealed to it. Not protected by a passphrase: keep it secret.\n"
        f"# public key: {keys.public.sealing}\n{keys._sealing}\n"
    )
