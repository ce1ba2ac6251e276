"""What each rule makes of numbers, and how it says so."""

import math

import numpy as np
import pytest

from fluidmol.partner.policy import Policy
from fluidmol.partner.rules import applied, rounded
from fluidmol.values.annotations import Annotations
from fluidmol.values.messages import Score, Scorecard

D = "sha256:" + "0" * 64
NAN = math.nan
SAID = Annotations(D, "acme", [[0.0], [0.123456], [0.5], [0.51], [NAN]], [[0.1], [0.24], [0.26], [1.0], [0.0]])


@pytest.mark.parametrize(
    ("rules", "value", "weight"),
    [
        ({}, [0, 0.1235, 0.5, 0.51, NAN], [0.1, 0.24, 0.26, 1, 0]),
        ({"decimals": 1}, [0, 0.1, 0.5, 0.5, NAN], [0.1, 0.2, 0.3, 1, 0]),
        ({"proximity_levels": 1}, [0, 0.1235, 0.5, 0.51, NAN], [1, 1, 1, 1, 0]),
        ({"proximity_levels": 2}, [0, 0.1235, 0.5, 0.51, NAN], [0, 0, 0, 1, 0]),
        ({"proximity_levels": 5}, [0, 0.1235, 0.5, 0.51, NAN], [0, 0.25, 0.25, 1, 0]),
        ({"nearest_only": 0.25}, [NAN, NAN, 0.5, 0.51, NAN], [0, 0, 0.26, 1, 0]),
        # By the weight as it leaves: 0.24 has become 0.25.
        ({"nearest_only": 0.25, "proximity_levels": 5}, [NAN, 0.1235, 0.5, 0.51, NAN], [0, 0.25, 0.25, 1, 0]),
        ({"surest": 0.2}, [0.2, 0.2, 0.5, 0.51, NAN], [0.1, 0.24, 0.26, 1, 0]),
        ({"labels": "hard"}, [0, 0, 0, 1, NAN], [0.1, 0.24, 0.26, 1, 0]),
    ],
    ids=str,
)
def test_numbers(rules, value, weight):
    released, _ = applied(SAID, Policy(**rules))
    np.testing.assert_array_equal(released.value[:, 0], np.array(value, np.float32))
    np.testing.assert_array_equal(released.weight[:, 0], np.array(weight, np.float32))


def test_what_each_rule_did_is_said_in_its_order():
    policy = Policy(decimals=2, surest=0.2, proximity_levels=5, nearest_only=0.25)
    _, changes = applied(SAID, policy)
    assert [(change.rule, change.changed, change.of) for change in changes] == [
        ("proximity_levels = 5", 3, 5),
        ("decimals = 2", 0, 5),
        ("nearest_only = 0.25", 1, 5),
        ("surest = 0.2", 1, 5),
        ("decimals = 2", 0, 5),
    ]
    _, hard = applied(SAID, Policy(labels="hard"))
    assert hard[-1].rule == 'labels = "hard"'
    assert hard[-1].changed == 3


def test_figures_that_are_undefined_stay_so_and_count_as_unchanged():
    card = Scorecard(D, "acme", [Score("teacher", "x", "mcc", NAN), Score("teacher", "x", "auc", 1 / 3)])
    released, (change,) = rounded(card, Policy(decimals=1))
    assert math.isnan(released.scores[0].value)
    assert released.scores[1].value == 0.3
    assert (change.changed, change.of) == (1, 2)
