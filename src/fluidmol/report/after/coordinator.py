"""The coordinator's page after a round: who answered, who agrees with whom, who brings what, and where it came from."""

from __future__ import annotations

import math
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from fluidmol.coordinator.federate import Results
from fluidmol.learning.disagreement import findings as disagreements
from fluidmol.learning.value_shifts import PartnerShift, value_shifts
from fluidmol.report.parts import (
    Finding,
    ReportTable,
    Section,
    SectionPart,
    TableColumn,
    Tile,
    column,
    decimal,
    share,
    text,
    whole,
)
from fluidmol.report.render import Page, rendered
from fluidmol.values.charter import Charter
from fluidmol.values.scale import Scale


def coordinator_page(outcome: Results, charter: Charter) -> str:
    """Make the page as text; it names partners, and is for the coordinator alone.

    Parameters
    ----------
    outcome : Results
        Of a finished round.
    charter : Charter
        Its rules.
    """
    findings = (_who(outcome, charter), _agreement(outcome, charter), _labels(outcome, charter))
    sections = (_partners(outcome, charter), _together(outcome, charter), _scores(outcome), _origin(outcome, charter))
    page = Page(
        kicker="The coordinator's page: names partners",
        title=f"Round finished: {charter.name}",
        facts=(
            ("Endpoint", charter.endpoints[0].name), ("Charter", charter.digest[:19]), ("Preset", charter.preset),
            ("Quorum", str(charter.quorum)), ("fluidmol", version("fluidmol")),
        ),
        banners=(("Confidential.", "Partners know one another by pseudonyms only; here they are named."),),
        ran=("Who took part in this round, and what came out. Read from replies that are sealed to the coordinator.",),
        findings=findings,
        sections=tuple(section for section in sections if section is not None),
        notes=(),
    )  # fmt: skip
    return rendered("page.html.j2", {}, page=page, version=version("fluidmol"))


def _mean_shares(outcome: Results) -> dict[str, float]:
    spoken = ~np.isnan(outcome.labels.value[:, 0])
    shares = outcome.labels.contribution[:, spoken, 0].astype(float)
    means = shares.mean(axis=1) if spoken.any() else np.zeros(len(shares))
    return dict(zip(outcome.labels.partners, map(float, means), strict=True))


def _who(outcome: Results, charter: Charter) -> Finding:
    n, asked = len(outcome.labels.partners), len(charter.partners)
    silent = [party.name for party in charter.partners if party.name not in outcome.labels.partners]
    spare = n - charter.quorum
    return Finding(
        "Who answered", "better" if not silent else "partly", f"{n} of {asked} partners gave an opinion.",
        (
            f"Without: {', '.join(silent)}." if silent else "",
            f"The quorum is {charter.quorum}: {spare} more than needed." if spare else
            f"The quorum of {charter.quorum} is just met: with one fewer there would be no labels.",
            "With three partners or fewer, each can work out what the others said." if n <= 3 else "",
        ),
    )  # fmt: skip


def _agreement(outcome: Results, charter: Charter) -> Finding:
    if len(outcome.opinions) < 3:
        return Finding("Agreement", "unknown", "Too few partners to tell who disagrees.", ("It takes three or more.",))
    found = disagreements(outcome.opinions, charter)
    coded = " a class coded the other way round," if charter.scale is None else " another quantity,"
    odd = [each.partner for each in found if each.disagrees]
    empty = [each.partner for each in found if each.uninformative]
    apart = [each for each in value_shifts(outcome.opinions, charter) if each.named] if charter.scale else []
    asked = dict.fromkeys((*odd, *empty, *(each.partner for each in apart)))
    if not asked:
        return Finding("Agreement", "better", "Nobody contradicts the others beyond chance.", ())
    return Finding(
        "Agreement", "worse", f"Ask {', '.join(asked)} before the labels are used.",
        (
            *(_apart(each, charter) for each in apart),
            f"{', '.join(odd)} contradicts the others where it claims to know: a mistaken unit,{coded} or worse."
            if odd else "",
            f"What {', '.join(empty)} says can't be told from noise." if empty else "",
        ),
    )  # fmt: skip


def _apart(found: PartnerShift, charter: Charter) -> str:
    """Describe how one partner's values lie beside the others', and what that may be."""
    if charter.scale is None:
        return ""
    where = f"{found.partner}'s values, where others know the molecules too, lie"
    if found.named == "shifted":
        by = abs(found.shift) * charter.scale.span
        way = "above" if found.shift > 0 else "below"
        return f"{where} {by:.2g} {way} theirs ({charter.scale.words}): another unit or assay?"
    return f"{where} {found.ratio:.1f} times as far apart as theirs: natural for decimal logarithms, or another assay?"


def _labels(outcome: Results, charter: Charter) -> Finding:
    value = outcome.labels.value[:, 0].astype(float)
    spoken = ~np.isnan(value)
    spread = outcome.labels.spread[spoken, 0].astype(float)
    unit, inside = (1.0, "") if charter.scale is None else (charter.scale.span, f", in {charter.scale.words}")
    return Finding(
        "What came out", "none", f"Labels of {int(spoken.sum()):,} of {len(value):,} molecules.",
        (f"The student learnt from {outcome.student.n_train:,} of them.",),
        (
            _typical(value[spoken], charter.scale),
            Tile("", "Median spread", f"{unit * float(np.median(spread)) if len(spread) else math.nan:.2f}",
                 f"standard deviation of opinions about a molecule{inside}"),
        ),
    )  # fmt: skip


def _typical(label: NDArray[np.float64], scale: Scale | None) -> Tile:
    if scale is None:
        return Tile("student", "Likely active", f"{float((label > 0.5).mean()):.0%}", "of labelled molecules")
    middle = f"{float(scale.value(np.median(label))):.4g}" if len(label) else "\u2013"
    return Tile("student", "Median label", middle, f"{scale.unit_words}, of labelled molecules")


