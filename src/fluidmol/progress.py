"""Stages of a long run: how long each took, how much memory it needed, and how far it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import attrs
import psutil


@attrs.frozen
class Stage:
    """One finished stage."""

    name: str
    """What was done."""

    seconds: float
    """Wall-clock time."""

    peak_mb: float
    """Most memory in use at any time, this process and its workers together, in MB (10^6 bytes)."""


class Stages:
    """Times stages and samples memory; tells an observer, say a progress bar.

    A stage may hold others: then these are counted, and it isn't.

    Parameters
    ----------
    started : callable, optional
        Called with the name of each stage that begins.
    advanced : callable, optional
        Called with (done, total) within a stage.
    noted : callable, optional
        Called with what the user should know.
    ended : callable, optional
        Called when the stage that began last ends.

    Examples
    --------
    >>> stages = Stages()
    >>> with stages.stage("think"):
    ...     pass
    >>> stages.finished[0].name
    'think'
    """

    def __init__(
        self,
        started: Callable[[str], None] | None = None,
        advanced: Callable[[int, int], None] | None = None,
        noted: Callable[[str], None] | None = None,
        ended: Callable[[], None] | None = None,
    ) -> None:
        self.finished: list[Stage] = []
        self.seconds = 0.0
        """Wall-clock time of all finished stages, in s."""
        self.begun = datetime.now(UTC)
        self._depth = 0
        self._started = started or (lambda _name: None)
        self._ended = ended or (lambda: None)
        self.advance = advanced or (lambda _done, _total: None)
        self.note = noted or (lambda _text: None)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        self._started(name)
        begun, before = time.perf_counter(), len(self.finished)
        self._depth += 1
        try:
            with _Sampler() as sampler:
                yield
        finally:
            self._depth -= 1
            self._ended()
        seconds = time.perf_counter() - begun
        if not self._depth:
            self.seconds += seconds
        if len(self.finished) == before:
            self.finished.append(Stage(name, seconds, sampler.peak / 1e6))

    @property
    def peak_mb(self) -> float:
        """Largest peak of all finished stages, in MB."""
        return max((stage.peak_mb for stage in self.finished), default=0.0)


class _Sampler:
    """Looks four times a second; a shorter peak can go unseen. Asking for all children takes milliseconds each time."""

    def __init__(self) -> None:
        self.peak = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _Sampler:
        self._thread.start()
        return self

    def __exit__(self, *_details: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        own = psutil.Process()
        while True:
            total = 0
            for process in (own, *_children(own)):
                with suppress(psutil.Error):
                    total += process.memory_info().rss
            self.peak = max(self.peak, total)
            if self._done.wait(0.25):
                return


def _children(own: psutil.Process) -> list[psutil.Process]:
    try:
        return list(own.children(recursive=True))
    except psutil.Error:
        return []
