"""All parts of a running drop, put together once."""

from __future__ import annotations

import asyncio
import time
from weakref import WeakValueDictionary

import attrs

from fluidmol_drop.server.authority import Authority
from fluidmol_drop.server.blobs import open_blobs
from fluidmol_drop.server.members import Members
from fluidmol_drop.server.metrics import Metrics
from fluidmol_drop.server.pace import Pace
from fluidmol_drop.server.settings import Settings, make_private
from fluidmol_drop.server.shelf import Shelf
from fluidmol_drop.server.tables import Database
from fluidmol_drop.server.uploads import Uploads


@attrs.define(weakref_slot=True)
class Turn:
    """Whose turn it is to write one upload: the newest request's. An older one may hang on a dead line for minutes."""

    lock: asyncio.Lock = attrs.field(factory=asyncio.Lock)
    newest: object = None


@attrs.frozen
class Service:
    """A drop in one process.

    Parameters
    ----------
    settings : Settings
    """

    settings: Settings
    database: Database
    shelf: Shelf
    uploads: Uploads
    members: Members
    pace: Pace
    """How fast members may ask."""
    note_pace: Pace
    """How often a member's refusals are noted in the log: each can't make it grow without end."""
    read_pace: Pace
    """How often a member may read content: each time is noted in the log."""
    metrics: Metrics = attrs.field(factory=Metrics)
    started: float = attrs.field(factory=time.time)
    _turns: WeakValueDictionary[str, Turn] = attrs.field(factory=WeakValueDictionary)

    @classmethod
    def open(cls, settings: Settings) -> Service:
        """Open database and blobs; what a crash has left behind is put in order.

        Raises
        ------
        FluidError
            If one of them can't be had.
        """
        staging = settings.home / "staging"
        make_private(staging)
        database, blobs = Database(settings.database_url), open_blobs(settings.blobs_url)
        limits = settings.limits
        service = cls(
            settings=settings,
            database=database,
            shelf=Shelf(database, blobs, staging),
            uploads=Uploads(database, blobs, staging, limits),
            members=Members(database),
            pace=Pace(limits.rate, limits.burst),
            note_pace=Pace(1 / 60, 20),
            read_pace=Pace(0.5, 2000),
        )
        service.sweep()
        return service

    def sweep(self) -> None:
        """Forget what nobody went on with, and delete what was to be deleted."""
        self.uploads.sweep()
        self.shelf.sweep()

    def turn(self, key: str) -> Turn:
        """Give the turn of an upload; it is forgotten once nobody holds it."""
        turn = self._turns.get(key)
        if turn is None:
            turn = self._turns[key] = Turn()
        return turn

    def authority(self) -> Authority:
        """Read the key that signs certificates, when it is needed and not before."""
        return Authority.load(self.settings.home)
