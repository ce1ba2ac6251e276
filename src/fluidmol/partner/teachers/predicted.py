"""Reading a table of predictions that were made elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import numpy as np

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.rejected import Rejected
from fluidmol.chem.intake.standardise import standardise
from fluidmol.partner.teachers.predicted_class import of_active
from fluidmol.partner.teachers.prediction_columns import find_columns
from fluidmol.partner.teachers.shares import read_shares
from fluidmol.partner.teachers.sheet import read_sheet

_INCHIKEY = re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]")


@attrs.frozen
class PredictionRow:
    """One prediction that can be used."""

    line: int
    """Line of the file; the header is line 1."""

    inchikey: str
    probability: float
    """Of the active class, in [0, 1]."""

    confidence: float | None
    """In [0, 1]; None where the file states none."""


@attrs.frozen(eq=False)
class Predicted:
    """What a file says."""

    rows: tuple[PredictionRow, ...] = attrs.field(repr=False)
    """Usable rows, in the file's order; a compound may occur several times."""

    rejected: tuple[Rejected, ...] = attrs.field(repr=False)
    """The others, each with the reason."""

    n_silent: int
    """Rows without a probability: no opinion."""


def read_predicted(
    path: Path,
    names: Mapping[str, str] | None = None,
    *,
    of: str | None = None,
    cache: StandardCache | None = None,
) -> Predicted:
    r"""Read predictions from a CSV or TSV file, gzipped or not.

    Parameters
    ----------
    path : Path
        With a header, a column ``inchikey`` or ``smiles``, a column ``probability``, and perhaps ``confidence``.
    names : mapping of str to str, optional
        Names of columns: smiles, inchikey, probability, confidence; found by usual names otherwise.
    of : {"active", "predicted"}, optional
        Whose probability the file states; by default the active class's, if nothing in it contradicts that.
    cache : StandardCache, optional
        For standardised structures, where there is no InChIKey.

    Raises
    ------
    MissingFileError, InputError
        If the file can't be read, lacks a column, or can be read in more than one way.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "predictions.csv")
    ...     _ = file.write_text("smiles,probability\nCCO,0.25\nCCN,high\n")
    ...     found = read_predicted(file)
    >>> found.rows[0].probability, found.rejected[0].reason
    (0.25, "no probability: 'high'")
    """
    sheet = read_sheet(path)
    columns = find_columns(sheet, names or {})
    stated, unread = read_shares(sheet, columns.probability, "probability")
    values, unclassed = of_active(sheet, columns, stated, of)
    confidences, unsure = np.full(len(values), np.nan), [""] * len(values)
    if columns.confidence is not None:
        confidences, unsure = read_shares(sheet, columns.confidence, "confidence")
    reasons = [a or b or c for a, b, c in zip(unread, unclassed, unsure, strict=True)]
    texts = sheet.columns[columns.molecule]
    spoken = [row for row, reason in enumerate(reasons) if not reason and not np.isnan(values[row])]
    keys = dict(zip(spoken, _keys([texts[row] for row in spoken], keyed=columns.keyed, cache=cache), strict=True))
    rows = tuple(
        PredictionRow(
            sheet.lines[row], key, float(values[row]), None if np.isnan(confidences[row]) else float(confidences[row])
        )
        for row, (key, why) in keys.items()
        if not why
    )
    left_out = [(row, reason) for row, reason in enumerate(reasons) if reason]
    left_out += [(row, why) for row, (_, why) in keys.items() if why]
    rejected = [Rejected(path.name, sheet.lines[row], texts[row], why) for row, why in left_out]
    ordered = tuple(sorted([*sheet.rejected, *rejected], key=lambda one: one.line))
    return Predicted(rows, ordered, len(reasons) - len(spoken) - sum(map(bool, reasons)))


def _keys(texts: Sequence[str], *, keyed: bool, cache: StandardCache | None) -> list[tuple[str, str]]:
    """Return each row's InChIKey, or the reason why it has none."""
    if keyed:
        return [(text, "" if _INCHIKEY.fullmatch(text) else f"no InChIKey: {text!r}") for text in texts]
    return [(item.inchikey, item.reason) for item in standardise(texts, cache=cache)]
