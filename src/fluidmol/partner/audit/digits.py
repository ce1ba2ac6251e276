"""Digits: do the decimals of stated numbers say who is a member?

A number can carry more than what it means: a programming error, or a dishonest program, can write into its decimals
what the policy thinks that it holds back. For each decimal of value and weight, shadows tell how often each digit
stands where a member is, and where a stranger is: naive Bayes, see Mosteller and Wallace 1963, doi
10.1080/01621459.1963.10500849, who told authors by counts in just this way.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from fluidmol.partner.audit.observations import Floats, Observations


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


def _ratio(digit: np.ndarray[tuple[int, ...], np.dtype[np.int64]], owned: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:  # fmt: skip
    # What each draw counts is taken away from the sum over all: its own members aren't known to who attacks it.
    counts = np.array(
        [[np.bincount(d[which], minlength=10) for d, which in zip(digit, side, strict=True)] for side in (owned, ~owned)]
    )  # fmt: skip
    others = counts.sum(axis=1, keepdims=True) - counts + 1.0
    share = others / others.sum(axis=2, keepdims=True)
    ratio = np.log(share[0] / share[1])
    return np.asarray(np.take_along_axis(ratio, digit, axis=1))
