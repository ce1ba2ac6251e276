"""Each selection names the laws that bind it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_matrix

import laws
from fluidmol.errors import CharterError
from fluidmol.learning.selection import SELECTIONS
from fluidmol.learning.selection.balanced import Balanced
from fluidmol.learning.selection.confident import Confident
from fluidmol.learning.selection.confident_diverse import ConfidentDiverse
from fluidmol.learning.selection.least_confident import LeastConfident
from fluidmol.learning.selection.random import Random
from fluidmol.values.parts import Part

SIZED = ("balanced", "confident", "confident-diverse", "least-confident", "random")
HALVED = ("balanced", "confident", "confident-diverse")
HARD = {"all": False, "balanced": True, "confident": True, "confident-diverse": True, "least-confident": True,
        "random": True}  # fmt: skip


def test_every_selection_is_here():
    assert {"all", *SIZED} == set(SELECTIONS) == set(HARD)


@pytest.mark.parametrize("name", HARD)
def test_hard_or_soft_by_default(name):
    assert SELECTIONS.build(Part(name)).hard is HARD[name]
    assert SELECTIONS.build(Part(name, {"hard": not HARD[name]})).hard is not HARD[name]


def bits(n, seed=0):
    return csr_matrix((np.random.default_rng(seed).random((n, 16)) < 0.3).astype(np.float32))


labels = arrays(float, st.integers(1, 40), elements=st.one_of(st.floats(0, 1), st.just(np.nan)))


@pytest.mark.parametrize("name", SIZED)
@given(label=labels, size=st.integers(2, 30))
def test_laws(name, label, size):
    selection = SELECTIONS.build(Part(name, {"size": size}))
    rows = laws.assert_valid_selection(selection, label, bits(len(label)), size)
    active = int((label[rows] > 0.5).sum())
    present = int((label > 0.5).sum()), int((label <= 0.5).sum())
    if name in HALVED:
        assert (active, len(rows) - active) == tuple(min(size // 2, n) for n in present)
    else:
        assert len(rows) == min(size, sum(present))


@given(label=labels)
def test_all_takes_every_label(label):
    rows = laws.assert_valid_selection(SELECTIONS.build(Part("all")), label, bits(len(label)), len(label))
    assert rows.tolist() == np.flatnonzero(~np.isnan(label)).tolist()


@pytest.mark.parametrize("name", HARD)
def test_same_for_a_seed_on_any_cores(name):
    label = np.random.default_rng(2).random(400)
    options = {} if name == "all" else {"size": 60}
    laws.assert_same_for_a_seed(SELECTIONS.build(Part(name, options)), label, bits(400))


@pytest.mark.parametrize("cls", [Random, Balanced])
def test_another_seed_draws_others(cls):
    label = np.random.default_rng(2).random(200)
    drawn = [tuple(cls(size=20)(label, bits(200), np.random.default_rng(seed))) for seed in range(5)]
    assert len(set(drawn)) == 5


def test_random_draws_every_molecule_as_often():
    label = np.full(20, 0.3)
    counts = np.zeros(20)
    for seed in range(400):
        counts[Random(size=5)(label, bits(20), np.random.default_rng(seed))] += 1
    # Each is drawn 100 times on average, standard deviation 8.7.
    assert counts.min() > 60
    assert counts.max() < 140


@given(label=arrays(float, 30, elements=st.floats(0, 1)))
def test_confident_leaves_out_no_one_more_confident(label):
    rows = Confident(size=10)(label, bits(30), np.random.default_rng(1))
    sure = np.abs(label - 0.5)
    left_out = np.setdiff1d(np.arange(30), rows)
    for side in (label > 0.5, label <= 0.5):
        chosen, others = sure[rows[side[rows]]], sure[left_out[side[left_out]]]
        assert not len(chosen) or not len(others) or chosen.min() >= others.max()


@given(label=arrays(float, 30, elements=st.floats(0, 1)))
def test_least_confident_leaves_out_no_one_less_confident(label):
    rows = LeastConfident(size=10)(label, bits(30), np.random.default_rng(1))
    left_out = np.setdiff1d(np.arange(30), rows)
    assert np.abs(label[rows] - 0.5).max() <= np.abs(label[left_out] - 0.5).min()


def clusters():
    """Ten tight families of 30; the first family's labels are the surest, active and inactive alike."""
    rng = np.random.default_rng(4)
    family = np.repeat(np.arange(10), 30)
    rows = np.zeros((300, 100), np.float32)
    for i, name in enumerate(family):
        rows[i, name * 10 : name * 10 + 8] = 1
        rows[i, name * 10 + 8 + i % 2] = 1
    sure = 0.49 - 0.03 * family - 0.01 * rng.random(300)
    return family, np.where(np.arange(300) % 2, 0.5 + sure, 0.5 - sure), csr_matrix(rows)


def test_confident_diverse_is_more_diverse_than_confident():
    family, label, rows = clusters()
    plain = Confident(size=20)(label, rows, np.random.default_rng(1))
    diverse = ConfidentDiverse(size=20, breadth=15.0)(label, rows, np.random.default_rng(1))
    assert len(plain) == len(diverse) == 20
    assert len(set(family[plain])) == 1
    assert len(set(family[diverse])) == 10


def test_confident_diverse_keeps_within_its_breadth():
    _family, label, rows = clusters()
    allowed = Confident(size=40)(label, rows, np.random.default_rng(1))
    chosen = ConfidentDiverse(size=20, breadth=2.0)(label, rows, np.random.default_rng(1))
    assert set(chosen) <= set(allowed)


def test_confident_diverse_takes_the_surest_of_each_family():
    family, label, rows = clusters()
    chosen = ConfidentDiverse(size=20, breadth=15.0)(label, rows, np.random.default_rng(1))
    for side in (label > 0.5, label <= 0.5):
        for name in range(10):
            members = np.flatnonzero((family == name) & side)
            assert members[np.argmax(np.abs(label[members] - 0.5))] in chosen


@pytest.mark.parametrize("name", SIZED)
@pytest.mark.parametrize("size", [1, 0, -5, 2.5, True, "many"])
def test_refuses_a_size(name, size):
    with pytest.raises(CharterError, match="size"):
        SELECTIONS.build(Part(name, {"size": size}))
