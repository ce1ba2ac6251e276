"""A mailbox over a store that belongs to nobody's server of ours; see :mod:`fluidmol.exchange.mailbox`.

Whoever may write into the store may put anything there, and its operator may take anything away. Nothing is believed
because of its name, and nothing is read without a bound.
"""

from __future__ import annotations

import contextlib
import time
import weakref
from collections.abc import Callable, Iterator
from typing import TypeVar

from fluidmol.errors import FluidError, InputError, MissingFileError, OutputError
from fluidmol.exchange import mailbox
from fluidmol.exchange.folder import PATIENCE
from fluidmol.exchange.mailbox import BlobEntry, check_name, is_proper
from fluidmol.exchange.stores.store import Store, StoredFile
from fluidmol.exchange.stores.trouble import explained, unreachable

T = TypeVar("T")

PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between tries."""


class StoreMailbox:
    """A :class:`~fluidmol.exchange.mailbox.Mailbox` in a store such as a bucket.

    Connects when it is first used, and again after each try that failed.

    Parameters
    ----------
    url : str
        What people call it; without secrets, for it is part of messages.
    connect : callable
        Makes the store.
    caution : str
        What the store can't promise, as a sentence; empty if nothing.
    pauses : tuple of float
        Seconds between tries.
    sleep : callable
        Waits so many seconds.
    said : callable
        Called with a sentence when the store doesn't answer at first.
    """

    def __init__(
        self,
        url: str,
        connect: Callable[[], Store],
        *,
        caution: str = "",
        pauses: tuple[float, ...] = PAUSES,
        sleep: Callable[[float], None] = time.sleep,
        said: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.url = url.rstrip("/")
        self.caution = caution
        self._connect = connect
        self._pauses = pauses
        self._sleep = sleep
        self._said = said
        self._store: Store | None = None
        self._closing: Callable[[], object] = lambda: None

    def names(self, under: str = "") -> list[str]:
        """List full names of the blobs within ``under`` and below, sorted.

        Raises
        ------
        RefusedError
            If the store doesn't let us look.
        UnavailableError
            If it can't be reached.
        """
        if under:
            check_name(under)
        return sorted(self._patiently(under, lambda store: list(_below(store, under))))

    def entry(self, name: str) -> BlobEntry:
        """Say what is known of a blob without reading it.

        Raises
        ------
        MissingFileError
            If there is none.
        RefusedError, UnavailableError
            As :meth:`names`.
        """
        check_name(name)
        return self._patiently(name, lambda store: self._entry(store, name))

    def read(self, name: str) -> bytes:
        """Give a blob's content.

        Raises
        ------
        MissingFileError
            If there is none.
        InputError
            If it is larger than :data:`~fluidmol.exchange.mailbox.LARGEST`.
        RefusedError, UnavailableError
            As :meth:`names`.
        """
        check_name(name)
        return self._patiently(name, lambda store: self._content(store, name))

    def write(self, name: str, data: bytes) -> None:
        """Write a blob, whole or not at all; the same content again changes nothing.

        Raises
        ------
        OutputError
            If there is one of that name with other content, or the store is full.
        RefusedError, UnavailableError
            As :meth:`names`.
        """
        check_name(name)

        def attempt(store: Store) -> None:
            # What a try before this one has written, whose answer got lost, is there already.
            if self._same(store, name, data) or store.put_new(name, data):
                return
            if not self._same(store, name, data):
                raise ConnectionError(f"{name} is neither free nor there")

        self._patiently(name, attempt, writing=True)

    def set_aside(self, name: str, reason: str) -> None:
        """Move a blob to ``quarantine/``, with the reason as a text beside it.

        Raises
        ------
        MissingFileError
            If there is none.
        OutputError, RefusedError, UnavailableError
            As :meth:`write`.
        """
        check_name(name)
        found = self.entry(name)
        target = mailbox.aside(name, f"{found.size} {found.when}")

        def attempt(store: Store) -> None:
            # The reason first: whatever lies in quarantine has one, even if we are interrupted.
            store.put(f"{target}.txt", mailbox.reason_text(name, reason).encode())
            try:
                store.move(name, target)
            except FileNotFoundError:
                store.look(target)  # a try before this one has moved it

        self._patiently(name, attempt, writing=True)

    def _entry(self, store: Store, name: str) -> BlobEntry:
        item = _file(store, name)
        age = time.time() - item.when.timestamp() if item.when else 0.0
        return BlobEntry(name, item.size, item.when, arriving=not store.whole and abs(age) < PATIENCE)

    def _content(self, store: Store, name: str) -> bytes:
        size = _file(store, name).size
        if size > mailbox.LARGEST:
            raise InputError(f"{self.url}/{name} has {size:,} bytes", hint=f"At most {mailbox.LARGEST:,} are read.")
        return store.content(name, size) if size else b""

    def _same(self, store: Store, name: str, data: bytes) -> bool:
        """Check whether this very content is there already; refuse if other content is."""
        try:
            item = store.look(name)
        except FileNotFoundError:
            return False
        if item.folder:
            raise OutputError(f"{self.url}/{name} is a folder: expected a file, or nothing", hint="Move it away.")
        if item.size == len(data) and (not data or store.content(name, item.size) == data):
            return True
        raise OutputError(
            f"{self.url}/{name} is there already, with other content", hint="Nothing in a consortium is overwritten."
        )

    def _patiently(self, name: str, action: Callable[[Store], T], *, writing: bool = False) -> T:
        """Try until it is done, refused, or there were tries enough."""
        silent = True
        for pause in (*self._pauses, None):
            try:
                return action(self._connected())
            except FluidError:
                raise
            except Exception as problem:  # libraries of stores raise many kinds
                if (told := explained(problem, self.url, name, writing=writing)) is not None:
                    raise told from problem
                if isinstance(problem, FileNotFoundError):
                    what = f"{name} at {self.url}" if name and self._store is not None else self.url
                    raise MissingFileError(f"there is no {what}", hint="Has it been moved since?") from problem
                self._disconnect()
                if pause is None:
                    raise unreachable(problem, self.url) from problem
            if silent:
                self._said(f"no answer from {self.url} yet; trying again for a while")
                silent = False
            self._sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _connected(self) -> Store:
        if self._store is None:
            self._store = self._connect()
            self._closing = weakref.finalize(self, self._store.close)
        return self._store

    def _disconnect(self) -> None:
        with contextlib.suppress(Exception):  # it is broken already
            self._closing()
        self._store = None


def _file(store: Store, name: str) -> StoredFile:
    item = store.look(name)
    if item.folder:
        raise FileNotFoundError(name)
    return item


def _below(store: Store, folder: str) -> Iterator[str]:
    """List proper names of files; a folder that isn't there yet has none."""
    try:
        if folder and not store.look(folder).folder:
            yield folder
        else:
            yield from _walked(store, folder, mailbox.DEEPEST - folder.count("/") - bool(folder))
    except FileNotFoundError as problem:
        if explained(problem, "", folder, writing=False) is not None:  # it is the bucket that isn't there
            raise


def _walked(store: Store, folder: str, depth: int) -> Iterator[str]:
    for item in store.children(folder):
        if item.folder and depth > 1 and not item.name.rpartition("/")[2].startswith((".", "~")):
            yield from _walked(store, item.name, depth - 1)
        elif not item.folder and is_proper(item.name):
            yield item.name
