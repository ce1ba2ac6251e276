"""What dishonest partners send."""

import numpy as np
import pytest

from fluidmol.errors import UsageError
from fluidmol.studies.malice import BEHAVIOURS, Adversary, containing
from fluidmol.values.annotations import Annotations

RNG = np.random.default_rng(1)
VALUE, WEIGHT = RNG.random((4, 50, 1)), RNG.random((4, 50, 1))
VALUE[:, 7] = np.nan
WEIGHT[:, 7] = 0
HONEST = [Annotations("", name, v, w) for name, v, w in zip("abcd", VALUE, WEIGHT, strict=True)]
TARGET = np.arange(50) < 5


def sent(behaviour, who="bd", inflated=False, seed=1):
    return Adversary(behaviour, inflated).applied(HONEST, list(who), seed, TARGET)


@pytest.mark.parametrize("inflated", [False, True])
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_only_the_dishonest_change_and_silence_stays(behaviour, inflated):
    found = sent(behaviour, inflated=inflated)
    assert [opinion.partner for opinion in found] == list("abcd")
    assert found[0] is HONEST[0]
    assert found[2] is HONEST[2]
    assert found[1] != HONEST[1]
    for opinion in found:
        assert np.flatnonzero(opinion.abstained).tolist() == [7]
    spoken = ~HONEST[1].abstained
    np.testing.assert_array_equal(found[1].weight[spoken], 1 if inflated else HONEST[1].weight[spoken])


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_the_same_seed_lies_the_same(behaviour):
    assert sent(behaviour) == sent(behaviour)


def test_what_is_said():
    true = np.delete(VALUE[1, :, 0], 7)

    def lie(behaviour):
        return np.delete(sent(behaviour)[1].value[:, 0], 7)

    np.testing.assert_allclose(lie("flipped"), 1 - true, atol=1e-6)
    assert set(lie("active")) == {1}
    assert set(lie("inactive")) == {0}
    np.testing.assert_allclose(lie("targeted")[:5], 1 - true[:5], atol=1e-6)
    np.testing.assert_allclose(lie("targeted")[5:], true[5:], atol=1e-6)
    changed = np.delete(WEIGHT[1, :, 0], 7)[np.abs(lie("nearest") - true) > 1e-6]
    assert 13 <= len(changed) <= 16
    assert changed.min() > np.quantile(WEIGHT[1, :, 0], 0.69)
    assert abs(np.corrcoef(lie("noise"), true)[0, 1]) < 0.4
    assert abs(np.corrcoef(lie("shuffled"), true)[0, 1]) < 0.4


def test_colluders_say_the_same():
    found = sent("colluding")
    np.testing.assert_array_equal(found[1].value, found[3].value)
    assert np.corrcoef(np.delete(found[1].value[:, 0], 7), np.delete(VALUE[[1, 3]].mean(axis=0)[:, 0], 7))[0, 1] < -0.5


def test_refuses_what_it_can_not_do():
    with pytest.raises(UsageError, match="flipped"):
        Adversary("fliped")
    with pytest.raises(UsageError, match="target"):
        Adversary("targeted").applied(HONEST, ["a"], 1)


def test_substructures(chemistry):
    found = containing(chemistry.compounds, "c1ccncc1")
    assert found.sum() == 12  # each of the groups on a pyridine, but one that closes the ring otherwise
    with pytest.raises(UsageError, match="SMARTS"):
        containing(chemistry.compounds, "c1cc")
