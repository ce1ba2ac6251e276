"""Who brings what, and what dishonest partners can do."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

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
    text,
)
from fluidmol.report.read.frame import OWN, Frame, ResultRow
from fluidmol.report.read.studies import ArmResults, Studies
from fluidmol.report.style import COLOURS, DOMAINS, Chart, Plot, axis, figure, layout, percent, plain, series

_ATTACKS = {
    "none": "nobody lies", "absent": "no lie: they stay away",
    "flipped": "all labels flipped", "nearest": "flipped where the liar knows most",
    "active": "everything called active", "inactive": "everything called inactive", "colluding": "one common lie",
    "targeted": "flipped on one scaffold", "noise": "noise",
}  # fmt: skip


HONEST = ("none", "absent")
"""Cases in which nobody lies; in the second, the liars-to-be stay away."""


def malicious(studies: Studies) -> Section | None:
    """Show how much of the honest quality is left, by lie and aggregation."""
    arms = studies.having("malicious")
    if not arms:
        return None
    parts = []
    for arm in arms:
        frame = arm.frame("malicious")
        dataset = frame.datasets[0]
        parts += [
            SectionPart("table", table=table)
            for model in ("student", "ensemble")
            if (table := _kept(arm, dataset, model))
        ]
        parts.append(SectionPart("table", table=_seen(arm)))
    liars = arms[-1].results["malicious"].facts.get("settings", {}).get("malicious", "some")
    lead = (
        f"{liars} of the partners lie, others each seed: with honest weights, or claiming to know every molecule. "
        "Kept: the share of the MCC that is left of the honest one under the charter's own aggregation. Nothing better "
        "can be hoped for than what is left when the same partners stay away.",
        "Named: how often what the consortium sees of a partner says that it disagrees with the others, beyond chance, "
        "where it claims to know, or says nothing at all.",
    )
    return Section("malicious", "Robustness: what can dishonest partners do?", "Malicious partners", lead, tuple(parts))


def kept(frame: Frame, dataset: str, model: str, aggregation: str, attack: str, weights: str) -> Interval:
    """Give the share of the honest MCC that is left, mean over seeds."""
    case = {"aggregation": aggregation, "attack": attack, "weights": weights}
    return frame.mean("kept", dataset, called=model, **case)


def _kept(arm: ArmResults, dataset: str, model: str) -> ReportTable | None:
    frame = arm.frame("malicious")
    lies = list(dict.fromkeys((r.case["attack"], r.case["weights"]) for r in frame.rows))
    asked = [a for a in frame.cases("aggregation") if frame.of("kept", dataset, called=model, aggregation=a)]
    if not asked:
        return None
    columns = (TableColumn("Lie", number=False), TableColumn("Weights", number=False), *(column(a) for a in asked))
    rows = tuple(
        row(_ATTACKS.get(attack, attack), [
            text("" if attack == "none" else weights),
            *(_percent(kept(frame, dataset, model, a, attack, weights)) for a in asked),
        ])
        for attack, weights in lies
    )  # fmt: skip
    return ReportTable(f"{arm.name}: MCC kept by the {model}, {DOMAINS[dataset].lower()}", columns, rows)


def _percent(interval: Interval) -> TableCell:
    if math.isnan(interval.mean):
        return decimal(None)
    half = "" if math.isnan(interval.low) else f"\u00a0±\u00a0{100 * (interval.high - interval.mean):.0f}"
    shown = f"{100 * interval.mean:.0f}{half}\u00a0%".replace("-", "−") + fewer(interval)
    return TableCell(shown, repr(interval.mean), number=True, share=max(0.0, min(1.0, interval.mean)))


def _seen(arm: ArmResults) -> ReportTable:
    frame = arm.frame("malicious")
    lies = [lie for lie in frame.cases("attack") if lie not in HONEST]
    columns = (
        TableColumn("Lie", number=False), column("Liars named", "As disagreeing or uninformative"),
        column("Honest partners named"), column("Liars' share in labels", "Under the aggregation that trusts least"),
    )  # fmt: skip
    rows = [row(_ATTACKS["none"], [decimal(None), _named(frame, "honest partner", "none"), decimal(None)])]
    for lie in lies:
        shares = [
            frame.mean("share", OWN, called="liar", attack=lie, aggregation=a) for a in frame.cases("aggregation")
        ]
        least = min((s for s in shares if not math.isnan(s.mean)), key=lambda s: s.mean, default=None)
        cells = [_named(frame, "liar", lie), _named(frame, "honest partner", lie)]
        rows.append(row(_ATTACKS.get(lie, lie), [*cells, _percent(least) if least else decimal(None)]))
    return ReportTable(f"{arm.name}: who is named", columns, tuple(rows))


def _named(frame: Frame, who: str, lie: str) -> TableCell:
    flags: dict[tuple[int, str, str, str], bool] = {}
    for metric in ("disagrees", "uninformative"):
        for found in frame.of(metric, OWN, called=who, attack=lie):
            key = (found.seed, found.partner, found.case["weights"], found.case["aggregation"])
            flags[key] = flags.get(key, False) or found.value > 0
    return TableCell(percent(float(np.mean(list(flags.values()))) if flags else math.nan), "", number=True)


def contribution(studies: Studies) -> Section | None:
    """Show Shapley and leave-one-out values of each partner."""
    arms = studies.having("contribution")
    if not arms:
        return None
    parts: list[SectionPart] = []
    for arm in arms:
        frame = arm.frame("contribution")
        parts.append(
            SectionPart("charts", charts=tuple(_bars(arm, dataset, frame.seeds[0]) for dataset in frame.datasets))
        )
    folded = tuple(_all_values(arm, dataset) for arm in arms for dataset in arm.frame("contribution").datasets)
    parts.append(SectionPart("folded", tables=folded, text="All seeds"))
    first = arms[0].frame("contribution").seeds[0]
    lead = (
        f"What each partner brings, in MCC on public data. Drawn is seed {first}; partners of another seed are others. "
        "Shapley: its mean contribution to the labels' own quality (teachers asked directly) over all orders in which "
        "partners might join; they sum to the labels' MCC. Left out: what the student loses without it. Values may be "
        "negative: then the others are better off without.",
    )
    return Section("contribution", "Contributions: who brings what?", "Contributions", lead, tuple(parts))


def _bars(arm: ArmResults, dataset: str, seed: int) -> Chart:
    frame = arm.frame("contribution")
    kinds = (
        ("Shapley, labels", "shapley_mcc", "labels", COLOURS["control"]),
        ("Left out, student", "leave_one_out_mcc", "student", COLOURS["student"]),
    )
    traces: list[Plot] = []
    told = []
    for called, metric, model, colour in kinds:
        rows = [r for r in frame.of(metric, dataset, called=model) if r.seed == seed]
        if rows:
            traces.append(
                {
                    "type": "bar", "name": called, "x": [plain(r.partner) for r in rows],
                    "y": series(r.value for r in rows), "marker": {"color": colour},
                    "error_y": _whiskers(rows),
                    "hovertemplate": "%{x}: %{y:+.3f}<extra>" + called + "</extra>",
                }
            )  # fmt: skip
            told.append(f"{called}: {', '.join(f'{r.partner} {figure(r.value, sign=True)}' for r in rows)}")
    plot: Plot = {
        "data": traces,
        "layout": layout(
            barmode="group", xaxis=axis(showgrid=False), yaxis=axis("MCC", zeroline=True, zerolinecolor="#9AA5AE")
        ),
    }
    title = f"{arm.name}, {DOMAINS[dataset].lower()}"
    alt = f"Bars of each partner's contribution, {title}. {'; '.join(told)}."
    key = f"contribution-{''.join(c if c.isalnum() else '-' for c in arm.name)}-{dataset}"
    return Chart(key, title, alt, "", plot, height=360)


def _whiskers(rows: Sequence[ResultRow]) -> Plot:
    if any(math.isnan(r.low) for r in rows):  # all coalitions were asked
        return {"visible": False}
    above, below = series(r.high - r.value for r in rows), series(r.value - r.low for r in rows)
    return {
        "type": "data", "symmetric": False, "thickness": 1.3, "width": 3, "array": above, "arrayminus": below,
    }  # fmt: skip


def _all_values(arm: ArmResults, dataset: str) -> ReportTable:
    frame = arm.frame("contribution")
    columns = (TableColumn("Partner", number=False), column("Seed"), column("Shapley, labels"),
               column("Left out, student"), column("Left out, labels"),
               column("Left out, others' hybrids"))  # fmt: skip
    seen = list(dict.fromkeys((r.seed, r.partner) for r in frame.rows))
    rows = []
    for seed, partner in seen:
        cells = [
            mean(_one(frame, metric, dataset, seed, partner, models), sign=True)
            for metric, models in (
                ("shapley_mcc", "labels"), ("leave_one_out_mcc", "student"), ("leave_one_out_mcc", "labels"),
                ("leave_one_out_mcc", "hybrid-"),
            )
        ]  # fmt: skip
        rows.append(row(partner, [TableCell(str(seed), str(seed), number=True), *cells]))
    return ReportTable(f"{arm.name}, {DOMAINS[dataset].lower()}", columns, tuple(rows))


def _one(frame: Frame, metric: str, dataset: str, seed: int, partner: str, models: str) -> Interval:
    values: Sequence[float] = [
        r.value
        for r in frame.of(metric, dataset)
        if (r.seed, r.partner) == (seed, partner)
        and (r.model == models or (models[-1] == "-" and r.model.startswith(models)))
    ]
    known = [value for value in values if not math.isnan(value)]
    return Interval(float(np.mean(known)) if known else math.nan, math.nan, math.nan, len(known))
