"""Corrections of p-values for many tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def holm(p_values: Sequence[float] | Floats) -> Floats:
    """Adjust p-values so that the chance of *any* false discovery is kept, however the tests depend on one another.

    Source: Holm 1979, Scandinavian Journal of Statistics 6, 65-70.

    Parameters
    ----------
    p_values : (n,) float
        In [0, 1]; undefined ones (NaN) stay so and aren't counted.

    Returns
    -------
    (n,) float
        In [0, 1], none below its p-value, in the given order.

    Raises
    ------
    ValueError
        If one is outside of [0, 1].

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    given, known = _checked(p_values)
    order = np.argsort(given[known], kind="stable")
    raised = given[known][order] * np.arange(len(order), 0, -1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(raised), 1.0)
    return _filled(adjusted, known)


def benjamini_hochberg(p_values: Sequence[float] | Floats) -> Floats:
    """Adjust p-values so that the expected *share* of false discoveries is kept, for independent or alike tests.

    Source: Benjamini and Hochberg 1995, doi 10.1111/j.2517-6161.1995.tb02031.x.

    Parameters and returns are as in :func:`holm`.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    from scipy.stats import false_discovery_control  # noqa: PLC0415 - heavy

    given, known = _checked(p_values)
    return _filled(false_discovery_control(given[known]) if known.any() else np.empty(0), known)


def _checked(p_values: Sequence[float] | Floats) -> tuple[Floats, NDArray[np.bool_]]:
    given = np.asarray(p_values, dtype=np.float64)
    known = ~np.isnan(given)
    if ((given[known] < 0) | (given[known] > 1)).any():
        raise ValueError("a p-value is outside of [0, 1]")
    return given, known


def _filled(adjusted: Floats, known: NDArray[np.bool_]) -> Floats:
    filled = np.full(len(known), np.nan)
    filled[known] = adjusted
    return filled
