"""Studies of a regression: errors of all models, and what taking part saves."""

from __future__ import annotations

from fluidmol.report.findings.words import HYBRIDS
from fluidmol.report.parts import (
    MODELS,
    Finding,
    ReportTable,
    Section,
    SectionPart,
    TableColumn,
    column,
    mean,
    name,
    row,
)
from fluidmol.report.read.frame import OWN
from fluidmol.report.read.studies import ArmResults, Studies
from fluidmol.report.style import DOMAINS, figure

_STUDIES = {
    "benchmark": ("Benchmark", ("external", "validation")),
    "own-domain": ("Own held-out compounds", (OWN,)),
    "cross-domain": ("Compounds of a partner that stayed out", (OWN,)),
}
_GAINS = {"own-domain": "gain", "cross-domain": "hybrids-gain"}


def errors(studies: Studies) -> Section | None:
    """Show the errors of all models, study by study; None where there is none of these studies."""
    parts = []
    for study, (title, datasets) in _STUDIES.items():
        for arm in studies.having(study):
            frame = arm.frame(study)
            there = [dataset for dataset in datasets if frame.of("rmse", dataset)]
            rows = tuple(
                row(name(model), [mean(frame.mean(m, d, called=model)) for d in there for m in ("rmse", "r2")])
                for model in MODELS
                if any(frame.of("rmse", dataset, called=model) for dataset in there)
            )
            if rows:
                columns = (
                    TableColumn("Model", number=False),
                    *(
                        column(f"{DOMAINS.get(dataset, title)}, {metric}")
                        for dataset in there
                        for metric in (f"RMSE ({studies.unit})", "R²")
                    ),
                )
                head = title if len(studies.arms) == 1 else f"{title}, {arm.name}"
                parts.append(SectionPart("table", table=ReportTable(head, columns, rows)))
    if not parts:
        return None
    lead = (f"Root mean squared errors in {studies.unit}: lower is better. R² is 1 at best, 0 for the mean.",)
    return Section("errors", "Errors of all models", "Errors", lead, tuple(parts))


def findings(studies: Studies) -> list[Finding]:
    """Describe what taking part saves, one finding a study."""
    return [found for study in _GAINS if (found := _finding(studies.main, study, studies.unit)) is not None]


def _finding(arm: ArmResults, study: str, unit: str) -> Finding | None:
    frame = arm.frame(study)
    gain = frame.mean("rmse", OWN, called=_GAINS[study])
    if not frame.of("rmse", OWN, called=_GAINS[study]):
        return None
    before, after = (frame.mean("rmse", OWN, called=who).mean for who in ("teachers' mean", HYBRIDS))
    sure = gain.n > 1
    verdict = "unknown" if not sure else "better" if gain.low > 0 else "worse" if gain.high < 0 else "unclear"
    titles = {
        "better": "Taking part saves error.", "worse": "Taking part costs.", "unclear": "No gain can be shown.",
        "unknown": "One seed alone says little.",
    }  # fmt: skip
    spread = f" (95\u00a0% interval {figure(gain.low, sign=True)} to {figure(gain.high, sign=True)})" if sure else ""
    return Finding(
        _STUDIES[study][0], verdict, titles[verdict],
        (
            f"Hybrids err by {figure(after)} {unit} (RMSE, mean over partners and seeds), the partners' own teachers "
            f"by {figure(before)}: {figure(gain.mean, sign=True)} saved{spread}.",
        ),
    )  # fmt: skip
