"""What is read from a run folder belongs together, or is refused."""

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fluidmol.cli.consortium import read_run
from fluidmol.errors import CharterError, CodecError, InputError, MissingFileError
from fluidmol.values.codec import pack
from fluidmol.values.labels import FederatedLabels


@pytest.fixture
def labels(quick_charter, transfer):
    n = len(transfer)
    return FederatedLabels(quick_charter.digest, ("a",), np.full((n, 1), 0.5), np.zeros((n, 1)), np.ones((1, n, 1)))


@pytest.fixture
def folder(tmp_path, quick_charter, transfer, labels):
    (tmp_path / "charter.toml").write_text(quick_charter.to_toml())
    (tmp_path / "labels.fluid").write_bytes(pack(labels))
    pq.write_table(pa.table({"smiles": transfer.smiles, "inchikey": transfer.inchikeys}), tmp_path / "labels.parquet")
    return tmp_path


def test_read(folder, quick_charter, transfer, labels):
    found = read_run(folder)
    assert (found.charter, found.transfer, found.labels) == (quick_charter, transfer, labels)


def test_no_folder(tmp_path):
    with pytest.raises(MissingFileError, match="no folder"):
        read_run(tmp_path / "RUN")


@pytest.mark.parametrize("name", ["charter.toml", "labels.fluid", "labels.parquet"])
def test_a_missing_file(name, folder):
    (folder / name).unlink()
    with pytest.raises(MissingFileError, match=name):
        read_run(folder)


@pytest.mark.parametrize(
    ("name", "error"), [("charter.toml", CharterError), ("labels.fluid", CodecError), ("labels.parquet", InputError)]
)
def test_a_damaged_file(name, error, folder):
    (folder / name).write_text("nonsense")
    with pytest.raises(error, match=name):
        read_run(folder)


def test_a_charter_that_is_no_text(folder):
    (folder / "charter.toml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(InputError, match="UTF-8"):
        read_run(folder)


def test_something_else_than_labels(folder, transfer):
    (folder / "labels.fluid").write_bytes(pack(transfer))
    with pytest.raises(CodecError, match="CompoundSet"):
        read_run(folder)


def test_another_charter(folder, quick_charter):
    (folder / "charter.toml").write_text(attrs.evolve(quick_charter, seed=7).to_toml())
    with pytest.raises(InputError, match="another charter"):
        read_run(folder)


@pytest.mark.parametrize("rows", [slice(1, None), slice(None, None, -1)], ids=["fewer", "another order"])
def test_other_molecules(rows, folder, transfer):
    table = {"smiles": transfer.smiles[rows], "inchikey": transfer.inchikeys[rows]}
    pq.write_table(pa.table(table), folder / "labels.parquet")
    with pytest.raises(InputError, match="isn't the one that the charter names"):
        read_run(folder)
