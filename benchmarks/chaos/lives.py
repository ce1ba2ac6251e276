"""Lives: a command line in a process of its own, forked from one that has loaded all libraries, and how it dies."""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
import random
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs

import fluidmol

LONGEST = 120.0
"""Seconds after which a life counts as hanging."""

CHANGES = frozenset({"os.rename", "os.link", "os.remove", "os.truncate", "os.mkdir", "os.rmdir", "os.chmod"})
"""What changes a folder, as Python's audit events call it; so does opening a file to write."""


@attrs.frozen
class Ending:
    """How a life ended."""

    code: int
    """Exit code; minus the signal that ended it."""

    said: str
    """What it wrote."""

    seconds: float
    """How long it took."""

    changes: int
    """How many changes of files it was about to make."""

    @property
    def killed(self) -> bool:
        """Whether it was killed."""
        return self.code == -signal.SIGKILL


@attrs.frozen
class Death:
    """When to die: so many seconds after the beginning, or so many after a change of some file is about to happen."""

    after: float = 0.0
    """Seconds."""

    change: int = -1
    """Which change, from 0; -1: counted from the beginning."""

    @classmethod
    def drawn(cls, rng: random.Random, whole: Ending) -> Death:
        """Draw a moment of a life that is known from an undisturbed one: half of them around its changes of files."""
        if whole.changes and rng.random() < 0.5:
            return cls(rng.random() * 0.004 if rng.random() < 0.5 else 0.0, rng.randrange(whole.changes))
        return cls(rng.random() * whole.seconds)


class Life:
    """A process that acts, forked from this one."""

    def __init__(self, act: Callable[[], None], log: Path) -> None:
        self._log = log
        log.unlink(missing_ok=True)
        self._hears, tells = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self._begun = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._hears)
            _act(act, log, tells)
        os.close(tells)

    def wait(self, death: Death | None = None) -> Ending:
        """Wait for the end; a death sentence is carried out by SIGKILL, and so is what hangs."""
        try:
            changes, status = _watched(self.pid, self._hears, self._begun, death)
        finally:
            os.close(self._hears)
        said = self._log.read_text(errors="replace") if self._log.exists() else ""
        return Ending(os.waitstatus_to_exitcode(status), said, time.monotonic() - self._begun, changes)

    def kill(self) -> Ending:
        """Kill it now."""
        return self.wait(Death())


def live(act: Callable[[], None], log: Path, death: Death | None = None) -> Ending:
    """Let somebody act to the end, or to death."""
    return Life(act, log).wait(death)


def load_all() -> None:
    """Load all of the package, so that each life begins at once and all have the same code."""
    for module in pkgutil.walk_packages(fluidmol.__path__, "fluidmol."):
        if not module.name.endswith("__main__"):
            try:
                importlib.import_module(module.name)
            except ModuleNotFoundError as problem:  # an extra that isn't installed, which nothing here needs
                if (problem.name or "").partition(".")[0] == fluidmol.__name__:
                    raise


def command(words: Sequence[str]) -> Callable[[], None]:
    """Give what runs a command line and ends."""

    def act() -> None:
        from fluidmol.cli.main import main  # noqa: PLC0415 - loaded before

        main(list(words))

    return act


def _act(act: Callable[[], None], log: Path, tells: int) -> None:
    os.setsid()
    os.set_blocking(tells, False)  # nobody may be listening for long
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if writes or event in CHANGES:
            with contextlib.suppress(BlockingIOError):
                os.write(tells, b".")

    sys.addaudithook(hook)
    code = 1
    try:
        act()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _watched(child: int, hears: int, begun: float, death: Death | None) -> tuple[int, int]:
    """Wait for the end, and bring it about if that is due; give the changes of files, and how it ended."""
    changes, due = 0, None
    if death is not None and death.change < 0:
        due = begun + death.after
    while True:
        now = time.monotonic()
        if now - begun > LONGEST or (due is not None and now >= due):
            os.kill(child, signal.SIGKILL)
            due = None
            begun = now  # what was killed doesn't hang
        wait = 0.5 if due is None else max(0.0, due - now)
        if select.select([hears], [], [], wait)[0]:
            heard = os.read(hears, 1)
            if not heard:
                return changes, os.waitpid(child, 0)[1]
            if death is not None and changes == death.change:
                due = time.monotonic() + death.after
            changes += 1
