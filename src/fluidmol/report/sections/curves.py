"""How the student grows with its molecules and with its teachers, and which molecules teach best."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from fluidmol.learning.statistics.intervals import Interval
from fluidmol.report import published
from fluidmol.report.parts import (
    ReportTable,
    Section,
    SectionPart,
    TableCell,
    TableColumn,
    column,
    mean,
    row,
    text,
    whole,
)
from fluidmol.report.read.frame import Frame
from fluidmol.report.read.studies import Studies, datasets
from fluidmol.report.style import COLOURS, DOMAINS, MUTED, Chart, Plot, axis, faint, figure, layout, plain, series

_DASHES = ("dot", "solid", "dash", "dashdot", "longdash")
_SYMBOLS = ("circle-open", "circle", "square", "diamond", "x")

Points = list[tuple[float, Interval]]


def student_size(studies: Studies) -> Section | None:
    """Draw students of more and more molecules beside pooled models of as many compounds."""
    arms = studies.having("student-size")
    if not arms:
        return None
    charts = []
    for dataset in datasets(arms, "student-size"):
        curves = []
        for place, arm in enumerate(arms):
            frame = arm.frame("student-size")
            for called, colour in (("student", COLOURS["student"]), ("T0-same-make", COLOURS["pooled_same_make"])):
                points = _grown(frame, dataset, called, "size")
                curves += _curve(f"{called}, {arm.name}", points, colour, place)
        theirs = published.STUDENT_SIZE if dataset == "external" else {}
        curves += _published(theirs)
        charts.append(_chart("size", dataset, "Rows that the model learns from", curves, log=True))
    lead = (
        "Students of growing parts of the selected molecules, smaller ones within larger ones, and pooled models of "
        "the teachers' make of as many real compounds (T0-same-make): how many labels is a measurement worth?",
    )
    part = SectionPart("charts", charts=tuple(charts))
    return Section("student-size", "Size of the student", "Student's size", lead, (part,))


def teacher_count(studies: Studies) -> Section | None:
    """Draw student and ensemble of one teacher, two, and so on."""
    arms = studies.having("teacher-count")
    if not arms:
        return None
    charts = []
    for dataset in datasets(arms, "teacher-count"):
        curves = []
        for place, arm in enumerate(arms):
            frame = arm.frame("teacher-count")
            for called, colour in (("student", COLOURS["student"]), ("ensemble", COLOURS["control"])):
                points = [
                    (float(n), frame.mean("mcc", dataset, called=called, teachers=n)) for n in frame.cases("teachers")
                ]
                curves += _curve(f"{called}, {arm.name}", points, colour, place)
        curves += _published(published.TEACHER_COUNT if dataset == "external" else {})
        charts.append(_chart("count", dataset, "Teachers", curves, dtick=1))
    lead = ("Partners join in a random order, another one each seed. The ensemble is what the labels themselves know.",)
    part = SectionPart("charts", charts=tuple(charts))
    return Section("teacher-count", "Number of teachers", "Teachers' number", lead, (part,))


def _grown(frame: Frame, dataset: str, called: str, case: str) -> Points:
    points = []
    for value in frame.cases(case):
        rows = frame.of("mcc", dataset, called=called, **{case: value})
        if rows:
            points.append(
                (sum(r.n_train for r in rows) / len(rows), frame.mean("mcc", dataset, called=called, size=value))
            )
    return sorted(points, key=lambda point: point[0])


def _curve(called: str, points: Points, colour: str, place: int) -> list[Plot]:
    known = [(x, interval) for x, interval in points if not math.isnan(interval.mean)]
    if not known:
        return []
    x = [round(at, 1) for at, _ in known]
    line: Plot = {
        "type": "scatter", "mode": "lines+markers", "name": plain(called), "x": x,
        "y": series(interval.mean for _, interval in known),
        "line": {"color": colour, "width": 2, "dash": _DASHES[place % len(_DASHES)]},
        "marker": {"size": 8, "symbol": _SYMBOLS[place % len(_SYMBOLS)], "color": colour},
        "hovertemplate": "%{x:,}: %{y:.3f}<extra>" + plain(called) + "</extra>",
    }  # fmt: skip
    if any(math.isnan(interval.low) for _, interval in known):
        return [line]
    band: Plot = {
        "type": "scatter", "mode": "lines", "x": [*x, *reversed(x)], "hoverinfo": "skip", "showlegend": False,
        "y": series([*(i.high for _, i in known), *(i.low for _, i in reversed(known))]),
        "fill": "toself", "fillcolor": faint(colour), "line": {"width": 0, "color": "rgba(0,0,0,0)"},
    }  # fmt: skip
    return [band, line]


def _published(figures: Mapping[int, float]) -> list[Plot]:
    if not figures:
        return []
    return [
        {
            "type": "scatter", "mode": "markers", "name": "student, paper (its data)", "x": list(figures),
            "y": list(figures.values()), "hovertemplate": "%{x:,}: %{y:.3f}<extra>paper</extra>",
            "marker": {"size": 9, "symbol": "star-open", "color": MUTED},
        }
    ]  # fmt: skip


def _chart(
    key: str, dataset: str, label: str, curves: Sequence[Plot], *, log: bool = False, dtick: float | None = None
) -> Chart:
    extra = {"type": "log", "dtick": 1} if log else {"dtick": dtick}
    plot: Plot = {
        "data": list(curves),
        "layout": layout(
            xaxis=axis(label, **extra), yaxis=axis("MCC", range=_span(curves)),
            legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 11}},
            margin={"l": 56, "r": 12, "t": 90, "b": 46},
        ),
    }  # fmt: skip
    told = "; ".join(
        f"{c['name']}: {figure(c['y'][0])} at {c['x'][0]:g} to {figure(c['y'][-1])} at {c['x'][-1]:g}"
        for c in curves
        if "name" in c
    )
    alt = f"Line chart of MCC, {DOMAINS[dataset].lower()}. {told}."
    return Chart(f"{key}-{dataset}", DOMAINS[dataset], alt, "Bands: 95 % interval of the mean over seeds.", plot, 420)


def _span(curves: Sequence[Plot]) -> list[float]:
    """Show all points, and bands as far as they leave the points to be seen."""
    points = [y for c in curves if "name" in c for y in c["y"] if y is not None]
    bands = [y for c in curves if "name" not in c for y in c["y"] if y is not None]
    if not points:
        return [0.0, 1.0]
    low, high = min(points), max(points)
    below, above = min([low, *bands]), max([high, *bands])
    return [round(max(below, low - _FURTHEST) - 0.02, 3), round(min(above, high + _FURTHEST) + 0.02, 3)]


_FURTHEST = 0.12
"""How far beyond all points a band is shown."""


def selection(studies: Studies) -> Section | None:
    """Compare ways to choose the student's molecules."""
    arms = studies.having("selection")
    if not arms:
        return None
    there = datasets(arms, "selection")
    heads = [column(f"{arm.name}, {DOMAINS[dataset].lower()}") for arm in arms for dataset in there]
    columns = (TableColumn("Selection", number=False), TableColumn("Labels", number=False), column("Molecules"), *heads)
    modes = list(
        dict.fromkeys((r.case["selection"], r.case["labels"]) for a in arms for r in a.frame("selection").rows)
    )
    rows = []
    for mode, labels in modes:
        case = {"selection": mode, "labels": labels}
        cells: list[TableCell] = [
            mean(arm.frame("selection").mean("mcc", dataset, called="student", **case))
            for arm in arms
            for dataset in there
        ]
        sizes = [r.n_train for arm in arms for r in arm.frame("selection").of("mcc", there[0], **case)]
        rows.append(row(mode, [text(labels), whole(sum(sizes) / len(sizes) if sizes else math.nan), *cells]))
    lead = (
        "The student learns from so many labelled molecules, chosen in different ways; labels are hard (a class) or "
        "soft (a probability). Molecules: mean over charters and seeds of how many there really were.",
    )
    table = ReportTable("Student by selection: MCC", columns, tuple(rows))
    return Section("selection", "Which molecules should the student learn from?", "Selection", lead,
                   (SectionPart("table", table=table),))  # fmt: skip
