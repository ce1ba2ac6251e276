"""Names for content, each given once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from pathlib import Path

import attrs
import sqlalchemy as sa

from fluidmol.exchange.mailbox import aside, reason_text
from fluidmol_drop.server.access import Member, may_read, may_set_aside
from fluidmol_drop.server.audit_log import record
from fluidmol_drop.server.blobs import Blobs
from fluidmol_drop.server.refusals import absent, forbidden
from fluidmol_drop.server.tables import Database, doomed, entries, now


@attrs.frozen
class BlobItem:
    """What is known of a blob."""

    name: str
    digest: str
    """SHA-256 of the content, in hexadecimal."""
    size: int
    """Bytes."""
    owner: str
    """Who wrote it."""
    at: str
    """When it was complete, in UTC."""


@attrs.frozen
class Shelf:
    """All names of a drop.

    Parameters
    ----------
    database : Database
    blobs : Blobs
    staging : Path
        Folder for files that aren't complete yet.
    """

    database: Database
    blobs: Blobs
    staging: Path

    def items(self, member: Member, under: str = "", after: str = "", most: int = 1000) -> list[BlobItem]:
        """List what a member may see within ``under``, by name, from the first name after ``after``.

        At most ``most`` are given; ask again after the last of them for more.
        """
        found: list[BlobItem] = []
        wanted = sa.select(entries).order_by(entries.c.name)
        if under:
            # "0" comes right after "/": a range uses the index, and needs no escapes.
            below = sa.and_(entries.c.name > f"{under}/", entries.c.name < f"{under}0")
            wanted = wanted.where(sa.or_(entries.c.name == under, below))
        with self.database.reading() as connection:
            rows = connection.execution_options(yield_per=200).execute(wanted.where(entries.c.name > after))
            for row in rows:
                if may_read(member, row.name, row.owner):
                    found.append(BlobItem(*row))
                    if len(found) == most:
                        break
        return found

    def find(self, member: Member, name: str) -> BlobItem:
        """Give what is known of one blob.

        Raises
        ------
        RefusedError
            If there is none, or it isn't for that member.
        """
        with self.database.reading() as connection:
            row = connection.execute(sa.select(entries).where(entries.c.name == name)).first()
        if row is None or not may_read(member, name, row.owner):
            raise absent(name)
        return BlobItem(*row)

    def log_read(self, member: Member, item: BlobItem) -> None:
        """Note that a member has taken a blob's content."""
        with self.database.writing() as connection:
            record(connection, member.name, "read", item.name, digest=item.digest, size=item.size)

    def set_aside(self, member: Member, name: str, reason: str) -> str:
        """Move a blob to the quarantine, the reason beside it; its new name is given back.

        Raises
        ------
        RefusedError
            If there is none, or the member isn't the coordinator.
        """
        if not may_set_aside(member, name):
            raise forbidden(f"{member.name} may not set {name} aside")
        item = self.find(member, name)
        target, why = aside(name, item.digest), reason_text(name, reason).encode()
        part = self.staging / f"reason-{secrets.token_hex(8)}.part"
        part.write_bytes(why)
        digest = hashlib.sha256(why).hexdigest()
        self.blobs.take(part, digest)
        with self.database.writing() as connection:
            moved = connection.execute(entries.update().where(entries.c.name == name).values(name=target))
            if moved.rowcount == 0:
                raise absent(name)
            # It is the writer's to read, too.
            note = BlobItem(f"{target}.txt", digest, len(why), item.owner, now())
            connection.execute(entries.insert().values(**attrs.asdict(note)))
            said = reason.strip()[:500]
            record(connection, member.name, "set-aside", name, digest=item.digest, size=item.size, note=said)
        return target

    def delete(self, names: Iterable[str], who: str, what: str, note: str = "") -> list[str]:
        """Delete blobs and their content; the log keeps name, digest and size. Give back what was deleted."""
        gone: list[str] = []
        for name in names:
            with self.database.writing() as connection:
                row = connection.execute(sa.select(entries).where(entries.c.name == name)).first()
                if row is None:
                    continue
                connection.execute(entries.delete().where(entries.c.name == name))
                connection.execute(doomed.insert().values(digest=row.digest))
                record(connection, who, what, name, digest=row.digest, size=row.size, note=note)
            gone.append(name)
        self.sweep()
        return gone

    def sweep(self) -> None:
        """Delete content whose names were deleted; also what a crash in between has left."""
        with self.database.writing() as connection:
            for digest in set(connection.execute(sa.select(doomed.c.digest)).scalars()):
                if connection.execute(sa.select(entries.c.name).where(entries.c.digest == digest)).first() is None:
                    self.blobs.remove(digest)
                connection.execute(doomed.delete().where(doomed.c.digest == digest))

    def names(self) -> set[str]:
        """Give the names of all blobs."""
        with self.database.reading() as connection:
            return set(connection.execute(sa.select(entries.c.name)).scalars())

    def older(self, before: str) -> list[str]:
        """List names of blobs that were complete before a time."""
        with self.database.reading() as connection:
            return list(connection.execute(sa.select(entries.c.name).where(entries.c.at < before)).scalars())
