"""The tables of one run."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from fluidmol.report.parts import ReportTable, TableCell, TableColumn, as_float, decimal, share, text, whole
from fluidmol.report.read.run import Run, RunFiles, RunScore
from fluidmol.report.style import DOMAINS, count, figure
from fluidmol.values.results import METRICS, SCORES

SHOWN = 200
"""Rejected rows that the page shows; the file has them all."""


SETS = {
    "train": "Training, all partners",
    "validation": "Validation",
    "external": "External",
    "transfer": "Transfer",
    "labels": "Federated labels",
}
"""What sets are called."""

KINDS = {
    "pooled": "pooled (T0)",
    "pooled_same_make": "pooled, same make",
    "pooled_hybrid": "pooled hybrid",
    "control": "ensemble",
}
"""What kinds of models are called in tables of all of them."""


def metrics(run: Run, dataset: str) -> ReportTable:
    """Give all figures of all models on one data set."""
    head = (
        TableColumn("Model", number=False),
        TableColumn("Kind", number=False),
        TableColumn("Trained on", "Training compounds"),
    )
    columns = (*head, *(TableColumn(metric.short, metric.meaning) for metric in SCORES.values()))
    rows = tuple(_metrics_row(score) for score in run.of(dataset))
    tested = count(run.of(dataset)[0].n_test)
    return ReportTable(f"{DOMAINS[dataset]}, {tested} compounds", columns, rows, sortable=True)


def _metrics_row(score: RunScore) -> tuple[TableCell, ...]:
    low, high = score.figures["mcc_low"], score.figures["mcc_high"]
    mcc = decimal(score.mcc)
    if not (math.isnan(low) or math.isnan(high)):
        mcc = attrs.evolve(mcc, text=f"{mcc.text} ({figure(low)} to {figure(high)})".replace(" ", "\u00a0"))
    others = (decimal(score.figures[name]) for name in METRICS[1:])
    kind = TableCell(KINDS.get(score.kind, score.kind), score.kind, kind=score.kind)
    return (text(score.model), kind, whole(score.n_train), mcc, *others)


def inputs(run: RunFiles) -> ReportTable:
    """Give what came in, file by file, and what was left out."""
    columns = (
        TableColumn("File", number=False), TableColumn("Used as", number=False), TableColumn("Rows"),
        TableColumn("Usable"),
        TableColumn("Rejected", "Rows that could not be used"), TableColumn("Merged", "Rows that repeat a compound"),
        TableColumn("Repeats of other sets", "Compounds taken out, for another set holds them too", number=False),
    )  # fmt: skip
    rows = tuple(
        (
            text(entry.get("name")), text(entry.get("role")),
            *(whole(entry.get(name)) for name in ("rows", "usable", "rejected", "merged")),
            text(_listed(entry.get("removed"))),
        )
        for entry in run.facts["inputs"]
    )  # fmt: skip
    return ReportTable("Files", columns, rows)


def readings(inputs: Iterable[Mapping[str, Any]]) -> ReportTable | None:
    """Make a table of how files of measurements were understood; None if none was.

    Parameters
    ----------
    inputs : iterable of mapping
        A file each, as provenance has it.
    """
    seen: dict[tuple[str, str], tuple[TableCell, ...]] = {}
    for entry in inputs:
        reading = entry.get("reading")
        if isinstance(reading, Mapping):
            name, line = str(entry.get("name")), str(reading.get("line"))
            cautions = reading.get("cautions")
            said = " ".join(f"{caution}." for caution in cautions) if isinstance(cautions, list) else ""
            seen.setdefault((name, line), (text(name), text(line), text(said or "none")))
    names = ("File", "Read as", "Cautions")
    columns = tuple(TableColumn(name, number=False) for name in names)
    return ReportTable("How measurements were read", columns, tuple(seen.values())) if seen else None


def _listed(removed: object) -> str:
    if not isinstance(removed, Mapping):
        return ""
    found = [f"{count(as_float(n))} of {name}" for name, n in removed.items() if as_float(n) != 0]
    return f"{', '.join(found)}: removed" if found else "none"


def sets(run: Run) -> ReportTable:
    """Give the sets that the inputs became."""
    prevalence = run.facts["prevalence"]
    sizes = run.facts["sets"] | {"labels": len(run.labels.value)}
    rows = tuple(
        (text(SETS.get(name, name)), whole(sizes.get(name)), share(as_float(prevalence.get(name))))
        for name in dict.fromkeys([*SETS, *sizes, *prevalence])
        if name in sizes or name in prevalence
    )
    return ReportTable(
        "Sets", (TableColumn("Set", number=False), TableColumn("Compounds"), TableColumn("Active")), rows
    )


def rejections(run: RunFiles) -> ReportTable:
    """Count rejected rows by file and reason, the most frequent first."""
    counts = Counter((row["file"], row["reason"]) for row in run.rejected)
    rows = tuple((text(file), text(reason), whole(n)) for (file, reason), n in counts.most_common())
    columns = (TableColumn("File", number=False), TableColumn("Reason", number=False), TableColumn("Rows"))
    return ReportTable("Rejected rows by reason", columns, rows)


def rejected(run: RunFiles) -> ReportTable:
    """Give the first rejected rows."""
    names = ("file", "line", "smiles", "reason")
    rows = tuple(tuple(text(row[name]) for name in names) for row in run.rejected[:SHOWN])
    columns = tuple(
        TableColumn(name.upper() if name == "smiles" else name.capitalize(), number=False) for name in names
    )
    return ReportTable(f"The first {len(rows)} of {count(len(run.rejected))} rejected rows", columns, rows)


def partners(run: RunFiles) -> ReportTable:
    """Give each partner's size, and whether it answered."""
    rows: list[tuple[TableCell, ...]] = []
    for row in run.partners:
        n, active = as_float(row["n_compounds"]), as_float(row["n_active"])
        told = (text(row["status"]), text(row["reason"]))
        classes = (whole(active), share(active / n if n else math.nan)) if row["n_active"] else ()
        rows.append((text(row["partner"]), whole(n), *classes, *told))
    known = any(row["n_active"] for row in run.partners)
    columns = (
        TableColumn("Partner", number=False), TableColumn("Compounds"),
        *((TableColumn("Active"), TableColumn("Active share")) if known else ()),
        TableColumn("Status", number=False), TableColumn("Reason", number=False),
    )  # fmt: skip
    return ReportTable("Compounds of each partner, and whether it answered", columns, tuple(rows))