def _partners(outcome: Results, charter: Charter) -> Section:
    shares, reasons = _mean_shares(outcome), {d.partner: d.reason for d in outcome.declined}
    opinions = {opinion.partner: opinion for opinion in outcome.opinions}
    experts = outcome.labels.experts
    rows = []
    for party in charter.partners:
        said = opinions.get(party.name)
        fidelity = math.nan
        if experts is not None and party.name in experts.partners:
            fidelity = float(experts.fidelity[experts.partners.index(party.name)])
        state = (
            "answered"
            if party.name in shares
            else f"declined: {reasons[party.name]}"
            if party.name in reasons
            else "left out"
        )
        rows.append((
            text(party.name), text(state), whole(None if said is None else int((~said.abstained[:, 0]).sum())),
            share(shares.get(party.name, math.nan)), share(fidelity), text(outcome.pseudonyms.get(party.name)),
            text(party.fingerprint),
        ))  # fmt: skip
    columns = (
        TableColumn("Partner", number=False), TableColumn("State", number=False), column("Opinions"),
        column("Mean share in the labels"),
        column("Understood", "Share of the teacher's variance that its expert explains"),
        TableColumn("Pseudonym", number=False), TableColumn("Fingerprint", number=False),
    )  # fmt: skip
    lead = (
        "The mean share says how much of the labels came from a partner; a small one may be of chemistry that nobody"
        " else knows.",
    )
    table = ReportTable("Partners", columns, tuple(rows), sortable=True)
    return Section("partners", "Partners", "Partners", lead, (SectionPart("table", table=table),), wide=True)


def _together(outcome: Results, charter: Charter) -> Section | None:
    if len(outcome.opinions) < 2:
        return None
    ordered = sorted(outcome.opinions, key=lambda opinion: opinion.partner)
    rows = []
    for first in ordered:
        cells = []
        for second in ordered:
            both = ~(first.abstained[:, 0] | second.abstained[:, 0])
            a, b = first.value[both, 0].astype(float), second.value[both, 0].astype(float)
            flat = both.sum() < 2 or a.std() == 0 or b.std() == 0
            cells.append(decimal(math.nan if flat or first is second else float(np.corrcoef(a, b)[0, 1]), 2))
        rows.append((text(first.partner), *cells))
    columns = (TableColumn("Partner", number=False), *(column(opinion.partner) for opinion in ordered))
    parts = [SectionPart("table", table=ReportTable("Correlation of opinions", columns, tuple(rows)))]
    if len(ordered) >= 3:
        found = disagreements(outcome.opinions, charter)
        told = tuple(
            (text(f.partner), decimal(f.agreement, 2), decimal(f.typical, 2), decimal(f.trust, 2), decimal(f.p, 3),
             text("contradicts" if f.disagrees else "says nothing" if f.uninformative else ""))
            for f in found
        )  # fmt: skip
        names = ("Agreement", "Typical", "Trust", "p (Holm)")
        table = ReportTable(
            "Each partner against the others, where both claim to know",
            (TableColumn("Partner", number=False), *map(column, names), TableColumn("Finding", number=False)), told,
        )  # fmt: skip
        parts.append(SectionPart("table", table=table))
    if charter.scale is not None:
        parts.append(SectionPart("table", table=_shifts(outcome, charter, charter.scale)))
    lead = (
        "Partners of other chemistry agree little, and that is no fault; contradiction where both claim to know is a"
        " reason to ask.",
    )
    return Section("agreement", "Agreement and disagreement", "Agreement", lead, tuple(parts))


def _shifts(outcome: Results, charter: Charter, scale: Scale) -> ReportTable:
    rows = tuple(
        (text(f.partner), decimal(f.shift * scale.span, 2), decimal(f.ratio, 2), decimal(f.p, 3), text(f.named))
        for f in value_shifts(outcome.opinions, charter)
    )
    names = (f"Above the others by ({scale.words})", "Spread, times theirs", "p (Holm)")
    columns = (TableColumn("Partner", number=False), *map(column, names), TableColumn("Finding", number=False))
    return ReportTable("Each partner's values beside the others', where both claim to know", columns, rows)


def _scores(outcome: Results) -> Section | None:
    rows = tuple(
        (text(card.partner), text(s.model), text(s.dataset), text(s.metric), decimal(s.value))
        for card in outcome.scorecards for s in card.scores
    )  # fmt: skip
    if not rows:
        return None
    columns = tuple(TableColumn(n, number=n == "Value") for n in ("Partner", "Model", "Data set", "Metric", "Value"))
    table = ReportTable("Figures that partners sent", columns, rows, sortable=True)
    return Section("scores", "Scorecards", "Scorecards", (), (SectionPart("table", table=table),))


def _origin(outcome: Results, charter: Charter) -> Section:
    facts = {
        "Charter": charter.digest, "Transfer set": f"{charter.transfer_digest} ({charter.transfer_size:,} molecules)",
        "Labels as published": outcome.published.digest, "Seed": str(charter.seed),
        **{f"Opinion of {o.partner}": o.digest for o in sorted(outcome.opinions, key=lambda o: o.partner)},
        "fluidmol": version("fluidmol"),
    }  # fmt: skip
    rows = tuple((text(name), text(value)) for name, value in facts.items())
    table = ReportTable("Digests", (TableColumn("What", number=False), TableColumn("Digest", number=False)), rows)
    lead = ("The same replies give the same labels, to the byte: whoever has them can check this.",)
    return Section("origin", "Where it came from", "Provenance", lead, (SectionPart("table", table=table),))
