"""The application that members talk to: routes, refusals as JSON, and admittance around them all."""

from __future__ import annotations

import errno
import logging
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from fluidmol.errors import FluidError
from fluidmol_drop.server.access import PARTNER, Member
from fluidmol_drop.server.admittance import Admittance, wait_header
from fluidmol_drop.server.blob_routes import blob_routes
from fluidmol_drop.server.forms import REFUSALS
from fluidmol_drop.server.identify import Identify, caller, note_refusal
from fluidmol_drop.server.page import page_routes
from fluidmol_drop.server.refusals import RequestRefusedError, forbidden
from fluidmol_drop.server.service import Service
from fluidmol_drop.server.tables import entries
from fluidmol_drop.server.upload_routes import upload_routes

logger = logging.getLogger(__name__)

Answer = Callable[[Request, Exception], Awaitable[JSONResponse]]


def drop_app(service: Service) -> ASGIApp:
    """Make the application, with admittance around it."""
    app = bare_app(service)
    limits = service.settings.limits
    return Admittance(app, Identify(service), service.metrics, limits.patience, limits.chunk)


def bare_app(service: Service) -> FastAPI:
    """Make the application without admittance: whoever asks must be in the scope's state."""
    app = FastAPI(
        title="fluidmol drop",
        summary="Keeps blobs by name for one consortium, and looks into none.",
        version="1",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(blob_routes(service))
    app.include_router(upload_routes(service))
    app.include_router(page_routes(service))
    _add_health(app, service)
    refuse(app, service)
    return app


def refuse(app: FastAPI, service: Service | None = None) -> None:
    """Let an application state its refusals as JSON, in our words, without what was sent."""

    async def refused(request: Request, problem: Exception) -> JSONResponse:
        said = _said(problem)
        if said.status == 403 and service is not None:
            await note_refusal(service, caller(request).name, request.url.path)
        headers = {name.decode(): value.decode() for name, value in wait_header(said)}
        headers |= getattr(problem, "headers", None) or {}
        return JSONResponse(said.body(), said.status, headers)

    kinds = (FluidError, HTTPException, RequestValidationError, OSError, sa.exc.OperationalError, sa.exc.TimeoutError)
    for kind in kinds:
        app.add_exception_handler(kind, refused)


def _said(problem: Exception) -> RequestRefusedError:
    if isinstance(problem, RequestRefusedError):
        return problem
    if isinstance(problem, RequestValidationError):
        where = {".".join(str(part) for part in error["loc"]) for error in problem.errors()}
        return RequestRefusedError(
            422, f"not as it should be: {', '.join(sorted(where))[:300]}", "See /v1/openapi.json."
        )
    if isinstance(problem, HTTPException):
        return RequestRefusedError(problem.status_code, str(problem.detail), "See /v1/openapi.json.")
    if isinstance(problem, FluidError):
        return RequestRefusedError(422 if problem.exit_code == 65 else 503, problem.message, problem.hint)
    # Not the exception's text: it may name paths of the server, or parts of the database's address.
    logger.error("%s: %s", type(problem).__name__, getattr(problem, "errno", None) or "database")
    if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return RequestRefusedError(
            507, "the server's disk is full", "Tell the operator; what is stored is safe.", wait=60
        )
    return RequestRefusedError(503, "the server can't write or read now", "Try again, then tell the operator.", wait=5)


def _add_health(app: FastAPI, service: Service) -> None:
    words: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}

    @app.get("/healthz", response_class=PlainTextResponse, responses=REFUSALS | words, tags=["operation"])
    def healthz() -> str:
        """Say ``ok`` if the database answers."""
        with service.database.reading() as connection:
            connection.execute(sa.select(1))
        return "ok\n"

    @app.get("/metrics", response_class=PlainTextResponse, responses=REFUSALS | words, tags=["operation"])
    def metrics(member: Annotated[Member, Depends(caller)]) -> str:
        """Give counts in Prometheus' text format; for coordinator and monitors."""
        if member.role == PARTNER:
            raise forbidden(f"{member.name} may not see the metrics")
        with service.database.reading() as connection:
            counted = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(entries.c.size), 0))
            blobs, size = connection.execute(counted).one()
        return service.metrics.text({"fluid_drop_blobs": int(blobs), "fluid_drop_stored_bytes": int(size)})
