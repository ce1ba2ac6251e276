"""What the studies show, in plain words, for readers who will read nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from fluidmol.learning.statistics.intervals import Interval
from fluidmol.report.headline import Tile
from fluidmol.report.study.benchmark import recovery
from fluidmol.report.study.compared import ALPHA, found
from fluidmol.report.study.domains import clear, gains
from fluidmol.report.study.folder import Arm, Studies
from fluidmol.report.study.frame import OWN, averaged
from fluidmol.report.study.partners import HONEST, kept
from fluidmol.report.study.parts import half
from fluidmol.report.style import DOMAINS, figure, percent
from fluidmol.report.tables import as_float

_TEACHERS, _HYBRIDS = "teachers' mean", "hybrids' mean"


@attrs.frozen
class Finding:
    """What one question's studies say."""

    where: str
    verdict: str
    """``better``, ``partly``, ``unclear``, ``worse`` or ``none``: decides the colour."""

    title: str
    sentences: tuple[str, ...]
    tiles: tuple[Tile, ...] = ()


def what_ran(studies: Studies) -> str:
    """Say what was studied, in a few sentences."""
    seeds, arms = studies.seeds, [arm.name for arm in studies.arms]
    many = (
        f"{len(seeds)} virtual consortia (one a seed)" if len(seeds) > 1 else "One virtual consortium (a single seed)"
    )
    partners = {len(f.get("partners", ())) for f in _by_seed(studies.main)} - {0}
    who = f" of {min(partners)} partners" if len(partners) == 1 else ""
    charters = " and ".join(arms) if len(arms) > 1 else arms[0]
    files = {
        str(item.get("role")): str(item.get("name"))
        for facts in _by_seed(studies.main)
        for item in facts.get("inputs", ())
        if isinstance(item, dict)
    }
    source, external = (f" ({files[role]})" if role in files else "" for role in ("source", "external"))
    judged = f" The external set{external} took part in nothing but the judgement." if external else ""
    text = (
        f"{many}{who} were studied under the charter{'s' * (len(arms) > 1)} {charters}. In each, one data set{source} "
        "was divided among partners who never see each other's compounds; their teachers' opinions of public molecules "
        "became federated labels, a student learned from these, and each partner's hybrid from its own data and the "
        f"federation.{judged}"
    )
    if len(arms) > 1:
        text += f" The findings below are those of {studies.main.name}."
    return text


def _by_seed(arm: Arm) -> list[Mapping[str, Any]]:
    facts = [result.facts.get("by_seed") for result in arm.results.values()]
    return [entry for known in facts if isinstance(known, dict) for entry in known.values() if isinstance(entry, dict)]


def findings(studies: Studies) -> list[Finding]:
    """Say what the studies show, one finding a question."""
    makers = (_benchmark, _cross_domain, _own_domain, _malicious, _conformal)
    return [finding for make in makers for finding in make(studies)]


def _benchmark(studies: Studies) -> Iterator[Finding]:
    arm = studies.main
    frame = arm.frame("benchmark")
    for dataset in frame.datasets:
        f = frame.common("mcc", dataset, (_TEACHERS, "student", _HYBRIDS, "T0"), arm="federation")
        verdict = _verdict(found(studies, "benchmark", dataset, (arm.name, "student"), (arm.name, _TEACHERS)),
                           f["student"], f[_TEACHERS])  # fmt: skip
        sentences = [
            f"The student, which has seen no measurement, reaches an MCC of {_with(f['student'])}; the average teacher "
            f"has {_with(f[_TEACHERS])}, and T0, the model of all data pooled, {_with(f['T0'])}.",
            f"The partners' hybrids have {_with(f[_HYBRIDS])} on average{_beyond(f)}.",
            *_said(studies, dataset, arm),
            *_against(studies, dataset, arm),
        ]
        tiles = (
            _tile("teacher", "Teachers, MCC", f[_TEACHERS], "mean of the partners, own data only"),
            _tile("student", "Student, MCC", f["student"], "no measurements"),
            _tile("hybrid", "Hybrids, MCC", f[_HYBRIDS], "mean of the partners"),
            _tile("pooled", "T0, MCC", f["T0"], "all data pooled: a reference"),
            _recovery_tile(recovery(frame, dataset)),
        )
        beside = found(studies, "benchmark", dataset, (arm.name, "student"), (arm.name, "T0"))
        yield Finding(DOMAINS[dataset], verdict, _title(verdict, beside, f), tuple(sentences), tiles)


