"""The featuriser ``directions``: rows of a representation that is known by its digest."""

import joblib
import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor

from fluidmol.chem.features import features, forget
from fluidmol.chem.representation import known, projections
from fluidmol.chem.representation.project import projected
from fluidmol.chem.table import LazyFeatures
from fluidmol.errors import CharterError, InputError, MissingFileError
from fluidmol.values.codec import pack
from fluidmol.values.parts import Part


@pytest.fixture
def part(small):
    known.remember(small)
    return Part("directions", {"digest": small.digest})


def test_features_are_the_representations_rows(chemistry, small, part):
    found = features(chemistry.compounds, part)
    assert found.dtype == np.float32
    assert found.nnz == len(chemistry) * small.n_directions  # zeros too
    assert found.has_canonical_format
    expected = projected(small, features(chemistry.compounds, small.featuriser))
    np.testing.assert_array_equal(found.toarray(), expected)


def test_they_are_computed_once_and_nobody_can_spoil_them(chemistry, part, monkeypatch):
    first = features(chemistry.compounds, part)
    kept = first.toarray()
    first.data[:] = 7
    monkeypatch.setattr(projections, "projected", lambda *_: pytest.fail("computed again"))
    np.testing.assert_array_equal(features(chemistry.compounds, part).toarray(), kept)


def test_what_is_remembered_is_bounded(chemistry, small, part, monkeypatch):
    monkeypatch.setattr(projections, "LARGEST", 12 * 4 * 30)
    sets = [chemistry.compounds.take(list(range(k, k + 20))) for k in range(3)]
    for one in sets:
        features(one, part)
    assert [key[0] for key in projections._kept] == [sets[-1].digest]
    features(chemistry.compounds, part)  # larger than all that may be remembered
    assert sum(rows.nbytes for rows in projections._kept.values()) <= 12 * 4 * 30


def test_tables_give_the_same_rows(chemistry, part):
    rows = np.array([7, 2, 60])
    whole = features(chemistry.compounds, part).toarray()
    np.testing.assert_array_equal(LazyFeatures(chemistry.compounds, part)[rows].toarray(), whole[rows])


def test_no_molecules(chemistry, small, part):
    assert features(chemistry.compounds.take([]), part).shape == (0, small.n_directions)


def _shape(compounds, part):
    return features(compounds, part).shape


def test_other_processes_find_what_is_kept(chemistry, small):
    known.keep(small)
    # Processes that other tests have left know another folder of caches.
    get_reusable_executor().shutdown(wait=True)
    part, few = Part("directions", {"digest": small.digest}), chemistry.compounds.take([1, 2])
    assert joblib.Parallel(n_jobs=2)([joblib.delayed(_shape)(few, part)] * 2) == [(2, 12)] * 2


def test_what_is_kept_is_found_later(chemistry, small):
    path = known.keep(small)
    assert [file.name for file in path.parent.iterdir()] == [f"{small.digest[7:]}.fluid"]
    known.forget()
    found = known.find(small.digest)
    assert found == small
    assert known.find(small.digest) is found


def test_few_are_remembered(small, monkeypatch):
    monkeypatch.setattr(known, "MOST", 0)
    known.remember(small)
    with pytest.raises(MissingFileError):
        known.find(small.digest)


def test_unknown_ones_are_named(chemistry, small):
    part = Part("directions", {"digest": small.digest})
    for ask in (lambda: features(chemistry.compounds, part), lambda: LazyFeatures(chemistry.compounds, part)):
        with pytest.raises(MissingFileError, match=f"{small.digest}.*fluid representation build.*coordinator"):
            ask()


def test_a_recipe_that_names_none(chemistry):
    for ask in (features, LazyFeatures):
        with pytest.raises(CharterError, match="names no representation yet"):
            ask(chemistry.compounds, Part("directions"))
    with pytest.raises(CharterError, match="digest"):
        features(chemistry.compounds, Part("directions", {"digest": "../../etc"}))


def test_a_damaged_file_and_another_one(chemistry, small, assays):
    path = known.keep(small)
    known.forget()
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match="is damaged"):
        known.find(small.digest)
    path.write_bytes(pack(chemistry.compounds))
    with pytest.raises(InputError, match="holds a CompoundSet"):
        known.find(small.digest)
    other = "sha256:" + "0" * 64
    path.write_bytes(pack(small))
    path.rename(path.with_name(f"{'0' * 64}.fluid"))
    with pytest.raises(InputError, match="holds another representation"):
        known.find(other)


def test_forgetting_drops_rows(chemistry, part):
    features(chemistry.compounds, part)
    assert projections._kept
    forget()
    assert not projections._kept


def test_another_process_says_what_it_does_not_find(chemistry):
    get_reusable_executor().shutdown(wait=True)
    part, few = Part("directions", {"digest": f"sha256:{9:064x}"}), chemistry.compounds.take([1])
    with pytest.raises(MissingFileError, match="isn't known on this machine") as told:
        joblib.Parallel(n_jobs=2)([joblib.delayed(_shape)(few, part)] * 2)
    assert "fluid representation build" in told.value.hint
