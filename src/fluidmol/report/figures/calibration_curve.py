"""Whether a stated probability can be believed."""

from __future__ import annotations

import numpy as np

from fluidmol.report.findings.caveats import FEWEST
from fluidmol.report.read.run import Flags, Floats, Run
from fluidmol.report.style import COLOURS, DOMAINS, Chart, Plot, axis, figure, layout, series

_FEWEST = 20
"""Fewest predictions behind a point: less would be noise."""

_CURVES = (
    ("teacher", "Teachers, mean", "diamond", "dot"),
    ("student", "Student", "square", "solid"),
    ("hybrid", "Hybrids, mean", "circle", "solid"),
    ("pooled", "T0 (pooled)", "triangle-up", "dash"),
)


_NOTHING = {
    "text": "Too few predictions to draw", "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False,
    "font": {"size": 15}, "bgcolor": "#FFFFFF", "borderpad": 6,
}  # fmt: skip


def calibration(run: Run, dataset: str) -> Chart | None:
    """Draw the reliability diagram of teachers, student, hybrids and T0."""
    judged = run.judged.get(dataset)
    if judged is None:
        return None
    curves = []
    for kind, name, symbol, dash in _CURVES:
        said = [judged.said[score.model] for score in run.of(dataset, kind) if score.model in judged.said]
        if said:
            active = np.tile(judged.active, len(said))
            curves.append(curve(name, COLOURS[kind], symbol, dash, np.concatenate(said), active))
    if not curves:
        return None
    ideal = {
        "type": "scatter", "mode": "lines", "name": "Perfect calibration", "x": [0, 1], "y": [0, 1],
        "line": {"color": "#9AA5AE", "width": 1.2}, "hoverinfo": "skip",
    }  # fmt: skip
    told = _told(run, dataset, curves)
    drawable = any(len(curve["x"]) > 1 for curve in curves)
    plot: Plot = {
        # A curve without a point would stand in the legend only.
        "data": [ideal, *(curve for curve in curves if curve["x"])],
        "layout": layout(
            xaxis=axis("Stated probability of active", range=[0, 1], dtick=0.25),
            yaxis=axis("Found active", range=[0, 1], dtick=0.25, tickformat=".0%"),
            annotations=[] if drawable else [_NOTHING],
        ),
    }
    return Chart(
        key=f"calibration-{dataset}",
        title=DOMAINS[dataset],
        alt=f"Reliability diagram on the {DOMAINS[dataset].lower()}. {told}",
        caption=told,
        plot=plot,
        height=400,
    )


def curve(name: str, colour: str, symbol: str, dash: str, said: Floats, active: Flags) -> Plot:
    """Draw how often compounds that were said to be active with some probability are; bins of too few are left out."""
    known = ~np.isnan(said)
    said, active = said[known], active[known]
    place = np.clip((said * 10).astype(int), 0, 9)
    bins = [place == i for i in range(10) if np.sum(place == i) >= _FEWEST]
    sizes = [int(rows.sum()) for rows in bins]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": series(said[rows].mean() for rows in bins),
        "y": series(active[rows].mean() for rows in bins),
        "customdata": sizes,
        "line": {"color": colour, "width": 2, "dash": dash},
        "marker": {"symbol": symbol, "size": 8, "color": colour},
        "hovertemplate": "said %{x:.2f}, found %{y:.1%} of %{customdata}<extra>" + name + "</extra>",
    }


def _told(run: Run, dataset: str, curves: list[Plot]) -> str:
    """Give the calibration errors, and which of the curves can't be drawn or believed."""
    parts = [f"Mean calibration error (ECE): {_errors(run, dataset)}."]
    n = len(run.judged[dataset].active)
    if n < FEWEST:
        parts.append(f"All this stands on {n} compound{'' if n == 1 else 's'} only: too few to be relied on.")
    short = "; ".join(curve["name"] for curve in curves if len(curve["x"]) < 2)
    if short:
        parts.append(f"Too few predictions to draw (a curve needs two points, each of {_FEWEST} or more): {short}.")
    return " ".join(parts)


def _errors(run: Run, dataset: str) -> str:
    parts = []
    for kind, name, _, _ in _CURVES:
        values = [score.figures["ece"] for score in run.of(dataset, kind)]
        values = [value for value in values if not np.isnan(value)]
        if values:
            parts.append(f"{name} {figure(float(np.mean(values)))}")
    return "; ".join(parts) or "not known"
