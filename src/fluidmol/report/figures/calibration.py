"""Whether a stated probability can be believed."""

from __future__ import annotations

import numpy as np

from fluidmol.report.run import Flags, Floats, Run
from fluidmol.report.style import COLOURS, DOMAINS, Chart, Plot, axis, figure, layout, series

_FEWEST = 20
"""Fewest predictions behind a point: less would be noise."""

_CURVES = (
    ("teacher", "Teachers, mean", "diamond", "dot"),
    ("student", "Student", "square", "solid"),
    ("hybrid", "Hybrids, mean", "circle", "solid"),
    ("pooled", "T0 (pooled)", "triangle-up", "dash"),
)


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
            curves.append(_curve(name, COLOURS[kind], symbol, dash, np.concatenate(said), active))
    if not curves:
        return None
    ideal = {
        "type": "scatter", "mode": "lines", "name": "Perfect calibration", "x": [0, 1], "y": [0, 1],
        "line": {"color": "#9AA5AE", "width": 1.2}, "hoverinfo": "skip",
    }  # fmt: skip
    errors = f"Mean calibration error (ECE): {_errors(run, dataset)}."
    plot: Plot = {
        "data": [ideal, *curves],
        "layout": layout(
            xaxis=axis("Stated probability of active", range=[0, 1], dtick=0.25),
            yaxis=axis("Found active", range=[0, 1], dtick=0.25, tickformat=".0%"),
        ),
    }
    return Chart(
        key=f"calibration-{dataset}",
        title=DOMAINS[dataset],
        alt=f"Reliability diagram on the {DOMAINS[dataset].lower()}. {errors}",
        caption=errors,
        plot=plot,
        height=400,
    )


def _curve(name: str, colour: str, symbol: str, dash: str, said: Floats, active: Flags) -> Plot:
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


def _errors(run: Run, dataset: str) -> str:
    parts = []
    for kind, name, _, _ in _CURVES:
        values = [score.figures["ece"] for score in run.of(dataset, kind)]
        values = [value for value in values if not np.isnan(value)]
        if values:
            parts.append(f"{name} {figure(float(np.mean(values)))}")
    return "; ".join(parts) or "not known"
