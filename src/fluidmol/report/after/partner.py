"""A partner's page after a round: what left, what it gives away, what was gained, what to do next."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.errors import InputError, MissingFileError
from fluidmol.partner.ledger import Entry
from fluidmol.partner.ledger_file import read_ledger
from fluidmol.partner.tuning.verdict import SUSPECT
from fluidmol.report.after.drawings import drawing
from fluidmol.report.parts import (
    Finding,
    ReportTable,
    Section,
    SectionPart,
    TableCell,
    TableColumn,
    Tile,
    as_float,
    column,
    decimal,
    share,
    text,
)
from fluidmol.report.render import Page, rendered
from fluidmol.report.style import figure
from fluidmol.values.charter import Charter
from fluidmol.values.codec import unpack
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.scale import Scale

MOST_DRAWN = 200
"""Predictions that are shown, with their structures."""

_METRICS = {"mcc": "MCC", "roc_auc": "ROC AUC", "log_loss": "log-loss"}
_SPLITS = {
    "random": "your own chemistry (compounds held out at random)", "cluster": "left-out clusters of your compounds",
    "scaffold": "left-out scaffolds", "time": "your newest compounds",
}  # fmt: skip
_MODELS = {
    "teacher": "your own model", "alone": "hybrid without the consortium", "student": "the consortium without you",
    "hybrid": "hybrid",
}  # fmt: skip
_GRADES = {"given-away": "worse", "noticeable": "partly", "guessing": "better"}


@attrs.frozen(kw_only=True)
class PartnerFiles:
    """What a page is made of; what isn't there is said on it, with how to make it."""

    name: str
    """Of the partner."""

    home: Path
    """Its folder for the consortium."""

    pseudonyms: tuple[str, ...]
    """By what the labels may call it."""

    ledger: Path
    """What has left."""

    tuned: tuple[Path, ...] = ()
    """Folders of ``fluid hybrid tune``."""

    audit: Path | None = None
    """Folder of ``fluid audit``."""

    predictions: Path | None = None
    """CSV file of ``fluid predict``."""


def partner_page(files: PartnerFiles) -> str:
    """Make the page as text; it needs nothing but itself.

    Raises
    ------
    MissingFileError
        If the home has no charter.
    InputError
        If a file can't be understood.
    """
    path = files.home / "charter.toml"
    if not path.is_file():
        raise MissingFileError(f"{path} isn't there", hint="It comes with the first answer: fluid answer `accept`.")
    charter = Charter.from_toml(path.read_text(encoding="utf-8"), str(path))
    entries = _entries(files.ledger, charter)
    labels = _labels(files.home)
    audit = _json(files.audit / "audit.json") if files.audit is not None else None
    if audit is not None and audit.get("charter") != charter.digest:
        audit = None
    tuned = [found for folder in files.tuned if (found := _tuned(folder, charter)) is not None]
    # Of values nothing is tuned or audited so far.
    gains = _gains(tuned) if charter.scale is None else ()
    findings = (
        _left(entries, labels),
        _given_away(audit, charter),
        *gains,
        _next(labels, tuned, audit, files, charter),
    )
    made = (
        _releases(entries), _in_labels(files, labels, charter), *map(_tune_section, tuned), _attacks(audit),
        _predictions(files.predictions, charter.scale),
    )  # fmt: skip
    page = Page(
        kicker=f"{files.name}: private, for your company only",
        title=f"After the round: {charter.name}",
        facts=(
            ("Endpoint", charter.endpoints[0].name), ("Charter", charter.digest[:19]), ("Preset", charter.preset),
            ("Parties", str(len(charter.parties))), ("fluidmol", version("fluidmol")),
        ),
        banners=(("Private.", "It has figures and structures of your own compounds. Never send it to others."),),
        ran=(
            f"What {files.name} has let out under this charter, what that gives away, and what comes back."
            " All of it was read from files of your own; nothing was sent.",
        ),
        findings=findings,
        sections=tuple(section for section in made if section is not None),
        notes=() if charter.scale is not None else (
            "MCC, the Matthews correlation coefficient, is 0 for guessing and 1 for a model that is always right. "
            "Intervals are 95\u00a0% bootstrap intervals over compounds.",
        ),
    )  # fmt: skip
    return rendered("page.html.j2", {}, page=page, version=version("fluidmol"))


@attrs.frozen
class _Tuned:
    facts: dict[str, Any]
    rows: tuple[dict[str, str], ...]

    @property
    def split(self) -> str:
        return str(self.facts["plan"]["split"])

    def gain(self, metric: str) -> dict[str, str]:
        return next((r for r in self.rows if r["model"] == "hybrid" and r["metric"] == metric), {})


def _entries(ledger: Path, charter: Charter) -> tuple[Entry, ...]:
    if not ledger.exists():
        return ()
    return tuple(entry for entry in read_ledger(ledger).entries if entry.charter == charter.digest)


