"""How good each partner's models are, beside what the consortium shares."""

from __future__ import annotations

import math
from collections.abc import Sequence

from fluidmol.report.findings.caveats import too_few
from fluidmol.report.read.run import Run, RunScore
from fluidmol.report.style import COLOURS, DOMAINS, NAMES, NONE, Chart, Plot, axis, figure, layout, plain, series

_SHARED = ("student", "control", "pooled_hybrid", "pooled_same_make", "pooled")


def benchmark(run: Run, dataset: str) -> Chart:
    """Draw the MCC of teacher and hybrid a partner, and of the shared and pooled models, with intervals."""
    own = run.of(dataset, "teacher", "hybrid")
    known = [row["partner"] for row in run.partners] if own else []
    partners = list(dict.fromkeys([*known, *(score.partner for score in own)]))
    # A gap of half a slot keeps what belongs to partners apart from what belongs to nobody.
    start = len(partners) + 0.5 if partners else 0.0
    traces = [
        _bars([s for s in own if s.kind == kind], [partners.index(s.partner) for s in own if s.kind == kind], side)
        for kind, side in (("teacher", -0.4), ("hybrid", 0.0))
    ]
    shared = [score for kind in _SHARED for score in run.of(dataset, kind)]
    slots = [start + i for i in range(len(shared))]
    for kind in _SHARED:
        chosen = [i for i, score in enumerate(shared) if score.kind == kind]
        traces.append(_bars([shared[i] for i in chosen], [slots[i] for i in chosen], -0.3, width=0.6))
    ends = (-0.5, slots[-1] + 0.5 if slots else len(partners) - 0.5)
    lines = [_line(score, ends) for score in shared if score.kind in {"pooled", "student"}]
    ticks = [*range(len(partners)), *slots]
    names = [_tick(own, name) for name in partners] + [plain(score.model) for score in shared]
    bars = [trace for trace in traces if trace["x"]]
    plot: Plot = {
        "data": [*lines, *bars],
        "layout": layout(
            barmode="overlay",
            xaxis=axis(tickvals=ticks, ticktext=names, range=list(ends), showgrid=False),
            yaxis=axis("MCC", rangemode="tozero", tickformat=".1f", zeroline=True, zerolinecolor="#9AA5AE"),
            **_zeros(bars),
        ),
    }
    return Chart(
        key=f"benchmark-{dataset}",
        title=DOMAINS[dataset],
        alt=_alt(run, dataset),
        caption=_caption(run, dataset),
        plot=plot,
        height=420,
    )


def _tick(own: Sequence[RunScore], partner: str) -> str:
    """Name a partner, and what it lacks."""
    kinds = {score.kind for score in own if score.partner == partner}
    if kinds >= {"teacher", "hybrid"}:
        return plain(partner)
    lacks = "no teacher" if "hybrid" in kinds else "no hybrid" if kinds else "no models"
    return f"{plain(partner)}<br>({lacks})"


def _zeros(bars: Sequence[Plot]) -> Plot:
    """Mark bars of exactly 0 by a line and a figure, and undefined ones by a dash: else they look forgotten."""
    shapes: list[Plot] = []
    notes: list[Plot] = []
    for trace in bars:
        for x, y in zip(trace["x"], trace["y"], strict=True):
            if y:
                continue
            left, colour = x + trace["offset"], trace["marker"]["color"]
            right = left + trace["width"]
            if y is not None:
                line = {"color": colour, "width": 3}
                shapes.append({"type": "line", "x0": left + 0.03, "x1": right - 0.03, "y0": 0, "y1": 0, "line": line})
            notes.append(
                {
                    "text": NONE if y is None else "0", "x": (left + right) / 2, "y": 0, "yanchor": "bottom",
                    "showarrow": False, "font": {"size": 12, "color": colour},
                }
            )  # fmt: skip
    return {"shapes": shapes, "annotations": notes}


def _caption(run: Run, dataset: str) -> str:
    """Say how to read the chart."""
    parts = [
        too_few(run, dataset),
        "Each pair of bars is one partner: its teacher, then its hybrid. Whiskers are 95 % intervals over the "
        "molecules of the set. Dashed lines carry the student and T0 across, for comparison.",
    ]
    if run.of(dataset, "control"):
        parts.append(
            "The ensemble is the weighted mean of what all teachers say when asked directly about these molecules, "
            "with no student between; what the student lacks beside it was lost on the way through the transfer set."
        )
    own = run.of(dataset, "teacher", "hybrid")
    if own and any(_tick(own, row["partner"]) != plain(row["partner"]) for row in run.partners):
        parts.append("In brackets: what a partner doesn't have; the table of partners says why.")
    parts.append("Higher is better: 0 is no better than chance, 1 is always right; a dash stands for undefined.")
    return " ".join(filter(None, parts))


def _bars(scores: Sequence[RunScore], slots: Sequence[float], offset: float, width: float = 0.4) -> Plot:
    kind = scores[0].kind if scores else ""
    above = [score.figures["mcc_high"] - score.mcc for score in scores]
    below = [score.mcc - score.figures["mcc_low"] for score in scores]
    return {
        "type": "bar",
        "name": NAMES.get(kind, ""),
        "x": list(slots),
        "y": series(score.mcc for score in scores),
        "offset": offset,
        "width": width,
        "marker": {"color": COLOURS.get(kind, ""), "line": {"width": 1, "color": "#FFFFFF"}},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": series(above),
            "arrayminus": series(below),
            "thickness": 1.3,
            "width": 3,
            "color": "#1F2A33",
        },
        "customdata": [_hover(score) for score in scores],
        "hovertemplate": "%{customdata}<extra></extra>",
        "legendgroup": kind,
    }


def _hover(score: RunScore) -> str:
    low, high = score.figures["mcc_low"], score.figures["mcc_high"]
    interval = "" if math.isnan(low) or math.isnan(high) else f" ({figure(low)} to {figure(high)})"
    return f"{plain(score.model)}<br>MCC {figure(score.mcc)}{interval}"


def _line(score: RunScore, ends: tuple[float, float]) -> Plot:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(ends),
        "y": series([score.mcc, score.mcc]),
        "line": {"color": COLOURS[score.kind], "width": 1.4, "dash": "dash"},
        "hoverinfo": "skip",
        "showlegend": False,
        "legendgroup": score.kind,
    }


def _alt(run: Run, dataset: str) -> str:
    parts = []
    for kind in ("teacher", "hybrid", *_SHARED):
        values = [score.mcc for score in run.of(dataset, kind) if not math.isnan(score.mcc)]
        if values:
            spread = f"{figure(min(values))} to {figure(max(values))}" if len(values) > 1 else figure(values[0])
            parts.append(f"{NAMES[kind]}: {spread}")
    where = DOMAINS[dataset].lower()
    return f"Bar chart of MCC on the {where}. {'; '.join(parts)}. The table of metrics has all figures."
