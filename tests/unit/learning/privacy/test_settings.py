"""Settings of a private release: what they refuse, and that a charter can choose them."""

import math

import attrs
import pytest

from fluidmol.errors import CharterError
from fluidmol.learning.privacy import PRIVACIES
from fluidmol.learning.privacy.settings import Gaussian
from fluidmol.values.parts import Part

DEFAULTS = {
    "epsilon": 4.0, "delta": 1e-5, "steps": 8, "rate": 0.15, "penalty": 0.5, "steps_share": 0.85,

}  # fmt: skip
WRONG = {
    "epsilon": (0, 1e-4, -1, 64.1, math.nan, math.inf, "4", True),
    "delta": (0, 1e-13, 1.1e-3, math.nan),
    "steps": (0, 201, 8.0, True),
    "rate": (0, 10.1, math.nan),
    "penalty": (-0.1, 1001, math.inf),
    "steps_share": (0, 1, 1e-9, 1 - 1e-9, -0.5, math.nan),
}
EDGES = {"epsilon": (1e-3, 64), "delta": (1e-12, 1e-3), "steps": (1, 200), "penalty": (0,)}


def test_defaults():
    assert attrs.asdict(Gaussian()) == DEFAULTS
    assert PRIVACIES.build(Part("gaussian")) == Gaussian()
    assert list(PRIVACIES) == ["gaussian"]


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} is .*: expected a (whole )?number"):
        Gaussian(**{name: value})


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in EDGES.items() for value in values])
def test_edges_are_allowed(name, value):
    assert getattr(Gaussian(**{name: value}), name) == value


def test_steps_that_overshoot_are_refused():
    with pytest.raises(ValueError, match=r"rate 0\.5 times penalty 2\.1 is 1\.05: expected at most 1"):
        Gaussian(rate=0.5, penalty=2.1)
    assert Gaussian(rate=0.5, penalty=2.0).rate == 0.5


def test_a_charter_hears_why():
    with pytest.raises(CharterError, match=r"the privacy 'gaussian': epsilon is 65: expected .* \[0.001, 64\]"):
        PRIVACIES.build(Part("gaussian", {"epsilon": 65}))
    with pytest.raises(CharterError, match=r"no option 'epsilom'\. Did you mean epsilon"):
        PRIVACIES.build(Part("gaussian", {"epsilom": 1}))
    with pytest.raises(CharterError, match="unknown privacy 'laplace'"):
        PRIVACIES.build(Part("laplace"))
