"""Private tables: compounds with their classes or values, each compound once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.intake.alone import refuse_decided, refuse_dependent
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.measurements.measured import OutcomeColumns, Outcomes
from fluidmol.chem.intake.measurements.reading import Reading
from fluidmol.chem.intake.origins import OriginColumn, Origins, all_origins
from fluidmol.chem.intake.outcomes import classify
from fluidmol.chem.intake.parents import Standardised
from fluidmol.chem.intake.rejected import Rejected, commonest, counts_by_reason
from fluidmol.chem.intake.standardise import Progress, standardise
from fluidmol.chem.intake.table import RawTable
from fluidmol.chem.intake.tables import read_table
from fluidmol.errors import InputError
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.scale import Scale

_SHOWN = 5

APART = 0.1
"""Most of a regression's scale that repeated measurements of one compound may span."""


@attrs.frozen(eq=False)
class Labelled:
    """Compounds with their classes or values; it stays inside one company."""

    compounds: CompoundSet
    """Each compound once, by first appearance in the file; length n."""

    outcome: NDArray[np.float64] = attrs.field(repr=False)
    """Of each compound, (n,): 1 if it is active and 0 if it isn't, or the position on a regression's scale."""

    rejected: tuple[Rejected, ...] = attrs.field(repr=False)
    """Rows that were left out, in the file's order."""

    n_rows: int
    """Rows in the file; ``n_rows == len(compounds) + n_merged + len(rejected)``."""

    n_merged: int
    """Rows merged into an earlier row of the same compound."""

    sha256: str
    """SHA-256 of the file."""

    reading: Reading
    """How the file was understood."""

    scale: Scale | None = None
    """Of a regression; None for classes."""

    origins: Origins | None = attrs.field(default=None, repr=False)
    """Sources of each compound, those of all rows that were merged into it; None where nobody asked, or the file names
    none."""

    @property
    def active(self) -> NDArray[np.bool_]:
        """Class of each compound, (n,)."""
        return np.asarray(self.outcome > 0.5)

    @property
    def outcome_column(self) -> str:
        """Column that the classes or values were read from."""
        return self.reading.column

    def __len__(self) -> int:
        return len(self.compounds)


