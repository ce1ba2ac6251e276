"""Digits: the decimals of stated numbers may say who is a member.

A number can carry more than what it means: a programming error, or a dishonest program, can write into its decimals
what the policy thinks that it holds back. For each decimal of value and weight, shadows tell how often each digit
stands where a member is, and where a stranger is: naive Bayes, see Mosteller and Wallace 1963, doi
10.1080/01621459.1963.10500849, who told authors by counts in just this way.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from fluidmol.partner.audit.observations import Floats, Mask, Observations


def digits(seen: Observations) -> Floats | None:
    """Sum of the log-likelihood ratios of all decimals, (n_draws, n_candidates); None if numbers are estimates."""
    if not seen.decimals:
        return None
    score = np.zeros(seen.owned.shape)
    for said in (expit(seen.opinion), seen.weight):
        whole = np.rint(np.nan_to_num(said, nan=0.0) * 10**seen.decimals).astype(np.int64)
        for place in range(seen.decimals):
            score += _ratio(whole // 10**place % 10, seen.owned)
    return score


def _ratio(digit: NDArray[np.int64], owned: Mask) -> Floats:
    counts = np.array([_counts(digit, side) for side in (owned, ~owned)])
    # What each draw counts is taken away from the sum over all: its own members aren't known to who attacks it.
    others = counts.sum(axis=1, keepdims=True) - counts + 1.0
    share = others / others.sum(axis=2, keepdims=True)
    return np.asarray(np.take_along_axis(np.log(share[0] / share[1]), digit, axis=1))


def _counts(digit: NDArray[np.int64], which: Mask) -> NDArray[np.int64]:
    """How often each digit stands there, draw by draw, (n_draws, 10)."""
    return np.array([np.bincount(row[side], minlength=10) for row, side in zip(digit, which, strict=True)])
