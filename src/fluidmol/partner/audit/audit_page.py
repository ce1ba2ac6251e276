"""One self-contained HTML page that a security officer can read."""

from __future__ import annotations

from typing import Any

from fluidmol.learning.privacy.accountant import at_most, share_at_most
from fluidmol.partner.audit.analogues import CLOSE
from fluidmol.partner.audit.figures import Estimate
from fluidmol.partner.audit.outcome import Audit
from fluidmol.partner.audit.verdict import HEADS


def _rules(rules: dict[str, Any]) -> str:
    """Say which rules of the policy change what leaves."""
    said = [f"{rules['decimals']} decimals", "probabilities" if rules["labels"] == "soft" else "only 0 or 1"]
    if rules["surest"]:
        said.append(f"none nearer than {rules['surest']:g} to 0 and 1")
    if rules["proximity_levels"]:
        said.append(f"{rules['proximity_levels']} levels of proximity")
    if rules["nearest_only"]:
        said.append(f"silent where the proximity is below {rules['nearest_only']:g}")
    return "; ".join(said)


def page(found: Audit) -> str:
    """Make the page as text. It needs nothing but itself, and no script."""
    import jinja2  # noqa: PLC0415 - not needed by other commands

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("fluidmol.partner.audit", "template"),
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"percent": percent, "width": width, "at_most": at_most, "share_at_most": share_at_most}
    return environment.get_template("audit.html.j2").render(
        audit=found,
        head=HEADS[found.grade].rstrip("."),
        proves=found.proves,
        rules=_rules(found.rules),
        close=CLOSE,
        worst=_worst(found),
        sources=_sources(found),
    )


def percent(found: Estimate | float | None) -> str:
    r"""Write a share, with one digit below 10 %.

    Examples
    --------
    >>> percent(0.034), percent(0.34), percent(None)
    ('3.4\xa0%', '34\xa0%', '–')
    """
    if found is None:
        return "\u2013"
    value = found.value if isinstance(found, Estimate) else found
    return f"{100 * value:.{1 if value < 0.0995 else 0}f}\u00a0%"


def width(auc: float) -> float:
    """Width of a bar in percent: nothing for guessing, all of it for certainty.

    Examples
    --------
    >>> width(0.75), width(0.4)
    (50.0, 0.0)
    """
    return round(max(0.0, 200 * (auc - 0.5)), 1)


def _worst(found: Audit) -> dict[str, Any]:
    leaving = [figure for figure in found.figures if figure.leaves]
    rated = [figure for figure in leaving if figure.found is not None]
    return {
        "auc": leaving[0] if leaving else None,
        "found": max(rated, key=lambda figure: figure.found.value if figure.found else 0.0, default=None),
        "told": max((f for f in leaving if f.classes_right is not None), key=lambda f: f.auc.value, default=None),
    }


def _sources(found: Audit) -> list[str]:
    later = found.rounds.figures if found.rounds is not None else ()
    named = {found.analogues.source} if found.analogues is not None else set()
    return sorted({figure.source for figure in (*found.figures, *later)} | named)