def read_labelled(
    path: Path,
    wanted: OutcomeColumns,
    *,
    origin: OriginColumn | None = None,
    cache: StandardCache | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Labelled:
    r"""Read a table of compounds with a class or a measurement each.

    Rows are the same compound if their standardised structures have the same full InChIKey. Rows of one
    compound that agree in class are merged into the first. **If they disagree, the compound is left out**: each
    of its rows is rejected, naming the lines it conflicts with. Values disagree if they span more than
    :data:`APART` of the scale; of those that agree the median counts.

    Parameters
    ----------
    path : Path
        As for :func:`~fluidmol.chem.intake.tables.read_table`.
    wanted : OutcomeColumns
        Which column states the class, or holds values, as for :func:`~fluidmol.chem.intake.outcomes.classify`.
    origin : OriginColumn, optional
        Which column names the sources of a row; none is read by default.
    cache, n_jobs, progress
        As for :func:`~fluidmol.chem.intake.standardise.standardise`.

    Returns
    -------
    Labelled
        The usable compounds, and each row that isn't usable with its reason.

    Raises
    ------
    MissingFileError, InputError, UsageError
        If the file or the columns can't be used, or no row is usable.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "assay.csv")
    ...     _ = file.write_text("smiles,active\nCCO,1\nOCC,1\nCCN,0\nC1CC,0\n")
    ...     assay = read_labelled(file, OutcomeColumns())
    >>> assay.compounds.smiles, assay.active.tolist(), assay.n_merged, assay.rejected[0].line
    (('CCO', 'CCN'), [True, False], 1, 5)
    """
    return merged(understand(path, wanted, cache=cache, n_jobs=n_jobs, progress=progress), origin)


@attrs.frozen(eq=False)
class Understood:
    """A table of measurements, row by row: structure, class, and why not."""

    table: RawTable
    outcomes: Outcomes
    structures: Mapping[int, Standardised]
    """Structures of the rows that have a class and a readable one, by position in the table."""

    groups: Mapping[str, list[int]]
    """Positions of the rows of each compound, by InChIKey, in the table's order."""

    reasons: list[str]
    """A row each: why it can't be used; empty if it can."""

    scale: Scale | None = None
    """Of a regression."""

    def active(self, i: int) -> bool:
        """Return the class of a usable row."""
        return bool(self.outcomes.rows[i].active)

    def position(self, i: int) -> float:
        """Return where the value of a usable row lies on the scale of a regression."""
        amount = self.outcomes.rows[i].amount
        return float("nan") if self.scale is None or amount is None else float(self.scale.position(amount))

    def outcome(self, members: list[int]) -> float:
        """Return the outcome of a compound of these usable rows: their class, or their median on the scale."""
        if self.scale is None:
            return float(self.active(members[0]))
        return float(np.median([self.position(i) for i in members]))

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        """All rows that can't be used, in the file's order."""
        rows = [_row(self.table, i, reason) for i, reason in enumerate(self.reasons) if reason]
        return tuple(sorted([*self.table.rejected, *rows], key=lambda row: row.line))

    @property
    def reading(self) -> Reading:
        """How the file was understood, with the counts of its rows."""
        usable = [self.scale is None and self.active(i) for i, reason in enumerate(self.reasons) if not reason]
        notes = [item.note for i, item in self.structures.items() if item.note and not self.reasons[i]]
        reading = self.outcomes.reading
        if notes:
            said = f"structures that aren't read as drawn: {len(notes):,}, such as one that is {notes[0]}"
            reading = attrs.evolve(reading, cautions=(*reading.cautions, said))
        counted = reading.counted(usable, self.rejected)
        return attrs.evolve(counted, cautions=(*self.table.notes, *counted.cautions, *counted.doubts))


def understand(
    path: Path,
    wanted: OutcomeColumns,
    *,
    cache: StandardCache | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Understood:
    """Read a table of measurements row by row, before compounds are merged; as for :func:`read_labelled`.

    Raises
    ------
    MissingFileError, InputError, UsageError
        If the file or the columns can't be used.
    """
    path = Path(path)
    table = read_table(path, smiles_column=wanted.smiles_column, sheet=wanted.sheet)
    if not table.n_rows:
        raise InputError(f"{path} has a header and no rows", hint="Expected one row a compound.")
    return understand_table(table, wanted, cache=cache, n_jobs=n_jobs, progress=progress)


def understand_table(
    table: RawTable,
    wanted: OutcomeColumns,
    *,
    cache: StandardCache | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Understood:
    """Understand rows wherever they come from, as :func:`understand` does those of a file.

    Raises
    ------
    InputError, UsageError
        If the columns can't be used.
    """
    if wanted.alone:
        refuse_decided(table)
    outcomes = classify(table, wanted)
    if wanted.alone:
        refuse_dependent(table, wanted, outcomes)
    reasons = [row.reason for row in outcomes.rows]
    # A row without a class needs no structure: standardising is the slow part.
    rows = [i for i, reason in enumerate(reasons) if not reason]
    found = standardise([table.smiles[i] for i in rows], cache=cache, n_jobs=n_jobs, progress=progress)
    groups: dict[str, list[int]] = {}
    structures: dict[int, Standardised] = {}
    for i, item in zip(rows, found, strict=True):
        reasons[i] = item.reason
        if not item.reason:
            structures[i] = item
            groups.setdefault(item.inchikey, []).append(i)
    understood = Understood(table, outcomes, structures, groups, reasons, wanted.scale)
    for members in groups.values():
        if wanted.scale is None:
            _reject_conflicts(understood, members)
        else:
            _reject_distant(understood, members, wanted.scale)
    return understood


def merged(found: Understood, origin: OriginColumn | None = None) -> Labelled:
    """Merge the usable rows of each compound; as :func:`read_labelled` returns it.

    Raises
    ------
    InputError
        If no row is usable.
    """
    usable = [members for members in found.groups.values() if not found.reasons[members[0]]]
    firsts = [members[0] for members in usable]
    refuse_nothing(found)
    named = None if origin is None else origin.read(found.table)
    rejected, n_rows = found.rejected, found.table.n_rows
    return Labelled(
        CompoundSet(
            tuple(found.structures[i].smiles for i in firsts), tuple(found.structures[i].inchikey for i in firsts)
        ),
        np.array([found.outcome(members) for members in usable], dtype=np.float64),
        rejected,
        n_rows,
        n_rows - len(firsts) - len(rejected),
        found.table.sha256,
        found.reading,
        found.scale,
        None if named is None else tuple(all_origins(named, members) for members in usable),
    )


def _row(table: RawTable, i: int, reason: str) -> Rejected:
    record = None if table.records is None else table.records[i]
    return Rejected(table.path.name, table.lines[i], table.smiles[i], reason, record)


def _reject_conflicts(found: Understood, members: list[int]) -> None:
    """Reject the rows of a compound that is active in some and inactive in others."""
    table = found.table
    lines = {state: [table.row(i) for i in members if found.active(i) is state] for state in (True, False)}
    if not (lines[True] and lines[False]):
        return
    words = {True: "active", False: "inactive"}
    for i in members:
        here = found.active(i)
        found.reasons[i] = (
            f"conflicting classes: {words[here]} here, but the same compound is {words[not here]} in"
            f" {_listed(table.word, lines[not here])}"
        )


def _reject_distant(found: Understood, members: list[int], scale: Scale) -> None:
    """Reject the rows of a compound whose values lie too far apart."""
    said = [found.position(i) for i in members]
    if max(said) - min(said) <= APART:
        return
    for i in members:
        others = [found.table.row(j) for j in members if j != i]
        found.reasons[i] = (
            f"conflicting values: the same compound has others in {_listed(found.table.word, others)}, and they span"
            f" more than {APART:.0%} of {scale.range}"
        )


def _listed(word: str, numbers: list[int]) -> str:
    more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    return f"{word}{'s' if len(numbers) > 1 else ''} " + ", ".join(map(str, numbers[:_SHOWN])) + more


def refuse_nothing(found: Understood) -> None:
    """Refuse a file without a usable row, for the commonest reason.

    Raises
    ------
    InputError
        Naming it, and how the file was read.
    """
    if not all(found.reasons):
        return
    table, rejected = found.table, found.rejected
    advice = f"{commonest(rejected)}."
    if "unreadable SMILES" in advice and table.smiles_column:
        advice += f" Is {table.smiles_column!r} the column of the structures? `smiles_column` names another."
    cautions = "".join(f" Caution: {caution}." for caution in found.outcomes.reading.cautions)
    raise InputError(
        f"{table.path} has no usable row: {table.n_rows} rows, rejected: {counts_by_reason(rejected)}",
        hint=f"{advice[0].upper()}{advice[1:]} It was read so: {found.outcomes.reading.understood}.{cautions}",
    )
