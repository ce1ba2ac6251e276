"""How good the models are, where the loss is, and what the controls say."""

from __future__ import annotations

import math

from fluidmol.learning.statistics.intervals import Interval
from fluidmol.report.figures.calibration import curve
from fluidmol.report.parts import MODELS, Column, Part, Section, Table, column, mean, name, row, text
from fluidmol.report.read.frame import NOTHING, Frame, averaged
from fluidmol.report.read.studies import Arm, Studies
from fluidmol.report.style import COLOURS, DOMAINS, GRID, MUTED, Chart, Plot, axis, figure, layout, plain, series

LOSSES = (
    ("teacher-loss", "teacher loss", "T0 minus teachers' mean: what each partner lacks alone"),
    ("total-loss", "total loss", "T0 minus student"),
    ("federation-loss", "federation loss", "T0 minus ensemble: what the labels themselves lack"),
    ("distillation-loss", "distillation loss", "Ensemble minus student: lost on the way through the transfer set"),
    (
        "recovery",
        "recovery R",
        "Mean of (student − teachers' mean) / (T0 − teachers' mean); none where it isn't clear",
    ),
)


def losses(studies: Studies) -> Section | None:
    """Split the distance between T0 and student."""
    arms = studies.having("benchmark")
    if not arms:
        return None
    charts, tables = [], []
    for dataset in datasets(arms):
        charts.append(_stack(arms, dataset))
        columns = (
            Column("In MCC", number=False),
            *(column(arm.name) for arm in arms),
            Column("Which is", number=False),
        )
        found = [_split(arm.frame("benchmark"), dataset) for arm in arms]
        rows = tuple(
            row(called, [*(mean(means[key]) for means in found), text(meaning)]) for key, called, meaning in LOSSES
        )
        tables.append(Table(f"Split of the loss, {DOMAINS[dataset].lower()}", columns, rows))
    lead = (
        "What all data pooled would know (T0), less what the student knows, splits into two losses. The federation "
        "loss is what the teachers together lack even when they are asked directly; the distillation loss is what "
        "doesn't survive the way through the transfer set. A negative loss is a gain.",
    )
    parts = (Part("charts", charts=tuple(charts)), *(Part("table", table=table) for table in tables))
    return Section("losses", "Where is the knowledge lost?", "Loss split", lead, parts)


def _split(frame: Frame, dataset: str) -> dict[str, Interval]:
    """Give all losses of the same seeds, so that they add up, and R."""
    names = [key for key, _, _ in LOSSES if key != "recovery"]
    return {**frame.common("mcc", dataset, names), "recovery": recovery(frame, dataset)}


def recovery(frame: Frame, dataset: str) -> Interval:
    """Give R, the mean of the seeds' shares; nothing where it would say nothing.

    That is where T0 isn't above the teachers in one of the seeds, or is so little that a share of the distance between
    them may be anything.
    """
    distances = frame.of("mcc", dataset, called="teacher-loss")
    found = averaged(frame.of("mcc", dataset, called="recovery"), len(frame.seeds))
    distance = averaged(distances, len(frame.seeds))
    # Of a distance that may be none, no share can be had.
    if any(row.value <= 0 for row in distances) or distance.low <= 0 or found.high - found.mean >= _WIDE:
        return NOTHING
    return found


def without_recovery(frame: Frame, dataset: str) -> str:
    """Say why there is no R."""
    distances = frame.of("mcc", dataset, called="teacher-loss")
    if any(row.value < _CLOSE for row in distances):
        return "T0 is hardly better than the teachers"
    clear = averaged(distances, len(frame.seeds)).low > 0
    return "its interval over seeds is too wide" if clear else "whether T0 is better than the teachers isn't clear"


_CLOSE = 0.05
"""Distance from the teachers to T0, in MCC, below which a share of it says little."""

_WIDE = 0.5
"""Half the width of an interval of R from which it isn't shown."""


def datasets(arms: tuple[Arm, ...], study: str = "benchmark") -> list[str]:
    """Give the public sets that any arm has."""
    return list(dict.fromkeys(name for arm in arms for name in arm.frame(study).datasets))


