"""Where the distance between T0 and the student is lost."""

from __future__ import annotations

import math

import attrs

from fluidmol.learning.statistics.intervals import Interval
from fluidmol.report.parts import ReportTable, Section, SectionPart, TableColumn, column, mean, row, text
from fluidmol.report.read.frame import NOTHING, Frame, averaged
from fluidmol.report.read.studies import ArmResults, Studies, datasets
from fluidmol.report.style import COLOURS, DOMAINS, MUTED, Chart, Plot, axis, figure, layout, plain, series

LOSSES = (
    ("teacher-loss", "teacher loss", "T0 minus teachers' mean: what each partner lacks alone"),
    ("total-loss", "total loss", "T0 minus student"),
    ("learner-loss", "learner loss", "T0 minus T0-same-make: what the teachers' make of model lacks"),
    ("federation-loss", "federation loss", "T0-same-make minus ensemble: what the labels themselves lack"),
    ("distillation-loss", "distillation loss", "Ensemble minus student: lost on the way through the transfer set"),
    (
        "recovery",
        "recovery R",
        "Mean of (student − teachers' mean) / (T0 − teachers' mean); none where it isn't clear",
    ),
    (
        "recovery-same-make",
        "the same, against T0-same-make",
        "As the paper has it; it flatters where T0 is of another make",
    ),
)


def losses(studies: Studies) -> Section | None:
    """Split the distance between T0 and student."""
    arms = studies.having("benchmark")
    if not arms:
        return None
    charts, tables = [], []
    for dataset in datasets(arms):
        charts.append(_stack(arms, dataset))
        columns = (
            TableColumn("In MCC", number=False),
            *(column(arm.name) for arm in arms),
            TableColumn("Which is", number=False),
        )
        found = [_split(arm.frame("benchmark"), dataset) for arm in arms]
        rows = tuple(
            row(called, [*(mean(means[key]) for means in found), text(meaning)]) for key, called, meaning in LOSSES
        )
        tables.append(ReportTable(f"Split of the loss, {DOMAINS[dataset].lower()}", columns, rows))
    lead = (
        "What the best model of all data pooled would know (T0), less what the student knows, splits into three "
        "losses. The learner loss is what the teachers' make of model lacks even with all data in one place "
        "(T0-same-make); the federation loss is what the teachers together lack beside that when they are asked "
        "directly; the distillation loss is what doesn't survive the way through the transfer set. A negative loss is "
        "a gain.",
    )
    parts = (SectionPart("charts", charts=tuple(charts)), *(SectionPart("table", table=table) for table in tables))
    return Section("losses", "Where is the knowledge lost?", "Loss split", lead, parts)


def _split(frame: Frame, dataset: str) -> dict[str, Interval]:
    """Compute all losses of the same seeds, so that they add up, and R."""
    names = [key for key, _, _ in LOSSES if not key.startswith("recovery")]
    shares = {"recovery": recovery(frame, dataset), "recovery-same-make": recovery(frame, dataset, same_make=True)}
    return {**frame.common("mcc", dataset, names), **shares}


def recovery(frame: Frame, dataset: str, *, same_make: bool = False) -> Interval:
    """Compute R, the mean of the seeds' shares, against T0 or T0-same-make; nothing where it would say nothing.

    That is where T0 isn't above the teachers in one of the seeds, or is so little that a share of the distance between
    them may be anything.
    """
    distances = frame.of("mcc", dataset, called="teacher-loss")
    if same_make:
        beyond = {(row.seed, *row.case.values()): row.value for row in frame.of("mcc", dataset, called="learner-loss")}
        distances = [
            attrs.evolve(row, value=row.value - beyond.get((row.seed, *row.case.values()), math.nan))
            for row in distances
        ]
    called = "recovery-same-make" if same_make else "recovery"
    found = averaged(frame.of("mcc", dataset, called=called), len(frame.seeds))
    distance = averaged(distances, len(frame.seeds))
    # Of a distance that may be none, no share can be had.
    if any(row.value <= 0 for row in distances) or distance.low <= 0 or found.high - found.mean >= _WIDE:
        return NOTHING
    return found


