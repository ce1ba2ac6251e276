"""Models at one operating point."""

from __future__ import annotations

from fluidmol.report.parts import MODELS, ReportTable, Section, SectionPart, TableColumn, column, mean, name, text
from fluidmol.report.read.frame import Frame, averaged
from fluidmol.report.read.studies import ArmResults, Studies, datasets
from fluidmol.report.style import DOMAINS


def operating(studies: Studies) -> Section | None:
    """Compare models at several operating points, and by figures that need none."""
    arms = studies.having("benchmark")
    if not arms:
        return None
    tables = [_points(studies, arms, dataset) for dataset in datasets(arms)]
    trained = (
        "At a threshold fixed on the training side: chosen on a fold of the partners' compounds that was held out of a "
        "federation of the same rules (study own-domain): a partner's models on its own compounds, student and both T0 "
        "on those of all partners."
        if studies.thresholds
        else f"A threshold fixed on the training side needs compounds that nobody has learnt from: {_lacking(arms)}"
    )
    lead = (
        f"MCC depends on where a probability becomes a class. At .5: as the models come. {trained} At matched "
        "prevalence: as many are called active as are, for all models alike, which takes the test set's own share of "
        "actives: a way to compare, and none to choose. No other threshold looks at a test set. ROC AUC and PR AUC "
        "come from probabilities.",
    )
    return Section(
        "operating", "Operating points: does the threshold decide?", "Operating points", lead,
        tuple(SectionPart("table", table=table) for table in tables),
    )  # fmt: skip


def _lacking(arms: tuple[ArmResults, ...]) -> str:
    """Explain why there are no thresholds of the training side."""
    arm = arms[-1]
    asked, held = arm.frame("benchmark").seeds, arm.frame("own-domain").seeds
    if not held:
        return "run the study own-domain into the same folder, and these tables get a column for it."
    if set(asked).isdisjoint(held):
        return (
            f"the study own-domain is here, but for other seeds ({', '.join(map(str, held))}) than the benchmark "
            f"({', '.join(map(str, asked))}). Run one with seeds of the other, and these tables get a column for it."
        )
    return "the study own-domain is here, but no threshold can be chosen by it: see its predictions."


_FIGURES = (
    ("mcc", "MCC at .5", ""), ("", "MCC at a training threshold", "Threshold fixed on held-out training compounds"),
    ("mcc_matched", "MCC at matched prevalence", ""), ("roc_auc", "ROC AUC", ""), ("pr_auc", "PR AUC", ""),
    ("brier", "Brier", "Mean squared error of the probability; lower is better"),
    ("ece", "ECE", "Expected calibration error; lower is better"),
)  # fmt: skip


def _points(studies: Studies, arms: tuple[ArmResults, ...], dataset: str) -> ReportTable:
    figures = [told for told in _FIGURES if told[0] or studies.thresholds]
    columns = (
        TableColumn("Model", number=False),
        TableColumn("Charter", number=False),
        *(column(title, meaning) for _, title, meaning in figures),
    )
    rows = []
    for model in MODELS:
        for arm in arms:
            frame = arm.frame("benchmark")
            cells = [
                mean(frame.mean(metric, dataset, called=model, arm="federation") if metric
                     else averaged(fixed(studies, arm).of("mcc", dataset, called=model), len(frame.seeds)))
                for metric, _, _ in figures
            ]  # fmt: skip
            if any(cell.sort for cell in cells):
                rows.append((name(model, short=True), text(arm.name), *cells))
    return ReportTable(DOMAINS[dataset], columns, tuple(rows))


def fixed(studies: Studies, arm: ArmResults) -> Frame:
    """Return the MCC at thresholds of the training side as a table."""
    from fluidmol.report.parts import as_float  # noqa: PLC0415
    from fluidmol.report.read.frame import ResultRow  # noqa: PLC0415

    return Frame(
        ResultRow(int(r["seed"]), {}, r["model"], r["kind"], "", r["dataset"], "mcc", as_float(r["mcc"]))
        for r in studies.thresholds
        if r["arm"] == arm.name
    )
