"""Sources and distances: the external set, group by group."""

from __future__ import annotations

import math
from collections.abc import Iterator

import attrs

from fluidmol.learning.statistics.intervals import Interval
from fluidmol.report.parts import (
    ReportTable,
    Section,
    SectionPart,
    TableCell,
    TableColumn,
    column,
    decimal,
    fewer,
    mean,
    row,
    whole,
)
from fluidmol.report.read.frame import Frame, averaged
from fluidmol.report.read.studies import ArmResults, Studies
from fluidmol.report.style import figure
from fluidmol.values.results import ACTIVES, BY_ORIGIN, BY_SIMILARITY, LEFT_OUT, TOO_SMALL, UNDIVIDED

STUDY, EXTERNAL = "shift", "external"

_MODELS = ("teachers' mean", "ensemble", "student", "hybrids' mean", "T0", "T0-same-make")
_METRICS = {"roc_auc": "ROC AUC", "mcc": "MCC"}
_NAMED = 8


@attrs.frozen
class ShiftGroup:
    """A part of the external set that was judged."""

    by: str
    """By what the set was divided."""

    name: str

    @property
    def called(self) -> str:
        """What the group is called in a table."""
        if self.by == BY_SIMILARITY:
            return f"similarity {self.name}"
        if self.by == LEFT_OUT:
            return f"{self.name}, left out of training"
        return "external set, whole" if self.by == UNDIVIDED else self.name


def groups(frame: Frame) -> list[ShiftGroup]:
    """Return the groups that were judged, in the study's order."""
    judged = frame.of(ACTIVES, EXTERNAL)
    found = dict.fromkeys((row.case.get("by", ""), row.case.get("group", "")) for row in judged)
    return [ShiftGroup(*key) for key in found]


def gap(frame: Frame, group: ShiftGroup, called: str, metric: str = "roc_auc") -> Interval:
    """Return a difference of two methods on a group with its interval.

    Of several seeds it is Student's t over seeds, as elsewhere in the report; of a single one that over molecules,
    which the study has drawn.
    """
    rows = frame.of(metric, EXTERNAL, called=called, by=group.by, group=group.name)
    found = averaged(rows, len(frame.seeds))
    if found.n == 1:
        only = next(row for row in rows if not math.isnan(row.value))
        return attrs.evolve(found, low=only.low, high=only.high)
    return found


def too_small(frame: Frame) -> list[str]:
    """Name the groups that were too small to be judged in any seed, with their sizes; the largest first."""
    sizes = {r.case.get("by", "") + r.model: r for r in frame.of(TOO_SMALL, EXTERNAL)}
    found = sorted(sizes.values(), key=lambda r: -r.value)
    return [f"{ShiftGroup(r.case.get('by', ''), r.model).called} ({r.value:.0f})" for r in found]


def shift(studies: Studies) -> Section | None:
    """Show all models on each source of the external set, and by distance from the training compounds."""
    arms = studies.having(STUDY)
    if not arms:
        return None
    parts = [SectionPart("table", table=_table(arm, "roc_auc")) for arm in arms]
    parts.append(SectionPart("folded", tables=tuple(_table(arm, "mcc") for arm in arms), text="The same in MCC"))
    lead = (
        "One figure for an external set hides where it comes from. Here the same models are judged on each source of "
        "the set, that is on each laboratory's or paper's compounds, and by how similar a compound is to the nearest "
        "training compound of any partner (Tanimoto similarity of ECFP4). A compound of several sources counts in each "
        "of them. Recovery is shown where T0 is clearly above the teachers' mean.",
        *_remarks(studies.main if studies.main in arms else arms[-1]),
    )
    return Section("shift", "Other sources, and farther away", "Sources and distance", lead, tuple(parts), wide=True)


def _remarks(arm: ArmResults) -> Iterator[str]:
    frame = arm.frame(STUDY)
    small = too_small(frame)
    divided = {r.case.get("by") for r in frame.rows}
    if LEFT_OUT in divided:
        yield (
            "Where a source is left out of training, all partners do without its compounds, and T0, teachers, student "
            "and hybrids are made anew for it."
        )
    if BY_ORIGIN not in divided and divided != {LEFT_OUT}:
        yield "The external file has no column that names sources, so that the set is divided by similarity alone."
    if small:
        others = f", and {len(small) - _NAMED} more" if len(small) > _NAMED else ""
        yield f"Too small to be judged (compounds): {', '.join(small[:_NAMED])}{others}."


def _table(arm: ArmResults, metric: str) -> ReportTable:
    frame = arm.frame(STUDY)
    of = "of the paired bootstrap over molecules" if len(frame.seeds) == 1 else "of the mean over seeds"
    columns = (
        TableColumn("Group", number=False), column("Compounds"), column("Active"), *(column(name) for name in _MODELS),
        column("Student less T0", f"With its 95\u00a0% interval, {of}"),
        column("Hybrids less T0", f"With its 95\u00a0% interval, {of}"),
        column("Recovery", "(student less teachers' mean) / (T0 less teachers' mean)"),
    )  # fmt: skip
    rows = tuple(row(group.called, list(_cells(frame, group, metric))) for group in groups(frame))
    return ReportTable(f"{arm.name}: {_METRICS[metric]} by source and by similarity", columns, rows)


def _cells(frame: Frame, group: ShiftGroup, metric: str) -> Iterator[TableCell]:
    case = {"by": group.by, "group": group.name}
    actives = frame.of(ACTIVES, EXTERNAL, **case)
    yield whole(sum(r.n_test for r in actives) / len(actives))
    yield whole(averaged(actives).mean)
    for called in _MODELS:
        yield mean(frame.mean(metric, EXTERNAL, called=called, **case))
    for called in ("student-less-T0", "hybrids-less-T0"):
        yield between(gap(frame, group, called, metric))
    clear = gap(frame, group, "T0-less-teachers", metric).low > 0
    yield mean(frame.mean(metric, EXTERNAL, called="recovery", **case), 2) if clear else decimal(None)


def between(found: Interval) -> TableCell:
    r"""Write a difference with both ends of its interval.

    Examples
    --------
    >>> between(Interval(-0.02, -0.03, -0.01, 1)).text.replace("\u00a0", " ")
    '−0.020 (−0.030 to −0.010)'
    """
    shown = figure(found.mean, sign=True)
    if not math.isnan(found.low):
        shown += f" ({figure(found.low, sign=True)} to {figure(found.high, sign=True)})"
    shown += fewer(found)
    return TableCell(shown.replace(" ", "\u00a0"), "" if math.isnan(found.mean) else repr(found.mean), number=True)
