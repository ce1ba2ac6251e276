"""Private tables: compounds with their classes, each compound once."""

from __future__ import annotations

from pathlib import Path

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.outcomes import OutcomeColumns, classify
from fluidmol.chem.intake.parents import Standardised
from fluidmol.chem.intake.rejected import Rejected, counts_by_reason
from fluidmol.chem.intake.standardise import Progress, standardise
from fluidmol.chem.intake.table import Table
from fluidmol.chem.intake.tables import read_table
from fluidmol.errors import InputError
from fluidmol.values.compounds import CompoundSet

_SHOWN = 5


@attrs.frozen(eq=False)
class Labelled:
    """Compounds with their classes; it stays inside one company."""

    compounds: CompoundSet
    """Each compound once, by first appearance in the file; length n."""

    active: NDArray[np.bool_] = attrs.field(repr=False)
    """Class of each compound, (n,)."""

    rejected: tuple[Rejected, ...] = attrs.field(repr=False)
    """Rows that were left out, in the file's order."""

    n_rows: int
    """Rows in the file; ``n_rows == len(compounds) + n_merged + len(rejected)``."""

    n_merged: int
    """Rows merged into an earlier row of the same compound and class."""

    sha256: str
    """SHA-256 of the file."""

    outcome_column: str
    """Column that the classes were read from."""

    def __len__(self) -> int:
        return len(self.compounds)


def read_labelled(
    path: Path,
    wanted: OutcomeColumns,
    *,
    smiles_column: str | None = None,
    cache: StandardCache | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Labelled:
    r"""Read a table of compounds with a class or a measurement each.

    Rows are the same compound if their standardised structures have the same full InChIKey. Rows of one
    compound that agree in class are merged into the first. **If they disagree, the compound is left out**: each
    of its rows is rejected, naming the lines it conflicts with.

    Parameters
    ----------
    path : Path
        As for :func:`~fluidmol.chem.intake.tables.read_table`.
    wanted : OutcomeColumns
        Which column states the class, or holds values, as for :func:`~fluidmol.chem.intake.outcomes.classify`.
    smiles_column, cache, n_jobs, progress
        As for ``read_table`` and :func:`~fluidmol.chem.intake.standardise.standardise`.

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
    path = Path(path)
    table = read_table(path, smiles_column=smiles_column)
    if not table.n_rows:
        raise InputError(f"{path} has a header and no rows", hint="Expected one row a compound.")
    outcomes = classify(table, wanted)
    # A row without a class needs no structure: standardising is the slow part.
    rows = [i for i, (active, _) in enumerate(outcomes.verdicts) if active is not None]
    found = standardise([table.smiles[i] for i in rows], cache=cache, n_jobs=n_jobs, progress=progress)
    rejected = list(table.rejected)
    rejected += [_row(table, i, why) for i, (active, why) in enumerate(outcomes.verdicts) if active is None]
    groups: dict[str, list[int]] = {}
    structures: dict[int, Standardised] = {}
    for i, item in zip(rows, found, strict=True):
        if item.reason:
            rejected.append(_row(table, i, item.reason))
        else:
            structures[i] = item
            groups.setdefault(item.inchikey, []).append(i)
    classes = {i: bool(outcomes.verdicts[i][0]) for i in structures}
    firsts: list[int] = []
    for members in groups.values():
        conflicts = _conflicts(table, members, classes)
        rejected += conflicts
        if not conflicts:
            firsts.append(members[0])
    rejected.sort(key=lambda row: row.line)
    _refuse_nothing(path, len(firsts), table.n_rows, rejected)
    return Labelled(
        CompoundSet(tuple(structures[i].smiles for i in firsts), tuple(structures[i].inchikey for i in firsts)),
        np.array([classes[i] for i in firsts], dtype=np.bool_),
        tuple(rejected),
        table.n_rows,
        table.n_rows - len(firsts) - len(rejected),
        table.sha256,
        outcomes.column,
    )


def _row(table: Table, i: int, reason: str) -> Rejected:
    return Rejected(table.path.name, table.lines[i], table.smiles[i], reason)


def _conflicts(table: Table, members: list[int], classes: dict[int, bool]) -> list[Rejected]:
    """Reject the rows of a compound that is active in some and inactive in others."""
    by_class = {state: [table.lines[i] for i in members if classes[i] is state] for state in (True, False)}
    if not (by_class[True] and by_class[False]):
        return []
    words = {True: "active", False: "inactive"}
    return [
        _row(
            table,
            i,
            f"conflicting classes: {words[classes[i]]} here, but the same compound is"
            f" {words[not classes[i]]} in {_listed(by_class[not classes[i]])}",
        )
        for i in members
    ]


def _listed(lines: list[int]) -> str:
    more = f" and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return ("lines " if len(lines) > 1 else "line ") + ", ".join(map(str, lines[:_SHOWN])) + more


def _refuse_nothing(path: Path, usable: int, n_rows: int, rejected: list[Rejected]) -> None:
    if usable:
        return
    raise InputError(
        f"{path} has no usable row: {n_rows} rows, rejected: {counts_by_reason(rejected)}",
        hint=f"The first is line {rejected[0].line}: {rejected[0].reason}.",
    )
