"""What the controls say."""

from __future__ import annotations

from fluidmol.report.parts import ReportTable, Section, SectionPart, TableColumn, column, mean, name, row
from fluidmol.report.read.studies import Studies, datasets
from fluidmol.report.style import DOMAINS


def controls(studies: Studies) -> Section | None:
    """Show students that can't know, and pooled models of the same size."""
    arms = tuple(arm for arm in studies.having("benchmark") if len(arm.frame("benchmark").cases("arm")) > 1)
    if not arms:
        return None
    there = datasets(arms)
    lines = (
        ("student", "student", "federation"),
        ("student of the same labels, shuffled", "student-shuffled", "shuffled-labels"),
        ("student of the same labels, dealt by Crippen's logP", "student-logp", "logp-labels"),
        ("students of one teacher each, mean", "", "single-teacher"),
        ("T0-same-make", "T0-same-make", "federation"),
        (
            "T0-same-make of as many compounds as the student has rows, or all where there are fewer",
            "T0-restricted",
            "pooled-restricted",
        ),
        ("ensemble", "ensemble", "federation"),
    )
    columns = (
        TableColumn("Model", number=False),
        *(column(f"{arm.name}, {DOMAINS[dataset].lower()}") for dataset in there for arm in arms),
    )
    rows = []
    for called, model, where in lines:
        cells = [
            mean(arm.frame("benchmark").mean("mcc", dataset, called=model, arm=where, **_students(where)))
            for dataset in there
            for arm in arms
        ]
        if any(cell.sort for cell in cells):
            rows.append(row(name(called), cells))
    lead = (
        "A student that learns nothing from the labels themselves should be at 0: that of shuffled labels. That of "
        "labels dealt by logP knows what a single descriptor knows. Students of one teacher show what federating adds.",
    )
    part = SectionPart("table", table=ReportTable("Controls: MCC", columns, tuple(rows)))
    return Section("controls", "Controls: why is the student as good as it is?", "Controls", lead, (part,))


def _students(where: str) -> dict[str, str]:
    return {"kind": "student"} if where == "single-teacher" else {}
