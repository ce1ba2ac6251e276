"""Public labelled tables, as a network of many endpoints learns from them; nothing is left out silently."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

import attrs
import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase

from fluidmol.chem.intake.standardise import standardise
from fluidmol.chem.intake.table import NoColumnError, RawTable, find_column
from fluidmol.chem.intake.tables import read_table
from fluidmol.chem.representation import Note
from fluidmol.errors import InputError
from fluidmol.parallel import on_backend
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.provenance import Source

FEWEST = 20
"""Fewest compounds of a table that is learnt from."""

OUTER = 0.01
"""Values beyond this quantile at either end count as the quantile."""

CHUNK = 2000
"""Structures that are looked at in one task."""

_KEY = re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]")


@attrs.frozen(eq=False)
class PublicTables:
    """Public compounds, and what each table says of them."""

    compounds: CompoundSet
    """Of all tables, each InChIKey once, as the first table that has it draws it."""

    values: NDArray[np.float32] = attrs.field(repr=False)
    """(n_compounds, n_tables): class (0 or 1) or standardised value; NaN where a table lacks the compound."""

    classes: NDArray[np.bool_]
    """Which tables hold classes, (n_tables,)."""

    sources: tuple[Source, ...] = attrs.field(repr=False)
    """The tables, with the compounds used of each."""


@attrs.frozen(eq=False)
class _Column:
    """What one table says."""

    source: Source
    is_class: bool
    known: Mapping[str, float]


def read_tables(paths: Sequence[Path], exclude: AbstractSet[str], note: Note) -> PublicTables:
    r"""Read public labelled tables.

    A table has structures, a column ``active`` (0 or 1) or else ``value`` (numbers, which are clipped at the outermost
    hundredths and standardised), and perhaps a column ``inchikey``. Structures with an InChIKey are taken as they
    stand; those of tables without are standardised. Rows that can't be used are left out and counted by reason; a table
    with fewer than 20 usable compounds or with one value only is left out as a whole.

    Parameters
    ----------
    paths : sequence of Path
        As for :func:`fluidmol.chem.intake.tables.read_table`. They are read in the order of their names.
    exclude : set of str
        Skeletons that are left out.
    note : callable
        Is told about each table: how many compounds are used, and what is left out and why.

    Raises
    ------
    MissingFileError, InputError
        If a file can't be read, two are of one name, or no table is usable.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "toy.csv")
    ...     text = "smiles,active\n" + "".join(f"C{'C' * i}O,{i % 2}\n" for i in range(20)) + "C1CC,1\n"
    ...     _ = file.write_text(text)
    ...     found = read_tables([file], frozenset(), print)
    toy.csv: 20 compounds with classes; left out: unreadable SMILES (1)
    20 public compounds of 1 tables
    >>> found.values.shape, found.sources[0].used
    ((20, 1), 20)
    """
    ordered = sorted(paths, key=lambda path: path.name)
    names = [path.name for path in ordered]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"several tables are called {twice[0]}", hint="Rename one: tables are known by their names.")
    smiles: dict[str, str] = {}
    columns = [found for path in ordered if (found := _read(path, exclude, smiles, note)) is not None]
    if not columns:
        raise InputError(f"none of {len(paths)} public tables can be used", hint="See why above.")
    place = {key: i for i, key in enumerate(dict.fromkeys(key for column in columns for key in column.known))}
    values = np.full((len(place), len(columns)), np.nan, dtype=np.float32)
    for i, column in enumerate(columns):
        known = np.array(list(column.known.values()))
        values[[place[key] for key in column.known], i] = known if column.is_class else _standardised(known)
    compounds = CompoundSet(tuple(smiles[key] for key in place), tuple(place))
    note(f"{len(compounds):,} public compounds of {len(columns)} tables")
    return PublicTables(
        compounds, values, np.array([column.is_class for column in columns]), tuple(column.source for column in columns)
    )


def _standardised(known: NDArray[np.float64]) -> NDArray[np.float64]:
    clipped = np.clip(known, *np.quantile(known, [OUTER, 1 - OUTER]))
    return np.asarray((clipped - clipped.mean()) / max(clipped.std(), 1e-9))


def _read(path: Path, exclude: AbstractSet[str], smiles: dict[str, str], note: Note) -> _Column | None:
    """Read one table; new structures are added to ``smiles``. None, after saying why, if it can't be used."""
    try:
        table = read_table(path)
    except NoColumnError as problem:
        note(f"{path.name}: left out, {problem.message}")
        return None
    name = next((found for word in ("active", "value") if (found := find_column([*table.columns], word))), None)
    if name is None:
        note(f"{path.name}: left out, it has neither a column active nor a column value")
        return None
    is_class = name.lower() == "active"
    left_out = Counter(row.kind for row in table.rejected)
    known = _known(table, name, is_class, exclude, smiles, left_out)
    reason = ""
    if len(known) < FEWEST:
        reason = f"{len(known)} usable compounds: expected {FEWEST} or more"
    elif len(set(known.values())) < 2:
        reason = "all of its usable compounds have one value"
    counted = ", ".join(f"{kind} ({n:,})" for kind, n in left_out.most_common())
    why = f"; left out: {counted}" if counted else ""
    if reason:
        note(f"{path.name}: left out, {reason}{why}")
        return None
    note(f"{path.name}: {len(known):,} compounds with {'classes' if is_class else 'values'}{why}")
    return _Column(Source(path.name, f"sha256:{table.sha256}", len(known)), is_class, known)


