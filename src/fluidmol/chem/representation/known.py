"""Where representations are found by their digest: in this process, or in a folder beside the other caches."""

from __future__ import annotations

import re
from collections import OrderedDict
from pathlib import Path
from threading import RLock

from fluidmol.errors import CharterError, FluidError, InputError, MissingFileError, OutputError
from fluidmol.values.arrays import DIGEST
from fluidmol.values.codec import pack, read_value
from fluidmol.values.files import write_whole
from fluidmol.values.places import cache_folder
from fluidmol.values.representation import Representation

MOST = 4
"""Representations that are remembered in a process."""

LARGEST = 1 << 27
"""Most bytes of a file that is read, and of its table when unpacked."""

_known: OrderedDict[str, Representation] = OrderedDict()
_lock = RLock()


def folder() -> Path:
    """Return the folder of kept representations; it may not be there yet."""
    return cache_folder() / "representations"


def remember(representation: Representation) -> None:
    """Make a representation known in this process; of many, the last are remembered."""
    with _lock:
        _known[representation.digest] = representation
        _known.move_to_end(representation.digest)
        while len(_known) > MOST:
            _known.popitem(last=False)


def forget() -> None:
    """Forget the representations of this process; what is kept in the folder stays there."""
    with _lock:
        _known.clear()


def keep(representation: Representation) -> Path:
    """Make a representation known here, in other processes, and in later commands; gives the file's path back.

    Raises
    ------
    OutputError
        If the folder can't be written.
    """
    remember(representation)
    path = _place(representation.digest)
    try:
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, pack(representation))
    except OSError as problem:
        raise OutputError(
            f"{path} can't be written: {problem.strerror}", hint="FLUID_CACHE names another folder for caches."
        ) from problem
    return path


def find(digest: str) -> Representation:
    """Look up the representation of a digest.

    Raises
    ------
    CharterError
        If the digest is empty, or none.
    MissingFileError
        If it is neither remembered nor kept.
    InputError
        If what is kept under its name is damaged, or another one.

    Examples
    --------
    >>> find("")
    Traceback (most recent call last):
    fluidmol.errors.CharterError: the featuriser directions names no representation yet. Make one with: fluid ...
    """
    if not digest:
        raise CharterError(
            "the featuriser directions names no representation yet",
            hint="Make one with: fluid representation build, and set featuriser.digest to its digest.",
        )
    if not re.fullmatch(DIGEST, digest):
        raise CharterError(f"the featuriser directions names {digest[:80]!r}", hint="Expected sha256: and 64 digits.")
    with _lock:
        if digest not in _known:
            remember(_read(_place(digest), digest))
        _known.move_to_end(digest)
        return _known[digest]


def _read(path: Path, digest: str) -> Representation:
    if not path.is_file():
        raise MissingFileError(
            f"the representation {digest} isn't known on this machine",
            hint="Make it from the files it names with: fluid representation build; or get its file,"
            " representation.fluid, from the coordinator, and show it once with: fluid representation show FILE.",
        )
    try:
        found = read_value(path, Representation, LARGEST)
    except FluidError as problem:
        raise InputError(f"{path} is damaged: {problem.message}", hint="Delete it, then get it again.") from problem
    if found.digest != digest:
        raise InputError(f"{path} holds another representation, {found.digest}", hint="Delete it.")
    return found


def _place(digest: str) -> Path:
    return folder() / f"{digest.removeprefix('sha256:')}.fluid"
