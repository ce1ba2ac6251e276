"""How charts and numbers look: one colour a kind, one way to write a figure."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable
from typing import Any

import attrs

Plot = dict[str, Any]
"""A figure in plotly's own terms: ``data``, ``layout``. Plain values, so that every plotly draws it."""

COLOURS = {
    "teacher": "#B3720E",
    "student": "#0B8A66",
    "hybrid": "#0067AC",
    "pooled": "#2F3A44",
    "pooled_same_make": "#5B5470",
    "pooled_hybrid": "#78838D",
    "control": "#A4558F",
}
"""One colour a kind of model, on every chart (after Okabe and Ito, darkened to 3:1 on white)."""

NAMES = {
    "teacher": "Teacher (own data only)",
    "student": "Student (of the teachers' opinions only)",
    "hybrid": "Hybrid (own data and federated labels)",
    "pooled": "T0 (all data pooled)",
    "pooled_same_make": "T0-same-make (all data pooled, the teachers' make of model)",
    "pooled_hybrid": "T0 hybrid (all data and labels)",
    "control": "Ensemble (teachers asked directly)",
}
"""What each kind is called in legends."""

ACTIVE, INACTIVE = "#B5352B", "#4F7596"
"""Colours of the two classes."""

LEARNED = "Labels the student learned from"
"""What the selected labels are called."""

DOMAINS = {"external": "External set", "validation": "Validation set"}
"""What each data set is called."""

INK, MUTED, GRID = "#1F2A33", "#55616B", "#E4E8EC"

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'

NONE = "–"
"""Written where a figure is undefined."""


@attrs.frozen
class Chart:
    """One chart and the words around it."""

    key: str
    """Its id in the page."""
    title: str
    alt: str
    """What it shows, for people who don't see it."""
    caption: str
    """How to read it."""
    plot: Plot
    height: int = 400
    """Pixels."""


def layout(**extra: Any) -> dict[str, Any]:
    """Give the house layout: white, calm, system fonts; ``extra`` goes on top."""
    base: dict[str, Any] = {
        "font": {"family": FONT, "size": 13, "color": INK},
        "paper_bgcolor": "#FFFFFF",
        "plot_bgcolor": "#FFFFFF",
        "margin": {"l": 56, "r": 12, "t": 28, "b": 46},
        "hoverlabel": {"bgcolor": "#FFFFFF", "bordercolor": MUTED, "font": {"family": FONT, "size": 13, "color": INK}},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
        "bargap": 0.25,
    }
    return base | extra


def axis(title: str = "", **extra: Any) -> dict[str, Any]:
    """Give an axis in the house style; ``extra`` goes on top."""
    base: dict[str, Any] = {
        "title": {"text": title, "font": {"size": 13, "color": MUTED}, "standoff": 10},
        "gridcolor": GRID,
        "zeroline": False,
        "linecolor": "#9AA5AE",
        "ticks": "",
        "automargin": True,
        "tickfont": {"size": 12, "color": MUTED},
    }
    return base | extra


def plain(text: str) -> str:
    """Escape a text for plotly, which reads tags in labels.

    Examples
    --------
    >>> plain("A<b>&Co")
    'A&lt;b&gt;&amp;Co'
    """
    return html.escape(text, quote=False)


def faint(colour: str) -> str:
    """Thin a colour down to a tint for areas; plotly 6 knows no hexadecimal form of that.

    Examples
    --------
    >>> faint("#0067AC")
    'rgba(0,103,172,0.13)'
    """
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"rgba({red},{green},{blue},0.13)"


def series(values: Iterable[float], digits: int = 4) -> list[float | None]:
    """Round numbers for JSON, which knows no NaN.

    Examples
    --------
    >>> series([0.123456, float("nan")])
    [0.1235, None]
    """
    return [None if math.isnan(value) else round(float(value), digits) for value in values]


def figure(value: float, digits: int = 3, *, sign: bool = False) -> str:
    """Write a number, with a true minus.

    Examples
    --------
    >>> figure(-0.5), figure(0.25, 2, sign=True), figure(float("nan"))
    ('−0.500', '+0.25', '–')
    """
    if math.isnan(value):
        return NONE
    text = f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"
    return text.replace("-", "−")


def count(value: float) -> str:
    """Write a whole number, thousands apart.

    Examples
    --------
    >>> count(3015).split()
    ['3', '015']
    """
    return NONE if math.isnan(value) else f"{round(value):,}".replace(",", "\u202f")


def percent(value: float, digits: int = 0) -> str:
    r"""Write a share.

    Examples
    --------
    >>> percent(0.281)
    '28\xa0%'
    """
    return NONE if math.isnan(value) else f"{100 * value:.{digits}f} %".replace(" ", "\u00a0")
