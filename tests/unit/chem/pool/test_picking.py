"""What each method picks."""

import numpy as np
import pytest

from fluidmol.chem.pool.comparing import compare
from fluidmol.chem.pool.picking import PICKERS
from fluidmol.chem.pool.picking.near_sets import in_turn
from fluidmol.chem.similarity import nearest_tanimoto
from fluidmol.errors import CharterError, UsageError
from fluidmol.values.parts import Part


@pytest.fixture
def pool(order, known):
    return compare(order, near=[known])


def picked(pool, size, name, **options):
    return PICKERS.build(Part(name, options))(pool, size)


@pytest.mark.parametrize("name", [name for name in PICKERS if name != "sphere-exclusion"])
def test_so_many_are_picked_each_once(pool, name):
    for size in (1, 7, 130):
        rows = picked(pool, size, name)
        assert len(rows) == len(set(rows.tolist())) == size
        assert rows.tolist() == sorted(rows.tolist())
        assert rows.tolist() == picked(pool, size, name).tolist()


def test_tiling_fills_tiles_evenly(pool):
    n_tiles = len(np.unique(pool.tiles))
    for size in (n_tiles // 2, n_tiles, n_tiles + 10):
        rows = picked(pool, size, "tiling")
        _, counts = np.unique(pool.tiles[rows], return_counts=True)
        assert len(counts) == min(size, n_tiles)
    assert len(np.unique(pool.tiles[picked(pool, n_tiles, "random")])) < n_tiles


def test_no_tile_has_two_more_than_one_that_has_more(pool):
    rows = picked(pool, 100, "tiling")
    all_tiles, there = np.unique(pool.tiles, return_counts=True)
    taken = np.array([(pool.tiles[rows] == tile).sum() for tile in all_tiles])
    assert taken.max() - taken[taken < there].min() <= 1


def test_near_picks_the_nearest(pool):
    rows = picked(pool, 30, "near")
    assert pool.scores[0][rows].min() >= np.delete(pool.scores[0], rows).max()


def test_a_share_is_near_and_the_rest_random(pool):
    half = picked(pool, 40, "near", share=0.5)
    nearest = set(picked(pool, 20, "near").tolist())
    rest = [row for row in half.tolist() if row not in nearest]
    assert nearest < set(half.tolist())
    assert rest == [row for row in range(len(pool)) if row not in nearest][:20]


def test_sets_take_turns():
    scores = np.array([[1, 0.9, 0.8, 0.7, 0, 0], [0, 0, 0, 0, 0.2, 0.1]], dtype=np.float32)
    assert sorted(in_turn(scores, 4).tolist()) == [0, 1, 4, 5]


def test_maxmin_picks_less_alike_molecules_than_chance(pool):
    def mean_nearest(rows):
        bits = pool.fingerprints(rows)
        return float(nearest_tanimoto(bits, bits, 2)[:, 1].mean())

    assert mean_nearest(picked(pool, 20, "maxmin")) < 0.8 * mean_nearest(picked(pool, 20, "random"))


def test_no_two_of_sphere_exclusion_are_alike(pool):
    rows = picked(pool, 130, "sphere-exclusion", distance=0.6)
    assert 5 < len(rows) < 130
    bits = pool.fingerprints(rows)
    assert nearest_tanimoto(bits, bits, 2)[:, 1].max() <= 0.4 + 1e-6
    assert len(picked(pool, 5, "sphere-exclusion", distance=0.6)) == 5


@pytest.mark.parametrize("name", ["maxmin", "sphere-exclusion"])
def test_more_than_the_candidates_are_refused(pool, name):
    with pytest.raises(UsageError, match="this method looks at 20"):
        picked(pool, 21, name, candidates=20)


@pytest.mark.parametrize("part", [Part("nearest"), Part("near", {"share": 0.0}), Part("tiling", {"tiles": 3})])
def test_unknown_methods_and_options_are_refused(part):
    with pytest.raises(CharterError):
        PICKERS.build(part)
