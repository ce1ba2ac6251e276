"""Reading what an external program answers: one line a molecule."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fluidmol.learning.model import Floats

FORMS = (
    "Expected one line a molecule, in the order asked, and nothing else: SMILES (exactly as it was given), tab,"
    " probability in [0, 1], and perhaps tab, confidence; or these numbers only; nan, or nothing, in place of a"
    " probability for no opinion."
)


class AnswerError(ValueError):
    """Lines that are no answer; the message names them.

    Parameters
    ----------
    message : str
    hint : str, optional
        What to do.
    """

    def __init__(self, message: str, *, hint: str = FORMS) -> None:
        self.hint = hint
        super().__init__(message)


def split(text: str) -> list[str]:
    r"""Split into lines; the last may lack its end.

    Examples
    --------
    >>> split("0.5\r\n\n")
    ['0.5', '']
    """
    return [line.rstrip("\r") for line in text.removesuffix("\n").split("\n")] if text else []


def names_molecules(lines: Sequence[str], smiles: Sequence[str]) -> bool:
    r"""Whether any line begins with the SMILES of a molecule that was asked, and a tab: then all must.

    Examples
    --------
    >>> names_molecules(["CCO\t0.5"], ["CCO"]), names_molecules(["0.5\t0.2"], ["CCO"])
    (True, False)
    """
    asked = set(smiles)
    return any("\t" in line and line.partition("\t")[0] in asked for line in lines)


def read_answers(text: str, smiles: Sequence[str]) -> tuple[Floats, Floats]:
    r"""Read one answer a line: a probability, or a probability, a tab and a confidence; SMILES and a tab may precede.

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
        If there are more or fewer lines than molecules, a line can't be read, or one names another molecule.

    Examples
    --------
    >>> value, confidence = read_answers("0.9\t0.5\n\n0.1\n", ["CCO", "CCN", "CCC"])
    >>> value.tolist(), confidence.tolist()
    ([0.9, nan, 0.1], [0.5, nan, nan])
    >>> read_answers("CCO\t0.9\nCCN\t\n", ["CCO", "CCN"])[0].tolist()
    [0.9, nan]
    """
    lines = split(text)
    named = names_molecules(lines, smiles)
    found, strange = [], ""
    for number, (line, asked) in enumerate(zip(lines, smiles, strict=False), start=1):
        try:
            found.append(_pair(line, number, asked, named=named))
        except AnswerError as problem:
            strange = str(problem)
            break
    if len(lines) != len(smiles):
        raise AnswerError(f"{_miscount(lines, smiles)}{'; ' if strange else ''}{strange}")
    if strange:
        raise AnswerError(strange)
    table = np.array(found, dtype=np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def cut(text: str) -> str:
    """Quote a text, shortened if it is long."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _miscount(lines: Sequence[str], smiles: Sequence[str]) -> str:
    twice = len(smiles) - len(set(smiles))
    count = (
        f"{len(lines)} lines for {len(smiles)} molecules{f' ({twice} of them asked a second time)' if twice else ''}"
    )
    return f"{count}, the first {cut(lines[0])}, the last {cut(lines[-1])}" if lines else count


def _pair(line: str, number: int, asked: str, *, named: bool) -> tuple[float, float]:
    fields = line.split("\t")
    if named:
        if len(fields) == 1 or fields[0] != asked:
            raise AnswerError(f"line {number} is {cut(line)}, which doesn't begin with {cut(asked)} and a tab")
        fields = fields[1:]
    if len(fields) > 2:
        raise AnswerError(f"line {number} has {len(fields)} fields: {cut(line)} (for {cut(asked)})")
    value, confidence = (_number(field, number, asked) for field in (*fields, "")[:2])
    return value, confidence


def _number(field: str, number: int, asked: str) -> float:
    if not field.strip():
        return math.nan
    try:
        value = float(field.replace("_", "?"))  # 1_000 is a number in Python only
    except ValueError:
        raise AnswerError(f"line {number} is no number: {cut(field)} (for {cut(asked)})") from None
    if not (math.isnan(value) or 0 <= value <= 1):
        raise AnswerError(f"line {number} is outside of [0, 1]: {cut(field)} (for {cut(asked)})")
    return value
