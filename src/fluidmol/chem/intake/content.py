"""The bytes of a file, unpacked, with what one pass over them tells."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

import attrs

from fluidmol.chem.intake.formats.encoding import EncodingGuess
from fluidmol.errors import InputError, MissingFileError

KINDS = "CSV, TSV, SMI, SDF, Excel (.xlsx) or Parquet"
"""What is read, in words."""

HEAD = 200_000
"""Bytes from which the kind of a file is told."""

_PIECE = 1 << 18
_GZIP = b"\x1f\x8b"
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FOREIGN = {
    _OLE: "an old Excel or Word file",
    b"%PDF": "a PDF",
    b"BZh": "compressed by bzip2",
    b"\xfd7zXZ": "compressed by xz",
    b"(\xb5/\xfd": "compressed by Zstandard",
}


@attrs.frozen
class Content:
    """What is in a file; it can be read as often as is needed."""

    path: Path

    sha256: str
    """SHA-256 of the file as it lies on disk, 64 hexadecimal digits."""

    head: bytes = attrs.field(repr=False)
    """The first uncompressed bytes, up to :data:`HEAD`."""

    encoding: str
    """Of its text; empty if it isn't text."""

    has_quotes: bool
    """Whether there is a quotation mark anywhere."""

    n_lines: int
    """Line ends, or about as many; counted only where the bytes aren't kept."""

    n_records: int
    """Ends of records of an SDF, likewise."""

    packed: bool
    """Whether it is compressed by gzip."""

    data: bytes | None = attrs.field(default=None, repr=False)
    """All uncompressed bytes, where they are kept in memory."""

    @property
    def is_parquet(self) -> bool:
        """Whether the bytes are marked as Parquet."""
        return self.head[:4] == b"PAR1"

    @property
    def is_zip(self) -> bool:
        """Whether the bytes are marked as a zip archive, as those of an Excel file are."""
        return self.head[:4] == b"PK\x03\x04"

    def binary(self) -> BinaryIO:
        """Open the uncompressed bytes; any place can be sought."""
        with _readable(self.path):
            stream = self._stream()
            if self.data is not None or not self.packed:
                return stream
            with stream:  # to seek in it would be to unpack it again and again
                return io.BytesIO(stream.read())

    @contextmanager
    def lines(self) -> Iterator[TextIO]:
        r"""Open the text, to be read line by line; ``\n``, ``\r\n`` and ``\r`` end a line and are kept.

        Raises
        ------
        InputError
            If the content isn't text, or is broken UTF-16.
        """
        if not self.encoding:
            raise _not_text(self.path, "binary: it isn't text")
        # A mark says that it is UTF-8: a byte that isn't spoils its own cell, not the file.
        errors = "replace" if self.encoding == "utf-8-sig" else "strict"
        with _readable(self.path), io.TextIOWrapper(self._stream(), self.encoding, errors, newline="") as text:
            try:
                yield text
            except UnicodeDecodeError as problem:
                raise _not_text(self.path, "broken UTF-16 text") from problem

    def _stream(self) -> BinaryIO:
        if self.data is not None:
            return io.BytesIO(self.data)
        return cast(BinaryIO, gzip.open(self.path, "rb")) if self.packed else self.path.open("rb")

    def text(self, _path: Path | None = None) -> str:
        """Read the text whole."""
        with self.lines() as file:
            return file.read()

    def first_text(self) -> str:
        """Decode the head; empty if the content isn't text."""
        return self.head.decode(self.encoding, errors="ignore") if self.encoding else ""


def load(path: Path) -> Content:
    """Read a file whole; gzip is recognised by its first bytes, whatever the name says.

    Raises
    ------
    MissingFileError
        If it isn't there or can't be read.
    InputError
        If it is a folder, empty, a broken gzip file, or plainly of another kind.
    """
    with _readable(path):
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        packed = data[:2] == _GZIP
        if packed:
            data = gzip.decompress(data)
        return _seen(path, digest, iter((data,)), data, packed=packed)


def scan(path: Path) -> Content:
    """Read a file once, a piece at a time, and keep nothing of it; otherwise as :func:`load`.

    Raises
    ------
    MissingFileError, InputError
        As :func:`load`.
    """
    state = hashlib.sha256()
    with _readable(path):
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
            file.seek(0)
            while piece := file.read(_PIECE):
                state.update(piece)
        with gzip.open(path, "rb") if packed else path.open("rb") as raw:
            return _seen(path, state.hexdigest(), iter(lambda: raw.read(_PIECE), b""), None, packed=packed)


def _seen(path: Path, sha256: str, pieces: Iterator[bytes], data: bytes | None, *, packed: bool) -> Content:
    head = next(pieces, b"")
    _refuse_foreign(path, head, packed=packed)
    guess = EncodingGuess()
    ends = {b"\n": 0, b"\r": 0, b"$$$$": 0}
    has_quotes = False
    blank = True
    piece = head
    while piece:
        guess.feed(piece)
        blank = blank and not piece.strip()
        has_quotes = has_quotes or b'"' in piece
        for mark in ends if data is None else ():  # to say how many rows there are before they are read
            ends[mark] += piece.count(mark)
        piece = next(pieces, b"")
    if blank:
        raise InputError(f"{path} is empty", hint="Expected a table with a SMILES column.")
    n_lines = ends[b"\n"] or ends[b"\r"]
    return Content(path, sha256, head[:HEAD], guess.name, has_quotes, n_lines, ends[b"$$$$"], packed, data)


def _refuse_foreign(path: Path, head: bytes, *, packed: bool) -> None:
    # Browsers unpack a download and keep its name: tolerated when it is plain text.
    if path.suffix.lower() == ".gz" and not packed and b"\0" in head[:4096]:
        raise InputError(f"{path} isn't a gzip file, though its name says so", hint="Fetch or pack it again.")
    if head.startswith(_OLE) and _is_encrypted(path, head):
        raise InputError(
            f"{path} is an Excel file that a password protects", hint="Save it without a password, or as CSV."
        )
    for magic, what in _FOREIGN.items():
        if head.startswith(magic):
            raise _not_text(path, what)


def _is_encrypted(path: Path, head: bytes) -> bool:
    """Whether an OLE container is an encrypted workbook: its directory, which may lie at its end, names the package."""
    return _ENCRYPTED in head or _ENCRYPTED in path.read_bytes()


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    if path.is_dir():
        raise InputError(f"{path} is a folder", hint=f"Expected a file: {KINDS}.")
    try:
        yield
    except FileNotFoundError as problem:
        raise MissingFileError(f"there is no file {path}", hint="Check the name and the folder.") from problem
    except (EOFError, gzip.BadGzipFile, zlib.error) as problem:
        raise InputError(
            f"{path} is a broken gzip file: {problem}", hint="It may be cut short: fetch or copy it again."
        ) from problem
    except OSError as problem:
        why = problem.strerror or str(problem)
        raise MissingFileError(f"{path} can't be read: {why}", hint="Check its permissions.") from problem


def _not_text(path: Path, what: str) -> InputError:
    return InputError(f"{path} is {what}", hint=f"Save the table as {KINDS}, gzipped or not.")
