"""One run of a regression, looked at closely."""

from __future__ import annotations

import math

import attrs

from fluidmol.report.figures.values import against_measured, gain_by_partner
from fluidmol.report.findings.ceiling_choice import of_facts
from fluidmol.report.findings.value_findings import gains, summarise
from fluidmol.report.parts import ReportTable, Section, SectionPart, TableCell, TableColumn, as_float, decimal, whole
from fluidmol.report.parts import text as words
from fluidmol.report.read.value_run import ValueRun
from fluidmol.report.sections import run_facts
from fluidmol.report.sections.run_tables import KINDS, SETS
from fluidmol.report.style import DOMAINS, count, figure
from fluidmol.values.results import VALUE_METRICS, VALUE_SCORES


def sections(run: ValueRun) -> tuple[Section, ...]:
    """Make all sections of a run of a regression."""
    return (
        _models(run), _measured(run), _metrics(run), run_facts.inputs(run, _sets(run)), run_facts.partners(run),
        run_facts.cost(run), run_facts.provenance(run),
    )  # fmt: skip


def _models(run: ValueRun) -> Section:
    lead: tuple[str, ...] = (
        "A partner would use its hybrid where it uses its teacher today. T0 is the best model that all data in one "
        "place would give, and that confidentiality forbids.",
    )
    if chosen := of_facts(run.facts["t0"]):
        lead = (*lead, chosen.sentence())
    parts = []
    lines = summarise(run)
    for dataset in run.datasets:
        rows = tuple(
            (
                TableCell(line.name, line.name, kind=line.kind), whole(line.n_models),
                _with_interval(line.rmse.mean, line.rmse.low, line.rmse.high), *map(decimal, line.others),
            )
            for line in lines
            if line.dataset == dataset
        )  # fmt: skip
        columns = (TableColumn("Model", number=False), TableColumn("Models"), *_figures(run.unit))
        parts.append(SectionPart("table", table=ReportTable(DOMAINS[dataset], columns, rows)))
        if found := gains(run, dataset):
            parts.append(SectionPart("chart", chart=gain_by_partner(found, run.unit)))
    return Section("benchmark", "Benchmark: does a partner gain?", "Benchmark", lead, tuple(parts))


def _measured(run: ValueRun) -> Section:
    parts = []
    for dataset in run.datasets:
        parts.append(SectionPart("heading", text=f"Models on the {DOMAINS[dataset].lower()}"))
        parts.append(SectionPart("charts", charts=tuple(against_measured(run, dataset))))
    scale = run.facts["scale"]
    lead = (
        f"Values are compared in {run.unit}. The charter's scale goes from {scale.get('lowest')} to "
        f"{scale.get('highest')} {scale.get('unit')}; measured values beyond it are taken for its ends.",
    )
    return Section("measured", "Predicted and measured values", "Predicted and measured", lead, tuple(parts))


def _metrics(run: ValueRun) -> Section:
    lead = ("Click a column's name to sort by it. RMSE comes with its 95 % interval over molecules.",)
    parts = []
    for dataset in run.datasets:
        rows = tuple(
            (
                words(score.model), TableCell(KINDS.get(score.kind, score.kind), score.kind, kind=score.kind),
                whole(score.n_train),
                _with_interval(*(score.figures[name] for name in ("rmse", "rmse_low", "rmse_high"))),
                *(decimal(score.figures[name]) for name in VALUE_METRICS[1:]),
            )
            for score in run.of(dataset)
        )  # fmt: skip
        head = (TableColumn("Model", number=False), TableColumn("Kind", number=False), TableColumn("Trained on"))
        title = f"{DOMAINS[dataset]}, {count(run.of(dataset)[0].n_test)} compounds"
        table = ReportTable(title, (*head, *_figures(run.unit)), rows, sortable=True)
        parts.append(SectionPart("table", table=table))
    return Section("metrics", "All metrics", "All metrics", lead, tuple(parts), wide=True)


def _figures(unit: str) -> tuple[TableColumn, ...]:
    return tuple(
        TableColumn(metric.short, metric.meaning.replace("the scale's units", unit)) for metric in VALUE_SCORES.values()
    )


def _with_interval(value: float, low: float, high: float) -> TableCell:
    cell = decimal(value)
    if math.isnan(low) or math.isnan(high):
        return cell
    return attrs.evolve(cell, text=f"{cell.text} ({figure(low)} to {figure(high)})".replace(" ", "\u00a0"))


def _sets(run: ValueRun) -> ReportTable:
    sizes, means = run.facts["sets"], run.facts["mean"]
    rows = tuple(
        (words(SETS.get(name, name)), whole(sizes.get(name)), decimal(as_float(means.get(name)), 2))
        for name in dict.fromkeys([*SETS, *sizes, *means])
        if name in sizes or name in means
    )
    mean = TableColumn("Mean value", f"In {run.unit}")
    return ReportTable("Sets", (TableColumn("Set", number=False), TableColumn("Compounds"), mean), rows)
