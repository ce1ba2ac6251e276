"""Sealing: what only its receivers may read, in the age format (https://age-encryption.org/v1)."""

from __future__ import annotations

from collections.abc import Sequence

import pyrage

from fluidmol.errors import InputError

_HEAD = b"age-encryption.org/v1\n"


def seal(data: bytes, recipients: Sequence[str]) -> bytes:
    """Encrypt to the holders of these keys; anybody of them can open it with :meth:`PrivateKeys.unseal`.

    Not deterministic: the same data, sealed again, gives other bytes.

    Parameters
    ----------
    data : bytes
    recipients : sequence of str
        Public sealing keys, ``age1...``, at least one.

    Raises
    ------
    InputError
        If there is no recipient, or one is no key.

    Examples
    --------
    >>> from fluidmol.trust.keys import PrivateKeys
    >>> keys = PrivateKeys.generate("hub")
    >>> keys.unseal(seal(b"for hub only", [keys.public.sealing]))
    b'for hub only'
    """
    if not recipients:
        raise InputError("there is nobody to seal to", hint="Name at least one recipient.")
    keys = []
    for recipient in recipients:
        try:
            keys.append(pyrage.x25519.Recipient.from_str(recipient))
        except (pyrage.RecipientError, TypeError) as problem:
            raise InputError(
                f"{recipient!r} is no sealing key", hint="Expected an age recipient, age1...."
            ) from problem
    return bytes(pyrage.encrypt(data, keys))


def is_sealed(data: bytes) -> bool:
    """Say whether these bytes begin as sealed ones do.

    Examples
    --------
    >>> is_sealed(b"PK")
    False
    """
    return data.startswith(_HEAD)
