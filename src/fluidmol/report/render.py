"""How a page is filled in: one file that needs no other, and lets nothing run but its own scripts."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib import resources
from typing import Any

import attrs

from fluidmol.report.parts import Section
from fluidmol.report.style import COLOURS


@attrs.frozen
class Page:
    """All that the template fills in."""

    kicker: str
    """A line above the title."""

    title: str
    facts: tuple[tuple[str, str], ...]
    """Names and values below the title."""

    ran: tuple[str, ...]
    """What was run: paragraphs."""

    findings: tuple[Any, ...]
    sections: tuple[Section, ...]
    notes: tuple[str, ...]
    """Small print below the findings."""

    banners: tuple[tuple[str, str], ...] = ()
    """What must be known first: a word or two, and a sentence."""

    body: str = ""
    """Class of the page's body."""

    reading: str = ""
    """How the first file was read."""


def rendered(template: str, plots: dict[str, Any], **words: Any) -> str:
    """Fill a page's template; it gets style, charts and scripts, and a policy that lets nothing else run.

    Parameters
    ----------
    template : str
        Its file name.
    plots : dict
        Charts in plotly's own terms, by their ids.
    words : Any
        What the template says.
    """
    import jinja2  # noqa: PLC0415 - not needed by other commands
    from markupsafe import Markup  # noqa: PLC0415

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("fluidmol.report", "template"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Scripts are named by hash in the page's security policy, so nothing else can ever run in it.
    scripts = [*([_plotly()] if plots else []), _asset("report.js")]
    style = _asset("report.css") + "".join(f".kind-{kind}{{--kind:{hue}}}\n" for kind, hue in COLOURS.items())
    return environment.get_template(template).render(
        plots=Markup(_json(plots)),  # noqa: S704 - nothing in it can end the element
        policy=" ".join(_source(script) for script in scripts),
        scripts=[Markup(script) for script in scripts],  # noqa: S704 - our own files
        style=Markup(style),  # noqa: S704 - our own file
        **words,
    )


def _json(plots: dict[str, Any]) -> str:
    """Write JSON that can't close the script element that holds it."""
    text = json.dumps(plots, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath("template", name).read_text(encoding="utf-8").replace("\r\n", "\n")


def _plotly() -> str:
    from plotly.offline import get_plotlyjs  # noqa: PLC0415 - heavy

    # A browser reads both line ends as one, and hashes what it read.
    return str(get_plotlyjs()).replace("\r\n", "\n").replace("\r", "\n").replace("</script", "<\\/script")


def _source(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