def _recovery_tile(share: Interval) -> Tile:
    spread = half(share, 2).strip()
    note = f"{spread}; {_R}" if spread else _R
    return Tile("", "Recovery R", figure(share.mean, 2), note if share.n else "T0 is hardly better than the teachers")


_R = "of the way from teachers to T0"


def _title(verdict: str, beside: Mapping[str, str] | None, f: Mapping[str, Interval]) -> str:
    """Say what the means, and the comparisons that were made, allow.

    R has no part in it: a mean of shares can be above 1 where the student's mean is below T0's.
    """
    if f["T0"].mean <= f[_TEACHERS].mean:
        return "Even pooling all data would not have helped the average partner."
    if verdict == "worse":
        return "The student is worse than the average teacher."
    if verdict == "unclear":
        return "Whether the student knows more than the average teacher is not clear."
    if verdict == "partly":
        return "The student seems to know more than the average teacher."
    if f["student"].mean >= f["T0"].mean:
        return "The student's MCC is not below that of all data pooled."
    if beside is not None and as_float(beside["p_holm"]) < ALPHA:
        return "The student knows more than the average teacher, and less than all data pooled."
    return "The student knows more than the average teacher; whether less than all data pooled is not clear."


def _verdict(row: Mapping[str, str] | None, one: Interval, other: Interval) -> str:
    if row is None:
        # Nothing was tested: seeds that are few, or intervals that overlap, say nothing.
        if math.isnan(one.mean) or not (one.low > other.high or one.high < other.low):
            return "unclear"
        return "partly" if one.mean > other.mean else "worse"
    if not as_float(row["p_holm"]) < ALPHA:
        return "unclear"
    return "better" if as_float(row["difference"]) > 0 else "worse"


def _beyond(f: Mapping[str, Interval]) -> str:
    if f[_HYBRIDS].mean >= f["T0"].mean:
        return ", not below T0"
    return f", {figure(f['T0'].mean - f[_HYBRIDS].mean)} below T0"


def _said(studies: Studies, dataset: str, arm: Arm) -> Iterator[str]:
    row = found(studies, "benchmark", dataset, (arm.name, "student"), (arm.name, "T0"))
    if row is not None:
        yield f"Student less T0: {_difference(row)}."


def _against(studies: Studies, dataset: str, arm: Arm) -> Iterator[str]:
    for other in studies.arms:
        row = found(studies, "benchmark", dataset, (arm.name, "student"), (other.name, "student"))
        if row is not None and other.name != arm.name:
            theirs = other.frame("benchmark").mean("mcc", dataset, called="student", arm="federation")
            yield f"The student of {other.name} has {_with(theirs)}; {arm.name} less {other.name}: {_difference(row)}."


def _cross_domain(studies: Studies) -> Iterator[Finding]:
    arm = studies.main
    frame = arm.frame("cross-domain")
    if not frame:
        return
    teachers, hybrids, gain = (frame.mean("mcc", OWN, called=m) for m in (_TEACHERS, _HYBRIDS, "hybrids-gain"))
    row = found(studies, "cross-domain", "left-out domains", (arm.name, _HYBRIDS), (arm.name, _TEACHERS))
    verdict = _verdict(row, hybrids, teachers)
    titles = {
        "better": "Where nobody has measured, a federation knows more than its members.",
        "partly": "Where nobody has measured, a federation seems to know more than its members.",
        "unclear": "Where nobody has measured, no gain can be shown.",
        "worse": "Where nobody has measured, the federation knows less than its members.",
    }
    sentences = [
        f"On the compounds of a partner that stayed out, the others' teachers reach an MCC of {_with(teachers)} and "
        f"their hybrids {_with(hybrids)}: a gain of {figure(gain.mean, sign=True)}{half(gain)}.",
        *([f"Hybrids less teachers: {_difference(row)}."] if row else []),
    ]
    for other in studies.arms:
        theirs = other.frame("cross-domain").mean("mcc", OWN, called="hybrids-gain")
        if other.name != arm.name and theirs.mean > 0:
            times = f": {gain.mean / theirs.mean:.1f} times as much here".replace("-", "−")
            sentences.append(f"Under {other.name} the gain is {figure(theirs.mean, sign=True)}{half(theirs)}{times}.")
    yield Finding("A domain left out of the federation", verdict, titles[verdict], tuple(sentences))


