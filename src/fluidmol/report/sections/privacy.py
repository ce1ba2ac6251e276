"""What each epsilon costs, what it protects from, and where what is missing was lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fluidmol.learning.statistics.intervals import Interval
from fluidmol.report.parts import ReportTable, Section, SectionPart, TableCell, TableColumn, column, mean, row, text
from fluidmol.report.read.frame import OWN, Frame
from fluidmol.report.read.studies import ArmResults, Studies, datasets
from fluidmol.report.style import COLOURS, DOMAINS, MUTED, Chart, Plot, axis, figure, layout, series

NAME = "privacy"
GAINS = {
    "hybrids at home, gain": "gain at home", "hybrids elsewhere, gain": "hybrids' gain",
    "student elsewhere, gain": "student's gain",
}  # fmt: skip
"""Heads, and what the study calls them."""

LOSSES = ("projection", "federation", "noise", "distillation")


def privacy(studies: Studies) -> Section | None:
    """Draw utility and leakage over epsilon, and split the losses."""
    arms = studies.having(NAME)
    if not arms:
        return None
    parts = []
    for arm in arms:
        frame, there = arm.frame(NAME), datasets((arm,), NAME)
        parts += [
            SectionPart("charts", charts=(_utility(arm, frame, there), _leakage(arm, frame))),
            SectionPart("table", table=_table(arm, frame, there)),
            SectionPart("table", table=_losses(arm, frame, there)),
        ]
    lead = (
        "Each partner releases one differentially private model; epsilon bounds how much one compound can change it. "
        "Student: MCC. Gains of hybrids: MCC over the partner's own unprotected teacher on its own held-out compounds, "
        "and over the others' own teachers on the compounds of a partner that stayed out. Proved: what no attack on "
        "membership can exceed, whoever makes it. Measured: the worst attack of a quick audit on the smallest partner; "
        ".5 is guessing, and with few draws a little more or less is chance.",
    )
    return Section(NAME, "What does privacy cost?", "Privacy", lead, tuple(parts))


def _cases(frame: Frame) -> Iterator[tuple[str, dict[str, str]]]:
    for size in frame.cases("size"):
        for epsilon in frame.cases("epsilon"):
            label = "no noise" if epsilon == "inf" else f"{float(epsilon):g}"
            yield label if size == "0" else f"{label}, at most {size} compounds", {"size": size, "epsilon": epsilon}


def _utility(arm: ArmResults, frame: Frame, there: Sequence[str]) -> Chart:
    curves: list[Plot] = []
    for dataset, colour in zip(there, (COLOURS["student"], COLOURS["hybrid"]), strict=False):
        points = [(label, frame.mean("mcc", dataset, called="student", **case)) for label, case in _cases(frame)]
        curves.append(_line(f"student, {DOMAINS[dataset].lower()}", points, colour))
    return _chart(f"privacy-gain-{arm.name}", f"Gain, {arm.name}", "MCC", curves)


def _leakage(arm: ArmResults, frame: Frame) -> Chart:
    curves = [
        _line(
            name, [(label, frame.mean("roc_auc", OWN, called=called, **case)) for label, case in _cases(frame)], colour
        )
        for name, called, colour in (
            ("proved: at most", "bound", MUTED),
            ("measured: worst attack", "worst attack", COLOURS["teacher"]),
        )
    ]
    return _chart(f"privacy-leakage-{arm.name}", f"Leakage, {arm.name}", "AUC of membership", curves)


def _line(name: str, points: Sequence[tuple[str, Interval]], colour: str) -> Plot:
    return {
        "type": "scatter", "mode": "lines+markers", "name": name, "x": [label for label, _ in points],
        "y": series(found.mean for _, found in points),
        "line": {"color": colour, "width": 2}, "marker": {"size": 8, "color": colour},
        "hovertemplate": "epsilon %{x}: %{y:.3f}<extra>" + name + "</extra>",
    }  # fmt: skip


def _chart(key: str, title: str, label: str, curves: list[Plot]) -> Chart:
    plot: Plot = {
        "data": curves,
        "layout": layout(
            xaxis=axis("Epsilon", type="category"), yaxis=axis(label),
            legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 11}},
            margin={"l": 56, "r": 12, "t": 70, "b": 46},
        ),
    }  # fmt: skip
    told = "; ".join(
        f"{c['name']}: "
        + ", ".join(f"{figure(y)} at {x}" for x, y in zip(c["x"], c["y"], strict=True) if y is not None)
        for c in curves
    )
    return Chart(key, title, f"Line chart of {label} over epsilon. {told}.", "", plot, 360)


def _table(arm: ArmResults, frame: Frame, there: Sequence[str]) -> ReportTable:
    heads = [column(f"student, {DOMAINS[dataset].lower()}") for dataset in there]
    columns = (
        TableColumn("Epsilon", number=False), *heads, *map(column, GAINS), column("worst attack, AUC"),
        column("found at 1 %"), column("proved: AUC at most"), column("found at most"),
    )  # fmt: skip
    rows = []
    for label, case in _cases(frame):
        cells: list[TableCell] = [mean(frame.mean("mcc", dataset, called="student", **case)) for dataset in there]
        cells += [mean(frame.mean("mcc", OWN, called=called, **case)) for called in GAINS.values()]
        for called in ("worst attack", "bound"):
            cells += [mean(frame.mean(metric, OWN, called=called, **case)) for metric in ("roc_auc", "found at 1 %")]
        rows.append(row(text(label), cells))
    return ReportTable(f"Gain and leakage by epsilon, {arm.name}", columns, tuple(rows))


def _losses(arm: ArmResults, frame: Frame, there: Sequence[str]) -> ReportTable:
    columns = (
        TableColumn("Epsilon", number=False), TableColumn("Judged on", number=False), column("T0-same-make"),
        *(column(f"lost to {what}") for what in LOSSES), column("student"),
    )  # fmt: skip
    rows = []
    for label, case in _cases(frame):
        for dataset in there:
            names = ("T0-same-make", *(f"lost to {what}" for what in LOSSES), "student")
            cells: list[TableCell] = [text(DOMAINS[dataset].lower())]
            cells += [mean(frame.mean("mcc", dataset, called=name, **case)) for name in names]
            rows.append(row(text(label), cells))
    return ReportTable(
        f"Where MCC is lost on the way from T0-same-make to the student, {arm.name}", columns, tuple(rows)
    )
