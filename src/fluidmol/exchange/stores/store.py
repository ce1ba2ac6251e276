"""A store of named files, as little of it as a mailbox needs."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import attrs


@attrs.frozen
class StoredFile:
    """What a store knows of a file or folder."""

    name: str
    """Relative to the place, parts separated by ``/``."""

    size: int = 0
    """Bytes."""

    when: datetime | None = None
    """When it was last changed, by the store's clock, with a time zone; None if unknown."""

    folder: bool = False
    """Whether it is a folder, or what stands for one."""


class Store(Protocol):
    """Files below one address. Methods raise what the library beneath raises; a missing file is a FileNotFoundError."""

    whole: bool
    """Whether a file shows only when all of it is there, whoever writes it."""

    def children(self, folder: str) -> list[StoredFile]:
        """List plain files and folders right within a folder; ``""`` is the place itself."""

    def look(self, name: str) -> StoredFile:
        """Return what is known of a file or folder."""

    def content(self, name: str, size: int) -> bytes:
        """Read no more than ``size`` bytes of a file."""

    def put(self, name: str, data: bytes) -> None:
        """Write a file, in place of one of that name."""

    def put_new(self, name: str, data: bytes) -> bool:
        """Write a file whole if none has the name, at once with that check where the store can; else return False."""

    def move(self, source: str, target: str) -> None:
        """Move a file, in place of one that has the new name."""

    def close(self) -> None:
        """End connections; the store isn't used any more."""