def without_recovery(frame: Frame, dataset: str) -> str:
    """Explain why there is no R."""
    distances = frame.of("mcc", dataset, called="teacher-loss")
    if any(row.value < _CLOSE for row in distances):
        return "T0 is hardly better than the teachers"
    clear = averaged(distances, len(frame.seeds)).low > 0
    return "its interval over seeds is too wide" if clear else "whether T0 is better than the teachers isn't clear"


_CLOSE = 0.05
"""Distance from the teachers to T0, in MCC, below which a share of it says little."""

_WIDE = 0.5
"""Half the width of an interval of R from which it isn't shown."""


def _stack(arms: tuple[ArmResults, ...], dataset: str) -> Chart:
    shown = ("teachers' mean", "student", "ensemble", "T0-same-make", "T0")
    points = {
        arm.name: [m.mean for m in arm.frame("benchmark").common("mcc", dataset, shown, arm="federation").values()]
        for arm in arms
    }
    for values in points.values():
        if math.isnan(values[3]):  # results from before T0 was chosen: theirs is of the teachers' make
            values[3] = values[4]
    names = [plain(arm.name) for arm in arms]
    steps = (
        ("Teachers' mean", 0, None, COLOURS["teacher"], ""),
        ("Recovered by the student", 1, 0, COLOURS["student"], ""),
        ("Distillation loss", 2, 1, "#C9553F", "/"),
        ("Federation loss", 3, 2, COLOURS["control"], "x"),
        ("Learner loss", 4, 3, COLOURS["pooled_same_make"], "-"),
    )
    traces: list[Plot] = []
    for called, upper, lower, colour, pattern in steps:
        bases = [0.0 if lower is None else values[lower] for values in points.values()]
        deltas = [values[upper] - base for values, base in zip(points.values(), bases, strict=True)]
        traces.append(
            {
                "type": "bar", "orientation": "h", "name": called,
                "y": names, "x": series(deltas), "base": series(bases),
                "marker": {"color": colour, "line": {"width": 1, "color": "#FFFFFF"},
                           "pattern": {"shape": pattern, "fillmode": "overlay", "fgcolor": "#FFFFFF", "fgopacity": 0.7,
                                       "size": 7, "solidity": 0.2}},
                "customdata": [figure(delta, sign=lower is not None) for delta in deltas],
                "hovertemplate": f"{called}: %{{customdata}}<extra>%{{y}}</extra>", "width": 0.55,
            }
        )  # fmt: skip
    traces.append(
        {
            "type": "scatter", "mode": "markers", "name": "T0", "y": names, "x": series(v[4] for v in points.values()),
            "marker": {"symbol": "line-ns", "size": 44, "line": {"width": 3, "color": COLOURS["pooled"]}},
            "hovertemplate": "T0: %{x:.3f}<extra>%{y}</extra>",
        }
    )  # fmt: skip
    told = "; ".join(
        f"{who}: teachers {figure(v[0])}, student {figure(v[1])}, ensemble {figure(v[2])}, "
        f"T0-same-make {figure(v[3])}, T0 {figure(v[4])}"
        for who, v in points.items()
    )
    plot: Plot = {
        "data": traces,
        "layout": layout(
            barmode="overlay",
            xaxis=axis("MCC", rangemode="tozero", zeroline=True),
            yaxis=axis(autorange="reversed", showgrid=False, tickfont={"size": 13, "color": MUTED}),
            legend={
                "orientation": "h",
                "x": 0,
                "y": 1.04,
                "yanchor": "bottom",
                "font": {"size": 12},
                "itemsizing": "constant",
            },
            margin={"l": 90, "r": 12, "t": 60, "b": 46},
        ),
    }
    caption = "From the average teacher to T0 (black line); a negative loss is drawn backwards, over what is before it."
    alt = f"Stacked bars of MCC, {DOMAINS[dataset].lower()}. {told}."
    return Chart(f"loss-{dataset}", DOMAINS[dataset], alt, caption, plot, height=170 + 70 * len(arms))
