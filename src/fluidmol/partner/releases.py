"""Releases in a folder, and whether the ledger knows of each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

import attrs

from fluidmol.errors import CodecError, MissingFileError
from fluidmol.trust.sealing import is_sealed
from fluidmol.trust.signed import MEMBER
from fluidmol.values.annotations import Annotations
from fluidmol.values.codec import LARGEST, unpack
from fluidmol.values.messages import Declined, Scorecard

_NAMED = re.compile(r"(?P<partner>.+)-(?P<digits>[0-9a-f]{12})\.fluid\.age")

_LABELS = re.compile(
    r"(.*/)?(requests/2-learn-[0-9a-f]{12}|outcome/labels|quarantine/[0-9a-f]{8}-(2-learn-[0-9a-f]{12}|labels))\.fluid\.age"
)
"""Labels, which are the coordinator's: they lie sealed in a place, as replies do."""


@attrs.frozen
class FoundRelease:
    """A release that was found, or what seems to be one."""

    path: Path
    """The file."""

    digest: str
    """Digest of its content, or the first digits of it that its name states; empty if neither can be had."""

    partner: str
    """In whose name it speaks; empty if that can't be had."""

    noted: bool
    """Whether an entry names it."""

    remark: str
    """Why it couldn't be read, or that only its name was looked at; empty otherwise."""


def releases(folder: Path, noted: Collection[str]) -> Iterator[FoundRelease]:
    """Look at each ``.fluid`` and ``.fluid.age`` file of a folder and those below that holds a reply, by name.

    Sealed files can't be opened: they are known by the twelve digits in their names, and labels by where they lie.

    Parameters
    ----------
    folder : Path
    noted : collection of str
        Digests in the ledger.

    Raises
    ------
    MissingFileError
        If there is no such folder.
    """
    if not folder.is_dir():
        raise MissingFileError(f"{folder} is no folder", hint="Give the folder that releases are in.")
    for path in sorted(folder.rglob("*")):
        if path.name.endswith((".fluid", ".fluid.age")) and path.is_file() and not path.is_symlink():
            found = _found(path, noted)
            if found is not None:
                yield found


def _found(path: Path, noted: Collection[str]) -> FoundRelease | None:
    try:
        with path.open("rb") as file:
            head = file.read(64)
            if is_sealed(head):
                return None if _LABELS.fullmatch(path.as_posix()) else _sealed(path, noted)
            if path.stat().st_size > LARGEST:
                return FoundRelease(path, "", "", False, f"more than {LARGEST} bytes")
            value = unpack(head + file.read(), beside=(MEMBER,))
    except OSError as problem:
        return FoundRelease(path, "", "", False, f"can't be read: {problem.strerror}")
    except CodecError as problem:
        return FoundRelease(path, "", "", False, f"can't be read: {problem.message}")
    if not isinstance(value, Annotations | Scorecard | Declined):
        return None  # a question, labels, molecules: nothing that a partner releases
    return FoundRelease(path, value.digest, value.partner, value.digest in noted, "")


def _sealed(path: Path, noted: Collection[str]) -> FoundRelease:
    named = _NAMED.fullmatch(path.name)
    if named is None:
        return FoundRelease(path, "", "", False, "sealed, and its name doesn't say what is in it")
    known = any(digest.removeprefix("sha256:").startswith(named["digits"]) for digest in noted)
    return FoundRelease(path, f"sha256:{named['digits']}...", named["partner"], known, "sealed: known by its name only")
