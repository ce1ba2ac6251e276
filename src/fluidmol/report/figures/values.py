"""What models of a regression say against what was measured, and what each partner gains."""

from __future__ import annotations

import numpy as np

from fluidmol.report.findings.value_findings import ValueGain, verdict
from fluidmol.report.read.value_run import ValueRun
from fluidmol.report.style import COLOURS, DOMAINS, Chart, Plot, axis, figure, layout, plain, series

MOST = 1500
"""Points drawn a panel: more would hide one another."""

_PANELS = (("student", "Student"), ("hybrid", "Hybrids, mean of all"), ("pooled", "T0, all data pooled"))


def against_measured(run: ValueRun, dataset: str) -> list[Chart]:
    """Draw predicted against measured values of student, hybrids and T0."""
    judged = run.judged.get(dataset)
    if judged is None:
        return []
    charts = []
    for kind, title in _PANELS:
        scores = [score for score in run.of(dataset, kind) if score.model in judged.said]
        if not scores:
            continue
        said = np.mean([judged.said[score.model] for score in scores], axis=0)
        rows = np.sort(np.random.default_rng(0).permutation(len(said))[:MOST])
        measured, said = judged.measured[rows], said[rows]
        ends = [float(min(measured.min(), said.min())), float(max(measured.max(), said.max()))]
        rmse = float(np.mean([score.figures["rmse"] for score in scores]))
        points: Plot = {
            "type": "scatter", "mode": "markers", "name": title, "x": series(measured, 3), "y": series(said, 3),
            "marker": {"color": COLOURS[kind], "size": 4, "opacity": 0.45}, "showlegend": False,
            "hovertemplate": "measured %{x:.2f}, predicted %{y:.2f}<extra></extra>",
        }  # fmt: skip
        line: Plot = {
            "type": "scatter", "mode": "lines", "x": ends, "y": ends, "line": {"color": "#9AA5AE", "width": 1.2},
            "hoverinfo": "skip", "showlegend": False,
        }  # fmt: skip
        told = f"RMSE {figure(rmse)}; points on the line are predicted as measured."
        charts.append(
            Chart(
                f"measured-{dataset}-{kind}", title, f"{title}, {DOMAINS[dataset].lower()}: {told}", told,
                {
                    "data": [line, points],
                    "layout": layout(xaxis=axis(f"Measured, {plain(run.unit)}"), yaxis=axis("Predicted")),
                },
                height=300,
            )
        )  # fmt: skip
    return charts


def gain_by_partner(found: ValueGain, unit: str) -> Chart:
    """Draw by how much each partner's hybrid errs less than its teacher."""
    names = list(found.by_partner)[::-1]
    each = [found.by_partner[name] for name in names]
    colours = {"better": "#0B8A66", "worse": "#B5352B", "unclear": "#78838D"}
    bars: Plot = {
        "type": "scatter", "mode": "markers", "x": series([-gain.difference for gain in each]),
        "y": [plain(name) for name in names], "showlegend": False,
        "marker": {"size": 10, "color": [colours[verdict(gain)] for gain in each]},
        "error_x": {
            "type": "data", "symmetric": False, "thickness": 1.5, "width": 5,
            "array": series([gain.difference - gain.low for gain in each]),
            "arrayminus": series([gain.high - gain.difference for gain in each]),
        },
        "hovertemplate": "%{y}: error smaller by %{x:.3f}<extra></extra>",
    }  # fmt: skip
    better = sum(verdict(gain) == "better" for gain in each)
    told = f"{better} of {len(each)} partners gain beyond chance."
    return Chart(
        f"gains-{found.dataset}", f"Error that each partner saves, {DOMAINS[found.dataset].lower()}",
        f"Teacher's RMSE less hybrid's, by partner. {told}",
        f"Right of 0, the hybrid errs less than the partner's own teacher; bars: 95 % intervals over molecules. {told}",
        {"data": [bars], "layout": layout(xaxis=axis(f"RMSE saved, {plain(unit)}", zeroline=True), yaxis=axis())},
        height=120 + 32 * len(each),
    )  # fmt: skip
