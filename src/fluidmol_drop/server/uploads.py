"""Uploads that go on where they stopped: the part file's size is how far they are, whatever was interrupted."""

from __future__ import annotations

import contextlib
import hashlib
import time
from pathlib import Path

import attrs
import sqlalchemy as sa

from fluidmol.exchange.mailbox import aside
from fluidmol_drop.server.access import Member, may_write
from fluidmol_drop.server.audit_log import record
from fluidmol_drop.server.blobs import Blobs
from fluidmol_drop.server.refusals import RequestRefusedError, absent, forbidden
from fluidmol_drop.server.settings import Limits
from fluidmol_drop.server.tables import Database, entries, moment, now, uploads

READ = 1 << 20


@attrs.frozen
class Upload:
    """One blob on its way in."""

    id: str
    name: str
    digest: str
    size: int
    owner: str
    at: str
    done: bool


@attrs.frozen
class Uploads:
    """All uploads of a drop.

    Parameters
    ----------
    database : Database
    blobs : Blobs
    staging : Path
        Folder of the part files.
    limits : Limits
    """

    database: Database
    blobs: Blobs
    staging: Path
    limits: Limits

    def begin(self, member: Member, name: str, size: int, digest: str) -> Upload:
        """Announce a blob, or find the upload of the same blob to go on with it.

        Raises
        ------
        RequestRefusedError
            If the member may not write that name (403), other content has it or this content was set aside (409), it is
            too large (413), or a quota is used up (429, 507).
        """
        if not may_write(member, name):
            raise forbidden(f"{member.name} may not write {name}")
        if size > self.limits.largest:
            raise RequestRefusedError(413, f"{name} has {size} bytes", f"The most is {self.limits.largest}.")
        with self.database.writing() as connection:
            # The same announcement has the same id, so that nobody needs to remember one.
            key = hashlib.sha256("\n".join((member.name, name, str(size), digest)).encode()).hexdigest()[:32]
            upload = Upload(key, name, digest, size, member.name, now(), False)
            if _has_name(connection, name, digest):
                return attrs.evolve(upload, done=True)
            row = connection.execute(sa.select(uploads).where(uploads.c.id == key)).first()
            if row is not None and not row.done:
                return Upload(*row)
            self._check_quota(connection, member, size)
            # It may have been stored once, and deleted since: then it starts anew.
            connection.execute(uploads.delete().where(uploads.c.id == key))
            connection.execute(uploads.insert().values(**attrs.asdict(upload)))
            return upload

    def find(self, member: Member, key: str) -> Upload:
        """Give one of the member's uploads.

        Raises
        ------
        RequestRefusedError
            If the member has none of that id.
        """
        with self.database.reading() as connection:
            row = connection.execute(sa.select(uploads).where(uploads.c.id == key)).first()
        if row is None or row.owner != member.name:
            raise absent(f"upload {key}")
        return Upload(*row)

    def part(self, upload: Upload) -> Path:
        """Give the part file's path."""
        return self.staging / f"{upload.id}.part"

    def offset(self, upload: Upload) -> int:
        """Say how many bytes are here."""
        if upload.done:
            return upload.size
        with contextlib.suppress(FileNotFoundError):
            return self.part(upload).stat().st_size
        return 0

    def commit(self, member: Member, key: str) -> Upload:
        """Check the content and give it its name; again, for what is stored already, nothing happens.

        Raises
        ------
        RequestRefusedError
            If bytes are missing (409), the content isn't what was announced (422, and the upload starts anew), or other
            content got the name meanwhile (409).
        """
        upload = self.find(member, key)
        if upload.done:
            return upload
        offset, part = self.offset(upload), self.part(upload)
        if offset != upload.size:
            raise RequestRefusedError(409, f"{offset} of {upload.size} bytes are here", "Send the rest.", offset=offset)
        if upload.size == 0:
            part.touch()
        found = _sha256(part)
        if found != upload.digest:
            part.unlink(missing_ok=True)
            raise RequestRefusedError(
                422, f"the content's digest is {found}, announced was {upload.digest}", "Send it again.", offset=0
            )
        return self._store(member, upload)

    def _store(self, member: Member, upload: Upload) -> Upload:
        # Before the transaction, for a store far away may take its time.
        self.blobs.take(self.part(upload), upload.digest)
        with self.database.writing() as connection:
            # Looked up again: another request may have been here first.
            if not _has_name(connection, upload.name, upload.digest):
                if not self.blobs.has(upload.digest):
                    raise RequestRefusedError(
                        503, "the content was deleted while it was stored", "Send it again.", offset=0
                    )
                name, digest, size = upload.name, upload.digest, upload.size
                values = {"name": name, "digest": digest, "size": size, "owner": member.name, "at": now()}
                connection.execute(entries.insert().values(**values))
                record(connection, member.name, "store", name, digest=digest, size=size)
            connection.execute(uploads.update().where(uploads.c.id == upload.id).values(done=True))
        return attrs.evolve(upload, done=True)

    def forget(self, member: Member, key: str) -> None:
        """Give an unfinished upload up."""
        upload = self.find(member, key)
        if not upload.done:
            with self.database.writing() as connection:
                connection.execute(uploads.delete().where(uploads.c.id == key))
            self.part(upload).unlink(missing_ok=True)

    def sweep(self) -> int:
        """Forget uploads that nobody went on with, and files that belong to none; say how many files went."""
        oldest = moment(time.time() - self.limits.unfinished_days * 86400)
        with self.database.writing() as connection:
            connection.execute(uploads.delete().where(uploads.c.at < oldest))
            known = set(connection.execute(sa.select(uploads.c.id).where(~uploads.c.done)).scalars())
        old = time.time() - 3600  # what is younger may be at work
        lost = [f for f in self.staging.glob("*.part") if f.stem not in known and f.stat().st_mtime < old]
        for file in lost:
            file.unlink(missing_ok=True)
        return len(lost)

    def used(self, connection: sa.Connection, name: str) -> tuple[int, int, int]:
        """Say what a member has: bytes and blobs, unfinished ones included, and how many are unfinished."""
        kept = sa.select(sa.func.coalesce(sa.func.sum(entries.c.size), 0), sa.func.count()).where(
            entries.c.owner == name
        )
        begun = sa.select(sa.func.coalesce(sa.func.sum(uploads.c.size), 0), sa.func.count()).where(
            uploads.c.owner == name, ~uploads.c.done
        )
        (size, count), (more, unfinished) = connection.execute(kept).one(), connection.execute(begun).one()
        return int(size) + int(more), int(count) + int(unfinished), int(unfinished)

    def _check_quota(self, connection: sa.Connection, member: Member, size: int) -> None:
        held, count, unfinished = self.used(connection, member.name)
        if unfinished >= self.limits.uploads:
            raise RequestRefusedError(
                429, f"{member.name} has {unfinished} unfinished uploads", "Finish one, or give one up.", wait=5
            )
        if held + size > self.limits.quota or count >= self.limits.names:
            raise RequestRefusedError(
                507,
                f"{member.name} has {held} bytes in {count} blobs; {size} more are over the quota",
                "Ask the operator for more, or to delete what isn't needed.",
            )


def _has_name(connection: sa.Connection, name: str, digest: str) -> bool:
    """Say whether the content has the name already; refuse if other content has it, or this was set aside."""
    row = connection.execute(sa.select(entries.c.digest).where(entries.c.name == name)).first()
    if row is not None:
        if row.digest != digest:
            raise RequestRefusedError(
                409, f"{name} is there with other content", "What was written once stays as it is."
            )
        return True
    refused = aside(name, digest)
    if connection.execute(sa.select(entries.c.name).where(entries.c.name == refused)).first() is not None:
        raise RequestRefusedError(
            409,
            f"{name} was set aside with this very content",
            f"{refused}.txt says why. It is taken again once the operator has deleted {refused}.",
        )
    return False


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(READ):
            digest.update(piece)
    return digest.hexdigest()
