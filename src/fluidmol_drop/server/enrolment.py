"""The application that strangers talk to: a one-time code for a certificate, and nothing else."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.types import ASGIApp, Scope

from fluidmol_drop.server.admittance import Admittance
from fluidmol_drop.server.app import refuse
from fluidmol_drop.server.forms import REFUSALS, Enrolled, Enrolment
from fluidmol_drop.server.pace import Pace
from fluidmol_drop.server.refusals import RequestRefusedError
from fluidmol_drop.server.service import Service

PATIENCE = 20.0
"""Seconds that a stranger may be silent."""


def enrolment_app(service: Service) -> ASGIApp:
    """Make the application: five tries at once from one address, then one in twelve seconds."""
    app = FastAPI(title="fluidmol drop enrolment", version="1", openapi_url=None, docs_url=None, redoc_url=None)
    each, all_together = Pace(1 / 12, 5), Pace(5, 50)

    async def admit(scope: Scope) -> None:
        address = (scope.get("client") or ("unknown", 0))[0]
        if wait := each.wait(address) or all_together.wait(""):
            raise RequestRefusedError(429, "too many tries", "Wait a little.", wait=wait)

    @app.post("/v1/enrol", responses=REFUSALS)
    def enrol(asked: Enrolment) -> Enrolled:
        """Exchange a code for a certificate."""
        text = service.members.enrol(service.authority(), asked.name, asked.code, asked.request)
        return Enrolled(certificate=text)

    refuse(app)
    return Admittance(app, admit, service.metrics, PATIENCE)
