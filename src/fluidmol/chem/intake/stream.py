"""Molecules of a file a few at a time, however many there are: CSV, TSV, SMI and SDF, gzipped or not."""

from __future__ import annotations

import csv
import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

import attrs
from rdkit import rdBase

from fluidmol.chem.intake.delimited import delimiter_of
from fluidmol.chem.intake.sdf import _records, _smiles_of, _split
from fluidmol.chem.intake.smi import is_header, starts_with_smiles
from fluidmol.chem.intake.table import SMILES_NAMES, find_column, plain_name, smiles_name
from fluidmol.errors import InputError, MissingFileError

ID_NAMES = ("id", "name", "compound_id", "molecule_id", "compound", "title", "chembl_id", "molecule_chembl_id")
"""Usual names of the column that names a molecule, the likeliest first."""

_HEAD = 200_000
_PIECE = 1 << 20


@attrs.frozen
class Entry:
    """One molecule of a file, nothing being known of its chemistry yet."""

    line: int
    """Line where it starts; the first is 1."""

    smiles: str
    """As it stands in the file, or made from the structure; empty if unreadable."""

    name: str
    """What the file calls it; may be empty."""

    problem: str = ""
    """Why it can't be used, if that is plain already."""


@attrs.frozen
class Survey:
    """What is known of a file after it was read once."""

    sha256: str
    """Of the file as it lies on disk, 64 hexadecimal digits."""

    n_lines: int
    """Molecules, estimated: lines, or records of an SDF."""


def survey(path: Path) -> Survey:
    """Read a file once: its digest, and about how many molecules it has.

    Raises
    ------
    MissingFileError, InputError
        If it can't be read.
    """
    state = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                state.update(piece)
    except OSError as problem:
        raise MissingFileError(f"{path} can't be read: {problem.strerror}", hint="Check path and rights.") from problem
    mark = b"$$$$" if _kind(path, None) is _sdf else b"\n"
    with _opened(path) as raw, _broken(path):
        return Survey(state.hexdigest(), sum(1 for line in raw if mark in line))


def entries(path: Path, *, smiles_column: str | None = None, id_column: str | None = None) -> Iterator[Entry]:
    r"""Give the molecules of a file one by one; nothing but the present one is kept in memory.

    Parameters
    ----------
    path : Path
        CSV or TSV with a header, SMI, or SDF, each gzipped or not, in UTF-8.
    smiles_column, id_column : str, optional
        Names of columns; found by usual names otherwise. An SDF's record has a title, and fields.

    Raises
    ------
    MissingFileError, InputError
        If the file can't be read, is empty, is of another kind, or lacks a column.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "few.smi")
    ...     _ = file.write_text("CCO ethanol\nCCN\n")
    ...     [(entry.line, entry.smiles, entry.name) for entry in entries(file)]
    [(1, 'CCO', 'ethanol'), (2, 'CCN', '')]
    """
    read = _kind(path, smiles_column)
    with _opened(path) as raw, _broken(path):
        yield from read(path, _text(raw), smiles_column, id_column)


def chunks(found: Iterable[Entry], size: int) -> Iterator[list[Entry]]:
    """Give entries so many at a time.

    Examples
    --------
    >>> [len(chunk) for chunk in chunks([Entry(1, "C", "")] * 5, 2)]
    [2, 2, 1]
    """
    rest = iter(found)
    while chunk := list(islice(rest, size)):
        yield chunk


_Reader = Callable[[Path, Iterator[str], str | None, str | None], Iterator[Entry]]


