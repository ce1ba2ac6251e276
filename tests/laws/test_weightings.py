"""Each weighting names the laws that bind it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import laws
from fluidmol.learning.weighting import WEIGHTINGS
from fluidmol.learning.weighting.as_stated import AsStated
from fluidmol.learning.weighting.powered import Powered
from fluidmol.learning.weighting.rescaled import Rescaled
from fluidmol.learning.weighting.resemblance import ResemblanceWeighting
from fluidmol.values.parts import Part

LAWS = {
    "as-stated": (laws.assert_valid_weights, laws.assert_keeps_order),
    "powered": (laws.assert_valid_weights, laws.assert_keeps_order),
    "resemblance": (laws.assert_valid_weights, laws.assert_keeps_order),
    "rescaled": (laws.assert_valid_weights, laws.assert_keeps_order),
}


def test_every_weighting_names_its_laws():
    assert set(LAWS) == set(WEIGHTINGS)


@st.composite
def stated(draw):
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 2)))
    return draw(arrays(float, shape, elements=st.floats(0, 1))), draw(arrays(bool, shape))


@pytest.mark.parametrize("name", LAWS)
@given(case=stated())
def test_law(name, case):
    for law in LAWS[name]:
        law(WEIGHTINGS.build(Part(name)), *case)


@given(case=stated())
def test_as_stated_is_what_was_stated(case):
    value, spoke = case
    np.testing.assert_array_equal(AsStated()(value, spoke)[spoke], value[spoke])


@given(case=stated(), power=st.floats(0.5, 8))
def test_powered_needs_nobody_else(case, power):
    # Each partner's weights are what they would be were it alone: a secure sum needs nothing more.
    value, spoke = case
    together = Powered(power=power)(value, spoke)
    alone = [Powered(power=power)(value[k : k + 1], spoke[k : k + 1]) for k in range(len(value))]
    np.testing.assert_array_equal(together, np.concatenate(alone))
    np.testing.assert_allclose(together[spoke], value[spoke] ** power)


@given(case=stated(), resemblance=st.floats(0, 1900))
def test_resemblance_undoes_the_proximity(case, resemblance):
    spoke = case[1]
    stated = np.full(spoke.shape, np.exp(resemblance / 2000 - 1))
    np.testing.assert_allclose(ResemblanceWeighting()(stated, spoke)[spoke], (3 + resemblance) ** 2, rtol=1e-6)


@given(case=stated())
def test_resemblance_needs_nobody_else(case):
    value, spoke = case
    alone = [ResemblanceWeighting()(value[k : k + 1], spoke[k : k + 1]) for k in range(len(value))]
    np.testing.assert_array_equal(ResemblanceWeighting()(value, spoke), np.concatenate(alone))


def test_resemblance_of_strangers_is_the_offset():
    stated = np.array([0, 1e-300, np.exp(-2), np.exp(-1)])[:, None, None]
    found = ResemblanceWeighting(offset=2, power=3)(stated, np.ones(stated.shape, bool)).ravel().tolist()
    assert found[:3] == [8.0] * 3
    assert found[3] == pytest.approx(8, rel=1e-11)  # log(exp(-1)) isn't -1 in every version of numpy


@pytest.mark.parametrize("option", ["scale", "offset", "power"])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_resemblance_refuses(option, value):
    with pytest.raises(ValueError, match=option):
        ResemblanceWeighting(**{option: value})


@given(case=stated(), power=st.floats(0.5, 4))
def test_rescaled_reaches_from_zero_to_one(case, power):
    value, spoke = case
    weight = Rescaled(power=power)(value, spoke)
    if spoke.any() and np.ptp(value[spoke]) > 1e-6:
        assert weight[spoke].min() == 0
        assert weight[spoke].max() == 1


@given(case=stated(), factor=st.floats(0.1, 10), shift=st.floats(-1, 1))
def test_rescaled_knows_no_unit(case, factor, shift):
    # Why one minus a distance on any scale gives the paper's weights.
    value, spoke = case[0].round(3), case[1]
    np.testing.assert_allclose(Rescaled()(value * factor + shift, spoke), Rescaled()(value, spoke), atol=1e-6)


def test_rescaled_is_the_papers_formula():
    distance = np.array([[[3.0], [5.0]], [[4.0], [7.0]]])
    scaled = (distance - 3) / 4
    spoke = np.ones(distance.shape, bool)
    np.testing.assert_allclose(Rescaled(power=2)(1 - distance / 10, spoke), (1 - scaled) ** 2, atol=1e-12)


def test_rescaled_of_equal_proximities_counts_all_the_same():
    spoke = np.array([[[True]], [[True]], [[False]]])
    assert Rescaled()(np.full((3, 1, 1), 0.4), spoke).ravel().tolist() == [1, 1, 0]


def test_rescaled_where_nobody_speaks():
    assert not Rescaled()(np.full((2, 3, 1), 0.4), np.zeros((2, 3, 1), bool)).any()


@pytest.mark.parametrize("power", [0, -1, float("nan")])
def test_rescaled_refuses_a_power(power):
    with pytest.raises(ValueError, match="power"):
        Rescaled(power=power)
