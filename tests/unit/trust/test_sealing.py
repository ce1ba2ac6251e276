"""Sealing: only the receivers can open, and only what nobody touched."""

import random

import pyrage
import pytest

from fluidmol.errors import InputError, SignatureError
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.sealing import is_sealed, seal

HUB, ACME, EVE = (PrivateKeys.generate(name) for name in ("hub", "acme", "eve"))
DATA = random.Random(1).randbytes(5000)
SEALED = seal(DATA, [HUB.public.sealing, ACME.public.sealing])


def test_each_receiver_opens_it_and_nobody_else():
    assert HUB.unseal(SEALED) == ACME.unseal(SEALED) == DATA
    with pytest.raises(SignatureError, match="keys of eve"):
        EVE.unseal(SEALED)


def test_sealed_bytes_look_sealed_and_hold_nothing_readable():
    assert is_sealed(SEALED)
    assert not is_sealed(DATA)
    assert DATA[:16] not in SEALED
    assert HUB.unseal(seal(b"", [HUB.public.sealing])) == b""


def test_every_damage_is_found():
    draw = random.Random(2)
    for _ in range(300):
        place = draw.randrange(len(SEALED))
        changed = bytearray(SEALED)
        changed[place] ^= 1 << draw.randrange(8)
        cut = SEALED[:place]
        for damaged in (bytes(changed), cut, SEALED + b"x"):
            # A line for another receiver may change: it isn't ours to judge, but its MAC covers it all the same.
            with pytest.raises(SignatureError):
                HUB.unseal(damaged)


@pytest.mark.parametrize(
    "data",
    [b"", b"age-encryption.org/v1\n", DATA, pyrage.passphrase.encrypt(b"x", "a passphrase")],
    ids=["empty", "a header alone", "plain", "sealed by a passphrase"],
)
def test_what_is_not_sealed_to_keys_is_refused(data):
    with pytest.raises(SignatureError, match="can't be opened"):
        HUB.unseal(data)


@pytest.mark.parametrize("recipients", [[], ["age1"], [HUB.public.signing], [str(HUB._sealing)], [5]])
def test_there_must_be_somebody_to_seal_to(recipients):
    with pytest.raises(InputError) as caught:
        seal(DATA, recipients)
    assert caught.value.hint
