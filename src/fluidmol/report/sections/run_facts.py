"""One run, looked at closely: the sections that need its labels, its predictions, or its files."""

from __future__ import annotations

from fluidmol.report.figures.benchmark import benchmark
from fluidmol.report.figures.calibration_curve import calibration
from fluidmol.report.figures.contribution import contribution
from fluidmol.report.figures.distributions import label_distribution, model_distributions
from fluidmol.report.figures.space import space
from fluidmol.report.findings.ceiling_choice import of_facts
from fluidmol.report.parts import ReportTable, Section, SectionPart
from fluidmol.report.read.run import Run, RunFiles
from fluidmol.report.sections import run_tables as tables
from fluidmol.report.sections.run_losses import losses
from fluidmol.report.set_overlap import explained, near_duplicates, noted
from fluidmol.report.style import DOMAINS, Chart


def sections(run: Run) -> tuple[Section, ...]:
    """Make all sections of a run."""
    makers = (_models, _contributions, _probabilities, _calibration, _space, _metrics, _inputs, partners, cost)
    return (*(make(run) for make in makers), provenance(run))


def _models(run: Run) -> Section:
    lead: tuple[str, ...] = (
        "A partner would use its hybrid where it uses its teacher today. T0 is the best model that all data in one "
        "place would give, and that confidentiality forbids; T0-same-make that of the teachers' own make.",
    )
    if chosen := of_facts(run.facts["t0"]):
        lead = (*lead, chosen.sentence())
    parts = [SectionPart("chart", chart=benchmark(run, dataset)) for dataset in run.datasets]
    if split := losses(run):
        parts += [
            SectionPart("table", table=split),
            SectionPart(
                "caption",
                text="What all data in one place would know, less what the student knows, is the total loss; it is the "
                "learner loss plus the federation loss plus the distillation loss. The ensemble is the teachers asked "
                "directly about the test molecules. A negative loss is a gain. One run is one draw: small "
                "differences mean nothing.",
            ),
        ]
    return Section("benchmark", "Benchmark: does a partner gain?", "Benchmark", lead, tuple(parts))


def _contributions(run: Run) -> Section:
    parts = _drawn(contribution(run), "The labels hold no contributions.")
    return Section("contributions", "Contributions: who shaped the labels?", "Contributions", (), parts)


def _probabilities(run: Run) -> Section:
    parts = [SectionPart("chart", chart=chart) for chart in (label_distribution(run),) if chart]
    for dataset, name in DOMAINS.items():
        if charts := model_distributions(run, dataset):
            parts.append(SectionPart("heading", text=f"Models on the {name.lower()}, by true class"))
            parts.append(SectionPart("charts", charts=tuple(charts)))
    parts.append(
        SectionPart(
            "caption",
            text="Each panel shows where a model puts compounds that are truly inactive (solid) and truly active "
            "(dotted). A good model has two peaks, far apart, and little overlap.",
        )
    )
    return Section("distributions", "Probabilities: how sure are labels and models?", "Probabilities", (), tuple(parts))


def _calibration(run: Run) -> Section:
    lead = (
        "Of the compounds that a model calls active with 70 %, 70 % should be active: then its points lie on the "
        "diagonal. Below it, the model promises too much; above it, too little. Points stand for 20 predictions or "
        "more.",
    )
    charts = tuple(chart for dataset in run.datasets if (chart := calibration(run, dataset)))
    title = "Calibration: can a probability be believed?"
    return Section("calibration", title, "Calibration", lead, (SectionPart("charts", charts=charts),))


def _space(run: Run) -> Section:
    parts = _drawn(space(run), "The map holds no point.")
    return Section("map", "Chemical space: who knows which chemistry?", "Chemical space", (), parts)


def _metrics(run: Run) -> Section:
    lead = (
        "Click a column's name to sort by it. MCC comes with its 95 % interval over molecules. A dash: not defined, as "
        "when a model calls all compounds the same.",
    )
    parts = tuple(SectionPart("table", table=tables.metrics(run, dataset)) for dataset in run.datasets)
    return Section("metrics", "All metrics", "All metrics", lead, parts, wide=True)


def _inputs(run: Run) -> Section:
    return inputs(run, tables.sets(run))


def inputs(run: RunFiles, sets: ReportTable) -> Section:
    """Show what came in, what it became, and what was left out."""
    found = [tables.inputs(run), tables.readings(run.facts["inputs"]), sets]
    parts = [SectionPart("table", table=table) for table in found if table]
    if known := noted(run.facts.get("overlap")):
        parts += [
            SectionPart("table", table=near_duplicates([known[0]])),
            SectionPart("caption", text=explained(known[1])),
        ]
    if run.rejected:
        table = tables.rejected(run)
        parts += [
            SectionPart("table", table=tables.rejections(run)),
            SectionPart("folded", tables=(table,), text=table.title),
            SectionPart("note", text="All rejected rows are in rejected.csv, beside this page."),
        ]
    else:
        parts.append(SectionPart("note", text="No row was rejected."))
    return Section("inputs", "Inputs", "Inputs", (), tuple(parts))


def partners(run: RunFiles) -> Section:
    """Show who took part."""
    return Section("partners", "Partners", "Partners", (), (SectionPart("table", table=tables.partners(run)),))


def cost(run: RunFiles) -> Section:
    """Show time and memory, stage by stage."""
    return Section("cost", "Time and memory", "Time and memory", (), (SectionPart("table", table=tables.stages(run)),))


def provenance(run: RunFiles) -> Section:
    """Show what is needed to make the run again."""
    agreed = "The charter: all that was agreed before anyone computed"
    parts = (SectionPart("table", table=tables.provenance(run)), SectionPart("folded", text=agreed, code=run.charter))
    return Section("provenance", "Provenance", "Provenance", (), parts)


def _drawn(chart: Chart | None, otherwise: str) -> tuple[SectionPart, ...]:
    return (SectionPart("chart", chart=chart) if chart else SectionPart("note", text=otherwise),)
