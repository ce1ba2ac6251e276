"""Files, folders, globs and addresses to the files that are read."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import attrs

from fluidmol.errors import FluidError, InputError, MissingFileError, UnavailableError, UsageError

SUFFIXES = (
    ".smi", ".smiles", ".ism", ".can", ".csv", ".tsv", ".tab", ".txt", ".sdf", ".sd", ".mol", ".parquet", ".pq",
    ".xlsx",
)  # fmt: skip
"""Of files that are taken from folders; each may end in ``.gz`` as well."""

_PIECE = 1 << 22


@attrs.frozen
class PoolFile:
    """One file of a pool."""

    name: str
    """As it was given: a path or an address."""

    path: Path
    """Where it lies here."""


def expand(
    given: Sequence[str], downloads: Path, note: Callable[[str], None] = lambda _text: None
) -> tuple[PoolFile, ...]:
    r"""Find the files that are meant, each once, in the order in which they are named; those of a folder by name.

    Parameters
    ----------
    given : sequence of str
        Paths; folders, which are searched for files of known kinds (:data:`SUFFIXES`); patterns with ``*``, ``?`` or
        ``[``, where ``**`` stands for folders; addresses that ``fsspec`` opens, such as ``s3://bucket/pool/*.smi.gz``.
    downloads : Path
        Where copies of the files of addresses are put; made if it is needed.
    note : callable
        Called with what the user should know.

    Raises
    ------
    MissingFileError
        If a path isn't there, or a pattern or folder has no file.
    UsageError
        If an address has a password in it.
    UnavailableError
        If an address can't be opened.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("b.smi", "a.csv.gz", "notes.md"):
    ...         _ = Path(folder, name).write_text("CCO\n")
    ...     [file.path.name for file in expand([folder, f"{folder}/*.smi"], Path(folder, "copies"))]
    ['a.csv.gz', 'b.smi']
    """
    found: dict[str, PoolFile] = {}
    for text in given:
        files = _of_address(text, downloads, note) if "://" in text else _of_path(text)
        for file in files:
            found.setdefault(str(file.path.absolute()), file)
    if not found:
        raise InputError("no file of molecules is named", hint="Expected files, folders, patterns or addresses.")
    return tuple(found.values())


def is_known(name: str) -> bool:
    """Tell by a name whether it is a file of molecules.

    Examples
    --------
    >>> is_known("pool.SMI.gz"), is_known("README.md")
    (True, False)
    """
    return name.lower().removesuffix(".gz").endswith(SUFFIXES)


def _of_path(text: str) -> list[PoolFile]:
    path = Path(text)
    if path.is_dir():
        inside = sorted(file for file in path.rglob("*") if file.is_file() and is_known(file.name))
        if not inside:
            raise MissingFileError(f"{path} has no file of molecules", hint=f"Expected {', '.join(SUFFIXES)}.")
        return [PoolFile(str(file), file) for file in inside]
    if not path.exists() and glob.has_magic(text):
        matching = sorted(Path(name) for name in glob.glob(text, recursive=True))  # noqa: PTH207 - an absolute pattern
        files = [PoolFile(str(file), file) for file in matching if file.is_file()]
        if not files:
            raise MissingFileError(f"no file is like {text}", hint="Check the pattern.")
        return files
    if not path.exists():
        raise MissingFileError(f"{path} isn't there", hint="Check the path.")
    return [PoolFile(text, path)]


def _of_address(text: str, downloads: Path, note: Callable[[str], None]) -> list[PoolFile]:
    if urlsplit(text).password is not None:
        raise UsageError("the address has a password in it, which others could read off the command line",
                         hint="Leave it out; docs/stores.md says where it belongs.")  # fmt: skip
    try:
        import fsspec  # noqa: PLC0415 - an extra
    except ImportError as problem:
        raise UnavailableError(f"{text} can't be read: fsspec isn't installed",
                               hint="pip install 'fluidmol[stores]'") from problem  # fmt: skip
    try:
        system, place = fsspec.core.url_to_fs(text)
        names = _names(system, place)
        if not names:
            raise MissingFileError(f"no file is at {text}", hint="Check the address.")
        downloads.mkdir(parents=True, exist_ok=True)
        return [_copied(system, name, downloads, note) for name in names]
    except FluidError:
        raise
    except FileNotFoundError as problem:
        raise MissingFileError(f"{text} isn't there", hint="Check the address.") from problem
    # Each store's library raises its own errors.
    except Exception as problem:
        raise UnavailableError(f"{text} can't be read: {type(problem).__name__}: {problem}",
                               hint="Check address, network and rights: docs/stores.md.") from problem  # fmt: skip


def _names(system: Any, place: str) -> list[str]:
    if glob.has_magic(place):
        return sorted(name for name in system.glob(place) if system.isfile(name))
    if system.isdir(place):
        return sorted(name for name in system.find(place) if is_known(name))
    return [place] if system.exists(place) else []


def _copied(system: Any, name: str, downloads: Path, note: Callable[[str], None]) -> PoolFile:
    """Copy a file; one of the same size from an interrupted run is taken."""
    address = system.unstrip_protocol(name)
    here = downloads / f"{hashlib.sha256(address.encode()).hexdigest()[:16]}-{PurePosixPath(name).name}"
    if not here.exists() or here.stat().st_size != system.size(name):
        note(f"Copying {address}.")
        part = here.with_name(f".{here.name}")
        with system.open(name, "rb") as source, part.open("wb") as target:
            while piece := source.read(_PIECE):
                target.write(piece)
        part.replace(here)
    return PoolFile(address, here)
