"""Running another program on a batch of lines, with limits, and leaving nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import attrs
import psutil

LONGEST_LINE = 256
"""Bytes that an answer may have on average, beside its SMILES; a program that writes more than this is stopped."""

SHOWN = 5
"""Last lines of what a failing program complained of."""

OURS = ("FLUID_PASSPHRASE", "FLUID_PASSPHRASE_FILE", "FLUID_CODE")
"""Variables of the environment that hold secrets of fluid, or lead to them: no business of another program."""

_LOOK_S = 0.05

_BINDING = Path(__file__).with_name("with_parent.py")


class ChildError(Exception):
    """What went wrong with the program, in words."""


@attrs.frozen
class ProgramOutput:
    """What a program left."""

    out: str = attrs.field(repr=False)
    """What it wrote to its standard output."""

    seconds: float
    """How long it took."""

    complaint: str = attrs.field(default="", repr=False)
    """The last lines that it wrote to its standard error, introduced; empty if there are none."""


def run(
    command: Sequence[str], lines: Sequence[str], limit_s: float, progress: Callable[[int], None] = lambda _: None
) -> ProgramOutput:
    r"""Run a program without a shell; lines go to its standard input. It doesn't get :data:`OURS`.

    Whatever ends the wait, the program and all that it has started are ended first. On Linux the program itself ends,
    too, if this process is killed; what it has started doesn't, nor does it on other systems.

    Parameters
    ----------
    command : sequence of str
        Program and arguments.
    lines : sequence of str
        One molecule each.
    limit_s : float
        Seconds that it may take.
    progress : callable
        Is told now and then how many lines the program has written.

    Raises
    ------
    ChildError
        If it can't be started, takes too long, writes too much, or ends with another status than 0.

    Examples
    --------
    >>> run(["cat"], ["CCO", "CCN"], 10).out
    'CCO\nCCN\n'
    """
    begun = time.monotonic()
    text = "".join(f"{line}\n" for line in lines).encode()
    most = LONGEST_LINE * (len(lines) + 100) + len(text)
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(text)
        given.seek(0)
        try:
            process = _started(command, given, out, err)
        except (OSError, ValueError) as problem:
            raise ChildError(f"can't be started: {getattr(problem, 'strerror', None) or problem}") from problem
        try:
            _wait(process, out, begun + limit_s, limit_s, most, progress)
        except ChildError as problem:
            raise ChildError(f"{problem}{_complaint(err)}") from None
        finally:
            _end(process)
        if process.returncode:
            raise ChildError(f"ended with {_status(process.returncode)}{_complaint(err)}")
        out.seek(0)
        try:
            return ProgramOutput(out.read().decode(), time.monotonic() - begun, _complaint(err))
        except UnicodeDecodeError as problem:
            raise ChildError(f"wrote bytes that are no UTF-8 text: {problem.reason}{_complaint(err)}") from problem


def _started(command: Sequence[str], given: IO[bytes], out: IO[bytes], err: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a program, on Linux by way of another one that binds its life to ours.

    Raises
    ------
    OSError, ValueError
        If it can't be started.
    """
    env = {name: value for name, value in os.environ.items() if name.upper() not in OURS}
    if sys.platform != "linux" or not sys.executable:
        return subprocess.Popen(  # noqa: S603 - the company's own program, as it asked for
            list(command), stdin=given, stdout=out, stderr=err, start_new_session=True, env=env
        )
    if any("\0" in word for word in command):
        raise ValueError("embedded null byte")
    heard, report = os.pipe()
    try:
        binding = (sys.executable, "-IS", str(_BINDING), str(os.getpid()), str(report))
        process = subprocess.Popen(  # noqa: S603 - as above
            [*binding, *command], stdin=given, stdout=out, stderr=err, start_new_session=True, env=env,
            pass_fds=(report,),
        )  # fmt: skip
    except BaseException:
        os.close(heard)
        raise
    finally:
        os.close(report)
    try:
        with os.fdopen(heard, "rb") as file:
            problem = file.read()  # nothing, as soon as the program is there
    except BaseException:
        _end(process)
        raise
    if problem:
        process.wait()
        raise OSError(int(problem), os.strerror(int(problem)))
    return process


def _wait(
    process: subprocess.Popen[bytes], out: IO[bytes], deadline: float, limit_s: float, most: int,
    progress: Callable[[int], None],
) -> None:  # fmt: skip
    # Looking now and then, rather than waiting: an interruption is heard in between.
    lines = _Lines(out)
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK_S)
        if (more := lines.count()) is not None:
            progress(more)
        if out.seek(0, 2) > most:
            raise ChildError(f"wrote more than {most:,} bytes")
        if process.returncode is not None:
            return
        if time.monotonic() > deadline:
            raise ChildError(f"took longer than {limit_s:g} s")


@attrs.define
class _Lines:
    """Counts lines of a file that another process writes; the place at which that one writes stays where it is."""

    file: IO[bytes]
    known: int = 0
    read: int = 0

    def count(self) -> int | None:
        """Return the number of lines so far; None if there is none more than before."""
        before = self.known
        if hasattr(os, "pread"):
            while piece := os.pread(self.file.fileno(), 1 << 16, self.read):
                self.read += len(piece)
                self.known += piece.count(b"\n")
        return self.known if self.known > before else None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program with all that it has started."""
    try:
        family = [*psutil.Process(process.pid).children(recursive=True)] if process.poll() is None else []
    except psutil.Error:
        family = []
    for one in (*family, process):
        with suppress(psutil.Error, OSError):
            one.kill()
    process.wait()
    if hasattr(os, "killpg"):
        # What it left running in its group, though it has ended itself.
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)


def _complaint(err: IO[bytes]) -> str:
    err.seek(max(0, err.seek(0, 2) - 4000))
    said = (line.strip() for line in err.read().decode(errors="replace").splitlines())
    # Rows of nothing but ^ and ~ are Python's marks below a line of code.
    lines = [line for line in said if line.strip("^~ ")][-SHOWN:]
    return ". It complained:" + "".join(f"\n  {line}" for line in lines) if lines else ""


def _status(code: int) -> str:
    return f"exit status {code}" if code > 0 else f"signal {-code}"
