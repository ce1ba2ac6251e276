"""Download a file so that it is whole, the right one, and never fetched twice.

What has come so far is kept as ``NAME.part``, and a later run goes on from there where the server still has the same
file. The finished file's SHA-256 is kept beside it as ``NAME.sha256``.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import attrs

from fluidmol.errors import InputError
from fluidmol.studies.resume import PartialFile, Progress, go_on, unwritable
from fluidmol.studies.web import Patience, persist
from fluidmol.values.files import write_whole


@attrs.frozen
class Fetched:
    """A file that is there, whole."""

    path: Path
    """Where it is."""

    sha256: str
    """Its SHA-256, 64 hexadecimal digits."""

    new: bool
    """Whether it was fetched just now."""

    checked: bool
    """Whether its hash was known before (from the manifest or an earlier fetch) and is the same."""


def download(
    url: str,
    target: Path,
    sha256: str = "",
    progress: Progress | None = None,
    patience: Patience | None = None,
) -> Fetched:
    """Fetch one file, unless it is there.

    Parameters
    ----------
    url : str
        Where it is, http or https.
    target : Path
        Where it goes; its folder is made.
    sha256 : str, optional
        What its hash must be. Where empty, the hash recorded by an earlier fetch counts, if there is one.
    progress : callable, optional
        Called with the file's name, and the bytes that are there and that there will be.
    patience : Patience, optional
        How long to wait, and how often to try again.

    Returns
    -------
    Fetched
        Its path and its hash.

    Raises
    ------
    UnavailableError
        If the network or the server fails; what has come so far is kept.
    InputError
        If the file isn't the expected one; what was fetched is deleted, a file that was there is left alone.
    OutputError
        If the folder can't be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            return already_there(target, sha256)
        part = PartialFile(url, target, progress)
        waits = patience or Patience()
        persist(url, lambda: go_on(part, waits.timeout), waits, by_hand(target))
        part.note.unlink(missing_ok=True)
        return keep(part.file, target, url, sha256)
    except OSError as problem:
        raise unwritable(target, problem) from problem


def already_there(target: Path, sha256: str = "") -> Fetched:
    """Check a file that was fetched before, or put there by hand.

    Raises
    ------
    InputError
        If it isn't the expected one.
    """
    expected, found = sha256 or _recorded(target), _digest(target)
    if expected and found != expected:
        raise InputError(
            f"{target} has SHA-256 {found}, expected {expected}",
            hint="It was changed or replaced. Move it away, then fetch it again.",
        )
    if not expected:
        _record(target, found)
    return Fetched(target, found, new=False, checked=bool(expected))


def keep(part: Path, target: Path, url: str, sha256: str = "") -> Fetched:
    """Give a finished file its name, if it is the expected one; delete it otherwise.

    Raises
    ------
    InputError
        If its hash isn't the expected one.
    """
    expected, found = sha256 or _recorded(target), _digest(part)
    if expected and found != expected:
        part.unlink()
        where = "" if sha256 else f" If the source has a new version that you want, delete {_record_of(target)}."
        raise InputError(
            f"{url} has SHA-256 {found}, expected {expected}; it was deleted",
            hint=f"The file changed at its source, or on the way. Try again later, or from another network.{where}",
        )
    part.replace(target)
    _record(target, found)
    return Fetched(target, found, new=True, checked=bool(expected))


def by_hand(target: Path) -> str:
    """Say what people can do where there is no network."""
    return (
        f"The file goes to {target}. Run the same command again to go on, or download the file by hand on another "
        f"machine and put it there."
    )


def _record_of(target: Path) -> Path:
    return target.with_name(target.name + ".sha256")


def _recorded(target: Path) -> str:
    try:
        text = _record_of(target).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    stated = re.match(r"[0-9a-f]{64}\b", text)
    return stated[0] if stated else ""


def _record(target: Path, sha256: str) -> None:
    # The form that `sha256sum --check` reads.
    write_whole(_record_of(target), f"{sha256}  {target.name}\n")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
