"""Forms of a file of predictions: finished pieces, each rows of CSV, become one file, piece by piece."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from fluidmol.errors import UsageError

if TYPE_CHECKING:
    from rdkit.Chem import Mol

Join = Callable[[BinaryIO, Sequence[str], Iterable[Path]], None]
"""Writes a file, given open, from the names of the columns and the pieces."""

_NUMBERS = ("probability", "value", "lower", "upper", "own_similarity", "public_similarity")
_NUMBERS_OF_EVIDENCE = ("_similarity", "_label")


def form_of(out: Path) -> Join:
    """Choose how a file of predictions is written, by its ending.

    Raises
    ------
    UsageError
        If it ends otherwise.

    Examples
    --------
    >>> form_of(Path("predictions.SDF")).__name__
    'as_sdf'
    >>> form_of(Path("predictions.xlsx"))
    Traceback (most recent call last):
    fluidmol.errors.UsageError: predictions can't be written as 'predictions.xlsx'. Give `out` a name that ends with ...
    """
    try:
        return FORMS[out.suffix.lower()]
    except KeyError:
        *others, last = FORMS
        raise UsageError(
            f"predictions can't be written as {out.name!r}",
            hint=f"Give `out` a name that ends with {', '.join(others)} or {last}.",
        ) from None


def as_csv(target: BinaryIO, columns: Sequence[str], pieces: Iterable[Path]) -> None:
    """Write CSV: a line with the names of the columns, and a row a molecule."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(columns)
    target.write(line.getvalue().encode())
    for piece in pieces:
        target.write(piece.read_bytes())


def as_sdf(target: BinaryIO, columns: Sequence[str], pieces: Iterable[Path]) -> None:
    """Write SDF: a record a molecule, as it was asked about, with a plane drawing; what is empty isn't a field of it.

    The title is the molecule's id. What can't be read as a molecule is a record without atoms, whose ``problem`` says
    why, so that records are in the order of the file that was asked about.
    """
    from rdkit import rdBase  # noqa: PLC0415 - heavy, as are those below
    from rdkit.Chem import SDWriter  # noqa: PLC0415

    for piece in pieces:
        text = io.StringIO()
        with rdBase.BlockLogs(), SDWriter(text) as writer:
            writer.SetProps(list(columns))
            for row in _rows(piece):
                writer.write(_drawn(dict(zip(columns, row, strict=True))))
        target.write(text.getvalue().encode())


def as_parquet(target: BinaryIO, columns: Sequence[str], pieces: Iterable[Path]) -> None:
    """Write Parquet: numbers as 64-bit floats, all else as text; what is empty is null."""
    import pyarrow as pa  # noqa: PLC0415 - heavy, as is that below
    import pyarrow.parquet as pq  # noqa: PLC0415

    numbers = [_is_number(name) for name in columns]
    kinds = [pa.float64() if number else pa.string() for number in numbers]
    schema = pa.schema(list(zip(columns, kinds, strict=True)))
    with pq.ParquetWriter(target, schema) as writer:
        for piece in pieces:
            rows = list(_rows(piece))
            cells = [[row[place] or None for row in rows] for place in range(len(columns))]
            arrays = [
                pa.array([None if cell is None else float(cell) for cell in cells[place]] if number else cells[place],
                         kinds[place])
                for place, number in enumerate(numbers)
            ]  # fmt: skip
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


FORMS: dict[str, Join] = {".csv": as_csv, ".sdf": as_sdf, ".parquet": as_parquet}
"""By ending."""


def _drawn(cells: dict[str, str]) -> Mol:
    from rdkit.Chem import Mol, MolFromSmiles  # noqa: PLC0415 - heavy, as is that below
    from rdkit.Chem.rdDepictor import Compute2DCoords  # noqa: PLC0415

    read = MolFromSmiles(cells["smiles"]) if cells["smiles"] else None
    mol = Mol() if read is None else read
    if mol.GetNumAtoms():
        Compute2DCoords(mol)
    mol.SetProp("_Name", cells["id"])
    for name, cell in cells.items():
        if cell:
            mol.SetProp(name, cell)
    return mol


def _rows(piece: Path) -> Iterator[list[str]]:
    with piece.open(newline="", encoding="utf-8") as file:
        yield from csv.reader(file)


def _is_number(name: str) -> bool:
    return name in _NUMBERS or (name.startswith("evidence_") and name.endswith(_NUMBERS_OF_EVIDENCE))
