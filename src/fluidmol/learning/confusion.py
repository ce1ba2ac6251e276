"""Figures of the confusion table, from its four counts, element by element."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def mcc(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Floats:
    """Matthews correlation coefficient from counts, element by element, in [-1, 1]; 0 without a denominator.

    Source: Matthews 1975, doi 10.1016/0005-2795(75)90109-9.

    Examples
    --------
    >>> mcc(*(np.array([float(n)]) for n in (5, 0, 0, 5))).tolist()
    [1.0]
    """
    below = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return np.divide(tp * tn - fp * fn, below, out=np.zeros_like(below), where=below > 0)


def ratio(above: Floats, below: Floats) -> Floats:
    """Divide element by element; NaN without a denominator.

    Examples
    --------
    >>> ratio(np.array([1.0, 1.0]), np.array([2.0, 0.0])).tolist()
    [0.5, nan]
    """
    return np.divide(above, below, out=np.full_like(below, np.nan), where=below > 0)


def _mcc_of_two_classes(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Floats:
    return np.where((tp + fn > 0) & (fp + tn > 0), mcc(tp, fp, fn, tn), np.nan)


Counted = Callable[[Floats, Floats, Floats, Floats], Floats]
"""A figure from true positives, false positives, false negatives and true negatives, all of one shape."""

COUNTED: dict[str, Counted] = {
    "mcc": _mcc_of_two_classes,
    "balanced_accuracy": lambda tp, fp, fn, tn: (ratio(tp, tp + fn) + ratio(tn, tn + fp)) / 2,
    "accuracy": lambda tp, fp, fn, tn: ratio(tp + tn, tp + fp + fn + tn),
    "f1": lambda tp, fp, fn, tn: ratio(2 * tp, 2 * tp + fp + fn),  # noqa: ARG005 - one signature
    "sensitivity": lambda tp, fp, fn, tn: ratio(tp, tp + fn),  # noqa: ARG005
    "specificity": lambda tp, fp, fn, tn: ratio(tn, tn + fp),  # noqa: ARG005
    "ppv": lambda tp, fp, fn, tn: ratio(tp, tp + fp),  # noqa: ARG005
    "npv": lambda tp, fp, fn, tn: ratio(tn, tn + fn),  # noqa: ARG005
}
"""Figures at a threshold, by name, in the order of tables; NaN where undefined, as is MCC when one class occurs."""