def _own_domain(studies: Studies) -> Iterator[Finding]:
    arm = studies.main
    if not arm.frame("own-domain"):
        return
    gain, values = gains(arm)
    row = found(studies, "own-domain", "own held-out compounds", (arm.name, _HYBRIDS), (arm.name, _TEACHERS))
    up, (worse, of) = sum(value > 0 for value in values), clear(studies, arm, -1)
    verdict = "worse" if worse else _verdict(row, gain, Interval(0.0, 0.0, 0.0, 0))
    title = (
        f"{worse} of {of} partners clearly regret their hybrid." if worse else "No partner clearly regrets its hybrid."
    )
    if not worse and gain.mean < 0:
        title = "No partner clearly regrets its hybrid, but on average hybrids are behind."
    if not of:
        title = "Whether a partner regrets its hybrid can't be told without comparisons."
    sentences = [
        f"On a partner's own held-out compounds its hybrid gains {figure(gain.mean, sign=True)}{half(gain)} MCC over "
        f"its teacher, mean over partners and seeds; it is above it for {up} of {len(values)}.",
        *([f"Hybrids less teachers: {_difference(row)}."] if row else []),
        *([f"For {worse or 'none'} of {of} the hybrid is worse beyond chance."] if of else []),
    ]
    yield Finding("A partner's own domain", verdict, title, tuple(sentences))


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
    told = "; ".join(f"{name} {_left(value)} ({what})" for name, (value, what) in worst.items())
    verdict = "better" if left >= 0.9 else "partly" if left >= 0.5 else "worse"
    yield Finding(
        "Dishonest partners",
        verdict,
        f"With {liars} liars, the aggregation {best} keeps {_left(left)} of the honest student in the worst case.",
        (
            f"{DOMAINS[dataset]}. Left of the honest student's MCC under the worst of {len(lies)} lies: {told}.",
            f"{liars} of {partners} partners are half or more: no rule can tell who lies then." if many else "",
            f"When nobody lies, {best} keeps {percent(honest)}." if not math.isnan(honest) else "",
            f"When those partners stay away instead, {_left(absent)} is left." if not math.isnan(absent) else "",
        ),
    )


def _left(share: float) -> str:
    return percent(share) if share > 0 else "nothing"


def _conformal(studies: Studies) -> Iterator[Finding]:
    arm = studies.main
    frame = arm.frame("domain")
    case = {"arm": "held-out", "domain": "conformal"}
    model = next((m for m in (_HYBRIDS, _TEACHERS) if frame.of("set_coverage_80", OWN, called=m, **case)), "")
    if not model:
        return
    own = {level: averaged(frame.of(f"set_coverage_{level}", OWN, called=model, **case)) for level in (80, 90)}
    off = max(abs(own[level].mean - level / 100) for level in own)
    outside = [
        f"{percent(frame.mean('set_coverage_80', name, called=model, **case).mean, 1)} on the {DOMAINS[name].lower()}"
        for name in frame.datasets
    ]
    yield Finding(
        "Conformal sets",
        "better" if off <= 0.02 else "partly",
        "Stated confidence holds at home." if off <= 0.02 else "Stated confidence is off by more than .02 at home.",
        (
            f"Sets of the {'hybrids' if model == _HYBRIDS else 'teachers'}, calibrated at the partner, hold the true "
            f"class for {percent(own[80].mean, 1)} (stated: 80 %) and {percent(own[90].mean, 1)} (stated: 90 %) of its "
            "own held-out compounds, means over partners and seeds.",
            f"Elsewhere, where nothing is guaranteed, at 80 %: {' and '.join(outside)}." if outside else "",
        ),
    )


def _with(interval: Interval) -> str:
    return figure(interval.mean) + half(interval)


def _difference(row: Mapping[str, str]) -> str:
    difference, low, high, p = (as_float(row[name]) for name in ("difference", "low", "high", "p_holm"))
    shown = "< 0.001" if p < 0.001 else f"= {figure(p)}"
    text = f"{figure(difference, sign=True)} (95 % interval {figure(low, sign=True)} to {figure(high, sign=True)}, "
    return (text + f"p {shown} after correction)").replace(" %", "\u00a0%")


def _tile(kind: str, called: str, interval: Interval, note: str) -> Tile:
    spread = half(interval).strip()
    return Tile(kind, called, figure(interval.mean), f"{spread}; {note}" if spread else note)
