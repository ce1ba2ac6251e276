"""Scales of regressions: positions and values, and charters that have one."""

import attrs
import numpy as np
import pytest

from fluidmol.errors import CharterError
from fluidmol.values.charter import WITH_SCALE, Charter
from fluidmol.values.endpoint import Endpoint, endpoint_of
from fluidmol.values.measure import Measure
from fluidmol.values.scale import Scale

SCALES = [Scale("p", 3, 11), Scale("mL/min/g", 0.5, 2000, "log10"), Scale("fraction", 0.01, 0.99, "logit")]


def with_scale(scale, **more):
    return attrs.evolve(Charter.from_preset("open"), endpoints=(Endpoint("logd", "regression", scale=scale),), **more)


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: scale.transformation)
def test_values_come_back_from_their_positions(scale):
    values = np.linspace(scale.lowest, scale.highest, 11)
    position = scale.position(values)
    assert (position[0], position[-1]) == (0.0, 1.0)
    assert (np.diff(position) > 0).all()
    assert scale.value(position) == pytest.approx(values)


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: scale.transformation)
def test_a_difference_of_positions_is_one_of_transformed_values(scale):
    coordinates = scale.coordinate([0.25, 0.75])
    assert coordinates[1] - coordinates[0] == pytest.approx(scale.span / 2)


def test_values_outside_are_cut_and_said():
    scale = Scale("p", 4, 8)
    assert scale.position([3, 4, 9]).tolist() == [0, 0, 1]
    assert scale.beyond([3, 4, 9]).tolist() == [0.25, 0, 0.25]


def test_logarithms_are_of_positive_numbers_only():
    scale = Scale("uM", 0.1, 10, "log10")
    assert scale.defined([-1, 0, 1e-9, np.inf, np.nan]).tolist() == [False, False, True, False, False]


@pytest.mark.parametrize(
    ("ends", "how", "said"),
    [
        ((5, 5), "none", "lower number first"),
        ((8, 5), "none", "lower number first"),
        ((float("nan"), 5), "none", "lower number first"),
        ((0, 5), "log10", "log10 is defined above 0 only"),
        ((0.1, 1), "logit", "logit is defined between 0 and 1 only"),
    ],
)
def test_scales_that_are_none(ends, how, said):
    with pytest.raises(ValueError, match=said):
        Scale("p", ends[0], ends[1], how)


@pytest.mark.parametrize("end", [True, "5", None])
def test_ends_are_numbers(end):
    with pytest.raises(TypeError, match="expected a number"):
        Scale("p", end, 9)


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: scale.transformation)
def test_charters_keep_their_scale(scale):
    charter = with_scale(scale)
    assert charter.format == WITH_SCALE
    again = Charter.from_toml(charter.to_toml())
    assert (again, again.digest, again.scale) == (charter, charter.digest, scale)


def test_every_part_of_a_scale_counts_for_the_digest():
    scale = SCALES[1]
    others = [
        attrs.evolve(scale, unit="mL/min/kg"), attrs.evolve(scale, lowest=0.6),
        attrs.evolve(scale, highest=2001), attrs.evolve(scale, transformation="none"),
    ]  # fmt: skip
    assert len({with_scale(each).digest for each in [scale, *others]}) == 5


def test_a_regression_has_a_format_of_its_own():
    text = with_scale(SCALES[0]).to_toml()
    with pytest.raises(CharterError, match="format 2 and a regression"):
        Charter.from_toml(text.replace("format = 6", "format = 2"))
    with pytest.raises(CharterError, match="format 6 and no regression"):
        Charter.from_toml(Charter.from_preset("open").to_toml().replace("format = 2", "format = 6"))


def test_an_endpoint_is_one_or_the_other():
    with pytest.raises(ValueError, match="without a scale"):
        Endpoint("logd", "regression")
    with pytest.raises(ValueError, match="with a scale"):
        Endpoint("logd", scale=SCALES[0])
    with pytest.raises(ValueError, match="nothing is active"):
        Endpoint("logd", "regression", scale=SCALES[0], measure=Measure("IC50", "uM", 10))


def test_half_a_scale_is_refused():
    with pytest.raises(CharterError, match="has unit, lowest, but lacks highest, transformation"):
        endpoint_of({"name": "logd", "kind": "regression", "unit": "p", "lowest": 1}, "charter")


def test_a_threshold_is_no_part_of_a_scale():
    with pytest.raises(CharterError, match="threshold"):
        endpoint_of({"name": "logd", "kind": "regression", "unit": "p", "threshold": 1}, "charter")
