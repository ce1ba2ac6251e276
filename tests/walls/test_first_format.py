"""Files with the container of format 1: whatever reads packed values refuses them by that name."""

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from containers import of_the_first_format

from fluidmol.cli import consortium, files, transfer_file
from fluidmol.cli.inspect import explained
from fluidmol.errors import CodecError, FluidError, InputError, SignatureError
from fluidmol.exchange.contents import read_request
from fluidmol.exchange.folder import FolderMailbox
from fluidmol.partner.publication import read_labels, read_transfer
from fluidmol.partner.releases import releases
from fluidmol.rounds.partner.home import Home
from fluidmol.rounds.partner.kept_model import KeptModel
from fluidmol.rounds.public import stored_representation, stored_transfer
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.signed import opened, signed
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.codec import pack, read_value, unpack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.grids import Grid
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Annotate
from fluidmol.values.parts import Part
from fluidmol.values.private_model import PrivateModel
from fluidmol.values.provenance import Provenance
from fluidmol.values.representation import Branch, Layer, Output, Representation

KEYS = {name: PrivateKeys.generate(name) for name in ("hub", "acme")}
TRANSFER = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
CHARTER = attrs.evolve(
    Charter.from_preset("open"), name="pilot", quorum=1, transfer_digest=TRANSFER.digest, transfer_size=1,
    parties=(KEYS["hub"].public.party("coordinator"), KEYS["acme"].public.party("partner")),
)  # fmt: skip
D = CHARTER.digest
OPINION = Annotations(D, "acme", [[0.5]], [[0.5]])
LABELS = FederatedLabels(D, ("acme",), [[0.9]], [[0.0]], [[[1.0]]])
PRIVATE = PrivateModel([2.0, -1.0], [30.0], 812.5, 4.0, 1e-5, 1.0812)
DIRECTIONS = Representation(
    Part("additive", {"bits": 128}),
    [Branch([Output(0, Layer(Grid(np.eye(2), (0, 0)), Grid([[0, 0]], (0, 0))), 0.5)])],
    Provenance(Part("by-hand")),
)


def in_a_run(folder):
    (folder / "charter.toml").write_text(CHARTER.to_toml())
    pq.write_table(pa.table({"smiles": TRANSFER.smiles, "inchikey": TRANSFER.inchikeys}), folder / "labels.parquet")
    consortium.read_run(folder)


def kept(folder):
    model = KeptModel(folder)
    model.charter.write_text(D)
    model.find(CHARTER, D)


def molecules(path):
    transfer_file.read_transfer(path, None, 7, None, cached=False, quiet=True)


READERS = {
    "inspect": ("a.fluid", pack(OPINION), lambda folder: explained(folder / "a.fluid", None), CodecError),
    "inspect, signed": (
        "a.fluid", signed(OPINION, D, KEYS["acme"]), lambda folder: explained(folder / "a.fluid", None), CodecError,
    ),
    "transfer set of a place": (
        "transfer.fluid", pack(TRANSFER), lambda folder: stored_transfer(FolderMailbox(folder), CHARTER), InputError,
    ),
    "directions of a place": (
        "representation.fluid", pack(DIRECTIONS),
        lambda folder: stored_representation(FolderMailbox(folder), CHARTER), InputError,
    ),
    "question of a place": (
        "a.fluid", signed(Annotate(CHARTER), "", KEYS["hub"]),
        lambda folder: read_request(FolderMailbox(folder), "a.fluid", CHARTER), SignatureError,
    ),
    "labels at home": ("labels.fluid", pack(LABELS), lambda folder: Home(folder).learnt(LABELS), InputError),
    "labels": ("l.fluid", pack(LABELS), lambda folder: read_labels(folder / "l.fluid", CHARTER), CodecError),
    "labels, signed": (
        "l.fluid", signed(LABELS, D, KEYS["hub"]), lambda folder: read_labels(folder / "l.fluid", CHARTER),
        SignatureError,
    ),
    "transfer set": ("t.fluid", pack(TRANSFER), lambda folder: read_transfer(folder / "t.fluid"), CodecError),
    "transfer set of a new charter": (
        "t.fluid", pack(TRANSFER), lambda folder: molecules(folder / "t.fluid"), CodecError,
    ),
    "a file": ("d.fluid", pack(DIRECTIONS), lambda folder: read_value(folder / "d.fluid", Representation), CodecError),
    "directions of a command": (
        "d.fluid", pack(DIRECTIONS), lambda folder: files.directions_in(folder / "d.fluid"), CodecError,
    ),
    "run folder": ("labels.fluid", pack(LABELS), in_a_run, CodecError),
    "private model": ("private-model.fluid", pack(PRIVATE), kept, InputError),
}  # fmt: skip


@pytest.mark.parametrize("name", READERS)
def test_the_first_format_is_named(name, tmp_path):
    file, data, read, error = READERS[name]
    (tmp_path / file).write_bytes(of_the_first_format(data))
    with pytest.raises(FluidError, match=r"container format 1, and this version of fluidmol reads 2") as caught:
        read(tmp_path)
    assert isinstance(caught.value, error)
    assert caught.value.hint
    assert "damaged" not in str(caught.value)


def test_a_private_model_of_the_first_format_is_not_to_be_made_again(tmp_path):
    (tmp_path / "private-model.fluid").write_bytes(of_the_first_format(pack(PRIVATE)))
    with pytest.raises(InputError, match="costs again") as caught:
        kept(tmp_path)
    assert "use the version of fluidmol that made it" in caught.value.hint
    assert "Make" not in str(caught.value)


def test_a_right_signature_doesnt_make_the_first_format_readable():
    with pytest.raises(SignatureError, match="the file of acme can't be used: container format 1"):
        opened(of_the_first_format(signed(OPINION, D, KEYS["acme"])), CHARTER.parties)


def test_releases_of_the_first_format_are_remarked_upon(tmp_path):
    (tmp_path / "a.fluid").write_bytes(of_the_first_format(pack(OPINION)))
    [found] = releases(tmp_path, {OPINION.digest})
    assert not found.noted
    assert "container format 1" in found.remark


def test_the_helper_changes_nothing_but_the_format():
    with pytest.raises(CodecError, match="container format 1"):
        unpack(of_the_first_format(pack(CHARTER)))
