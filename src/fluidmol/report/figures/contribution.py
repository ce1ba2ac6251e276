"""Who shaped the federated labels."""

from __future__ import annotations

import numpy as np

from fluidmol.report.read.run import Run
from fluidmol.report.style import LEARNED, Chart, Plot, axis, layout, percent, plain, series


def contribution(run: Run) -> Chart | None:
    """Draw each partner's mean share in all labels, in those the student learned from, and in active ones."""
    labels = run.labels
    if not labels.shares or not len(labels.value):
        return None
    everyone = np.ones(len(labels.value), dtype=bool)
    learned = () if labels.all_selected else ((LEARNED, labels.selected, "#8FA9BE"),)
    groups = (("All labels", everyone, "#33556F"), *learned, ("Labels that say active", labels.hard, "#B5352B"))
    partners = list(labels.shares)
    means = {name: [_mean(labels.shares[p], rows) for p in partners] for name, rows, _ in groups}
    bars = [
        {
            "type": "bar",
            "name": name,
            "x": [plain(partner) for partner in partners],
            "y": series(means[name]),
            "marker": {"color": colour},
            "hovertemplate": "%{x}: %{y:.1%}<extra>" + name + "</extra>",
        }
        for name, _, colour in groups
    ]
    equal = 1 / len(partners)
    rule = {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": equal, "y1": equal,
        "line": {"color": "#55616B", "width": 1.2, "dash": "dot"},
    }  # fmt: skip
    plot: Plot = {
        "data": bars,
        "layout": layout(
            barmode="group",
            shapes=[rule],
            xaxis=axis(showgrid=False, type="category"),
            yaxis=axis("Mean share in the labels", tickformat=".0%", rangemode="tozero"),
        ),
    }
    total = means["All labels"]
    told = ", ".join(f"{p} {percent(share)}" for p, share in zip(partners, total, strict=True))
    return Chart(
        key="contribution",
        title="Share of each partner in the federated labels",
        alt=f"Bar chart of mean shares in all labels: {told}.",
        caption="A label is a weighted mean of the partners' opinions; a partner's share is its weight, and the "
        f"shares of one molecule sum to 1. The dotted line is what equal influence would be ({percent(equal, 1)}). "
        "A partner far above it knows chemistry close to the transfer set, or speaks where others abstain."
        + (" All labels went into the student." if labels.all_selected else ""),
        plot=plot,
        height=380,
    )


def _mean(shares: np.ndarray, rows: np.ndarray) -> float:
    chosen = shares[rows]
    chosen = chosen[~np.isnan(chosen)]  # nobody spoke
    return float(chosen.mean()) if len(chosen) else float("nan")
