"""Verdicts follow from intervals."""

import math

import pytest

from fluidmol.learning.statistics import Comparison
from fluidmol.partner.tuning.verdict import ADOPT, HARM, KEEP, verdict


def of(difference, half=0.02):
    return Comparison(difference, difference - half, difference + half, 0.5, 1, 300)


UNDEFINED = Comparison(math.nan, math.nan, math.nan, math.nan, 1, 300)


@pytest.mark.parametrize(
    ("mcc", "roc_auc", "loss", "expected"),
    [
        (0.1, 0.1, -0.1, ADOPT),
        (0.01, -0.01, -0.1, ADOPT),
        (-0.01, -0.01, -0.1, KEEP),  # calibration alone
        (0.1, 0.1, -0.01, KEEP),
        (0.0, 0.0, 0.0, KEEP),
        (0.1, -0.1, -0.1, KEEP),  # contradictory
        (-0.1, 0.0, -0.1, KEEP),
        (0.0, 0.0, 0.1, HARM),
        (-0.1, 0.0, 0.0, HARM),
        (0.1, -0.1, 0.0, HARM),
    ],
)
def test_verdict(mcc, roc_auc, loss, expected):
    assert verdict({"mcc": of(mcc), "roc_auc": of(roc_auc), "log_loss": of(loss), "brier": of(0)}) == expected


def test_undefined_figures_speak_for_nothing():
    assert verdict({"mcc": of(0.01), "roc_auc": UNDEFINED, "log_loss": of(-0.1)}) == ADOPT
    assert verdict({"mcc": UNDEFINED, "roc_auc": UNDEFINED, "log_loss": UNDEFINED}) == KEEP