def _stack(arms: tuple[Arm, ...], dataset: str) -> Chart:
    shown = ("teachers' mean", "student", "ensemble", "T0")
    points = {
        arm.name: [m.mean for m in arm.frame("benchmark").common("mcc", dataset, shown, arm="federation").values()]
        for arm in arms
    }
    names = [plain(arm.name) for arm in arms]
    steps = (
        ("Teachers' mean", 0, None, COLOURS["teacher"], ""),
        ("Recovered by the student", 1, 0, COLOURS["student"], ""),
        ("Distillation loss", 2, 1, "#C9553F", "/"),
        ("Federation loss", 3, 2, COLOURS["control"], "x"),
    )
    traces: list[Plot] = []
    for called, upper, lower, colour, pattern in steps:
        bases = [0.0 if lower is None else values[lower] for values in points.values()]
        deltas = [values[upper] - base for values, base in zip(points.values(), bases, strict=True)]
        traces.append(
            {
                "type": "bar", "orientation": "h", "name": called,
                "y": names, "x": series(deltas), "base": series(bases),
                "marker": {"color": colour, "line": {"width": 1, "color": "#FFFFFF"},
                           "pattern": {"shape": pattern, "fillmode": "overlay", "fgcolor": "#FFFFFF", "fgopacity": 0.7,
                                       "size": 7, "solidity": 0.2}},
                "customdata": [figure(delta, sign=lower is not None) for delta in deltas],
                "hovertemplate": f"{called}: %{{customdata}}<extra>%{{y}}</extra>", "width": 0.55,
            }
        )  # fmt: skip
    traces.append(
        {
            "type": "scatter", "mode": "markers", "name": "T0", "y": names, "x": series(v[3] for v in points.values()),
            "marker": {"symbol": "line-ns", "size": 44, "line": {"width": 3, "color": COLOURS["pooled"]}},
            "hovertemplate": "T0: %{x:.3f}<extra>%{y}</extra>",
        }
    )  # fmt: skip
    told = "; ".join(
        f"{who}: teachers {figure(v[0])}, student {figure(v[1])}, ensemble {figure(v[2])}, T0 {figure(v[3])}"
        for who, v in points.items()
    )
    plot: Plot = {
        "data": traces,
        "layout": layout(
            barmode="overlay",
            xaxis=axis("MCC", rangemode="tozero", zeroline=True),
            yaxis=axis(autorange="reversed", showgrid=False, tickfont={"size": 13, "color": MUTED}),
            legend={
                "orientation": "h",
                "x": 0,
                "y": 1.04,
                "yanchor": "bottom",
                "font": {"size": 12},
                "itemsizing": "constant",
            },
            margin={"l": 90, "r": 12, "t": 60, "b": 46},
        ),
    }
    caption = "From the average teacher to T0 (black line); a negative loss is drawn backwards, over what is before it."
    alt = f"Stacked bars of MCC, {DOMAINS[dataset].lower()}. {told}."
    return Chart(f"loss-{dataset}", DOMAINS[dataset], alt, caption, plot, height=170 + 70 * len(arms))


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
        ("T0", "T0", "federation"),
        (
            "T0 of as many compounds as the student has rows, or all where there are fewer",
            "T0-restricted",
            "pooled-restricted",
        ),
        ("ensemble", "ensemble", "federation"),
    )
    columns = (
        Column("Model", number=False),
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
    part = Part("table", table=Table("Controls: MCC", columns, tuple(rows)))
    return Section("controls", "Controls: why is the student as good as it is?", "Controls", lead, (part,))


def _students(where: str) -> dict[str, str]:
    return {"kind": "student"} if where == "single-teacher" else {}


def operating(studies: Studies) -> Section | None:
    """Compare models at several operating points, and by figures that need none."""
    arms = studies.having("benchmark")
    if not arms:
        return None
    tables = [_points(studies, arms, dataset) for dataset in datasets(arms)]
    trained = (
        "At a threshold fixed on the training side: chosen on a fold of the partners' compounds that was held out of a "
        "federation of the same rules (study own-domain): a partner's models on its own compounds, student and T0 on "
        "those of all partners."
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
        tuple(Part("table", table=table) for table in tables),
    )  # fmt: skip


def _lacking(arms: tuple[Arm, ...]) -> str:
    """Say why there are no thresholds of the training side."""
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


def _points(studies: Studies, arms: tuple[Arm, ...], dataset: str) -> Table:
    figures = [told for told in _FIGURES if told[0] or studies.thresholds]
    columns = (
        Column("Model", number=False),
        Column("Charter", number=False),
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
    return Table(DOMAINS[dataset], columns, tuple(rows))


def fixed(studies: Studies, arm: Arm) -> Frame:
    """Give the MCC at thresholds of the training side as a table."""
    from fluidmol.report.parts import as_float  # noqa: PLC0415
    from fluidmol.report.read.frame import Row  # noqa: PLC0415

    return Frame(
        Row(int(r["seed"]), {}, r["model"], r["kind"], "", r["dataset"], "mcc", as_float(r["mcc"]))
        for r in studies.thresholds
        if r["arm"] == arm.name
    )


def calibration(studies: Studies) -> Section | None:
    """Draw reliability curves from the benchmark's predictions, all seeds together."""
    from fluidmol.report.read.predictions import pooled  # noqa: PLC0415 - heavy

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
    part = Part("charts", charts=tuple(charts))
    return Section("calibration", "Calibration: can a probability be believed?", "Calibration", lead, (part,))


_CURVES = (
    ("teacher", "Teachers", "diamond", "dot"), ("student", "Student", "square", "solid"),
    ("hybrid", "Hybrids", "circle", "solid"), ("pooled", "T0", "triangle-up", "dash"),
)  # fmt: skip


def _reliability(arm: Arm, dataset: str, curves: list[Plot]) -> Chart:
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