def _known(
    table: RawTable,
    name: str,
    is_class: bool,
    exclude: AbstractSet[str],
    smiles: dict[str, str],
    left_out: Counter[str],
) -> dict[str, float]:
    """Collect the usable rows' values by InChIKey, and count the others by reason."""
    found: dict[str, list[float]] = {}
    for (key, drawn, problem), text in zip(_structures(table, smiles), table.columns[name], strict=True):
        number, reason = _number(text, is_class)
        reason = problem or reason
        if not reason and key[:14] in exclude:
            reason = "excluded skeleton"
        if reason:
            left_out[reason] += 1
            continue
        smiles.setdefault(key, drawn)
        found.setdefault(key, []).append(number)
    known = {}
    for key, numbers in found.items():
        if is_class and len(set(numbers)) > 1:
            left_out["rows that contradict each other"] += len(numbers)
            continue
        if len(numbers) > 1:
            left_out["repeated rows, merged"] += len(numbers) - 1
        known[key] = math.fsum(numbers) / len(numbers)
    return known


def _number(text: str, is_class: bool) -> tuple[float, str]:
    if text.strip().lower() in ("", "nan", "na", "none"):
        return 0.0, "no value"
    try:
        number = float(text)
    except ValueError:
        return 0.0, "value that is no number"
    if not math.isfinite(number):
        return 0.0, "value that is no number"
    return number, "class that isn't 0 or 1" if is_class and number not in (0, 1) else ""


def _structures(table: RawTable, smiles: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """List InChIKey, SMILES and problem of each row."""
    column = find_column([*table.columns], "inchikey")
    if column is None:
        return [(item.inchikey, item.smiles, item.reason.partition(":")[0]) for item in standardise(table.smiles)]
    keys = [key.strip() for key in table.columns[column]]
    # Who was read in another table was readable there.
    new = sorted({text for key, text in zip(keys, table.smiles, strict=True) if smiles.get(key) != text})
    pieces = [new[start : start + CHUNK] for start in range(0, len(new), CHUNK)]
    bad = {text for found in on_backend(_unreadable, ((piece,) for piece in pieces)) for text in found}
    rows = []
    for key, text in zip(keys, table.smiles, strict=True):
        problem = "" if _KEY.fullmatch(key) else "malformed InChIKey"
        rows.append((key, text, "unreadable SMILES" if text in bad else problem))
    return rows


def _unreadable(smiles: Sequence[str]) -> list[str]:
    with rdBase.BlockLogs():
        return [text for text in smiles if not text or Chem.MolFromSmiles(text) is None]
