"""What the figures stand on: sets and their overlap, charters, cost, provenance; and what was varied."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fluidmol.learning.statistics.intervals import Interval
from fluidmol.report.parts import (
    ReportTable,
    Section,
    SectionPart,
    TableCell,
    TableColumn,
    as_float,
    column,
    decimal,
    mean,
    row,
    text,
    whole,
)
from fluidmol.report.read.frame import Frame, ResultRow, averaged
from fluidmol.report.read.studies import ArmResults, Result, Studies, datasets
from fluidmol.report.sections.run_tables import readings
from fluidmol.report.set_overlap import Shares, explained, near_duplicates, noted
from fluidmol.report.style import DOMAINS, count


def overlap(studies: Studies) -> Section | None:
    """Show how many molecules of one set are nearly known in another."""
    measured, at_least = _measured(studies)
    if not measured:
        return None
    table = near_duplicates(measured)
    lead = (f"{explained(at_least)} Means over seeds.",)
    return Section("overlap", "Overlap of the sets", "Overlap", lead, (SectionPart("table", table=table),))


def _measured(studies: Studies) -> tuple[list[Shares], float]:
    """Give the overlap by seed: of the study of that name where it is there, or of what each study notes."""
    arms = studies.having("overlap")
    if arms:
        frame = arms[-1].frame("overlap")
        at_least = as_float(_mapping(arms[-1].results["overlap"].facts.get("settings")).get("at_least", 0.9))
        if not math.isnan(at_least):
            return [_shares(row for row in frame.rows if row.seed == seed) for seed in frame.seeds], at_least
    found = [noted(known.get("overlap")) for known in _seeds(studies, "overlap").values()]
    told = [known for known in found if known]
    return [shares for shares, at_least in told if at_least == told[0][1]], told[0][1] if told else math.nan


def _seeds(studies: Studies, what: str) -> dict[str, Mapping[str, Any]]:
    """Give what is noted of each seed's consortium, by whichever study notes it first: all of them share it."""
    found: dict[str, Mapping[str, Any]] = {}
    for arm in (studies.main, *studies.arms):
        for result in arm.results.values():
            for seed, told in _mapping(result.facts.get("by_seed")).items():
                if _mapping(told).get(what):
                    found.setdefault(str(seed), told)
    return dict(sorted(found.items(), key=lambda item: (len(item[0]), item[0])))


def _shares(rows: Iterable[ResultRow]) -> Shares:
    found: dict[str, dict[str, dict[str, float]]] = {}
    for r in rows:
        told = found.setdefault(r.dataset, {}).setdefault(r.model.removeprefix("in "), {"n": r.n_test})
        told[r.metric] = r.value
    return found


def ablations(studies: Studies) -> Section | None:
    """Show what variations of the charter gave."""
    tables = [table for arm in studies.arms for result in arm.results.values() if (table := _ablation(arm, result))]
    if not tables:
        return None
    parts = tuple(SectionPart("table", table=table) for table in tables)
    return Section("ablation", "Ablation: what changes when the charter does?", "Ablation", (), parts)


def _ablation(arm: ArmResults, result: Result) -> ReportTable | None:
    frame = result.frame
    if result.study != "ablation" or not frame:
        return None
    varied = list(frame.rows[0].case)
    models = [
        m
        for m in ("ensemble", "student", "hybrids' mean", "T0-same-make", "T0")
        if any(r.called == m for r in frame.rows)
    ]
    there = frame.datasets
    columns = (
        *(TableColumn(name, number=False) for name in varied),
        *(column(f"{model}, {DOMAINS[dataset].lower()}") for dataset in there for model in models),
    )
    cases = list(dict.fromkeys(tuple(r.case.items()) for r in frame.rows))
    rows = tuple(
        (
            *(text(value) for _, value in case),
            *(mean(frame.mean("mcc", d, called=m, **dict(case))) for d in there for m in models),
        )
        for case in cases
    )
    return ReportTable(f"{arm.name}: {result.name}, MCC", columns, rows)


def leave_one_out(studies: Studies) -> Section | None:
    """Show the student and the labels without each partner in turn."""
    arms = studies.having("leave-one-out")
    if not arms:
        return None
    there = datasets(arms, "leave-one-out")
    columns = (
        TableColumn("MCC", number=False),
        *(column(f"{a.name}, {DOMAINS[d].lower()}") for d in there for a in arms),
    )
    rows = []
    for model in ("student", "ensemble"):
        for what, highest in (("of all", None), ("without one: mean", None), ("highest", True), ("lowest", False)):
            cells = []
            for dataset in there:
                for arm in arms:
                    frame = arm.frame("leave-one-out")
                    if what == "of all":
                        cells.append(mean(frame.mean("mcc", dataset, called=model, left_out="")))
                    else:
                        cells.append(mean(_without(frame, dataset, model, highest)))
            rows.append(row(f"{model}, {what}", cells))
    lead = ("The left-out teacher influences nothing: labels and the choice of molecules are made without it.",)
    table = ReportTable("Leave one teacher out", columns, tuple(rows))
    return Section(
        "leave-one-out", "Without one of the partners", "Leave one out", lead, (SectionPart("table", table=table),)
    )


def _without(frame: Frame, dataset: str, model: str, highest: bool | None) -> Interval:
    rows = [r for r in frame.of("mcc", dataset, called=model) if r.case.get("left_out")]
    if highest is None:
        return averaged(rows, len(frame.seeds))
    kind = rows[0].kind if rows else ""
    return Frame(rows).extreme("mcc", dataset, kind=kind, highest=highest)


