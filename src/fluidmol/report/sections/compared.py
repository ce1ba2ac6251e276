"""Paired comparisons: what may be said, after so many questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fluidmol.report.parts import (
    ReportTable,
    Section,
    SectionPart,
    TableCell,
    TableColumn,
    as_float,
    column,
    decimal,
    text,
    whole,
)
from fluidmol.report.read.studies import Studies
from fluidmol.report.style import DOMAINS, figure

_METRICS = {
    "mcc": "MCC", "mcc_matched": "MCC at matched prevalence", "roc_auc": "ROC AUC",
    "rmse": "RMSE (below 0, the first errs less)", "mae": "MAE (below 0, the first errs less)",
}  # fmt: skip
_FIRST = ("mcc", "rmse")
_STUDIES = {
    "own-domain": "Own held-out compounds",
    "cross-domain": "Left-out domains",
}

ALPHA = 0.05
"""Below it, a corrected p counts as a difference that is more than chance."""


def comparisons(studies: Studies) -> Section | None:
    """Show paired comparisons over seeds and molecules."""
    rows = [row for row in studies.comparisons if not row["partner"]]
    if not rows:
        return None
    families: dict[tuple[str, str, str], list[Mapping[str, str]]] = {}
    for row in rows:
        families.setdefault((row["study"], row["dataset"], row["metric"]), []).append(row)
    parts = [SectionPart("table", table=_table(*key, found)) for key, found in families.items() if key[2] in _FIRST]
    others = tuple(_table(*key, found) for key, found in families.items() if key[2] not in _FIRST)
    if others:
        parts.append(SectionPart("folded", tables=others, text="The same with other metrics"))
    seeds = [as_float(row["n_seeds"]) for row in rows]
    single = sum(n < 2 for n in seeds)
    lead = (
        "Two methods are judged on the same molecules of the same seeds, and draws of these are the same for both. The "
        "interval (95 %) is for all seeds and molecules that might have been drawn; p is corrected by Holm over all "
        "rows of a table, so that the chance of any false finding in it is 5 %. p by t looks at the seeds' differences "
        "alone.",
        "There is one seed only: intervals say nothing about other seeds." if single == len(rows) else "",
        f"{single} of {len(rows)} rows stand on one seed: their intervals say nothing about other seeds."
        if 0 < single < len(rows)
        else "",
    )
    return Section("comparisons", "Paired comparisons", "Comparisons", tuple(filter(None, lead)), tuple(parts))


def _table(study: str, dataset: str, metric: str, rows: Sequence[Mapping[str, str]]) -> ReportTable:
    columns = (
        TableColumn("Comparison", number=False), TableColumn("Charter", number=False),
        column("Difference (95 % interval)"), column("p, corrected", "By Holm over the rows of this table"),
        column("p by t", "Paired t test over seeds, not corrected"),
        column("Seeds", "Seeds in which both were judged, on the same molecules"), TableColumn("Says", number=False),
    )  # fmt: skip
    where = DOMAINS.get(dataset) or _STUDIES.get(study, study)
    title = f"{where}: difference in {_METRICS.get(metric, metric)}"
    return ReportTable(title, columns, tuple(_row(row) for row in rows), sortable=True)


def _row(row: Mapping[str, str]) -> tuple[TableCell, ...]:
    across = row["first_arm"] != row["second_arm"]
    what = (
        f"{row['first']}, {row['first_arm']} − {row['second_arm']}" if across else f"{row['first']} − {row['second']}"
    )
    difference, low, high = (as_float(row[name]) for name in ("difference", "low", "high"))
    shown = f"{figure(difference, sign=True)} ({figure(low, sign=True)} to {figure(high, sign=True)})"
    return (
        text(what), text("between" if across else row["first_arm"]),
        TableCell(shown.replace(" ", "\u00a0"), repr(difference), number=True),
        p_value(as_float(row["p_holm"])), p_value(as_float(row["p_t"])), whole(row["n_seeds"]), text(verdict(row)),
    )  # fmt: skip


def verdict(row: Mapping[str, str]) -> str:
    """Say in a word what a comparison shows."""
    p, difference = as_float(row["p_holm"]), as_float(row["difference"])
    if not p < ALPHA:
        return "no clear difference"
    return "higher" if difference > 0 else "lower"


def p_value(p: float) -> TableCell:
    """Write a p-value."""
    cell = decimal(p)
    return TableCell("<\u00a00.001", cell.sort, number=True) if p < 0.001 else cell


def found(
    studies: Studies, study: str, dataset: str, first: tuple[str, str], second: tuple[str, str]
) -> Mapping[str, str] | None:
    """Find the comparison of two methods (charter and name each) in MCC."""
    wanted = (study, dataset, "mcc", *first, *second)
    names = ("study", "dataset", "metric", "first_arm", "first", "second_arm", "second")
    return next((r for r in studies.comparisons if not r["partner"] and tuple(r[n] for n in names) == wanted), None)
