"""Private models as values: what they refuse, that they are what they hold, and that they cross a wall whole."""

import math

import attrs
import numpy as np
import pytest

from fluidmol.errors import CodecError
from fluidmol.values.codec import pack, unpack
from fluidmol.values.private_model import PrivateModel

GOOD = PrivateModel([2.0, 0.5, -1.0], [30.0, -4.0], 812.5, 4.0, 1e-5, 1.0812)
WRONG = {
    "no intercept": ({"opinion": [1.0, 2.0]}, "a coefficient a column"),
    "nothing": ({"opinion": [1.0], "total": []}, "a coefficient a column"),
    "a table": ({"total": [[1.0, 2.0]]}, "expected 1 axes"),
    "NaN": ({"opinion": [0, math.nan, 0]}, "isn't finite"),
    "infinite": ({"total": [0, math.inf]}, "isn't finite"),
    "too large": ({"opinion": [0, -1.1e4, 0]}, "beyond 10000"),
    "sum too large": ({"total": [0, 2e9]}, "within 1e"),
    "no compounds": ({"count": 0}, "above 0"),
    "count NaN": ({"count": math.nan}, "above 0"),
    "count infinite": ({"count": math.inf}, "above 0"),
    "epsilon 0": ({"epsilon": 0}, "numbers above 0"),
    "epsilon NaN": ({"epsilon": math.nan}, "numbers above 0"),
    "delta 0": ({"delta": 0}, "delta below 1"),
    "delta 1": ({"delta": 1}, "delta below 1"),
    "multiplier infinite": ({"multiplier": math.inf}, "numbers above 0"),
    "no noise, and yet a promise": ({"multiplier": 0}, "expected noise"),
    "noise, and no promise": ({"epsilon": math.inf}, "expected noise"),
}


@pytest.mark.parametrize("case", WRONG)
def test_refused(case):
    change, words = WRONG[case]
    with pytest.raises(ValueError, match=words):
        attrs.evolve(GOOD, **change)


def test_everything_is_part_of_the_digest():
    changes = {
        "opinion": [2.0, 0.5, -2.0], "total": [30.0, 4.0], "count": 812.25, "epsilon": 2.0, "delta": 1e-6,
        "multiplier": 1.5,
    }  # fmt: skip
    assert set(changes) == {field.name for field in attrs.fields(PrivateModel)}
    digests = {attrs.evolve(GOOD, **{name: value}).digest for name, value in changes.items()}
    assert len(digests | {GOOD.digest}) == len(changes) + 1


def test_equal_models_are_equal():
    again = attrs.evolve(GOOD, opinion=np.array([2, 0.5, -1.0], dtype=">f8"))
    assert again == GOOD
    assert hash(again) == hash(GOOD)
    assert GOOD != "model"
    with pytest.raises(ValueError, match="read-only"):
        GOOD.total[0] = 1


def test_it_crosses_as_it_is():
    awkward = PrivateModel([1 / 3, -1e-30, 0.1], [1e-7, 1 / 7], 1e3 / 7, 0.1, 1e-12, 578.9978676402225)
    for model in (GOOD, awkward):
        found = unpack(pack(model))
        assert found == model
        assert attrs.asdict(found).keys() == attrs.asdict(model).keys()
        for name in ("count", "epsilon", "delta", "multiplier"):
            assert getattr(found, name) == getattr(model, name)
        for name in ("opinion", "total"):
            np.testing.assert_array_equal(getattr(found, name), getattr(model, name))


def test_a_model_without_noise_does_not_cross():
    bare = attrs.evolve(GOOD, epsilon=math.inf, multiplier=0)
    assert not bare.protects
    with pytest.raises(CodecError, match="without noise"):
        pack(bare)