def _labels(home: Path) -> FederatedLabels | None:
    path = home / "labels.fluid"
    found = unpack(path.read_bytes()) if path.is_file() else None
    return found if isinstance(found, FederatedLabels) else None


def _json(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise InputError(f"{path} isn't JSON: {problem}", hint="Make it anew.") from problem
    return found if isinstance(found, dict) else None


def _tuned(folder: Path, charter: Charter) -> _Tuned | None:
    facts = _json(folder / "tune.json")
    if facts is None or facts.get("charter") != charter.digest:
        return None
    with (folder / "tune.csv").open(encoding="utf-8", newline="") as file:
        return _Tuned(facts, tuple(csv.DictReader(file)))


def _left(entries: tuple[Entry, ...], labels: FederatedLabels | None) -> Finding:
    if not entries:
        return Finding("What left", "none", "Nothing has left under this charter.", ())
    opinions = [entry for entry in entries if entry.kind == "Annotations"]
    who = sorted({recipient.split()[0] for entry in entries for recipient in entry.recipients})
    approved = sorted({entry.approver for entry in entries if entry.approver})
    sealed = all(entry.form == "sealed" for entry in entries)
    came = "The labels have come." if labels is not None else "The labels haven't come yet."
    return Finding(
        "What left", "better" if sealed else "partly",
        f"{len(entries)} {'reply' if len(entries) == 1 else 'replies'} to {', '.join(who)}, {len(opinions)} of them"
        " with opinions.",
        (
            "All of it was sealed: nobody else can open it." if sealed else "Not all of it was sealed.",
            f"Approved by {', '.join(approved)}." if approved else "Nobody had to approve it.", came,
        ),
    )  # fmt: skip


def _given_away(audit: dict[str, Any] | None, charter: Charter) -> Finding:
    proved = "" if charter.privacy is None else (
        "The charter promises differential privacy, so that what single compounds lose is bounded by proof."
    )  # fmt: skip
    if audit is None:
        how = "Make one: fluid audit." if charter.scale is None else "None attacks what is said of values so far."
        return Finding(
            "What it gives away", "unknown" if charter.privacy is None else "partly",
            "No audit of this charter's release was made.", (proved, how),
        )  # fmt: skip
    worst = max((f for f in audit["figures"] if f["leaves"]), key=lambda f: f["auc"]["value"], default=None)
    tiles = () if worst is None else (
        Tile("", "Worst attack, AUC", figure(worst["auc"]["value"], 2), f"{worst['attack']}; .50 is guessing"),
        *(
            (Tile("", "Found at 1\u00a0% false", f"{worst['found']['value']:.0%}", "1\u00a0% is guessing"),)
            if worst["found"] else ()
        ),
    )  # fmt: skip
    head, _, rest = str(audit.get("verdict", "")).partition(". ")
    quick = "It was a quick audit, which finds less than there is." if audit.get("quick") else ""
    return Finding(
        "What it gives away", _GRADES.get(str(audit.get("grade")), "unclear"), f"{head.rstrip('.')}.",
        (rest, proved, quick), tiles,
    )  # fmt: skip


def _gains(tuned: list[_Tuned]) -> Iterator[Finding]:
    if not tuned:
        yield Finding(
            "What you gain", "unknown", "It wasn't looked at what a hybrid gains on your own compounds.",
            ("Look: fluid hybrid tune, once with `split` random and once with `split` cluster.",),
        )  # fmt: skip
    for found in tuned:
        verdict = str(found.facts["verdict"])
        kind = {"adopt": "better", "harm": "worse"}.get(verdict, "unclear")
        own, hybrid = (
            next((r["value"] for r in found.rows if (r["model"], r["metric"]) == (model, "mcc")), "")
            for model in ("teacher", "hybrid")
        )
        gain = found.gain("mcc")
        yield Finding(
            f"What you gain on {_SPLITS.get(found.split, found.split)}", kind, f"Verdict: {verdict}.",
            (
                f"Judged on {found.facts['n_held']:,} compounds, {found.facts['n_active']:,} of them active. Difference"
                f" in log-loss, lower is better: {_interval(found.gain('log_loss'))}; in ROC AUC:"
                f" {_interval(found.gain('roc_auc'))}.",
                str(found.facts.get("leak") or ""),
            ),
            (
                Tile("teacher", "Your own model", figure(as_float(own)), "MCC"),
                Tile("hybrid", "Hybrid", figure(as_float(hybrid)), "MCC"),
                Tile("", "Difference", figure(as_float(gain.get("gain")), sign=True),
                     f"{figure(as_float(gain.get('gain_low')), sign=True)} to"
                     f" {figure(as_float(gain.get('gain_high')), sign=True)}"),
            ),
        )  # fmt: skip


def _next(
    labels: FederatedLabels | None,
    tuned: list[_Tuned],
    audit: dict[str, Any] | None,
    files: PartnerFiles,
    charter: Charter,
) -> Finding:
    steps = []
    if labels is None:
        steps.append("Take the labels home: fluid answer.")
    elif charter.scale is not None:
        steps.append("fluid hybrid fit says how far a hybrid errs on compounds of yours that it hasn't learnt from.")
    else:
        splits = {found.split for found in tuned}
        steps += [f"fluid hybrid tune `split` {s} `out` tuned-{s}" for s in ("random", "cluster") if s not in splits]
        told = {found.split: found.facts["verdict"] for found in tuned}
        if "adopt" in told.values() and "harm" in told.values():
            good, bad = (
                " and ".join(_SPLITS.get(split, split) for split, said in told.items() if said == wanted)
                for wanted in ("adopt", "harm")
            )
            steps.append(f"Use the hybrid (fluid hybrid fit) for {good}, and your own model for {bad}.")
        elif "adopt" in told.values():
            steps.append("The hybrid gains: fluid hybrid fit, then fluid predict.")
        elif SUSPECT in told.values():
            steps.append("Whether the hybrid gains isn't clear: judge it on compounds that nobody else may know.")
        elif tuned:
            steps.append("No clear gain: keep your own model, or use the student for chemistry that you don't know.")
    if audit is None and charter.scale is None:
        steps.append("fluid audit `out` audit")
    if files.predictions is None:
        steps.append("fluid predict MOLECULES `out` predictions.csv")
    return Finding("What to do next", "none", steps[0] if steps else "Nothing is missing.", tuple(
        f"{step}." if not step.endswith(".") else step for step in steps[1:]
    ))  # fmt: skip


def _releases(entries: tuple[Entry, ...]) -> Section | None:
    if not entries:
        return None
    rows = tuple(
        (text(e.time.replace("T", " ").rstrip("Z")), text(e.kind), text(", ".join(r.split()[0] for r in e.recipients)),
         text(e.form), text(e.approver), text(e.private.split()[0] if e.private else ""), text(e.digest[:19]))
        for e in entries
    )  # fmt: skip
    names = ("Time (UTC)", "What", "To", "Form", "Approved by", "Private model", "Digest")
    table = ReportTable("Entries of the ledger", tuple(TableColumn(n, number=False) for n in names), rows)
    lead = ("Each entry was written before the reply left, and is chained to the one before: fluid ledger verify.",)
    return Section("left", "What left", "What left", lead, (SectionPart("table", table=table),))


def _in_labels(files: PartnerFiles, labels: FederatedLabels | None, charter: Charter) -> Section | None:
    if labels is None:
        return None
    own = next((name for name in (files.name, *files.pseudonyms) if name in labels.partners), "")
    value = labels.value[:, 0].astype(float)
    spoken = ~np.isnan(value)
    shares = labels.contribution[:, spoken, 0].astype(float).mean(axis=1)
    rows = tuple(
        (text(f"{name} (you)" if name == own else name), share(float(s)))
        for name, s in sorted(zip(labels.partners, shares, strict=True), key=lambda pair: -pair[1])
    )
    table = ReportTable("Mean share in the labels", (TableColumn("Partner", number=False), column("Mean share")), rows)
    lead = (
        f"The consortium labelled {int(spoken.sum()):,} of {charter.transfer_size:,} public molecules;"
        f" {_spread_out(value[spoken], charter.scale)}. Others are known by pseudonyms.",
    )
    return Section("labels", "The labels", "The labels", lead, (SectionPart("table", table=table),))


def _spread_out(label: NDArray[np.float64], scale: Scale | None) -> str:
    if scale is None:
        sure = float((np.abs(label - 0.5) >= 0.3).mean()) if len(label) else math.nan
        return (
            f"{float((label > 0.5).mean()):.0%} are more likely active than not, and of {sure:.0%} the label is surer"
            " than .8"
        )
    if not len(label):
        return "nobody spoke of any"
    low, middle, high = (f"{float(end):.4g}" for end in scale.value(np.quantile(label, (0.05, 0.5, 0.95))))
    return f"nine in ten labels lie between {low} and {high} {scale.unit_words}, half of all below {middle}"


def _tune_section(found: _Tuned) -> Section:
    rows = []
    for model in dict.fromkeys(row["model"] for row in found.rows):
        cells: list[TableCell] = [TableCell(_MODELS.get(model, model), model)]
        for metric in _METRICS:
            row = next((r for r in found.rows if (r["model"], r["metric"]) == (model, metric)), {})
            less = f"\u2003{_interval(row)}" if row.get("gain") else ""
            cells.append(TableCell(f"{figure(as_float(row.get('value')))}{less}", row.get("value", "")))
        rows.append(tuple(cells))
    columns = (TableColumn("Model", number=False), *(TableColumn(name, number=False) for name in _METRICS.values()))
    table = ReportTable("Each figure, and the difference to your own model (95\u00a0% interval)", columns, tuple(rows))
    where = _SPLITS.get(found.split, found.split)
    lead = ("Compounds were held out together; all models were fitted without them, and then asked about them.",)
    key = f"gain-{found.split}"
    return Section(
        key, f"Gain on {where}", f"Gain: {found.split}", lead, (SectionPart("table", table=table),), wide=True
    )


def _interval(row: dict[str, str]) -> str:
    if not row.get("gain"):
        return ""
    gain, low, high = (as_float(row.get(name)) for name in ("gain", "gain_low", "gain_high"))
    return f"{figure(gain, sign=True)} ({figure(low, sign=True)} to {figure(high, sign=True)})"


def _attacks(audit: dict[str, Any] | None) -> Section | None:
    if audit is None:
        return None
    rows = tuple(
        (text(f["attack"]), text(f["vantage"]), decimal(f["auc"]["value"], 2),
         share(f["found"]["value"] if f["found"] else math.nan), decimal(f["minority"], 2),
         decimal(f["worst_tenth"], 2))
        for f in audit["figures"] if f["leaves"]
    )  # fmt: skip
    columns = (
        TableColumn("Attack", number=False), TableColumn("by who holds", number=False), column("AUC"),
        column("Found at 1\u00a0%"), column("AUC, rarer class"), column("AUC, most exposed tenth"),
    )  # fmt: skip
    lead = (
        "How well attacks tell your compounds from others of the same chemistry (AUC .5 is guessing). An audit proves"
        " what is given away, never that nothing is.",
    )
    table = ReportTable("Attacks, the worst first", columns, rows, sortable=True)
    return Section("attacks", "What it gives away", "Attacks", lead, (SectionPart("table", table=table),))


def _inside(row: Mapping[str, str]) -> str:
    where, near = row.get("applicability"), row.get("near_to")  # which earlier versions didn't write
    return f"{where} ({near})" if where and near else where or ""


def _said_of(row: Mapping[str, str], scale: Scale | None) -> tuple[TableCell, ...]:
    """Return what is predicted of a molecule, with how far that may be off or how sure it is."""
    if scale is None:
        return (
            decimal(row.get("probability"), 2), text(row.get("class") or row.get("problem")),
            text(row.get("reliability")),
        )  # fmt: skip
    within = f"{row.get('lower')} to {row.get('upper')}" if row.get("lower") else ""
    return decimal(row.get("value"), 2), text(row.get("problem") or within)


def _heads(scale: Scale | None) -> tuple[TableColumn, ...]:
    if scale is None:
        return (
            column("Probability"), TableColumn("Class", number=False), TableColumn("Reliability", number=False),
        )  # fmt: skip
    return column(f"Value ({scale.unit_words})"), TableColumn("Interval", number=False)


def _predictions(path: Path | None, scale: Scale | None) -> Section | None:
    if path is None or not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        lines = [row for _, row in zip(range(MOST_DRAWN + 1), csv.DictReader(file), strict=False)]
    shown = lines[:MOST_DRAWN]
    rows = []
    for row in shown:
        near, unknown = row.get("evidence_1_smiles", ""), row.get("unknown_fragments") or ""
        similarity = decimal(row.get("evidence_1_similarity"), 2)
        rows.append((
            TableCell(row["id"], row["id"] or row["smiles"], picture=drawing(row["smiles"], unknown.split(", "))),
            *_said_of(row, scale), text(_inside(row)), text(unknown),
            *((text(row.get("conformal_set")),) if scale is None else ()),
            decimal(row.get("own_similarity"), 2),
            attrs.evolve(similarity, number=False, picture=drawing(near) if near else ""),
            decimal(row.get("evidence_1_label"), 2),
        ))  # fmt: skip
    columns = (
        TableColumn("Molecule", number=False), *_heads(scale), TableColumn("Applicability", number=False),
        TableColumn("Unknown fragments", "In none of your compounds or labelled molecules; coloured", number=False),
        *((TableColumn("Conformal set", number=False),) if scale is None else ()),
        column("Nearest own", "Similarity to your nearest compound"),
        TableColumn("Nearest public", "With its similarity", number=False), column("Its label"),
    )  # fmt: skip
    table = ReportTable("Predictions", columns, tuple(rows), sortable=True)
    more = " Only the first are shown; the file has all." if len(lines) > MOST_DRAWN else ""
    lead = (f"{len(shown):,} molecules of {path.name}. A click on a column's head sorts.{more}",)
    return Section("predictions", "Predictions", "Predictions", lead, (SectionPart("table", table=table),), wide=True)
