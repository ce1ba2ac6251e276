"""Who is named, who isn't, and how often by mistake."""

import attrs
import numpy as np
import pytest

from fluidmol.learning.disagreement import findings
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part

CHARTER = attrs.evolve(Charter.from_preset("open"), weighting=Part("as-stated"))


def teachers(seed, n_partners=8, n_compounds=2000, common=1.0, own=1.0, drift=0.0):
    """Partners near to one compound or another; ``common`` is what all know, ``drift`` what a region's teacher adds."""
    rng = np.random.default_rng(seed)
    place, truth = rng.random(n_compounds), rng.normal(size=n_compounds)
    middle = rng.random((n_partners, 1))
    habit = drift * rng.normal(size=(n_partners, 1)) * np.sin(7 * place + 6 * rng.random((n_partners, 1)))
    logit = common * truth + habit + own * rng.normal(size=(n_partners, n_compounds))
    return 1 / (1 + np.exp(-logit)), np.exp(-4 * np.abs(middle - place))


def found(value, weight):
    opinions = [
        Annotations("", f"p{k}", v[:, None], w[:, None]) for k, (v, w) in enumerate(zip(value, weight, strict=True))
    ]
    return findings(opinions, CHARTER)


@pytest.mark.parametrize("drift", [0.0, 1.0], ids=["alike", "each with habits"])
def test_the_honest_are_left_alone(drift):
    told = [finding for seed in range(40) for finding in found(*teachers(seed, drift=drift))]
    # 320 partners of 40 consortia: the level is the chance that any of a consortium is named.
    assert sum(finding.disagrees for finding in told) <= 2
    assert sum(finding.uninformative for finding in told) <= 0.05 * len(told)


@pytest.mark.parametrize("drift", [0.0, 1.0], ids=["alike", "each with habits"])
def test_teachers_with_nothing_in_common_are_not_called_liars(drift):
    named = [any(f.disagrees for f in found(*teachers(seed, common=0.0, drift=drift))) for seed in range(60)]
    # At most as often as the level says; three standard errors above it for 60 draws.
    assert np.mean(named) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 60)


LIES = {
    "flipped": (lambda value, rng: 1 - value, "disagrees"),
    "constant": (lambda value, rng: np.full_like(value, 0.9), "uninformative"),
    "noise": (lambda value, rng: rng.random(value.shape), "uninformative"),
    "colluding": (lambda value, rng: np.broadcast_to(1 - value.mean(axis=0), value.shape), "disagrees"),
}


@pytest.mark.parametrize("inflated", [False, True])
@pytest.mark.parametrize("lie", LIES)
def test_who_lies_or_says_nothing_is_named(lie, inflated):
    hit = others = 0
    send, expected = LIES[lie]
    for seed in range(20):
        value, weight = teachers(seed)
        value[[1, 4]] = send(value[[1, 4]], np.random.default_rng(seed))
        if inflated:
            weight[[1, 4]] = 1
        for finding in found(value, weight):
            if finding.partner in ("p1", "p4"):
                hit += getattr(finding, expected)
            else:
                others += finding.disagrees or finding.uninformative
    assert hit >= 36  # of 40: noise is told from agreement at a level of 1 in 20
    assert others <= 2  # of 120


@pytest.mark.parametrize("n_partners", [1, 2, 3])
def test_nobody_is_named_by_too_few(n_partners):
    value, weight = teachers(1, n_partners=n_partners)
    value[0] = 1 - value[0]
    assert not any(finding.disagrees for finding in found(value, weight))


def test_a_few_compounds_are_no_evidence():
    value, weight = teachers(1, n_compounds=12)
    value[0] = 0.5
    assert not any(finding.disagrees or finding.uninformative for finding in found(value, weight))


def test_where_somebody_abstains():
    value, weight = teachers(1)
    value[:, ::3], weight[:, ::3] = np.nan, 0
    value[2] = 1 - value[2]
    assert [finding.partner for finding in found(value, weight) if finding.disagrees] == ["p2"]
