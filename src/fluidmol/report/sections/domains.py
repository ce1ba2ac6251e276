"""Domain shift: chemistry that nobody in the federation knows, and each partner's own."""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs
import numpy as np

from fluidmol.learning.statistics.intervals import Interval
from fluidmol.report.parts import (
    ReportTable,
    Section,
    SectionPart,
    TableCell,
    TableColumn,
    as_float,
    column,
    mean,
    name,
    row,
    text,
)
from fluidmol.report.read.frame import OWN, averaged
from fluidmol.report.read.studies import ArmResults, Studies
from fluidmol.report.sections.compared import ALPHA
from fluidmol.report.style import COLOURS, MUTED, Chart, Plot, axis, figure, layout, percent, plain, series

SHOWN = (("teachers' mean", "teacher"), ("ensemble", "control"), ("student", "student"), ("hybrids' mean", "hybrid"))


def cross_domain(studies: Studies) -> Section | None:
    """Show what the others know about a partner's chemistry that stayed out."""
    arms = studies.having("cross-domain")
    if not arms:
        return None
    frames = {arm.name: arm.frame("cross-domain") for arm in arms}
    means = {who: [frame.mean("mcc", OWN, called=called) for called, _ in SHOWN] for who, frame in frames.items()}
    columns = (TableColumn("MCC on the left-out domain", number=False), *(column(arm.name) for arm in arms))
    lines = [row(name(called), [mean(means[a.name][i]) for a in arms]) for i, (called, _) in enumerate(SHOWN)]
    for gain, what in (("student-gain", "student"), ("hybrids-gain", "hybrids")):
        cells = [mean(frames[arm.name].mean("mcc", OWN, called=gain), sign=True) for arm in arms]
        lines.append(row(f"gain of the {what} over the others' teachers", cells))
    lead = (
        "Each partner in turn stays out: the others federate, and are judged on all of its compounds. Nothing that it "
        "knows reaches labels, selection or models. This is the open problem of the field: chemistry that is new to "
        "everybody.",
    )
    chart = _dots("cross-domain", arms, means)
    table = ReportTable("A domain left out of the federation", columns, tuple(lines))
    parts = (SectionPart("chart", chart=chart), SectionPart("table", table=table))
    return Section("cross-domain", "A domain that nobody in the federation knows", "Left-out domain", lead, parts)


def _dots(key: str, arms: Sequence[ArmResults], means: dict[str, list[Interval]]) -> Chart:
    traces: list[Plot] = []
    for place, (called, kind) in enumerate(SHOWN):
        found = [means[arm.name][place] for arm in arms]
        shift = (place - (len(SHOWN) - 1) / 2) * 0.16
        traces.append(
            {
                "type": "scatter", "mode": "markers", "name": called,
                "x": series(interval.mean for interval in found), "y": [i + shift for i in range(len(arms))],
                "marker": {"size": 12, "color": COLOURS[kind]},
                "error_x": {"type": "data", "array": series(i.high - i.mean for i in found), "thickness": 1.6,
                            "width": 4, "color": COLOURS[kind]},
                "hovertemplate": f"{called}: %{{x:.3f}}<extra></extra>",
            }
        )  # fmt: skip
    told = "; ".join(
        f"{arm.name}: " + ", ".join(f"{c} {figure(i.mean)}" for (c, _), i in zip(SHOWN, means[arm.name], strict=True))
        for arm in arms
    )
    plot: Plot = {
        "data": traces,
        "layout": layout(
            xaxis=axis("MCC on the left-out partner's compounds", zeroline=True, rangemode="tozero"),
            yaxis=axis(
                tickvals=list(range(len(arms))), ticktext=[plain(arm.name) for arm in arms], showgrid=False,
                range=[len(arms) - 0.5, -0.5], tickfont={"size": 13, "color": MUTED},
            ),
            legend={"orientation": "h", "x": 0, "y": 1.04, "yanchor": "bottom", "font": {"size": 12}},
            margin={"l": 90, "r": 12, "t": 50, "b": 46},
        ),
    }  # fmt: skip
    caption = "Means over partners and seeds; whiskers: 95 % interval of the mean over seeds."
    return Chart(key, "", f"Dot chart of MCC on left-out domains. {told}.", caption, plot, 150 + 90 * len(arms))


def own_domain(studies: Studies) -> Section | None:
    """Show whether a partner regrets its hybrid."""
    arms = studies.having("own-domain")
    if not arms:
        return None
    columns = (TableColumn("On own held-out compounds", number=False), *(column(arm.name) for arm in arms))
    models = ("teachers' mean", "student", "hybrids' mean", "T0", "T0-same-make")
    rows = [row(name(m), [mean(arm.frame("own-domain").mean("mcc", OWN, called=m)) for arm in arms]) for m in models]
    rows.append(
        row("gain: hybrid minus teacher", [mean(gains(arm)[0], sign=True) for arm in arms]),
    )
    rows.append(row("partners whose hybrid is above its teacher", [_share(gains(arm)[1]) for arm in arms]))
    if studies.comparisons:
        rows += [
            row("partners for whom it is clearly better", [_clear(studies, arm, 1) for arm in arms]),
            row("partners for whom it is clearly worse", [_clear(studies, arm, -1) for arm in arms]),
        ]
    lead = (
        f"Before anybody trains, each partner holds {_held(arms)} back. Its teacher and its hybrid are judged on "
        "these: a partner that gains nothing here should at least lose nothing.",
        f"Clearly: the corrected p (Holm, over all partners and seeds) is below .05. {_COUNTED}",
    )
    parts = (
        SectionPart("chart", chart=_strip(arms)),
        SectionPart("table", table=ReportTable("Own domain: MCC", columns, tuple(rows))),
    )
    return Section("own-domain", "A partner's own domain: any regret?", "Own domain", lead, parts)


