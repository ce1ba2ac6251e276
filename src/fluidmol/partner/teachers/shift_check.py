"""Molecules that a program is asked twice, so that answers on wrong lines are noticed.

A line too many and a line too few leave the count as it was, and all answers in between on wrong lines. Molecules
that are asked twice, far apart, then have two answers that differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.model import Floats
from fluidmol.partner.teachers.answers import AnswerError, cut

Lines = NDArray[np.int64]

ONE_IN = 10
"""One molecule of so many is asked twice."""

FEWEST = 10
"""At least so many are asked twice, or all if there are fewer."""

NAMING = (
    "A line may be missing or too many, or the program isn't deterministic. It settles this if the program writes"
    " SMILES, tab, probability: the SMILES exactly as it was given."
)
_FARTHEST = 3
_SHIFTS = [
    pair for by in range(1, _FARTHEST + 1) for sign in (by, -by) for pair in ((sign, 0), (0, sign), (sign, sign))
]
"""By how many lines the answers to first and second question may stand too late, the likeliest first."""


@attrs.frozen(eq=False)
class Questions:
    """What a program is asked about one batch.

    Examples
    --------
    >>> Questions.plain(["CCO", "CCN"]).asked
    ('CCO', 'CCN')
    >>> Questions.with_repeats(["CCO", "CCN"]).asked
    ('CCO', 'CCN', 'CCN', 'CCO')
    """

    asked: tuple[str, ...]
    """SMILES, one a line, m of them."""

    own: Lines = attrs.field(repr=False)
    """Where in it each molecule of the batch is asked for the first time, (n_molecules,)."""

    pairs: Lines = attrs.field(repr=False)
    """Lines of each molecule that is asked twice, (n_repeated, 2)."""

    @classmethod
    def plain(cls, batch: Sequence[str]) -> Questions:
        """Ask each molecule once."""
        return cls(tuple(batch), np.arange(len(batch)), np.empty((0, 2), dtype=np.int64))

    @classmethod
    def with_repeats(cls, batch: Sequence[str]) -> Questions:
        """Ask some molecules again.

        First and second occurrences are spread evenly over the lines, the very first and last among them, and pair
        up from both ends: neighbours of the first occurrence aren't those of the second.
        """
        repeated = min(len(batch), max(FEWEST, len(batch) // ONE_IN))
        total = len(batch) + repeated
        spread = np.arange(2 * repeated) * (total - 1) // (2 * repeated - 1)
        pairs = np.column_stack([spread[:repeated], spread[repeated:][::-1]])
        own = np.setdiff1d(np.arange(total), pairs[:, 1])
        which = np.empty(total, dtype=np.int64)
        which[own] = np.arange(len(batch))
        which[pairs[:, 1]] = which[pairs[:, 0]]
        return cls(tuple(batch[place] for place in which.tolist()), own, pairs)

    def check(self, value: Floats, confidence: Floats, lines: Sequence[str]) -> None:
        """Compare the two answers to each molecule that was asked twice.

        Parameters
        ----------
        value, confidence : (m,) float
            Answers in the order of the questions; NaN where the program states none.
        lines : sequence of str, length m
            As the program wrote them.

        Raises
        ------
        AnswerError
            If any of them differ; the message says where the answers seem to be shifted.
        """
        first, again = self.pairs.T
        fit = alike(value[first], value[again]) & alike(confidence[first], confidence[again])
        if fit.all():
            return
        unfit = self.pairs[~fit]
        one, other = unfit[0]
        raise AnswerError(
            f"two things about one molecule: lines {one + 1} and {other + 1} are both about {cut(self.asked[one])}, and"
            f" say {cut(lines[one])} and {cut(lines[other])}; {len(unfit)} of {len(fit)} molecules asked twice have"
            f" two answers{_shifted(unfit, value)}",
            hint=NAMING,
        )


def alike(one: Floats, other: Floats) -> NDArray[np.bool_]:
    """Whether answers agree: within 0.01 in the middle, within 0.001 near 0 and 1; silence agrees with silence.

    Examples
    --------
    >>> alike(np.array([0.5, 0.001, np.nan]), np.array([0.508, 0.008, np.nan])).tolist()
    [True, False, True]
    """
    # Numerical noise is of one size in the logit. Most answers may be near 0, and then differ by less than 0.01.
    margin = np.minimum(np.minimum(one, other), 1 - np.maximum(one, other))
    near: NDArray[np.bool_] = np.abs(one - other) <= np.minimum(0.01, 0.001 + 0.05 * margin)
    return np.asarray(near | (np.isnan(one) & np.isnan(other)))


def _shifted(unfit: Lines, value: Floats) -> str:
    """Return which lines are shifted, if answers on lines nearby fit most of the pairs that don't fit."""
    padded = np.pad(value, _FARTHEST, constant_values=9)  # no probability: it fits nothing
    moved: dict[int, int] = {}
    explained = 0
    for pair in unfit:
        fitting = (shift for shift in _SHIFTS if alike(*padded[pair + shift + _FARTHEST, None])[0])
        shift = next(fitting, None)
        if shift is not None:
            explained += 1
            moved |= {int(place): by for place, by in zip(pair, shift, strict=True) if by}
    if 2 * explained <= len(unfit):
        return ""
    by = Counter(moved.values()).most_common(1)[0][0]
    lines = sorted(place + 1 for place, shift in moved.items() if shift == by)
    where = f"line {lines[0]}" if lines[0] == lines[-1] else f"lines {lines[0]} to {lines[-1]}"
    far = "1 line" if abs(by) == 1 else f"{abs(by)} lines"
    return f". The answers on about {where} seem to stand {far} too {'late' if by > 0 else 'early'}"
