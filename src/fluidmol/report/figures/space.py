"""Who knows which chemistry."""

from __future__ import annotations

import re

import numpy as np

from fluidmol.report.read.run import Points, Run
from fluidmol.report.style import Chart, Plot, axis, layout, plain, series

_MOST = 6000
"""Most points drawn: an SVG of more is slow to read and to print."""

_COMMON = {
    "transfer": ("Transfer set", "#C3CAD1", "circle", 4),
    "validation": ("Validation set", "#111820", "cross-thin-open", 7),
    "external": ("External set", "#D0006F", "x-thin-open", 6),
}
_HUES = ("#0067AC", "#C07A12", "#0B8A66", "#B5352B", "#8E5BA6", "#4AA3DF", "#7A5C2E", "#D9739F")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "pentagon", "star", "hexagon")
_FILLS = ("", "-open", "-open-dot")


def space(run: Run) -> Chart | None:
    """Draw the map of partners', transfer and evaluation compounds."""
    points = run.points
    if not len(points.x):
        return None
    step = -(-len(points.x) // _MOST)
    names = [str(name) for name in dict.fromkeys(points.group.tolist())]
    partners = sorted((name for name in names if name not in _COMMON), key=_natural)
    # Painted in this order: the many pale ones first, so that they hide nothing.
    order = [name for name in ("transfer",) if name in names] + partners
    order += [name for name in ("validation", "external") if name in names]
    traces = [_cloud(points, name, step, partners) for name in order]
    hidden = {"showgrid": False, "showticklabels": False, "linecolor": "#D5DBE0", "mirror": True, "showline": True}
    plot: Plot = {
        "data": traces,
        "layout": layout(
            xaxis=axis("Projection, first axis", **hidden),
            yaxis=axis("Projection, second axis", **hidden),
            legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "itemsizing": "constant"},
            hovermode="closest",
        ),
    }
    thinned = "" if step == 1 else f" One point in {step} of each group is drawn."
    return Chart(
        key="space",
        title="Partners, transfer set and evaluation sets",
        alt=f"Scatter plot of {len(points.x)} compounds in {len(names)} groups, projected to two dimensions.",
        caption="Each point is a compound; near points are alike. The axes are a projection of many features to two "
        "and have no unit: only nearness can be read, and roughly. Where a partner's points and the transfer "
        "set don't meet, that partner's knowledge has little to travel on. Click a name to hide a group; double-click "
        f"to see it alone.{thinned}",
        plot=plot,
        height=620,
    )


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort partner-10 after partner-9."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", name)]


def _cloud(points: Points, name: str, step: int, partners: list[str]) -> Plot:
    rows = np.flatnonzero(points.group == name)[::step]
    if name in _COMMON:
        title, colour, symbol, size = _COMMON[name]
    else:
        i = partners.index(name)
        # Each colour comes back hollow, then dotted, and in another shape: at this size a shape alone is hard to see.
        turn = i // len(_HUES)
        title, colour = plain(name), _HUES[i % len(_HUES)]
        symbol, size = _SYMBOLS[(i + 3 * turn) % len(_SYMBOLS)] + _FILLS[turn % len(_FILLS)], 7
    marker: Plot = {"color": colour, "symbol": symbol, "size": size, "opacity": 1 if "thin" in symbol else 0.75}
    if "-open" in symbol:
        marker["line"] = {"color": colour, "width": 1.3}
    told = {None: "", True: ", active", False: ", inactive"}
    return {
        "type": "scatter",
        "mode": "markers",
        "name": title,
        "x": series(points.x[rows], 3),
        "y": series(points.y[rows], 3),
        "text": [title + told[points.active[row]] for row in rows],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": marker,
    }