_COUNTED = "Partners are counted for each seed by itself: partner-3 of the next seed is somebody else."


def _held(arms: Sequence[ArmResults]) -> str:
    """Say what is held out, by the settings of the study."""
    told = {tuple(arm.results["own-domain"].setting(name, default) for name, default in _FOLDS) for arm in arms}
    if len(told) > 1:
        return "a part of its own compounds"
    folds, asked = told.pop()
    return f"{asked} of {folds} folds of its own compounds" + ", one after the other," * (asked != 1)


_FOLDS = (("folds", 5), ("asked", 1))


def gains(arm: ArmResults) -> tuple[Interval, list[float]]:
    """Give the mean gain over seeds, and the gain of each partner and seed, mean over its folds."""
    rows = arm.frame("own-domain").of("mcc", OWN, called="gain")
    found: dict[tuple[int, str], list[float]] = {}
    for r in rows:
        if not math.isnan(r.value):
            found.setdefault((r.seed, r.dataset), []).append(r.value)
    return averaged(rows, len(arm.frame("own-domain").seeds)), [float(np.mean(values)) for values in found.values()]


def _share(values: Sequence[float]) -> TableCell:
    above = sum(value > 0 for value in values)
    return _counted(f"{above} of {len(values)} ({percent(above / len(values))})" if values else "")


def _counted(shown: str) -> TableCell:
    return attrs.evolve(text(shown), number=True, sort="")


def clear(studies: Studies, arm: ArmResults, sign: int) -> tuple[int, int]:
    """Count the partners of all seeds for whom hybrid minus teacher has this sign beyond chance; and all with a p."""
    p = [
        (as_float(r["p_holm"]), as_float(r["difference"]))
        for r in studies.comparisons
        if r["study"] == "own-domain" and r["partner"] and r["first_arm"] == arm.name
    ]
    known = [(value, difference) for value, difference in p if not math.isnan(value)]
    return sum(value < ALPHA and sign * difference > 0 for value, difference in known), len(known)


def _clear(studies: Studies, arm: ArmResults, sign: int) -> TableCell:
    n, of = clear(studies, arm, sign)
    return _counted(f"{n} of {of}" if of else "")


def _strip(arms: Sequence[ArmResults]) -> Chart:
    traces: list[Plot] = []
    for place, arm in enumerate(arms):
        average, values = gains(arm)
        spread = np.random.default_rng(1).uniform(-0.18, 0.18, len(values))
        traces.append(
            {
                "type": "scatter", "mode": "markers", "x": series(values), "y": series(place + spread),
                "marker": {"size": 8, "color": COLOURS["hybrid"], "opacity": 0.55}, "showlegend": False,
                "hovertemplate": "%{x:+.3f}<extra>" + plain(arm.name) + "</extra>",
            }
        )  # fmt: skip
        traces.append(
            {
                "type": "scatter", "mode": "markers", "x": series([average.mean]), "y": [place],
                "marker": {"symbol": "line-ns", "size": 34, "line": {"width": 3, "color": COLOURS["pooled"]}},
                "error_x": {"type": "data", "array": series([average.high - average.mean]), "thickness": 2,
                            "width": 6, "color": COLOURS["pooled"]},
                "name": "Mean", "showlegend": place == 0, "hovertemplate": "mean %{x:+.3f}<extra></extra>",
            }
        )  # fmt: skip
    told = "; ".join(f"{arm.name}: mean {figure(gains(arm)[0].mean, sign=True)}" for arm in arms)
    plot: Plot = {
        "data": traces,
        "layout": layout(
            xaxis=axis("Hybrid minus teacher, MCC", zeroline=True, zerolinecolor="#9AA5AE", zerolinewidth=2),
            yaxis=axis(
                tickvals=list(range(len(arms))), ticktext=[plain(arm.name) for arm in arms], showgrid=False,
                range=[len(arms) - 0.5, -0.5], tickfont={"size": 13, "color": MUTED},
            ),
            margin={"l": 90, "r": 12, "t": 34, "b": 46},
        ),
    }  # fmt: skip
    caption = "One point a partner and seed; to the right of 0, its hybrid is better. Line: the mean with its interval."
    alt = f"Strip chart of each partner's gain on its own held-out compounds. {told}."
    return Chart("own-gain", "", alt, caption, plot, 130 + 80 * len(arms))
