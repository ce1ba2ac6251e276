"""Names and content over HTTP."""

from __future__ import annotations

import re
from typing import Annotated, Any

import attrs
from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response, StreamingResponse

from fluidmol.exchange.mailbox import LONGEST, is_proper
from fluidmol_drop.server.access import Member
from fluidmol_drop.server.forms import NAME, REFUSALS, ItemForm, Items, Moved, SetAside
from fluidmol_drop.server.identify import caller
from fluidmol_drop.server.refusals import RequestRefusedError, absent
from fluidmol_drop.server.service import Service
from fluidmol_drop.server.shelf import BlobItem as Kept

PAGE = 500
"""Most names of one answer."""

Caller = Annotated[Member, Depends(caller)]
Name = Annotated[str, Path(max_length=LONGEST, description="The blob's name, its / as they are.")]
Part = Annotated[str, Query(max_length=LONGEST, pattern=f"^({NAME})?$")]

_BYTES = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
_FOUND: dict[int | str, dict[str, Any]] = {
    200: _BYTES | {"description": "The content."},
    206: _BYTES | {"description": "The part asked for."},
}


def blob_routes(service: Service) -> APIRouter:
    """Give the routes that list, read and set aside."""
    router = APIRouter(prefix="/v1", responses=REFUSALS, tags=["blobs"])

    @router.get("/names")
    def names(member: Caller, under: Part = "", after: Part = "") -> Items:
        """List what the caller may see within ``under``, from the first name after ``after``."""
        found = service.shelf.items(member, under, after, PAGE + 1)
        return Items(items=[_item(entry) for entry in found[:PAGE]], more=len(found) > PAGE)

    @router.get("/items/{name:path}")
    def item(member: Caller, name: Name) -> ItemForm:
        """Say what is known of a blob."""
        return _item(service.shelf.find(member, _proper(name)))

    @router.head("/blobs/{name:path}", responses={200: {"description": "It is there."}})
    def head(member: Caller, name: Name) -> Response:
        """Say size and digest of a blob, as headers."""
        entry = service.shelf.find(member, _proper(name))
        return Response(headers=_headers(entry, entry.size), media_type="application/octet-stream")

    @router.get("/blobs/{name:path}", responses=_FOUND, response_class=Response)
    def blob(member: Caller, name: Name, request: Request) -> StreamingResponse:
        """Give a blob's content, or with a ``Range`` header of one range the part asked for."""
        entry = service.shelf.find(member, _proper(name))
        start, stop = _range(request.headers.get("range"), entry.size)
        pieces = service.shelf.blobs.pieces(entry.digest, start, stop)
        if wait := service.read_pace.wait(member.name):
            raise RequestRefusedError(429, f"{member.name} reads too often", "Wait a little.", wait=wait)
        service.shelf.log_read(member, entry)
        headers = _headers(entry, stop - start)
        if (start, stop) != (0, entry.size):
            headers["content-range"] = f"bytes {start}-{stop - 1}/{entry.size}"
        status = 206 if "content-range" in headers else 200
        return StreamingResponse(pieces, status, headers, media_type="application/octet-stream")

    @router.post("/set-aside")
    def set_aside(member: Caller, wanted: SetAside) -> Moved:
        """Move a blob to the quarantine; for the coordinator."""
        return Moved(name=service.shelf.set_aside(member, _proper(wanted.name), wanted.reason))

    return router


def _item(entry: Kept) -> ItemForm:
    facts = attrs.asdict(entry)
    return ItemForm(sha256=facts.pop("digest"), **facts)


def _headers(entry: Kept, length: int) -> dict[str, str]:
    return {
        "accept-ranges": "bytes",
        "content-disposition": "attachment",
        "content-length": str(length),
        "etag": f'"{entry.digest}"',
    }


def _proper(name: str) -> str:
    if not is_proper(name):
        raise absent(repr(name[:40]))
    return name


def _range(header: str | None, size: int) -> tuple[int, int]:
    """Read a header such as ``bytes=100-`` or ``bytes=0-99``; others are as if they weren't there."""
    asked = re.fullmatch(r"bytes=(\d{1,18})-(\d{0,18})", header or "")
    if asked is None:
        return 0, size
    start, stop = int(asked[1]), min(size, int(asked[2]) + 1 if asked[2] else size)
    if start >= size or stop <= start:
        raise RequestRefusedError(416, f"the content has {size} bytes", "Ask for a part within.", size=size)
    return start, stop
