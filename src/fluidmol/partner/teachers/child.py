"""Running another program on a batch of lines, with limits, and leaving nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
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


def run(command: Sequence[str], lines: Sequence[str], limit_s: float) -> ProgramOutput:
    r"""Run a program without a shell; lines go to its standard input. It doesn't get :data:`OURS`.

    Whatever ends the wait, the program and all that it has started are ended first.

    Parameters
    ----------
    command : sequence of str
        Program and arguments.
    lines : sequence of str
        One molecule each.
    limit_s : float
        Seconds that it may take.

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
            process = subprocess.Popen(  # noqa: S603 - the company's own program, as it asked for
                list(command), stdin=given, stdout=out, stderr=err, start_new_session=True,
                env={name: value for name, value in os.environ.items() if name.upper() not in OURS},
            )  # fmt: skip
        except (OSError, ValueError) as problem:
            raise ChildError(f"can't be started: {getattr(problem, 'strerror', None) or problem}") from problem
        try:
            _wait(process, out, begun + limit_s, limit_s, most)
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


def _wait(process: subprocess.Popen[bytes], out: IO[bytes], deadline: float, limit_s: float, most: int) -> None:
    # Looking now and then, rather than waiting: an interruption is heard in between.
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK_S)
        if out.seek(0, 2) > most:
            raise ChildError(f"wrote more than {most:,} bytes")
        if process.returncode is not None:
            return
        if time.monotonic() > deadline:
            raise ChildError(f"took longer than {limit_s:g} s")


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
