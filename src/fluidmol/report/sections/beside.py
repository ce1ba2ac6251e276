"""Our figures beside the paper's, table by table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fluidmol.learning.statistics.intervals import Interval
from fluidmol.report import published
from fluidmol.report.parts import ReportTable, Section, SectionPart, TableColumn, column, mean, name, row
from fluidmol.report.parts import published as theirs
from fluidmol.report.read.frame import OWN
from fluidmol.report.read.studies import ArmResults, Studies
from fluidmol.report.style import DOMAINS

_PAPER = "Paper (its data)"
_EXTREMES = {"best teacher": ("teacher", True), "best hybrid": ("hybrid", True), "lowest hybrid": ("hybrid", False)}

Ask = Callable[[ArmResults], Interval]


def beside_the_paper(studies: Studies) -> Section | None:
    """Set our figures beside the published ones, where there are any of ours."""
    tables = [table for make in (_benchmark, _domains, _coverage, _sizes, _counts) for table in make(studies)]
    if not tables:
        return None
    lead = (
        f"The paper's figures (doi {published.DOI}) stand on another data set: {published.DATA}. They are given for "
        "orientation, not as a contest; what may be compared are our own columns, which share data, splits and seeds. "
        "Its figures have no interval.",
        "The paper's T0 is a pooled model of the teachers' make: it stands beside T0-same-make, and so does the "
        "paper's recovery beside recovery against T0-same-make. T0 is the best of several kinds here; the paper has "
        "none such.",
    )
    parts = tuple(SectionPart("table", table=table) for table in tables)
    return Section("paper", "Beside the paper, table by table", "Beside the paper", lead, parts)


def _table(
    title: str, arms: tuple[ArmResults, ...], lines: Sequence[tuple[str, tuple[float, ...], Ask]], first: str
) -> ReportTable:
    columns = (TableColumn(first, number=False), column(_PAPER), *(column(f"{arm.name}, here") for arm in arms))
    rows = tuple(row(name(what), (theirs(known), *(mean(ask(arm)) for arm in arms))) for what, known, ask in lines)
    return ReportTable(title, columns, rows)


def _benchmark(studies: Studies) -> list[ReportTable]:
    arms = studies.having("benchmark")
    tables = []
    for dataset, known in published.BENCHMARK.items():
        if not any(dataset in arm.frame("benchmark").datasets for arm in arms):
            continue
        lines: list[tuple[str, tuple[float, ...], Ask]] = [
            (what, figures, _of_benchmark(dataset, what)) for what, figures in known.items()
        ]
        if dataset == "external" and studies.having("teacher-cv"):
            lines.append(("teachers, own 5-fold CV", (published.TEACHER_CV,), _teacher_cv))
        tables.append(_table(f"{DOMAINS[dataset]}: MCC", arms, lines, "Model"))
    return tables


def _of_benchmark(dataset: str, what: str) -> Ask:
    def ask(arm: ArmResults) -> Interval:
        frame = arm.frame("benchmark")
        if what in _EXTREMES:
            kind, highest = _EXTREMES[what]
            return frame.extreme("mcc", dataset, kind=kind, highest=highest, arm="federation")
        return frame.mean("mcc", dataset, called=what, arm="federation")

    return ask


def _teacher_cv(arm: ArmResults) -> Interval:
    return arm.frame("teacher-cv").mean("mcc", OWN, kind="teacher")


def _domains(studies: Studies) -> list[ReportTable]:
    arms = studies.having("cross-domain")
    if not arms:
        return []

    def asked(what: str) -> Ask:
        return lambda arm: arm.frame("cross-domain").mean("mcc", OWN, called=what)

    lines = [(what, (known,), asked(what)) for what, known in published.CROSS_DOMAIN.items()]
    return [_table("A domain left out of the federation: MCC on it", arms, lines, "Models of the others")]


def _coverage(studies: Studies) -> list[ReportTable]:
    arms = tuple(arm for arm in studies.having("domain") if "external" in arm.frame("domain").datasets)
    if not arms:
        return []
    fragments = {"arm": "federation", "domain": "fragments"}

    def share(what: str) -> Ask:
        return lambda arm: arm.frame("domain").mean("coverage", "external", called=what, **fragments)

    def gained(metric: str) -> Ask:
        return lambda arm: arm.frame("domain").mean(metric, "external", kind="hybrid", **fragments)

    lines = [(what, (known,), share(what)) for what, known in published.COVERAGE.items()]
    inside = [
        ("teachers' mean", (published.BROUGHT_IN["teachers"],), gained("teacher_mcc_brought_in")),
        ("hybrids' mean", (published.BROUGHT_IN["hybrids"],), gained("mcc_brought_in")),
    ]
    return [
        _table("Share of the external set inside the strict domain", arms, lines, "Model"),
        _table("MCC on external compounds that federation brings into the strict domain", arms, inside, "Model"),
    ]


def _sizes(studies: Studies) -> list[ReportTable]:
    arms = tuple(arm for arm in studies.having("student-size") if "external" in arm.frame("student-size").datasets)
    if not arms:
        return []
    sizes = sorted({int(s) for arm in arms for s in arm.frame("student-size").cases("size")} - {0})
    sizes = sorted({*sizes, *published.STUDENT_SIZE}) if sizes else []

    def asked(size: int) -> Ask:
        return lambda arm: arm.frame("student-size").mean("mcc", "external", called="student", size=str(size))

    lines = [(_many(size), _known(published.STUDENT_SIZE, size), asked(size)) for size in sizes]
    lines.append(("all that were selected", (), asked(0)))
    return [_table("Student of so many molecules: MCC, external set", arms, lines, "Molecules")]


def _counts(studies: Studies) -> list[ReportTable]:
    arms = tuple(arm for arm in studies.having("teacher-count") if "external" in arm.frame("teacher-count").datasets)
    if not arms:
        return []
    numbers = sorted({int(n) for arm in arms for n in arm.frame("teacher-count").cases("teachers")})

    def asked(n: int) -> Ask:
        return lambda arm: arm.frame("teacher-count").mean("mcc", "external", called="student", teachers=str(n))

    lines = [(_many(n), _known(published.TEACHER_COUNT, n), asked(n)) for n in numbers]
    return [_table("Student of so many teachers: MCC, external set", arms, lines, "Teachers")]


def _known(figures: dict[int, float], at: int) -> tuple[float, ...]:
    return (figures[at],) if at in figures else ()


def _many(n: int) -> str:
    return f"{n:,}".replace(",", "\u202f")
