"""Whether a probability can be believed."""

from __future__ import annotations

import math

from fluidmol.report.figures.calibration_curve import curve
from fluidmol.report.parts import MODELS, Section, SectionPart
from fluidmol.report.read.studies import ArmResults, Studies
from fluidmol.report.style import COLOURS, DOMAINS, GRID, Chart, Plot, axis, figure, layout


def calibration(studies: Studies) -> Section | None:
    """Draw reliability curves from the benchmark's predictions, all seeds together."""
    from fluidmol.report.read.prediction_files import pooled  # noqa: PLC0415 - heavy

    charts = []
    for arm in studies.having("benchmark"):
        for dataset, said in pooled(arm).items():
            curves = [
                curve(called, COLOURS[kind], symbol, dash, *said[kind])
                for kind, called, symbol, dash in _CURVES
                if kind in said
            ]
            charts.append(_reliability(arm, dataset, [found for found in curves if found["x"]]))
    if not charts:
        return None
    lead = (
        "Of the compounds that a model calls active with 70 %, 70 % should be active: then its points lie on the "
        "diagonal. All seeds together; points stand for 20 predictions or more. Brier score and calibration error are "
        "in the tables above.",
    )
    part = SectionPart("charts", charts=tuple(charts))
    return Section("calibration", "Calibration: can a probability be believed?", "Calibration", lead, (part,))


_CURVES = (
    ("teacher", "Teachers", "diamond", "dot"), ("student", "Student", "square", "solid"),
    ("hybrid", "Hybrids", "circle", "solid"), ("pooled", "T0", "triangle-up", "dash"),
)  # fmt: skip


def _reliability(arm: ArmResults, dataset: str, curves: list[Plot]) -> Chart:
    ideal: Plot = {
        "type": "scatter", "mode": "lines", "name": "Perfect", "x": [0, 1], "y": [0, 1], "hoverinfo": "skip",
        "line": {"color": GRID, "width": 2},
    }  # fmt: skip
    ece = [(m, arm.frame("benchmark").mean("ece", dataset, called=m, arm="federation").mean) for m in MODELS]
    told = "; ".join(f"{model} {figure(value)}" for model, value in ece if not math.isnan(value))
    plot: Plot = {
        "data": [ideal, *curves],
        "layout": layout(
            xaxis=axis("Stated probability of active", range=[0, 1], dtick=0.25),
            yaxis=axis("Found active", range=[0, 1], dtick=0.25, tickformat=".0%"),
        ),
    }
    title = f"{arm.name}, {DOMAINS[dataset].lower()}"
    alt = f"Reliability diagram of {title}. Calibration error: {told}."
    return Chart(f"calibration-{_key(arm.name)}-{dataset}", title, alt, "", plot, height=380)


def _key(text: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in text)
