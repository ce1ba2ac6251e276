"""Public transfer sets: a random draw of usable molecules that no excluded set contains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

import attrs
import numpy as np

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.packed import is_packed, packed_table
from fluidmol.chem.intake.parents import Standardised
from fluidmol.chem.intake.rejected import Rejected, commonest, counts_by_reason
from fluidmol.chem.intake.standardise import Progress, standardise
from fluidmol.chem.intake.table import RawTable
from fluidmol.chem.intake.tables import read_table
from fluidmol.errors import InputError, UsageError
from fluidmol.values.compounds import CompoundSet

_SPARE = 1.02
"""How many more are standardised than are needed yet; a few are always rejected or excluded."""


@attrs.frozen(eq=False)
class Molecules:
    """Molecules without labels, and what became of the others that were looked at."""

    compounds: CompoundSet
    """The drawn molecules in the file's order, each connectivity (first block of the InChIKey) once."""

    rejected: tuple[Rejected, ...] = attrs.field(repr=False)
    """Unusable rows among those drawn, and all rows of a wrong shape, in the file's order."""

    removed: dict[str, int]
    """How many of those drawn were removed because they occur in each excluded set."""

    n_rows: int
    """Rows in the file."""

    n_drawn: int
    """Rows looked at; all of them if fewer molecules than asked for are usable."""

    n_merged: int
    """Rows among those drawn with the connectivity of one drawn before."""

    asked: int | None
    """How many molecules were asked for; None for all. Fewer may have been found."""

    sha256: str
    """SHA-256 of the file; of a transfer set of ours, its digest."""

    def __len__(self) -> int:
        return len(self.compounds)


@attrs.define
class _Draw:
    """Takes molecules one after another until there are enough."""

    table: RawTable
    asked: int | None
    exclude: Mapping[str, AbstractSet[str]]
    kept: dict[str, tuple[int, Standardised]] = attrs.Factory(dict)
    rejected: list[Rejected] = attrs.Factory(list)
    removed: dict[str, int] = attrs.Factory(dict)
    n_drawn: int = 0
    n_merged: int = 0

    @property
    def missing(self) -> int:
        return len(self.table.smiles) if self.asked is None else self.asked - len(self.kept)

    def take(self, row: int, item: Standardised) -> None:
        self.n_drawn += 1
        if item.reason:
            table = self.table
            record = None if table.records is None else table.records[row]
            self.rejected.append(Rejected(table.path.name, table.lines[row], table.smiles[row], item.reason, record))
            return
        skeleton = item.inchikey[:14]
        excluders = [name for name, skeletons in self.exclude.items() if skeleton in skeletons]
        for name in excluders:
            self.removed[name] += 1
        if skeleton in self.kept:
            self.n_merged += 1
        elif not excluders:
            self.kept[skeleton] = (row, item)


def read_molecules(
    path: Path,
    *,
    size: int | None = None,
    seed: int = 0,
    exclude: Mapping[str, AbstractSet[str]] | None = None,
    smiles_column: str | None = None,
    sheet: str | None = None,
    cache: StandardCache | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Molecules:
    r"""Read a transfer set, or draw one at random from a larger file.

    Rows are drawn without replacement in an order that the seed fixes. Each is standardised, left out if it is
    unusable, excluded, or has the connectivity of one drawn before, until ``size`` are found; no more are looked
    at, and the counts in the result are of those. The result depends on the file, size, seed and exclusions alone.

    Parameters
    ----------
    path : Path
        As for :func:`~fluidmol.chem.intake.tables.read_table`; or a transfer set of ours, see
        :mod:`fluidmol.chem.intake.packed`, whose structures are standardised as all others.
    size : int, optional
        How many molecules, 1 or more; all usable ones by default. If there are fewer, all are taken and the
        result's ``asked`` tells.
    seed : int
        Of the draw, 0 or larger.
    exclude : mapping of str to set of str, optional
        Name of a set to the first blocks (14 letters) of its InChIKeys: training and test sets.
    smiles_column, sheet, cache, n_jobs, progress
        As for ``read_table`` and :func:`~fluidmol.chem.intake.standardise.standardise`.

    Returns
    -------
    Molecules
        In the file's order.

    Raises
    ------
    MissingFileError, InputError
        If the file can't be used, or no molecule is left.
    UsageError
        If the size is smaller than 1.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "public.smi")
    ...     _ = file.write_text("CCO ethanol\nCCN ethylamine\nCCC propane\n")
    ...     drawn = read_molecules(file, size=2, exclude={"training": {"QUSNBJAOOMFDIB"}})
    >>> drawn.compounds.smiles, drawn.removed["training"] <= 1
    (('CCO', 'CCC'), True)
    """
    path = Path(path)
    if size is not None and size < 1:
        raise UsageError(f"a transfer set of {size} molecules is asked for", hint="Expected 1 or more.")
    table = packed_table(path) if is_packed(path) else read_table(path, smiles_column=smiles_column, sheet=sheet)
    exclude = exclude or {}
    draw = _Draw(table, size, exclude, rejected=list(table.rejected), removed=dict.fromkeys(exclude, 0))
    n = len(table.smiles)
    order = np.arange(n) if size is None else np.random.default_rng(seed).permutation(n)
    start = 0
    while start < n and draw.missing:
        rows = order[start : start + int(draw.missing * _SPARE) + 20].tolist()
        found = standardise(
            [table.smiles[i] for i in rows], cache=cache, n_jobs=n_jobs, progress=_shifted(progress, start)
        )
        for row, item in zip(rows, found, strict=True):
            if not draw.missing:
                break
            draw.take(row, item)
        start += len(rows)
    return _finished(draw)


def _shifted(progress: Progress | None, before: int) -> Progress | None:
    if progress is None:
        return None
    tell: Callable[[int, int], None] = progress
    return lambda done, total: tell(before + done, before + total)


def _cause(draw: _Draw) -> str:
    """Name what most rows suffer from; if it is all of them, the wrong column may have been read."""
    rejected, column = draw.rejected, draw.table.smiles_column
    if not rejected:
        return "Expected one molecule a row that isn't in the excluded sets."
    why = commonest(rejected)
    if all(row.kind == "unreadable SMILES" for row in rejected) and len(rejected) == draw.table.n_rows:
        where = f"Column {column!r}" if column else "The first word of each line"
        return f"{where} doesn't hold SMILES: {why}. Name the right one with `smiles_column`."
    return f"{why[0].upper()}{why[1:]}."


def _finished(draw: _Draw) -> Molecules:
    table = draw.table
    draw.rejected.sort(key=lambda row: row.line)
    if not draw.kept:
        removed = [f"in {name} ({n})" for name, n in draw.removed.items() if n]
        reasons = ", ".join(filter(None, [counts_by_reason(draw.rejected), *removed])) or "there is none"
        raise InputError(
            f"{table.path} has no usable molecule: {table.n_rows} rows, left out: {reasons}", hint=_cause(draw)
        )
    kept = sorted(draw.kept.values(), key=lambda pair: pair[0])
    return Molecules(
        CompoundSet(tuple(item.smiles for _, item in kept), tuple(item.inchikey for _, item in kept)),
        tuple(draw.rejected),
        draw.removed,
        table.n_rows,
        draw.n_drawn + len(table.rejected),
        draw.n_merged,
        draw.asked,
        table.sha256,
    )
