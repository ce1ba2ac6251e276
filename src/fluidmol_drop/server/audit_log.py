"""The audit log: who did what to which name, each record bound to all before it by a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import attrs
import sqlalchemy as sa

from fluidmol.errors import InputError
from fluidmol_drop.server.tables import Database, chain, log, now


@attrs.frozen
class Record:
    """One thing that happened."""

    seq: int
    """Its number, from 1."""
    at: str
    """When, in UTC by the server's clock."""
    who: str
    """The member's name, or ``operator``."""
    what: str
    """``store``, ``read``, ``set-aside``, ``delete``, ``expire``, ``invite``, ``enrol``, ``revoke`` or ``refuse``."""
    name: str = ""
    """The blob's name, or the member's that it happened to."""
    digest: str = ""
    """SHA-256 of the content, in hexadecimal."""
    size: int = 0
    """Bytes of the content."""
    note: str = ""
    """A reason, where one was given."""
    hash: str = ""
    """SHA-256 over the record before and this one."""

    def hashed(self, previous: str) -> str:
        """Give the hash that this record has after one with the hash ``previous``."""
        content = [self.seq, self.at, self.who, self.what, self.name, self.digest, self.size, self.note]
        text = json.dumps(["fluidmol drop audit 1", previous, *content], ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def record(
    connection: sa.Connection, who: str, what: str, name: str = "", *, digest: str = "", size: int = 0, note: str = ""
) -> None:
    """Append to the log, within a transaction of :meth:`Database.writing`: it is logged exactly if it happened."""
    seq, previous = connection.execute(sa.select(chain.c.seq, chain.c.hash)).one()
    entry = Record(seq + 1, now(), who, what, name, digest, size, note)
    entry = attrs.evolve(entry, hash=entry.hashed(previous))
    connection.execute(log.insert().values(**attrs.asdict(entry)))
    connection.execute(chain.update().values(seq=entry.seq, hash=entry.hash))


def records(database: Database, since: int = 0) -> Iterator[Record]:
    """Give the log's records after number ``since``, in order and in constant memory."""
    with database.reading() as connection:
        rows = connection.execution_options(yield_per=1000).execute(
            sa.select(log).where(log.c.seq > since).order_by(log.c.seq)
        )
        for row in rows:
            yield Record(*row)


def head(database: Database) -> tuple[int, str]:
    """Give the log's length and last hash; noted down elsewhere, they prove later that nothing was rewritten."""
    with database.reading() as connection:
        seq, last = connection.execute(sa.select(chain.c.seq, chain.c.hash)).one()
    return int(seq), str(last)


def verify(database: Database) -> tuple[int, str]:
    """Check every record's hash, and that none is missing.

    Returns
    -------
    tuple of int and str
        Number of records and the last hash.

    Raises
    ------
    InputError
        If a record was changed, taken out or put in; the message names the first.
    """
    length, end = head(database)
    count, previous = 0, ""
    for entry in records(database):
        if entry.seq > length:
            break  # written while we read
        if entry.seq != count + 1 or entry.hash != entry.hashed(previous):
            raise InputError(
                f"the audit log was altered at record {count + 1}",
                hint="Compare it with a backup; what comes before that record is sound.",
            )
        count, previous = entry.seq, entry.hash
    if (count, previous) != (length, end):
        raise InputError(
            f"the audit log has {count} records and should have {length}", hint="Its end was cut off: see a backup."
        )
    return count, previous
