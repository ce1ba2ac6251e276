"""Go on with a file that came only in part."""

from __future__ import annotations

import http.client
import json
import re
import urllib.error
from collections.abc import Callable
from functools import partial
from pathlib import Path

import attrs

from fluidmol.errors import OutputError
from fluidmol.studies.web import CutError, answer
from fluidmol.values.files import write_whole

Progress = Callable[[str, int, int | None], None]
"""Called with a name, how much is there, and how much there will be (None where the server doesn't say)."""

_CHUNK = 1 << 16


@attrs.frozen
class PartialFile:
    """What has come so far of one file, and what the server called that version of it."""

    url: str
    """Where it comes from."""

    target: Path
    """Where it will go."""

    progress: Progress | None = None
    """Told how far it is."""

    @property
    def file(self) -> Path:
        """Where it is until it is whole."""
        return self.target.with_name(self.target.name + ".part")

    @property
    def note(self) -> Path:
        """Where the version is kept."""
        return self.target.with_name(self.target.name + ".part.json")

    def size(self) -> int:
        """Give how many bytes have come."""
        return self.file.stat().st_size if self.file.exists() else 0

    def version(self) -> str:
        """Give the version to go on with; empty where it isn't known, so that one starts from the beginning."""
        try:
            note = json.loads(self.note.read_text(encoding="utf-8"))
            return str(note["version"]) if note["url"] == self.url else ""
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def restart(self, version: str = "") -> None:
        """Throw away what has come, and note which version will come."""
        # In this order, so that bytes of one version never lie beside the name of another.
        self.note.unlink(missing_ok=True)
        self.file.write_bytes(b"")
        write_whole(self.note, json.dumps({"url": self.url, "version": version}))


def go_on(part: PartialFile, timeout: float) -> None:
    """Fetch what is missing, once.

    Raises
    ------
    OSError
        If the network or the server fails; what has come is kept.
    OutputError
        If it can't be written.
    """
    there, version = part.size(), part.version()
    headers = {"Range": f"bytes={there}-", "If-Range": version} if there and version else {}
    try:
        response = answer(part.url, headers, timeout)
    except urllib.error.HTTPError as problem:
        if problem.code != 416:
            raise
        problem.close()
        # The server has no more than what is here: start again at the next attempt.
        _writing(part, part.restart)
        raise CutError("the file on the server isn't longer than what was fetched before") from problem
    with response:
        goes_on = response.status == 206
        if goes_on and (_range_start(response) != there or _version_of(response) not in ("", version)):
            _writing(part, part.restart)
            raise CutError("the server went on with something else than what was fetched before")
        if not goes_on:
            _writing(part, partial(part.restart, _version_of(response)))
        _receive(part, response, there if goes_on else 0)


def _receive(part: PartialFile, response: http.client.HTTPResponse, there: int) -> None:
    length = response.headers.get("Content-Length", "")
    total = there + int(length) if length.isdecimal() else None
    try:
        file = part.file.open("ab")
    except OSError as problem:
        raise unwritable(part.target, problem) from problem
    with file:
        while chunk := response.read(_CHUNK):
            _writing(part, partial(file.write, chunk))
            there += len(chunk)
            if part.progress:
                part.progress(part.target.name, there, total)
    if total is not None and there < total:
        raise CutError(f"the connection was cut at byte {there} of {total}")


def _writing(part: PartialFile, write: Callable[[], object]) -> None:
    """Tell a full disk from a broken network: both are an OSError."""
    try:
        write()
    except OSError as problem:
        raise unwritable(part.target, problem) from problem


def _version_of(response: http.client.HTTPResponse) -> str:
    """Give what If-Range takes: a strong ETag, or else a date."""
    tag = str(response.headers.get("ETag", ""))
    return tag if tag.startswith('"') else str(response.headers.get("Last-Modified", ""))


def _range_start(response: http.client.HTTPResponse) -> int:
    stated = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(stated[1]) if stated else -1


def unwritable(target: Path, problem: OSError) -> OutputError:
    """Say that a file can't be written."""
    return OutputError(f"{target} can't be written: {problem.strerror or problem}", hint="Name another folder.")
