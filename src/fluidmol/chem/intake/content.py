"""The bytes of a file, unpacked, with what they turned out to be."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

import attrs

from fluidmol.errors import InputError, MissingFileError

_GZIP = b"\x1f\x8b"
_FOREIGN = {
    b"PK\x03\x04": "a zip archive or an Excel file",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"%PDF": "a PDF",
    b"BZh": "compressed by bzip2",
    b"\xfd7zXZ": "compressed by xz",
    b"(\xb5/\xfd": "compressed by Zstandard",
}


@attrs.frozen
class Content:
    """What is in a file."""

    data: bytes = attrs.field(repr=False)
    """The uncompressed bytes; at least one."""

    sha256: str
    """SHA-256 of the file as it lies on disk, 64 hexadecimal digits."""

    @property
    def is_parquet(self) -> bool:
        """Whether the bytes are marked as Parquet."""
        return self.data[:4] == b"PAR1"

    def text(self, path: Path) -> str:
        """Decode: UTF-8 (with or without a byte order mark), UTF-16 with one, or else Latin-1.

        Raises
        ------
        InputError
            If the content isn't text.
        """
        if self.data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            try:
                return self.data.decode("utf-16")
            except UnicodeDecodeError as problem:
                raise _not_text(path, "broken UTF-16 text") from problem
        if b"\0" in self.data[:4096]:
            raise _not_text(path, "binary")
        try:
            return self.data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return self.data.decode("latin-1")


def load(path: Path) -> Content:
    """Read a file whole; gzip is recognised by its first bytes, whatever the name says.

    Raises
    ------
    MissingFileError
        If it isn't there or can't be read.
    InputError
        If it is a folder, empty, a broken gzip file, or plainly of another kind.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder", hint="Expected a file: CSV, TSV, SMI, SDF or Parquet.")
    try:
        data = path.read_bytes()
    except FileNotFoundError as problem:
        raise MissingFileError(f"there is no file {path}", hint="Check the name and the folder.") from problem
    except OSError as problem:
        why = problem.strerror or str(problem)
        raise MissingFileError(f"{path} can't be read: {why}", hint="Check its permissions.") from problem
    sha256 = hashlib.sha256(data).hexdigest()
    if data[:2] == _GZIP:
        data = _unzip(data, path)
    # Browsers unpack a download and keep its name: tolerated when it is plain text.
    elif path.suffix.lower() == ".gz" and b"\0" in data[:4096]:
        raise InputError(f"{path} isn't a gzip file, though its name says so", hint="Fetch or pack it again.")
    if not data.strip():
        raise InputError(f"{path} is empty", hint="Expected a table with a SMILES column.")
    for magic, what in _FOREIGN.items():
        if data.startswith(magic):
            raise _not_text(path, what)
    return Content(data, sha256)


def _unzip(data: bytes, path: Path) -> bytes:
    try:
        return gzip.decompress(data)
    except (EOFError, OSError, zlib.error) as problem:
        raise InputError(
            f"{path} is a broken gzip file: {problem}", hint="It may be cut short: fetch or copy it again."
        ) from problem


def _not_text(path: Path, what: str) -> InputError:
    return InputError(f"{path} is {what}", hint="Save the table as CSV, TSV, SMI, SDF or Parquet, gzipped or not.")