def provenance(studies: Studies) -> Section:
    """Say what this was made of, what it took, and what isn't there."""
    parts = [SectionPart("table", table=_cost(studies)), SectionPart("table", table=_consortia(studies))]
    missing = _missing(studies)
    if missing:
        parts.append(SectionPart("table", table=missing))
    understood = readings(item for found in _by_seed(studies) for item in _entries(found, "inputs"))
    if understood:
        parts.append(SectionPart("table", table=understood))
    parts.append(SectionPart("folded", tables=(_inputs(studies), _versions(studies)), text="Files and versions"))
    parts += [SectionPart("folded", text=f"The charter {arm.name}", code=arm.charter) for arm in studies.arms]
    setups = [_mapping(result.facts.get("setup")) for arm in studies.arms for result in arm.results.values()]
    newest = any(setup.get("validation_split") == "time" for setup in setups)
    lead = (
        f"Each seed is a virtual consortium of its own: {'' if newest else 'validation set, '}partners, transfer "
        f"molecules and models are drawn anew. Seeds here: {', '.join(map(str, studies.seeds))}."
        + (" The validation set is the newest compounds, the same for each." if newest else ""),
    )
    return Section("provenance", "Provenance and cost", "Provenance", lead, tuple(parts))


def _cost(studies: Studies) -> ReportTable:
    names = list(dict.fromkeys(name for arm in studies.arms for name in arm.results))
    columns = (
        TableColumn("Study", number=False),
        *(c for arm in studies.arms for c in (column(f"{arm.name}: seconds"), column("seeds"))),
    )
    rows = []
    for name in names:
        cells: list[TableCell] = []
        for arm in studies.arms:
            facts = arm.results[name].facts if name in arm.results else {}
            seeds = facts.get("seeds")
            cells += [decimal(facts.get("cell_seconds"), 0), whole(len(seeds) if isinstance(seeds, list) else None)]
        rows.append(row(name, cells))
    totals: list[TableCell] = []
    for arm in studies.arms:
        spent = [as_float(result.facts.get("cell_seconds")) for result in arm.results.values()]
        totals += [decimal(sum(value for value in spent if not math.isnan(value)), 0), decimal(None)]
    rows.append(row("all", totals))
    return ReportTable(
        "What each study took, all seeds, without what another study had already made", columns, tuple(rows)
    )


def _consortia(studies: Studies) -> ReportTable:
    columns = (
        TableColumn("Seed", number=False), column("Partners' compounds"), column("Validation"), column("External"),
        column("Transfer"), TableColumn("Silent", "Partners without a teacher", number=False),
    )  # fmt: skip
    rows = []
    for seed, known in _seeds(studies, "sets").items():
        sets = _mapping(known.get("sets"))
        sizes = [as_float(n) for n in _mapping(known.get("partners")).values()]
        spread = f"{count(sum(sizes))}: {count(min(sizes))} to {count(max(sizes))} each" if sizes else ""
        silent = known.get("silent")
        cells = [whole(sets.get(name)) for name in ("validation", "external", "transfer")]
        rows.append(row(seed, [text(spread), *cells, text(", ".join(silent) if isinstance(silent, list) else "")]))
    return ReportTable("Consortia", columns, tuple(rows))


def _missing(studies: Studies) -> ReportTable | None:
    reasons = {(str(e.get("arm")), str(e.get("study"))): e.get("reason") for e in _entries(studies.facts, "left_out")}
    rows = []
    for entry in _entries(studies.facts, "studies"):
        for arm in studies.arms:
            if not arm.frame(str(entry.get("name"))):
                why = reasons.get((arm.name, str(entry.get("name"))), "not run, or not finished")
                rows.append((text(entry.get("title")), text(arm.name), text(why)))
    columns = (
        TableColumn("Study", number=False),
        TableColumn("Charter", number=False),
        TableColumn("Why", number=False),
    )
    return ReportTable("Not in this report", columns, tuple(rows)) if rows else None


def _inputs(studies: Studies) -> ReportTable:
    seen: dict[str, tuple[TableCell, ...]] = {}
    for found in _by_seed(studies):
        for item in _entries(found, "inputs"):
            cells = (
                text(item.get("role")),
                text(item.get("name")),
                whole(item.get("usable")),
                text(item.get("sha256")),
            )
            seen.setdefault(str(item.get("sha256")), cells)
    columns = (
        TableColumn("Used as", number=False),
        TableColumn("File", number=False),
        column("Usable"),
        TableColumn("SHA-256", number=False),
    )
    return ReportTable("Files", columns, tuple(seen.values()))


def _by_seed(studies: Studies) -> Iterator[Mapping[str, Any]]:
    """Yield the facts of each study's seeds."""
    for arm in studies.arms:
        for result in arm.results.values():
            for found in _mapping(result.facts.get("by_seed")).values():
                yield _mapping(found)


def _versions(studies: Studies) -> ReportTable:
    facts = next(iter(studies.main.results.values())).facts
    names = {"fluidmol": facts.get("fluidmol"), "Python": facts.get("python"), "Platform": facts.get("platform"),
             **_mapping(facts.get("libraries"))}  # fmt: skip
    rows = tuple((text(name), text(value)) for name, value in names.items())
    return ReportTable("Versions", (TableColumn("What", number=False), TableColumn("Version", number=False)), rows)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _entries(facts: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = facts.get(name)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
