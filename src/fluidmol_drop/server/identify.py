"""Who asks, by the certificate of the connection; asked of the database at every request."""

from __future__ import annotations

import logging
from typing import Any

import attrs
import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import Scope

from fluidmol_drop.server.access import MONITOR, Member
from fluidmol_drop.server.audit_log import record
from fluidmol_drop.server.authority import fingerprint
from fluidmol_drop.server.refusals import RequestRefusedError, forbidden
from fluidmol_drop.server.service import Service

logger = logging.getLogger(__name__)

CERTIFICATE = "fluidmol.certificate"
"""Where the listener puts the client's certificate (DER) within the scope."""

FROM_PAGES = (b"origin", b"sec-fetch-site")
"""Headers that browsers send for pages. Any page of the world could use the certificate in its reader's browser."""

OPEN_TO_MONITORS = ("/healthz", "/metrics")


@attrs.frozen(eq=False)
class Identify:
    """Admits members whose certificate counts, no faster than they may.

    Parameters
    ----------
    service : Service
    """

    service: Service

    async def __call__(self, scope: Scope) -> None:
        """Put the member into the scope's state.

        Raises
        ------
        RequestRefusedError
            Without a certificate (401), with one that doesn't count (403), or too often (429).
        """
        der = scope.get(CERTIFICATE)
        if not der:
            raise RequestRefusedError(401, "there is no client certificate", "Enrol first: fluid enrol.")
        mark = fingerprint(der)
        try:
            member = await run_in_threadpool(self.service.members.who, mark)
        except sa.exc.SQLAlchemyError as problem:
            logger.error("the database doesn't answer: %s", type(problem).__name__)
            raise RequestRefusedError(
                503, "the database doesn't answer", "Try again, then tell the operator.", wait=5
            ) from None
        if member is None:
            await note_refusal(self.service, f"certificate {mark[:16]}", scope["path"])
            raise RequestRefusedError(
                403, "the certificate is unknown, expired or revoked", "Ask the operator for a new code, then enrol."
            )
        if wait := self.service.pace.wait(member.name):
            raise RequestRefusedError(429, f"{member.name} asks too often", "Wait a little.", wait=wait)
        if member.role == MONITOR and scope["path"] not in OPEN_TO_MONITORS:
            await note_refusal(self.service, member.name, scope["path"])
            raise forbidden(f"{member.name} may only see {' and '.join(OPEN_TO_MONITORS)}")
        if scope["method"] not in ("GET", "HEAD") and any(name in FROM_PAGES for name, _ in scope["headers"]):
            await note_refusal(self.service, member.name, scope["path"])
            raise forbidden("a page in a browser may look, and change nothing")
        scope.setdefault("state", {})["member"] = member


def caller(request: Request) -> Member:
    """Give the member who asks, for routes."""
    member: Any = request.state.member
    if not isinstance(member, Member):
        raise RequestRefusedError(401, "there is no client certificate")
    return member


async def note_refusal(service: Service, who: str, path: str) -> None:
    """Note in the audit log that somebody was refused, as often as the pace allows."""
    if service.note_pace.wait(who) == 0:
        try:
            await run_in_threadpool(_note, service, who, path[:200])
        except sa.exc.SQLAlchemyError as problem:
            # It stays refused, whether or not that can be noted.
            logger.error("a refusal of %s can't be noted: %s", who, type(problem).__name__)


def _note(service: Service, who: str, path: str) -> None:
    with service.database.writing() as connection:
        record(connection, who, "refuse", path)
