"""Tables: the same features, of the rows that are asked for and no others."""

import numpy as np
import pytest

from fluidmol.chem import features as module
from fluidmol.chem.features import features, forget
from fluidmol.chem.table import LazyFeatures
from fluidmol.errors import CharterError
from fluidmol.values.parts import Part

PART = Part("combined", {"bits": 256})


@pytest.fixture(autouse=True)
def fresh():
    forget()
    yield
    forget()


@pytest.fixture
def computed(monkeypatch):
    found = []
    compute = module._compute
    monkeypatch.setattr(module, "_compute", lambda smiles, blocks: found.extend(smiles) or compute(smiles, blocks))
    return found


def same_bytes(one, other):
    assert one.shape == other.shape
    for part in ("data", "indices", "indptr"):
        assert getattr(one, part).tobytes() == getattr(other, part).tobytes()
        assert getattr(one, part).dtype == getattr(other, part).dtype


@pytest.mark.parametrize("rows", [[5, 2, 9], [], [0]])
def test_rows_are_those_of_the_whole_to_the_byte(chemistry, rows):
    whole = features(chemistry.compounds, PART)
    forget()
    same_bytes(
        LazyFeatures(chemistry.compounds, PART)[np.array(rows, dtype=np.int64)], whole[np.array(rows, dtype=np.int64)]
    )


def test_nothing_else_is_computed(chemistry, computed):
    table = LazyFeatures(chemistry.compounds, PART)
    assert len(table) == len(chemistry.compounds)
    assert computed == []
    table[np.array([3, 7])]
    assert set(computed) == {chemistry.compounds.smiles[3], chemistry.compounds.smiles[7]}


def test_rows_are_computed_once(chemistry, computed):
    table = LazyFeatures(chemistry.compounds, PART)
    table[np.arange(20)]
    before = len(computed)
    table[np.array([4, 19, 0])]
    LazyFeatures(chemistry.compounds, PART)[np.arange(20)]
    assert len(computed) == before


def test_all_in_order_is_the_whole(chemistry, monkeypatch):
    expected = features(chemistry.compounds, PART)
    table = LazyFeatures(chemistry.compounds, PART)
    everything = np.arange(len(table))
    same_bytes(table[everything[::-1]], expected[everything[::-1]])
    monkeypatch.setattr(type(chemistry.compounds), "take", None)  # no copy of a large set
    same_bytes(table[everything], expected)


def test_more_than_are_remembered(chemistry, monkeypatch):
    expected = features(chemistry.compounds, PART)
    forget()
    monkeypatch.setattr(module, "LARGEST_STORE", 10)
    rows = np.arange(2, 50)
    same_bytes(LazyFeatures(chemistry.compounds, PART)[rows], expected[rows])
    assert not module._stores


def test_a_position_that_is_not_there(chemistry):
    with pytest.raises(IndexError):
        LazyFeatures(chemistry.compounds, PART)[np.array([len(chemistry.compounds)])]


def test_an_unknown_featuriser_shows_at_once(chemistry):
    with pytest.raises(CharterError, match="Did you mean fcfp"):
        LazyFeatures(chemistry.compounds, Part("fcfpp"))