def stages(run: RunFiles) -> ReportTable:
    """Give time and peak memory, stage by stage, and in all."""
    entries = run.facts["stages"]
    known = [as_float(entry.get("seconds")) for entry in entries]
    total = sum(value for value in known if not math.isnan(value)) or 1.0
    rows = [
        (
            text(entry.get("stage")),
            attrs.evolve(decimal(seconds, 1), share=None if math.isnan(seconds) else seconds / total),
            whole(entry.get("peak_mb")),
        )
        for entry, seconds in zip(entries, known, strict=True)
    ]
    rows.append((text("Whole run"), decimal(run.facts.get("seconds"), 1), whole(run.facts.get("peak_mb"))))
    return ReportTable(
        "Stages",
        (TableColumn("Stage", number=False), TableColumn("Seconds"), TableColumn("Peak memory, MB")),
        tuple(rows),
    )


def provenance(run: RunFiles) -> ReportTable:
    """Give what is needed to make the run again."""
    facts = run.facts
    names: Iterable[tuple[str, Any]] = (
        ("fluidmol", facts.get("fluidmol")), ("Command", facts.get("command")), ("Preset", facts.get("preset")),
        ("Split", facts.get("split")), ("Validation split", facts.get("validation_split")), ("Seed", facts.get("seed")),
        ("Started", facts.get("started")), ("Workers", facts.get("workers")),
        ("Python", facts.get("python")), ("Platform", facts.get("platform")),
        ("Libraries", ", ".join(f"{name} {version}" for name, version in facts["libraries"].items())),
        ("Digest of the charter", facts.get("charter_digest")), ("Digest of the labels", facts.get("labels_digest")),
        *((f"SHA-256 of {entry.get('name')}", entry.get("sha256")) for entry in facts["inputs"]),
    )  # fmt: skip
    rows = tuple((text(name), text(value)) for name, value in names)
    return ReportTable("Provenance", (TableColumn("What", number=False), TableColumn("Value", number=False)), rows)