def _kind(path: Path, asked: str | None) -> _Reader:
    with _opened(path) as raw, _broken(path):
        head = raw.read(_HEAD)
    if not head.strip():
        raise InputError(f"{path} is empty", hint="Expected molecules: CSV, TSV, SMI or SDF.")
    if head[:4] == b"PAR1" or b"\0" in head[:4096]:
        raise InputError(f"{path} isn't text", hint="Expected CSV, TSV, SMI or SDF in UTF-8, gzipped or not.")
    text = head.decode("utf-8-sig", errors="replace")
    if any(line.startswith(("M  END", "$$$$")) for line in text.splitlines()):
        return _sdf
    first = text.lstrip().splitlines()[0]
    cells = [plain_name(cell.strip('"')) for cell in first.split(delimiter_of(first))]
    suffixes = {suffix.lower() for suffix in path.suffixes}
    tabular = asked is not None or suffixes & {".csv", ".tsv", ".tab"}
    if tabular or (len(cells) > 1 and set(cells) & set(SMILES_NAMES)):
        return _delimited
    if suffixes & {".smi", ".smiles", ".ism", ".can"} or starts_with_smiles(first) or is_header(first):
        return _smi
    return _delimited


def _smi(_path: Path, lines: Iterator[str], _smiles: str | None, _id: str | None) -> Iterator[Entry]:
    first = True
    for number, line in enumerate(lines, start=1):
        words = line.split(None, 1)
        if not words or words[0] == "#":
            continue
        if first and is_header(line):
            first = False
            continue
        first = False
        yield Entry(number, words[0], words[1].strip() if len(words) > 1 else "")


def _delimited(path: Path, lines: Iterator[str], smiles: str | None, name: str | None) -> Iterator[Entry]:
    first = next(line for line in lines if line.strip())
    header = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter_of(first)))]
    at = header.index(smiles_name(path, header, smiles))
    named = _name_place(path, header, name)
    reader = csv.reader(lines, delimiter=delimiter_of(first), strict=True)
    start = 2
    for row in reader:
        if any(row):
            called = row[named].strip() if named is not None and named < len(row) else ""
            text = row[at].strip() if at < len(row) else ""
            wrong = f"wrong number of fields: {len(row)}, expected {len(header)} as in the header"
            yield Entry(start, text, called, "" if len(row) == len(header) else wrong)
        start = reader.line_num + 2


def _name_place(path: Path, header: list[str], asked: str | None) -> int | None:
    for word in (asked,) if asked is not None else ID_NAMES:
        found = find_column(header, word)
        if found is not None:
            return header.index(found)
    if asked is not None:
        raise InputError(f"{path} has no column {asked!r}", hint=f"Its columns are: {', '.join(header)}.")
    return None


def _sdf(_path: Path, lines: Iterator[str], smiles: str | None, name: str | None) -> Iterator[Entry]:
    record: list[str] = []
    start = 1
    for number, line in enumerate(lines, start=1):
        record.append(line)
        if line.startswith("$$$$"):
            yield from _record(record, start, smiles, name)
            record, start = [], number + 1
    yield from _record(record, start, smiles, name)


def _record(lines: list[str], start: int, smiles: str | None, name: str | None) -> Iterator[Entry]:
    for _, record in _records("".join(lines)):
        block, fields = _split(record)
        title = record[0].strip() if record else ""
        called = fields.get(name, "") if name is not None else title
        with rdBase.BlockLogs():
            found = fields.get(smiles, "") if smiles is not None else _smiles_of(block)
        yield Entry(start, found or "", called, "" if found is not None else "unreadable mol block")


def _text(raw: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(raw):
        # A byte that is no UTF-8 spoils its own molecule or name, not the file.
        yield line.decode("utf-8-sig" if not number else "utf-8", errors="replace")


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    if path.is_dir():
        raise InputError(f"{path} is a folder", hint="Expected a file: CSV, TSV, SMI or SDF.")
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if packed else path.open("rb") as found:
            yield found  # type: ignore[misc]
    except FileNotFoundError as problem:
        raise MissingFileError(f"there is no file {path}", hint="Check the name and the folder.") from problem
    except PermissionError as problem:
        raise MissingFileError(f"{path} can't be read: {problem.strerror}", hint="Check its permissions.") from problem


@contextmanager
def _broken(path: Path) -> Iterator[None]:
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as problem:
        raise InputError(
            f"{path} is a broken gzip file: {problem}", hint="It may be cut short: fetch it again."
        ) from problem
    except csv.Error as problem:
        raise InputError(f"{path}: {problem}", hint="A quotation mark may be missing or unmatched.") from problem
