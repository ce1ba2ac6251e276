"""Molecules of a file a few at a time, however many there are: of all kinds that are read whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import attrs

from fluidmol.chem.intake.content import Content, scan
from fluidmol.chem.intake.formats import sdf
from fluidmol.chem.intake.formats.rows import Rows
from fluidmol.chem.intake.opening import open_rows
from fluidmol.chem.intake.table import find_column, plain_name
from fluidmol.errors import InputError

ID_NAMES = ("id", "name", "compound_id", "molecule_id", "compound", "title", "chembl_id", "molecule_chembl_id")
"""Usual names of the column that names a molecule, the likeliest first."""


@attrs.frozen
class MoleculeEntry:
    """One molecule of a file, nothing being known of its chemistry yet."""

    line: int
    """Line where it starts, or row of the sheet; the first is 1."""

    smiles: str
    """As it stands in the file, or made from the structure; empty if unreadable."""

    name: str
    """What the file calls it; may be empty."""

    problem: str = ""
    """Why it can't be used, if that is plain already."""


@attrs.frozen
class Survey:
    """What is known of a file after it was read once."""

    content: Content = attrs.field(repr=False)

    n_lines: int
    """Molecules, estimated: lines, rows, or records of an SDF; 0 if nothing tells."""

    @property
    def sha256(self) -> str:
        """Of the file as it lies on disk, 64 hexadecimal digits."""
        return self.content.sha256


def survey(path: Path, *, smiles_column: str | None = None, sheet: str | None = None) -> Survey:
    """Read a file once: its digest, its encoding, and about how many molecules it has.

    Raises
    ------
    FluidError
        As :func:`~fluidmol.chem.intake.tables.read_table`.
    """
    content = scan(Path(path))
    return Survey(content, open_rows(content, smiles_column, sheet).n_rows)


def entries(
    path: Path,
    *,
    smiles_column: str | None = None,
    id_column: str | None = None,
    sheet: str | None = None,
    seen: Survey | None = None,
) -> Iterator[MoleculeEntry]:
    r"""Give the molecules of a file one by one; nothing but the present one is kept in memory.

    The file is read several times: once to find out its encoding, and perhaps to find out how fields are quoted.

    Parameters
    ----------
    path : Path
        As for :func:`~fluidmol.chem.intake.tables.read_table`, which gives the same rows.
    smiles_column, id_column : str, optional
        Names of columns; found by usual names otherwise. An SDF's record has a title, and fields.
    sheet : str, optional
        Of an Excel file, as for ``read_table``.
    seen : Survey, optional
        What :func:`survey` found out about the file, which spares reading it once more.

    Raises
    ------
    FluidError
        As ``read_table``; also after some molecules, if the file isn't as it began.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "few.smi")
    ...     _ = file.write_text("CCO ethanol\nCCN\n")
    ...     [(entry.line, entry.smiles, entry.name) for entry in entries(file)]
    [(1, 'CCO', 'ethanol'), (2, 'CCN', '')]
    """
    content = seen.content if seen is not None else scan(Path(path))
    opened = open_rows(content, smiles_column, sheet)
    name = _name_column(content, opened, id_column)
    place = None
    for line, smiles, cells, problem in opened.rows:
        if place is None and name in opened.names:
            place = opened.names.index(name)
        called = cells[place].strip() if place is not None and place < len(cells) else ""
        yield MoleculeEntry(line, smiles.strip(), called, problem)


def chunks(found: Iterable[MoleculeEntry], size: int) -> Iterator[list[MoleculeEntry]]:
    """Give entries so many at a time.

    Examples
    --------
    >>> [len(chunk) for chunk in chunks([MoleculeEntry(1, "C", "")] * 5, 2)]
    [2, 2, 1]
    """
    rest = iter(found)
    while chunk := list(islice(rest, size)):
        yield chunk


def _name_column(content: Content, opened: Rows, asked: str | None) -> str | None:
    """Choose the column that names molecules; the empty name is an SDF's title."""
    is_sdf = opened.word == "record"
    if asked is not None:
        names = sdf.field_names(content) if is_sdf else opened.names
        if found := find_column(names, asked):
            return found
        raise InputError(f"{content.path} has no column {asked!r}", hint=f"Its columns are: {', '.join(names)}.")
    if is_sdf:
        return ""
    plain = {plain_name(name): name for name in reversed(opened.names) if name != opened.smiles_column}
    return next((plain[word] for word in ID_NAMES if word in plain), None)
