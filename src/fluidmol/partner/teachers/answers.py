"""Reading what an external program answers: one line a molecule."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fluidmol.partner.teachers import Floats


class AnswerError(ValueError):
    """A line that is no answer; the message names it."""


def read_answers(text: str, smiles: Sequence[str]) -> tuple[Floats, Floats]:
    r"""Read one answer a line: a probability, or a probability, a tab and a confidence.

    Parameters
    ----------
    text : str
        As the program wrote it. An empty line, or ``nan``, means that it has no opinion.
    smiles : sequence of str
        What it was asked, length n.

    Returns
    -------
    value, confidence : (n,) float
        Probability, NaN where it abstains; confidence, NaN where it states none.

    Raises
    ------
    AnswerError
        If there are more or fewer lines than molecules, or a line can't be read.

    Examples
    --------
    >>> value, confidence = read_answers("0.9\t0.5\n\n0.1\n", ["CCO", "CCN", "CCC"])
    >>> value.tolist(), confidence.tolist()
    ([0.9, nan, 0.1], [0.5, nan, nan])
    """
    lines = text.removesuffix("\n").split("\n") if text else []
    if len(lines) != len(smiles):
        raise AnswerError(f"{len(lines)} lines for {len(smiles)} molecules")
    numbered = zip(lines, range(1, len(lines) + 1), smiles, strict=True)
    found = np.array([_pair(line.rstrip("\r"), number, asked) for line, number, asked in numbered], dtype=np.float64)
    found = found.reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _pair(line: str, number: int, asked: str) -> tuple[float, float]:
    fields = line.split("\t")
    if len(fields) > 2:
        raise AnswerError(f"line {number} has {len(fields)} fields: {_cut(line)} (for {_cut(asked)})")
    value, confidence = (_number(field, number, asked) for field in (*fields, "")[:2])
    return value, confidence


def _number(field: str, number: int, asked: str) -> float:
    if not field.strip():
        return math.nan
    try:
        value = float(field)
    except ValueError:
        raise AnswerError(f"line {number} is no number: {_cut(field)} (for {_cut(asked)})") from None
    if not (math.isnan(value) or 0 <= value <= 1):
        raise AnswerError(f"line {number} is outside of [0, 1]: {_cut(field)} (for {_cut(asked)})")
    return value


def _cut(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
