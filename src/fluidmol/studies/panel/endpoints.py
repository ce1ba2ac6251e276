"""Which endpoints a panel has: a table that names their files and columns, or a folder of files."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

from fluidmol.chem.intake.measurements.amount_column import numeric_columns
from fluidmol.chem.intake.measurements.class_column import class_columns
from fluidmol.chem.intake.measurements.measured import OutcomeColumns
from fluidmol.chem.intake.measurements.numerals import marks_of
from fluidmol.chem.intake.measurements.titles import read_title
from fluidmol.chem.intake.potency import ValueCell
from fluidmol.chem.intake.tables import read_table
from fluidmol.errors import InputError, MissingFileError
from fluidmol.values.endpoint import Endpoint
from fluidmol.values.names import is_part
from fluidmol.values.parts import nearest
from fluidmol.values.scale import Scale

COLUMNS = ("endpoint", "file", "column", "threshold", "unit", "lowest", "highest", "transformation")
"""Columns of a panel's table. Cells may be empty: a class column has neither threshold nor ends."""

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet", ".sdf", ".sdf.gz", ".xlsx")
"""Files that are taken from a folder."""

MARGIN = 0.05
"""By how much of their span a scale that is read off a file goes beyond its values, at either end."""


@attrs.frozen
class PanelEndpoint:
    """One endpoint of a panel."""

    name: str
    """As people call it; any text."""

    file: Path
    columns: OutcomeColumns
    scale: Scale | None = None
    """Of a regression; None for classes."""

    @property
    def folder(self) -> str:
        """Name of its folder, and in its charter."""
        return folder_of(self.name)

    @property
    def asked(self) -> Endpoint:
        """What its charter asks."""
        kind = "classification" if self.scale is None else "regression"
        return Endpoint(self.folder, kind, description=self.name, scale=self.scale)

    @property
    def row(self) -> tuple[object, ...]:
        """Its line of a panel's table, in the order of :data:`COLUMNS`."""
        said, scale = self.columns, self.scale
        ends = (scale.unit, scale.lowest, scale.highest, scale.transformation) if scale else (said.unit, "", "", "")
        column = said.active_column if said.value_column is None else said.value_column
        cells = (self.name, self.file, column, said.threshold, *ends)
        return tuple("" if cell is None else cell for cell in cells)


def folder_of(name: str) -> str:
    """Make the name of a folder of any text: itself if it can be one, or else with four digits of its hash.

    Examples
    --------
    >>> folder_of("logD"), folder_of("hERG (µM)")
    ('logD', 'hERG-M-2298')
    """
    if is_part(name):
        return name
    plain = "-".join(re.findall("[A-Za-z0-9]+", name)) or "endpoint"
    return f"{plain[:40]}-{hashlib.sha256(name.encode()).hexdigest()[:4]}"


def read_panel(path: Path) -> tuple[PanelEndpoint, ...]:
    """Read which endpoints a panel has.

    Parameters
    ----------
    path : Path
        A table with the columns of :data:`COLUMNS`, files relative to it; or a folder, each file of which is an
        endpoint of the file's name: with its classes if it has any, or else with its only column of numbers, on a
        scale a little longer than its values. That is fair where data are public, as in a study; a consortium agrees on
        its scales.

    Raises
    ------
    MissingFileError, InputError
        If there is nothing, a cell can't be understood, or two endpoints have one name.
    """
    if path.is_dir():
        read = (_of_file(file) for file in sorted(path.iterdir()) if file.name.endswith(SUFFIXES))
        found = tuple(endpoint for endpoint in read if endpoint is not None)
        if not found:
            raise InputError(f"{path} holds no table of an endpoint", hint=f"Expected files ending in {SUFFIXES[0]}.")
    elif path.is_file():
        found = tuple(_of_table(path))
    else:
        raise MissingFileError(f"{path} isn't there", hint="Give a panel's table, or a folder of tables.")
    names = [endpoint.folder.casefold() for endpoint in found]
    for endpoint, name in zip(found, names, strict=True):
        if names.count(name) > 1:
            raise InputError(f"the panel has several endpoints called {endpoint.name!r}", hint="Name each once.")
    return found


