"""Releases in a folder, against the ledger."""

import pytest

from fluidmol.errors import MissingFileError
from fluidmol.partner.releases import releases
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.sealing import seal
from fluidmol.trust.signed import signed
from fluidmol.values.codec import pack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.messages import Declined

D = "sha256:" + "0" * 64
ACME, BOB = Declined(D, "acme", "on holiday"), Declined(D, "bob", "too few")


@pytest.fixture
def folder(tmp_path):
    keys, digits = PrivateKeys.generate("acme"), ACME.digest[7:19]
    sealed = seal(signed(ACME, "", keys), [keys.public.sealing])
    (tmp_path / "deep").mkdir()
    for name, content in {
        "plain.fluid": pack(ACME),
        "deep/signed.fluid": signed(BOB, "", keys),
        f"acme-{digits}.fluid.age": sealed,
        "acme-000000000000.fluid.age": sealed,
        "copy.fluid.age": sealed,
        "damaged.fluid": pack(ACME)[:-20],
        "empty.fluid": b"",
        "molecules.fluid": pack(CompoundSet((), ())),
        "notes.txt": pack(BOB),
        "requests/2-learn-0c8f1b2d3e4f.fluid.age": sealed,
        "outcome/labels.fluid.age": sealed,
        "quarantine/2188e9d8-labels.fluid.age": sealed,
        "quarantine/2188e9d8-2-learn-0c8f1b2d3e4f.fluid.age": sealed,
        "deep/labels.fluid.age": sealed,
        "requests/acme-000000000001.fluid.age": sealed,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "link.fluid").symlink_to(tmp_path / "plain.fluid")
    return tmp_path


def test_each_release_is_found_and_looked_up(folder):
    found = {str(one.path.relative_to(folder)): one for one in releases(folder, {ACME.digest})}
    assert {name: (one.partner, one.noted) for name, one in found.items()} == {
        "plain.fluid": ("acme", True),
        "deep/signed.fluid": ("bob", False),
        f"acme-{ACME.digest[7:19]}.fluid.age": ("acme", True),
        "acme-000000000000.fluid.age": ("acme", False),
        "copy.fluid.age": ("", False),
        "deep/labels.fluid.age": ("", False),
        "requests/acme-000000000001.fluid.age": ("acme", False),
        "damaged.fluid": ("", False),
        "empty.fluid": ("", False),
    }
    assert "can't be read" in found["damaged.fluid"].remark
    assert "name" in found["copy.fluid.age"].remark
    assert found["plain.fluid"].digest == ACME.digest


def test_no_folder(tmp_path):
    with pytest.raises(MissingFileError, match="no folder"):
        list(releases(tmp_path / "missing", ()))
