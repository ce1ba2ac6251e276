"""What the studies show, in plain words, for readers who will read nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from fluidmol.learning.statistics.intervals import Interval
from fluidmol.report.findings.shifted import shifted
from fluidmol.report.findings.standing import standing, without_student
from fluidmol.report.findings.words import HYBRIDS, TEACHERS, compared, difference, known, told, verdict
from fluidmol.report.parts import Finding
from fluidmol.report.read.frame import OWN
from fluidmol.report.read.studies import UNNAMED, ArmResults, Studies
from fluidmol.report.sections.domains import clear, gains
from fluidmol.report.sections.partners import HONEST, kept
from fluidmol.report.style import DOMAINS, percent


def what_ran(studies: Studies) -> str:
    """Say what was studied, in a few sentences."""
    seeds, arms = studies.seeds, [arm.name for arm in studies.arms]
    many = (
        f"{len(seeds)} virtual consortia (one a seed)" if len(seeds) > 1 else "One virtual consortium (a single seed)"
    )
    partners = {len(f.get("partners", ())) for f in _by_seed(studies.main)} - {0}
    who = f" of {min(partners)} partners" if len(partners) == 1 else ""
    charters = f"the charter{'s' * (len(arms) > 1)} {' and '.join(arms)}" if arms != [UNNAMED] else "one charter"
    files = {
        str(item.get("role")): str(item.get("name"))
        for facts in _by_seed(studies.main)
        for item in facts.get("inputs", ())
        if isinstance(item, dict)
    }
    source, external = (f" ({files[role]})" if role in files else "" for role in ("source", "external"))
    judged = f" The external set{external} took part in nothing but the judgement." if external else ""
    lacking, of = without_student(studies.main.frame("benchmark"))
    learned = ", a student learned from these, and each partner's hybrid from its own data and the federation."
    if 0 < of == lacking:
        learned = ", but of these no student could be made."
    text = (
        f"{many}{who} {'were' if len(seeds) > 1 else 'was'} studied under {charters}. In each, one data set{source} "
        "was divided among partners who never see each other's compounds; their teachers' opinions of public molecules "
        f"became federated labels{learned}{judged}"
    )
    if len({result.frame.seeds for result in studies.main.results.values() if result.frame}) > 1:
        text += " Not every study has all of them."
    if len(arms) > 1:
        text += f" The findings below are those of {studies.main.name}."
    return text


def _by_seed(arm: ArmResults) -> list[Mapping[str, Any]]:
    facts = [result.facts.get("by_seed") for result in arm.results.values()]
    return [entry for known in facts if isinstance(known, dict) for entry in known.values() if isinstance(entry, dict)]


def findings(studies: Studies) -> list[Finding]:
    """Say what the studies show, one finding a question."""
    makers = (standing, shifted, _cross_domain, _own_domain, _malicious, _conformal)
    return [finding for make in makers for finding in make(studies)]


def _cross_domain(studies: Studies) -> Iterator[Finding]:
    arm = studies.main
    frame = arm.frame("cross-domain")
    if not frame:
        return
    teachers, hybrids, gain = frame.common("mcc", OWN, (TEACHERS, HYBRIDS, "hybrids-gain")).values()
    if not known(teachers, hybrids, gain):
        return
    row = compared(studies, "cross-domain", "left-out domains", (arm.name, HYBRIDS), (arm.name, TEACHERS))
    shows = verdict(row, hybrids, teachers)
    titles = {
        "better": "Where nobody has measured, a federation knows more than its members.",
        "partly": "Where nobody has measured, a federation seems to know more than its members.",
        "unclear": "Where nobody has measured, no gain can be shown.",
        "worse": "Where nobody has measured, the federation knows less than its members.",
    }
    sentences = [
        f"On the compounds of a partner that stayed out, the others' teachers reach an MCC of {told(teachers)} and "
        f"their hybrids {told(hybrids)}: a gain of {told(gain, sign=True)}.",
        *([f"Hybrids less teachers: {difference(row)}."] if row else []),
    ]
    for other in studies.arms:
        theirs = other.frame("cross-domain").mean("mcc", OWN, called="hybrids-gain")
        if other.name != arm.name and theirs.mean > 0:
            times = f": {gain.mean / theirs.mean:.1f} times as much here".replace("-", "−")
            sentences.append(f"Under {other.name} the gain is {told(theirs, sign=True)}{times}.")
    yield Finding("A domain left out of the federation", shows, titles[shows], tuple(sentences))


def _own_domain(studies: Studies) -> Iterator[Finding]:
    arm = studies.main
    if not arm.frame("own-domain"):
        return
    gain, values = gains(arm)
    if not known(gain):
        return
    row = compared(studies, "own-domain", "own held-out compounds", (arm.name, HYBRIDS), (arm.name, TEACHERS))
    up, (worse, of) = sum(value > 0 for value in values), clear(studies, arm, -1)
    shows = "worse" if worse else verdict(row, gain, Interval(0.0, 0.0, 0.0, 0))
    each = ", each seed's by themselves," if len(arm.frame("own-domain").seeds) > 1 else ""
    regret = "regrets its hybrid" if worse == 1 else "regret their hybrid"
    title = f"{worse} of {of} partners{each} clearly {regret}." if worse else "No partner clearly regrets its hybrid."
    if not worse and shows == "worse":
        title = "No partner by itself clearly regrets its hybrid, but on average hybrids are behind."
    if not of:
        title = "Whether a partner regrets its hybrid can't be told without comparisons."
    sentences = [
        f"On a partner's own held-out compounds its hybrid gains {told(gain, sign=True)} MCC over "
        f"its teacher, mean over partners and seeds; it is above it for {up} of {len(values)}.",
        *([f"Hybrids less teachers: {difference(row)}."] if row else []),
        *([f"For {worse or 'none'} of {of} the hybrid is worse beyond chance."] if of else []),
    ]
    yield Finding("A partner's own domain", shows, title, tuple(sentences))


def _malicious(studies: Studies) -> Iterator[Finding]:
    arm = studies.main
    frame = arm.frame("malicious")
    if not frame:
        return
    dataset = frame.datasets[0]
    cases = dict.fromkeys((r.case["attack"], r.case["weights"]) for r in frame.rows)
    lies = [case for case in cases if case[0] not in HONEST]
    worst: dict[str, tuple[float, str]] = {}
    for aggregation in frame.cases("aggregation"):
        for attack, weights in lies:
            left = kept(frame, dataset, "student", aggregation, attack, weights).mean
            if not math.isnan(left):
                worst[aggregation] = min(worst.get(aggregation, (math.inf, "")), (left, f"{attack}, {weights} weights"))
    if not worst:
        return
    best = max(worst, key=lambda name: worst[name][0])
    left = worst[best][0]
    honest, absent = (kept(frame, dataset, "student", best, case, "honest").mean for case in HONEST)
    liars = arm.results["malicious"].facts.get("settings", {}).get("malicious", "some")
    partners = len({row.partner for row in frame.rows if row.partner})
    many = isinstance(liars, int) and 2 * liars >= partners > 0
    kept_by = "; ".join(f"{name} {_left(value)} ({what})" for name, (value, what) in worst.items())
    shows = "better" if left >= 0.9 else "partly" if left >= 0.5 else "worse"
    yield Finding(
        "Dishonest partners",
        shows,
        f"With {liars} liars, the aggregation {best} keeps {_left(left)} of the honest student in the worst case.",
        (
            f"{DOMAINS[dataset]}. Left of the honest student's MCC under the worst of {len(lies)} lies: {kept_by}.",
            f"{liars} of {partners} partners are half or more: no rule can tell who lies then." if many else "",
            f"When nobody lies, {best} keeps {percent(honest)}." if not math.isnan(honest) else "",
            f"When those partners stay away instead, {_left(absent)} is left." if not math.isnan(absent) else "",
        ),
    )


def _left(share: float) -> str:
    return percent(share) if share > 0 else "nothing"


def _give(share: Interval) -> str:
    return "" if math.isnan(share.high) else f" ± {100 * (share.high - share.mean):.1f}"


_UNSURE = 0.05
"""Half the width of the interval of a coverage above which nothing is concluded; nor is it from a single seed."""


def _conformal(studies: Studies) -> Iterator[Finding]:
    arm = studies.main
    frame = arm.frame("domain")
    case = {"arm": "held-out", "domain": "conformal"}
    model = next((m for m in (HYBRIDS, TEACHERS) if frame.of("set_coverage_80", OWN, called=m, **case)), "")
    if not model:
        return
    own = {level: frame.mean(f"set_coverage_{level}", OWN, called=model, **case) for level in (80, 90)}
    if not known(*own.values()):
        return
    off = max(abs(own[level].mean - level / 100) for level in own)
    # Opposite misses of a few small sets may average out.
    unsure = any(not interval.high - interval.mean <= _UNSURE for interval in own.values())
    titles = {
        "better": "Stated confidence holds at home.",
        "partly": "Stated confidence is off by more than .02 at home.",
        "unclear": "Whether stated confidence holds at home is not clear.",
    }
    shows = "unclear" if unsure else "better" if off <= 0.02 else "partly"
    outside = [
        f"{percent(there.mean, 1)} on the {DOMAINS[name].lower()}"
        for name in frame.datasets
        if known(there := frame.mean("set_coverage_80", name, called=model, **case))
    ]
    yield Finding(
        "Conformal sets",
        shows,
        titles[shows],
        (
            f"Sets of the {'hybrids' if model == HYBRIDS else 'teachers'}, calibrated at the partner, hold the true "
            f"class for {percent(own[80].mean, 1)}{_give(own[80])} (stated: 80 %) and "
            f"{percent(own[90].mean, 1)}{_give(own[90])} (stated: 90 %) of its own held-out compounds, means over "
            "partners and seeds.",
            f"Elsewhere, where nothing is guaranteed, at 80 %: {' and '.join(outside)}." if outside else "",
        ),
    )
