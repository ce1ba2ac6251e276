"""How sure the labels and the models are."""

from __future__ import annotations

import numpy as np

from fluidmol.report.read.run import Flags, Floats, Run
from fluidmol.report.style import ACTIVE, DOMAINS, INACTIVE, LEARNED, Chart, Plot, axis, faint, layout, percent, series

_BINS = np.linspace(0, 1, 21)

_PANELS = (
    ("teacher", "Teachers, all together"),
    ("student", "Student"),
    ("hybrid", "Hybrids, all together"),
    ("pooled", "T0, all data pooled"),
)


def label_distribution(run: Run) -> Chart | None:
    """Draw how the federated labels spread between inactive and active."""
    value, selected = run.labels.value, run.labels.selected
    spoken = ~np.isnan(value)
    if not spoken.any():
        return None
    traces = [_steps("All labels", value[spoken], "#33556F", "solid")]
    if not run.labels.all_selected:
        traces.append(_steps(LEARNED, value[spoken & selected], "#C07A12", "dash"))
    middle = float(np.mean((value[spoken] > 0.3) & (value[spoken] < 0.7)))
    told = f"{percent(float(np.mean(run.labels.hard[spoken])), 1)} of the labels say active"
    return Chart(
        key="distribution-labels",
        title="Federated labels",
        alt=f"Histogram of the federated labels: {told}, {percent(middle)} are between 0.3 and 0.7.",
        caption="Left: the consortium is sure of inactive; right: of active. Much in the middle means that partners "
        f"disagree or don't know this chemistry. {told}."
        + (" All of them went into the student." if run.labels.all_selected else ""),
        plot=_panel(traces, "Federated label (probability of active)", "Share of labels"),
        height=320,
    )


def model_distributions(run: Run, dataset: str) -> list[Chart]:
    """Draw the probabilities that each kind of model gives to actives and to inactives."""
    judged = run.judged.get(dataset)
    if judged is None:
        return []
    charts = []
    for kind, title in _PANELS:
        said = [judged.said[score.model] for score in run.of(dataset, kind) if score.model in judged.said]
        if said:
            active = np.tile(judged.active, len(said))
            charts.append(_by_class(f"distribution-{dataset}-{kind}", title, dataset, np.concatenate(said), active))
    return charts


def _by_class(key: str, title: str, dataset: str, said: Floats, active: Flags) -> Chart:
    known = ~np.isnan(said)
    classes = (("Inactive", ~active, INACTIVE, "solid"), ("Active", active, ACTIVE, "dot"))
    traces = [_steps(name, said[known & rows], colour, dash) for name, rows, colour, dash in classes]
    found, spared = _share(said[known & active] > 0.5), _share(said[known & ~active] <= 0.5)
    shares = ((found, "of the actives get more than 0.5"), (spared, "of the inactives get 0.5 or less"))
    told = "; ".join(f"{percent(share)} {what}" for share, what in shares if not np.isnan(share)) + "."
    alt = f"{title}, {DOMAINS[dataset].lower()}: {told}"
    return Chart(key, title, alt, told, _panel(traces, "Probability of active", "Share of class"), height=250)


def _steps(name: str, values: Floats, colour: str, dash: str) -> Plot:
    counts, _ = np.histogram(np.clip(values, 0, 1), _BINS)
    share = counts / max(1, len(values))
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        # The last share twice: a step needs its right edge.
        "x": series(_BINS),
        "y": series([*share, share[-1]]),
        "line": {"shape": "hv", "color": colour, "width": 2, "dash": dash},
        "fill": "tozeroy",
        "fillcolor": faint(colour),
        "hovertemplate": "from %{x:.2f}: %{y:.1%}<extra>" + name + "</extra>",
    }


def _share(flags: Flags) -> float:
    return float(np.mean(flags)) if len(flags) else float("nan")


def _panel(traces: list[Plot], x: str, y: str) -> Plot:
    return {
        "data": traces,
        "layout": layout(
            xaxis=axis(x, range=[0, 1], dtick=0.25, showgrid=False),
            yaxis=axis(y, tickformat=".0%", rangemode="tozero", nticks=5),
        ),
    }
