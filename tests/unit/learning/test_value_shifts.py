"""Partners whose values lie elsewhere than everybody else's are named; honest differences aren't."""

import attrs
import numpy as np
import pytest

from fluidmol.learning.value_shifts import value_shifts
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part

CHARTER = attrs.evolve(Charter.from_preset("open"), weighting=Part("as-stated"))
NAMES = "abcdef"


def opinions(change=lambda name, value: value, n=600, seed=1):
    """Six partners who know parts of one truth, each with an error of its own."""
    rng = np.random.default_rng(seed)
    truth = np.clip(rng.normal(0.5, 0.1, n), 0, 1)
    found = []
    for name in NAMES:
        said = truth + rng.normal(0, 0.04, n) + rng.normal(0, 0.01)
        weight = rng.random((n, 1)) ** 2
        found.append(Annotations("", name, np.clip(change(name, said), 0, 1)[:, None], weight))
    return found


def named(found):
    return {each.partner: each.named for each in found if each.named}


def test_honest_partners_arent_named():
    assert not any(named(value_shifts(opinions(seed=seed), CHARTER)) for seed in range(10))


@pytest.mark.parametrize("by", [0.15, -0.15])
def test_a_shift_is_named_with_its_size(by):
    found = value_shifts(opinions(lambda name, said: said + by * (name == "c")), CHARTER)
    assert named(found) == {"c": "shifted"}
    [shifted] = [each for each in found if each.named]
    assert shifted.shift == pytest.approx(by, abs=0.03)
    assert shifted.p < 0.05


@pytest.mark.parametrize("times", [2.3, 1 / 2.6])
def test_natural_logarithms_are_named(times):
    found = value_shifts(opinions(lambda name, said: 0.5 + (said - 0.5) * (times if name == "d" else 1)), CHARTER)
    assert named(found) == {"d": "spread"}
    assert {each.partner: each.ratio for each in found}["d"] == pytest.approx(times, rel=0.25)


def test_two_partners_name_nobody():
    said = opinions(lambda name, said: said + 0.3 * (name == "b"))[:3]
    assert not named(value_shifts(said, CHARTER))


def test_who_abstains_or_claims_nothing_in_common_isnt_compared():
    said = opinions()
    silent = attrs.evolve(said[0], value=np.full((600, 1), np.nan), weight=np.zeros((600, 1)))
    found = value_shifts([silent, *said[1:]], CHARTER)
    assert np.isnan(found[0].shift)
    assert not named(found)
    apart = [attrs.evolve(each, weight=np.eye(6).repeat(100, axis=1)[k][:, None]) for k, each in enumerate(said)]
    assert all(np.isnan(each.shift) for each in value_shifts(apart, CHARTER))


def test_order_of_partners_doesnt_matter():
    said = opinions(lambda name, said: said + 0.2 * (name == "e"))
    assert value_shifts(said[::-1], CHARTER) == value_shifts(said, CHARTER)
