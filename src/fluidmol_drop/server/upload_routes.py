"""Uploads over HTTP: announce, send parts, commit; every step may be repeated.

A part is written as it arrives, and what has arrived counts even if the line breaks within it. Memory holds no more
than :data:`BUFFER` bytes of each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as PathPart
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from fluidmol_drop.server.access import Member
from fluidmol_drop.server.forms import REFUSALS, Announcement, State
from fluidmol_drop.server.identify import caller
from fluidmol_drop.server.refusals import RequestRefusedError
from fluidmol_drop.server.service import Service, Turn
from fluidmol_drop.server.uploads import Upload

BUFFER = 1 << 18
"""Bytes that are gathered before they are written, 256 KiB."""

Caller = Annotated[Member, Depends(caller)]
Key = Annotated[str, PathPart(pattern="^[0-9a-f]{32}$")]
Offset = Annotated[int, Query(ge=0, le=1 << 40, description="Where this part begins: as many bytes as are here.")]

_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def upload_routes(service: Service) -> APIRouter:
    """Give the routes that bring blobs in."""
    router = APIRouter(prefix="/v1/uploads", responses=REFUSALS, tags=["uploads"])
    uploads = service.uploads

    def state(upload: Upload) -> State:
        chunk = service.settings.limits.chunk
        return State(id=upload.id, offset=uploads.offset(upload), size=upload.size, done=upload.done, chunk=chunk)

    @router.post("")
    def announce(member: Caller, blob: Announcement) -> State:
        """Announce a blob, or ask how far the same upload is."""
        return state(uploads.begin(member, blob.name, blob.size, blob.sha256))

    @router.get("/{key}")
    def look(member: Caller, key: Key) -> State:
        """Say how far an upload is."""
        return state(uploads.find(member, key))

    @router.put("/{key}", openapi_extra=_BODY)
    async def send(member: Caller, key: Key, offset: Offset, request: Request) -> State:
        """Send the part that begins at ``offset``. A newer request for the same upload ends an older one."""
        upload = await run_in_threadpool(uploads.find, member, key)
        writer = _Writer(service, upload, offset)
        try:
            async for piece in request.stream():
                await writer.add(piece)
        except ClientDisconnect:
            pass  # what has come is kept
        finally:
            await writer.flush()
        return state(upload)

    @router.post("/{key}/commit")
    async def commit(member: Caller, key: Key) -> State:
        """Give complete content its name."""
        turn = service.turn(key)
        turn.newest = None
        async with turn.lock:
            return state(await run_in_threadpool(uploads.commit, member, key))

    @router.delete("/{key}", status_code=204)
    def forget(member: Caller, key: Key) -> None:
        """Give an unfinished upload up."""
        uploads.forget(member, key)

    return router


class _Writer:
    """Appends one request's bytes to the part file, as long as it is that request's turn."""

    def __init__(self, service: Service, upload: Upload, offset: int) -> None:
        self._service = service
        self._upload = upload
        self._offset = offset
        self._turn: Turn = service.turn(upload.id)
        self._turn.newest = self
        self._buffer = bytearray()
        self._refused = False

    async def add(self, piece: bytes) -> None:
        if self._offset + len(self._buffer) + len(piece) > self._upload.size:
            self._refused = True
            raise RequestRefusedError(
                413, f"more than the announced {self._upload.size} bytes", "Announce the right size."
            )
        self._buffer += piece
        if len(self._buffer) >= BUFFER:
            await self.flush()

    async def flush(self) -> None:
        if self._refused:
            return
        async with self._turn.lock:
            await run_in_threadpool(self._write)

    def _write(self) -> None:
        uploads = self._service.uploads
        # Asked again: it may have been committed since.
        here = uploads.offset(uploads.find(Member(self._upload.owner, ""), self._upload.id))
        if here != self._offset or self._turn.newest is not self:
            self._refused = True
            raise RequestRefusedError(
                409, f"the upload is at {here}, not at {self._offset}", "Go on there.", offset=here
            )
        self._refused = True  # unless all is written: a full disk takes a part
        append(uploads.part(self._upload), here, self._buffer)
        self._refused = False
        self._offset += len(self._buffer)
        self._buffer.clear()


def append(path: Path, offset: int, data: bytes | bytearray) -> None:
    """Write at ``offset``, which is the file's end."""
    if data or not path.exists():
        with path.open("ab") as file:
            file.seek(offset)
            file.write(data)
