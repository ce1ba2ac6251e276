"""The page that a member sees: made here, without JavaScript, under a content policy that allows none."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from fluidmol_drop.server.access import COORDINATOR, Member
from fluidmol_drop.server.forms import REFUSALS
from fluidmol_drop.server.identify import caller
from fluidmol_drop.server.overview import Overview, order, overview
from fluidmol_drop.server.service import Service
from fluidmol_drop.server.tables import now


def page_routes(service: Service) -> APIRouter:
    """Give the one page there is."""
    router = APIRouter(responses=REFUSALS, tags=["page"])

    @router.get("/", response_class=HTMLResponse)
    def page(member: Annotated[Member, Depends(caller)]) -> HTMLResponse:
        """Show the caller how the consortium stands."""
        return HTMLResponse(rendered(overview(service, member)), headers={"content-security-policy": policy()})

    return router


def rendered(found: Overview) -> str:
    """Write the page: the coordinator's, or a partner's."""
    name = "coordinator" if found.member.role == COORDINATOR else "partner"
    template = _environment().get_template(f"{name}.html.j2")
    return template.render(found=found, style=_style(), now=now(), shared=order(found.shared))


def policy() -> str:
    """Give the page's content policy: its own style sheet, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def size(count: int) -> str:
    """Write a number of bytes for people.

    Examples
    --------
    >>> size(999), size(2_345_678), size(20 << 30)
    ('999 B', '2.3 MB', '21.5 GB')
    """
    value, units = float(count), ("kB", "MB", "GB", "TB")
    if count < 1000:
        return f"{count} B"
    for unit in units:
        value /= 1000
        if value < 999.95 or unit == units[-1]:
            break
    return f"{value:.1f} {unit}"


def when(text: str) -> str:
    """Write a time for people.

    Examples
    --------
    >>> when("2026-01-31T09:05:59Z")
    '2026-01-31 09:05'
    """
    return text[:16].replace("T", " ")


@cache
def _style() -> str:
    return resources.files(__package__).joinpath("template/page.css").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(str(__package__), "template"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"size": size, "when": when}
    return environment
