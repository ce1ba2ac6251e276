"""Order, exclusion and nearness of a pool."""

import attrs
import numpy as np
import pytest
from rdkit import Chem

from fluidmol.chem.overlap import near_duplicates
from fluidmol.chem.pool.comparing import compare
from fluidmol.chem.pool.expanding import expand
from fluidmol.chem.pool.known_sets import KnownSet, read_known
from fluidmol.chem.pool.limits import PoolLimits
from fluidmol.chem.pool.ordering import drawn, put_in_order
from fluidmol.chem.pool.preparing import prepare
from fluidmol.errors import InputError
from fluidmol.values.compounds import CompoundSet


def keys(order):
    return order.read(np.arange(len(order)), ("inchikey",))["inchikey"]


def test_every_skeleton_comes_once(order, chemistry):
    assert sorted(keys(order)) == sorted(chemistry.compounds.inchikeys)
    assert order.n_repeated == 10


def test_the_order_is_the_seeds(order, prepared):
    assert keys(put_in_order(prepared.paths, seed=1)) == keys(order)
    assert keys(put_in_order(prepared.paths, seed=2)) != keys(order)


def test_the_order_doesnt_depend_on_files(order, files, tmp_path):
    """The same molecules in one file, the other way round."""
    lines = (files / "a.smi").read_text().splitlines() + [
        line.partition(",")[2] for line in (files / "b.csv").read_text().splitlines()[1:]
    ]
    (tmp_path / "one.smi").write_text("\n".join(reversed(lines)) + "\n")
    found = prepare(expand([str(tmp_path / "one.smi")], tmp_path), PoolLimits(), tmp_path / "other")
    assert keys(put_in_order(found.paths, seed=1)) == keys(order)


def test_of_stereoisomers_the_files_order_decides_nothing(tmp_path):
    found = []
    for name, lines in (
        ("a", ["C[C@H](N)c1ccccc1", "C[C@@H](N)c1ccccc1"]),
        ("b", ["C[C@@H](N)c1ccccc1", "C[C@H](N)c1ccccc1"]),
    ):
        (tmp_path / f"{name}.smi").write_text("\n".join(lines) + "\n")
        pool = prepare(expand([str(tmp_path / f"{name}.smi")], tmp_path), PoolLimits(), tmp_path / "other")
        found.append(keys(put_in_order(pool.paths, seed=0)))
    assert found[0] == found[1]
    assert len(found[0]) == 1


def test_columns_come_in_the_order_that_is_asked_for(order):
    rows = np.array([5, 0, 99, 17])
    every = keys(order)
    assert order.read(rows, ("inchikey",))["inchikey"] == [every[i] for i in rows]


def test_random_numbers_of_different_hashes_differ():
    hashes = np.random.default_rng(0).integers(0, 1 << 63, 10_000).astype(np.uint64)
    assert len(np.unique(drawn(hashes, 3))) == 10_000
    assert abs(np.corrcoef(drawn(hashes, 3).astype(float), hashes.astype(float))[0, 1]) < 0.05


def test_excluded_molecules_are_out_and_counted(order, known, chemistry):
    pool = compare(order, exclude=[known])
    left = keys(pool.order)
    assert not set(left) & set(known.compounds.inchikeys)
    [counts] = pool.excluded
    near = near_duplicates(chemistry.compounds, known.compounds).n_near
    assert (counts.n_same, counts.n_same + counts.n_near) == (10, near)
    assert len(left) == 130 - pool.n_excluded == 130 - near


def test_near_duplicates_are_out_too(order, known, chemistry):
    strict, loose = (compare(order, exclude=[known], at_least=limit) for limit in (1.0, 0.5))
    assert loose.n_excluded == near_duplicates(chemistry.compounds, known.compounds, 0.5).n_near
    assert loose.n_excluded > strict.n_excluded >= 10
    assert len(loose.tiles) == len(loose.scaffolds) == loose.scores.shape[1] == len(loose)


def test_nearness_is_the_similarity_to_the_nearest(order, known):
    pool = compare(order, near=[known])
    every = keys(pool.order)
    itself = [every.index(key) for key in known.compounds.inchikeys]
    assert pool.names == ("known.csv",)
    assert (pool.scores[0, itself] == 1).all()
    assert 0 < (pool.scores[0] < 1).sum() <= 120


def test_sets_of_one_name_are_told_apart(order, known):
    pool = compare(order, near=[known, known])
    assert pool.names == ("known.csv", "known.csv (2)")
    assert np.array_equal(*pool.scores)


def test_molecules_of_a_scaffold_are_nearest(order, chemistry):
    [pyridine] = [CompoundSet(("c1ccncc1",), ("JUJWROOIHBZHMG-UHFFFAOYSA-N",))]
    pool = compare(order, near=[KnownSet.of("cores.smi", pyridine, is_scaffolds=True)])
    smiles = pool.order.read(np.arange(len(pool)), ("smiles",))["smiles"]
    is_core = np.array(
        [Chem.MolToSmiles(Chem.MurckoDecompose(Chem.MolFromSmiles(text))) == "c1ccncc1" for text in smiles]
    )
    assert 5 < is_core.sum() < 20
    assert np.array_equal(pool.scores[0] == 1, is_core)


def test_scaffolds_have_rings(tmp_path):
    (tmp_path / "cores.smi").write_text("c1ccncc1\nCCCCO\n")
    with pytest.raises(InputError, match="a molecule without rings"):
        read_known([tmp_path / "cores.smi"], is_scaffolds=True)


def test_rows_of_a_set_that_cant_be_used_are_told(tmp_path):
    (tmp_path / "test.smi").write_text("c1ccncc1\nC1CC\n")
    notes = []
    [found] = read_known([tmp_path / "test.smi"], note=notes.append)
    assert len(found.compounds) == 1
    assert "can't be used: 1, such as: unreadable SMILES" in notes[0]


def test_tiles_are_of_the_pool_alone(prepared, order):
    """Neither seed nor order decides in which tile a molecule is."""
    first = compare(order)
    second = compare(put_in_order(prepared.paths, seed=9))
    assert dict(zip(keys(first.order), first.tiles, strict=True)) == dict(
        zip(keys(second.order), second.tiles, strict=True)
    )
    assert len(np.unique(first.tiles)) > 20


def test_nothing_is_left_of_a_pool_that_is_excluded_whole(order, chemistry):
    pool = compare(order, exclude=[KnownSet.of("all", chemistry.compounds)])
    assert len(pool) == 0
    assert attrs.astuple(pool.excluded[0])[2:4] == (130, 130)
