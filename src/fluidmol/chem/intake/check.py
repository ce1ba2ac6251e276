"""What would be read from a file of measurements, row by row, before anything is run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

import attrs

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.labelled import Understood, refuse_nothing, understand
from fluidmol.chem.intake.measurements.companions import UnusedColumn
from fluidmol.chem.intake.measurements.measured import OutcomeColumns
from fluidmol.chem.intake.measurements.names import stem
from fluidmol.chem.intake.measurements.reading import Reading
from fluidmol.chem.intake.potency import number_of
from fluidmol.chem.intake.standardise import Progress
from fluidmol.chem.intake.table import RawTable

COLUMNS = ("row", "smiles", "inchikey", "value", "unit", "relation", "active", "reason")
"""Columns of the CSV file."""

_PILE = 0.1
_LEAST_PILE = 10
_ALIKE = 0.9


@attrs.frozen
class CheckedRow:
    """One row of a file as it is understood."""

    row: int
    """Its line in the file, where the header is 1; in an SDF the number of its record, from 1."""

    smiles: str
    """Standardised structure; as it stands in the file where the row can't be used."""

    inchikey: str
    """Standard InChIKey; empty where the row can't be used."""

    value: str
    """The number with a decimal point, or the word of a class."""

    unit: str
    """In which the number is read; empty for classes."""

    relation: str
    """``=``, ``<``, ``>``, ``<=`` or ``>=``; empty for classes."""

    active: bool | None
    """The class; None where the row can't be used."""

    reason: str
    """Why it can't be used; empty where it can."""

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as texts, in the order of :data:`COLUMNS`."""
        active = "" if self.active is None else str(int(self.active))
        return (
            str(self.row), self.smiles, self.inchikey, self.value, self.unit, self.relation, active, self.reason,
        )  # fmt: skip


@attrs.frozen(eq=False)
class FileCheck:
    """How a file would be read."""

    path: Path
    reading: Reading
    """What was taken for what."""

    rows: tuple[CheckedRow, ...] = attrs.field(repr=False)
    """Every row of the file, in its order."""

    n_compounds: int
    """Distinct compounds among the usable rows."""

    warnings: tuple[str, ...]
    """What a person should look at, beside the reading's cautions."""

    @property
    def line(self) -> str:
        """One line that shows how the file is read."""
        return self.reading.line

    @property
    def unused(self) -> tuple[str, ...]:
        """Columns that look as if they belonged to the values, and why they aren't used."""
        return tuple(f"column {column.name} ({title}): {_why(title, column)}" for title, column in self.reading.unused)

    @property
    def cautions(self) -> tuple[str, ...]:
        """All that a person should look at."""
        return (*self.reading.cautions, *self.warnings)

    def csv(self) -> str:
        """Write all rows as CSV."""
        target = io.StringIO()
        csv.writer(target, lineterminator="\n").writerows([COLUMNS, *(row.cells for row in self.rows)])
        return target.getvalue()


def check_file(
    path: Path,
    wanted: OutcomeColumns,
    *,
    cache: StandardCache | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> FileCheck:
    r"""Read a file of measurements as :func:`~fluidmol.chem.intake.labelled.read_labelled` does, and show all of it.

    Parameters
    ----------
    path, wanted, cache, n_jobs, progress
        As for ``read_labelled``.

    Raises
    ------
    MissingFileError, InputError, UsageError
        If it isn't known how the file is to be read, or no row is usable.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "assay.csv")
    ...     _ = file.write_text("smiles,IC50 (nM),relation\nCCO,750,=\nCCN,30000,>\nCCC,,=\n")
    ...     found = check_file(file, OutcomeColumns(value_column="IC50 (nM)", threshold=10, unit="uM"))
    >>> found.line
    'IC50 (nM) in nM (its name), relations from relation, active at or below 10 uM: 1 of 2 usable rows, 1 rejected: no
    value (1)'
    >>> found.rows[1].cells
    ('3', 'CCN', 'QUSNBJAOOMFDIB-UHFFFAOYSA-N', '30000', 'nM', '>', '0', '')
    """
    found = understand(path, wanted, cache=cache, n_jobs=n_jobs, progress=progress)
    refuse_nothing(found)
    usable = {found.structures[i].inchikey for i, reason in enumerate(found.reasons) if not reason}
    return FileCheck(Path(path), found.reading, tuple(_rows(found)), len(usable), tuple(_warnings(found)))


def _rows(found: Understood) -> Iterator[CheckedRow]:
    table = found.table
    seen = [_row(found, i) for i in range(len(table.smiles))]
    bad = [CheckedRow(row.record or row.line, row.smiles, "", "", "", "", None, row.reason) for row in table.rejected]
    return iter(sorted([*seen, *bad], key=lambda row: row.row))


def _row(found: Understood, i: int) -> CheckedRow:
    measured, reason = found.outcomes.rows[i], found.reasons[i]
    structure = found.structures.get(i)
    usable = structure is not None and not reason
    return CheckedRow(
        found.table.row(i),
        structure.smiles if structure is not None else found.table.smiles[i],
        structure.inchikey if structure is not None else "",
        measured.value,
        measured.unit,
        measured.relation,
        measured.active if usable else None,
        reason,
    )


def _why(title: str, column: UnusedColumn) -> str:
    if title == "values":
        return "classes are read from a column that states them"
    return f"by its name it belongs to {column.owner}" if column.owner else "another column states them"


def _warnings(found: Understood) -> Iterator[str]:
    reading, table = found.reading, found.table
    conflicts = sum(reason.startswith("conflicting classes") for reason in found.reasons)
    if conflicts:
        yield f"rows of compounds that are active in one and inactive in another, left out: {conflicts:,}"
    if reading.threshold:
        yield from _near_duplicates(table, reading.column)


def _near_duplicates(table: RawTable, name: str) -> Iterator[str]:
    """Compare the column with others of numbers that seem to hold the same and don't quite."""
    mine = table.columns[name]
    for other, cells in table.columns.items():
        if other == name or not (set(stem(other)) & set(stem(name)) or stem(other) == stem(name)):
            continue
        both = [(a, b) for a, b in zip(mine, cells, strict=True) if number_of(a) and number_of(b)]
        same = sum(_equal(a, b) for a, b in both)
        if len(both) >= _LEAST_PILE and _ALIKE * len(both) <= same < len(both):
            yield f"column {other} is nearly the same as {name}: {len(both) - same:,} of {len(both):,} rows differ"


def _equal(a: str, b: str) -> bool:
    try:
        return Decimal(a) == Decimal(b)
    except InvalidOperation:
        return a.strip() == b.strip()
