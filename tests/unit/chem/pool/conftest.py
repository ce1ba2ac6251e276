"""A pool in two files, with what every pool has: salts, repetitions and rows that are none."""

import pytest

from fluidmol.chem.pool.expanding import expand
from fluidmol.chem.pool.known_sets import KnownSet
from fluidmol.chem.pool.limits import PoolLimits
from fluidmol.chem.pool.ordering import put_in_order
from fluidmol.chem.pool.preparing import prepare


@pytest.fixture
def files(chemistry, tmp_path):
    """130 molecules: 70 in SMI with a bad row and a tiny molecule, 70 in CSV, of which 10 are in both."""
    smiles = chemistry.compounds.smiles
    folder = tmp_path / "pool"
    folder.mkdir()
    (folder / "a.smi").write_text("\n".join([*smiles[:70], "C1CC", "CO"]) + "\n")
    (folder / "b.csv").write_text("\n".join(["name,smiles", *(f"x,{text}" for text in smiles[60:])]) + "\n")
    return folder


@pytest.fixture
def prepared(files, tmp_path):
    return prepare(expand([str(files)], tmp_path / "copies"), PoolLimits(), tmp_path / "work")


@pytest.fixture
def order(prepared):
    return put_in_order(prepared.paths, seed=1)


@pytest.fixture
def known(chemistry):
    """Ten molecules of the pool, as a set."""
    return KnownSet.of("known.csv", chemistry.compounds.take(list(range(10))))