def panel_csv(panel: tuple[PanelEndpoint, ...]) -> str:
    """Write a panel's table, from which the same panel is read."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(endpoint.row for endpoint in panel)
    return target.getvalue()


def _of_table(path: Path) -> Iterator[PanelEndpoint]:
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise InputError(f"{path} can't be read: {problem}", hint="Expected a CSV table in UTF-8.") from problem
    unknown = [name for name in (rows[0] if rows else ()) if name not in COLUMNS]
    if not rows or unknown or "endpoint" not in rows[0] or "file" not in rows[0]:
        what = f"has a column {unknown[0]!r}" if unknown else "names no endpoint"
        hint = nearest(str(unknown[0]), COLUMNS) if unknown else f"Expected the columns {', '.join(COLUMNS)}."
        raise InputError(f"{path} {what}", hint=hint)
    for number, row in enumerate(rows, start=2):
        try:
            yield _of_row(path, {key: (value or "").strip() for key, value in row.items()})
        except (ValueError, TypeError) as problem:
            raise InputError(f"{path}, line {number}: {problem.args[0]}", hint="Correct the line.") from problem


def _of_row(path: Path, row: Mapping[str, str]) -> PanelEndpoint:
    said = {key: value for key, value in row.items() if value}
    if not said.get("endpoint") or not said.get("file"):
        raise ValueError("expected an endpoint and its file")
    file = path.parent / said["file"]
    if not file.is_file():
        raise InputError(f"{path} names {said['file']}, which isn't there", hint="Files are relative to the table.")
    ends = [key for key in ("lowest", "highest") if key in said]
    if ends and "threshold" in said:
        raise ValueError("a threshold and a scale: expected one, for classes or for values")
    if ends or "transformation" in said:
        missing = [key for key in ("column", "unit", "lowest", "highest") if key not in said]
        if missing:
            raise ValueError(f"a regression lacks {', '.join(missing)}")
        scale = Scale(
            said["unit"], float(said["lowest"]), float(said["highest"]), said.get("transformation", "none")
        )  # fmt: skip
        return PanelEndpoint(said["endpoint"], file, OutcomeColumns(value_column=said["column"]), scale)
    if "threshold" in said:
        columns = OutcomeColumns(
            value_column=said.get("column"), threshold=float(said["threshold"]), unit=said.get("unit")
        )
    else:
        columns = OutcomeColumns(active_column=said.get("column"))
    return PanelEndpoint(said["endpoint"], file, columns)


def _of_file(file: Path) -> PanelEndpoint | None:
    """Read an endpoint off a file; None for a table without structures."""
    name = re.sub("|".join(re.escape(suffix) + "$" for suffix in SUFFIXES), "", file.name)
    try:
        table = read_table(file)
    except InputError as problem:
        if "SMILES" in problem.message or "structure" in problem.message:
            return None
        raise
    classes = class_columns(table)
    if classes:
        return PanelEndpoint(name, file, OutcomeColumns(active_column=classes[0]))
    numbers = numeric_columns(table)
    if len(numbers) != 1:
        raise InputError(
            f"{file} has no column of classes, and {len(numbers)} of numbers: {', '.join(numbers) or 'none'}",
            hint="Write a panel's table, which names the column, its unit and its scale.",
        )
    [column] = numbers
    cells = [ValueCell.of(cell).number for cell in table.columns[column]]
    marks = marks_of(cells, small=False)
    read = [marks.read(cell) for cell in cells]
    title = read_title(column)
    known = [value for value in read if value is not None]
    if title.units:  # concentrations, which are compared by their logarithms
        known = [-title.units[0].base(value).log10() for value in known if value > 0]
    values = sorted(map(float, known))
    margin = MARGIN * (values[-1] - values[0])
    unit = "p" if title.scale == "p" or title.units else column
    lowest, highest = (float(f"{end:.4g}") for end in (values[0] - margin, values[-1] + margin))
    return PanelEndpoint(name, file, OutcomeColumns(value_column=column), Scale(unit, lowest, highest))
