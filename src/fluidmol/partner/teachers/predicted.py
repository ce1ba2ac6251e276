"""Reading a table of predictions that were made elsewhere."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.content import load
from fluidmol.chem.intake.delimited import delimiter_of
from fluidmol.chem.intake.rejected import Rejected
from fluidmol.chem.intake.standardise import standardise
from fluidmol.chem.intake.table import SMILES_NAMES, find_column
from fluidmol.errors import InputError

USUAL: Mapping[str, Sequence[str]] = {
    "inchikey": ("inchikey", "inchi_key", "standard_inchikey", "standard_inchi_key", "std_inchikey"),
    "smiles": SMILES_NAMES,
    "probability": ("probability", "p_active", "probability_active", "proba", "prob", "prediction", "pred"),
    "confidence": ("confidence", "weight"),
}
"""Usual names of the columns, the likeliest first; case, blanks and hyphens don't matter."""

_INCHIKEY = re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]")


@attrs.frozen
class Row:
    """One prediction that can be used."""

    line: int
    """Line of the file; the header is line 1."""

    inchikey: str
    probability: float
    """In [0, 1]."""

    confidence: float | None
    """In [0, 1]; None where the file states none."""


@attrs.frozen(eq=False)
class Predicted:
    """What a file says."""

    rows: tuple[Row, ...] = attrs.field(repr=False)
    """Usable rows, in the file's order; a compound may occur several times."""

    rejected: tuple[Rejected, ...] = attrs.field(repr=False)
    """The others, each with the reason."""

    n_silent: int
    """Rows without a probability: no opinion."""


def read_predicted(
    path: Path, names: Mapping[str, str] | None = None, *, cache: StandardCache | None = None
) -> Predicted:
    r"""Read predictions from a CSV or TSV file, gzipped or not.

    Parameters
    ----------
    path : Path
        With a header, a column ``inchikey`` or ``smiles``, a column ``probability``, and perhaps ``confidence``.
    names : mapping of str to str, optional
        Names of columns, by what they are (a key of :data:`USUAL`); found by usual names otherwise.
    cache : StandardCache, optional
        For standardised structures, where there is no InChIKey.

    Raises
    ------
    MissingFileError, InputError
        If the file can't be read, or lacks a column.

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
    header, lines = _lines(path)
    places = _places(path, header, names or {})
    keyed = "inchikey" in places
    rows: list[tuple[int, str, float, float | None]] = []
    rejected: list[Rejected] = []
    silent = 0
    for number, fields in lines:
        text = fields[places["inchikey" if keyed else "smiles"]].strip() if len(fields) == len(header) else ""
        try:
            value, confidence = _figures(fields, header, places)
        except ValueError as problem:
            rejected.append(Rejected(path.name, number, text, str(problem)))
            continue
        if value is None:
            silent += 1
        else:
            rows.append((number, text, value, confidence))
    keys = _keys([text for _, text, *_ in rows], keyed=keyed, cache=cache)
    paired = list(zip(rows, keys, strict=True))
    good = [Row(line, key, value, confidence) for (line, _, value, confidence), (key, why) in paired if not why]
    bad = [Rejected(path.name, line, text, why) for (line, text, *_), (_, why) in paired if why]
    return Predicted(tuple(good), tuple(sorted([*rejected, *bad], key=lambda row: row.line)), silent)


def _lines(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    text = load(path).text(path)
    delimiter = delimiter_of(text.lstrip().partition("\n")[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(row)]
        return [name.strip() for name in rows[0][1]], rows[1:]
    except csv.Error as problem:
        raise InputError(
            f"{path}, line {reader.line_num}: {problem}", hint="A quotation mark may be missing or unmatched."
        ) from problem


def _places(path: Path, header: list[str], names: Mapping[str, str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for what, usual in USUAL.items():
        asked = [names[what]] if what in names else list(usual)
        found = next((name for word in asked if (name := find_column(header, word)) is not None), None)
        if found is not None:
            places[what] = header.index(found)
        elif what in names:
            raise InputError(f"{path} has no column {names[what]!r}", hint=f"Its columns are: {', '.join(header)}.")
    if "probability" not in places:
        raise InputError(
            f"{path} has no column of probabilities; its columns are: {', '.join(header)}",
            hint="Name it with --probability-column.",
        )
    if not {"inchikey", "smiles"} & set(places):
        raise InputError(
            f"{path} doesn't say which molecules it is about; its columns are: {', '.join(header)}",
            hint="Expected a column inchikey or smiles.",
        )
    return places


def _figures(fields: list[str], header: list[str], places: Mapping[str, int]) -> tuple[float | None, float | None]:
    if len(fields) != len(header):
        raise ValueError(f"wrong number of fields: {len(fields)}, expected {len(header)} as in the header")
    value = _share("probability", fields[places["probability"]])
    return value, _share("confidence", fields[places["confidence"]]) if "confidence" in places else None


def _share(what: str, field: str) -> float | None:
    text = field.strip()
    if not text or text.lower() in ("nan", "na", "null", "none"):
        return None
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"no {what}: {text!r}") from None
    if not 0 <= number <= 1:
        raise ValueError(f"no {what}: {text} is outside of [0, 1]")
    return number


def _keys(texts: Sequence[str], *, keyed: bool, cache: StandardCache | None) -> list[tuple[str, str]]:
    """Give each row's InChIKey, or the reason why it has none."""
    if keyed:
        return [(text, "" if _INCHIKEY.fullmatch(text) else f"no InChIKey: {text!r}") for text in texts]
    return [(item.inchikey, item.reason) for item in standardise(texts, cache=cache)]
