"""Where models can be relied on: domains, and conformal sets."""

from __future__ import annotations

from fluidmol.report.parts import (
    ReportTable,
    Section,
    SectionPart,
    TableCell,
    TableColumn,
    column,
    mean,
    name,
    row,
    text,
)
from fluidmol.report.read.frame import OWN
from fluidmol.report.read.studies import ArmResults, Studies, datasets
from fluidmol.report.style import DOMAINS

_MODELS = ("teachers' mean", "student", "hybrids' mean", "T0-same-make", "T0-hybrid")
_CALLED = {
    "fragments": "fragments (the paper's strict domain)",
    "neighbours": "nearest neighbours",
    "probability": "class probability",
    "conformal": "conformal",
}
_WHERE = {OWN: "own held-out", "external": "external", "validation": "validation"}


def applicability(studies: Studies) -> Section | None:
    """Show what domains and conformal sets are worth."""
    arms = studies.having("domain")
    if not arms:
        return None
    there = datasets(arms, "domain")
    tables = [_strict(arms, dataset) for dataset in there]
    worth = tuple(_worth(arms, dataset, model) for dataset in there for model in ("hybrids' mean", "student"))
    sets = [table for arm in arms if (table := _conformal(arm))]
    lead = (
        "The strict domain asks that every fragment of a molecule occurs in what the model learnt from. A domain is "
        "worth its name if predictions inside are better than outside, and than those of other domains at the same "
        "coverage.",
        "Conformal sets are calibrated at the partner; coverage should be at its nominal level, and is guaranteed only "
        "for molecules like the partner's own. Efficiency is the share of sets that name a single class.",
    )
    parts = [SectionPart("table", table=table) for table in tables]
    parts.append(SectionPart("folded", tables=worth, text="Other domains at equal coverage"))
    parts += [SectionPart("table", table=table) for table in sets]
    return Section("domain", "Applicability: where can a model be relied on?", "Applicability", lead, tuple(parts))


def _strict(arms: tuple[ArmResults, ...], dataset: str) -> ReportTable:
    case = {"arm": "federation", "domain": "fragments"}
    columns = (
        TableColumn("Model", number=False), TableColumn("Charter", number=False),
        column("Inside", "Share of the set inside the strict domain"), column("MCC inside"), column("MCC outside"),
        column("Brought in", "Share that the hybrid's domain has and its teacher's has not"),
        column("hybrid's MCC on these"), column("teacher's MCC on these"),
    )  # fmt: skip
    metrics = ("coverage", "mcc_inside", "mcc_outside", "brought_in", "mcc_brought_in", "teacher_mcc_brought_in")
    rows = []
    for model in _MODELS:
        for arm in arms:
            cells = [mean(arm.frame("domain").mean(metric, dataset, called=model, **case)) for metric in metrics]
            if any(cell.sort for cell in cells):
                rows.append((name(model, short=True), text(arm.name), *cells))
    return ReportTable(f"Strict domain, {DOMAINS[dataset].lower()}", columns, tuple(rows))


def _worth(arms: tuple[ArmResults, ...], dataset: str, model: str) -> ReportTable:
    metrics = (
        ("mcc_at_25", "MCC, most inside 25 %"), ("mcc_at_50", "50 %"), ("mcc_at_75", "75 %"),
        ("coverage_at_error_10", "Coverage at 10 % error"), ("coverage_at_error_20", "at 20 % error"),
        ("aurc", "AURC"),
    )  # fmt: skip
    columns = (
        TableColumn("Domain", number=False),
        TableColumn("Charter", number=False),
        *(column(title, "Area under the risk-coverage curve; lower is better" * (metric == "aurc"))
          for metric, title in metrics),
    )  # fmt: skip
    rows = []
    for arm in arms:
        frame = arm.frame("domain")
        for domain in frame.cases("domain"):
            case = {"arm": "federation", "domain": domain}
            cells = [mean(frame.mean(metric, dataset, called=model, **case)) for metric, _ in metrics]
            if any(cell.sort for cell in cells):
                rows.append(row(_CALLED.get(domain, domain), [text(arm.name), *cells]))
    return ReportTable(f"{model.capitalize()}, {DOMAINS[dataset].lower()}", columns, tuple(rows))


def _conformal(arm: ArmResults) -> ReportTable | None:
    frame = arm.frame("domain")
    case = {"arm": "held-out", "domain": "conformal"}
    columns = (
        TableColumn("Model", number=False), TableColumn("On", number=False),
        *(column(f"{what}, level {at}") for at in (".8", ".9") for what in ("Coverage", "of actives", "Efficiency")),
    )  # fmt: skip
    rows: list[tuple[TableCell, ...]] = []
    for model in _MODELS:
        for dataset in (OWN, *frame.datasets):
            cells = [
                mean(frame.mean(metric, dataset, called=model, **case))
                for level in (80, 90)
                for metric in (f"set_coverage_{level}", f"set_coverage_{level}_active", f"efficiency_{level}")
            ]
            if any(cell.sort for cell in cells):
                rows.append((name(model, short=True), text(_WHERE[dataset]), *cells))
    return ReportTable(f"Conformal sets, {arm.name}", columns, tuple(rows)) if rows else None
