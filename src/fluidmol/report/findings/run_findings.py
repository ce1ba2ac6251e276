"""The run in plain words, for readers who will read nothing else."""

from __future__ import annotations

import math
import tomllib

import numpy as np

from fluidmol.report.findings.caveats import too_few
from fluidmol.report.findings.ceiling_choice import of_facts
from fluidmol.report.findings.gains import Gain, GainComparison, compare
from fluidmol.report.parts import Finding, Tile
from fluidmol.report.read.run import Run
from fluidmol.report.style import DOMAINS, NONE, count, figure, percent

_TITLES = {
    "better": "The federation helped.",
    "unclear": "No gain can be shown.",
    "worse": "The federation made models worse.",
    "unknown": "Whether the federation helped is not certain.",
}


_ON_AVERAGE = {"better": "helped", "worse": "made models worse"}


def what_ran(run: Run) -> str:
    """Say what was run, in two sentences."""
    teachers = sum(score.kind == "teacher" for score in run.scores if score.dataset == run.datasets[0])
    declined = sum(row["status"] == "declined" for row in run.partners)
    who = f"{len(run.partners)} virtual partners" if run.partners else "virtual partners"
    whose = "Their opinions"
    if privacy := tomllib.loads(run.charter).get("privacy"):
        whose = (
            f"For the consortium each partner made a second, noisy model, with a proof of privacy (epsilon "
            f"{privacy['epsilon']:g} at delta {privacy['delta']:g} for one compound). Its opinions"
        )
    ran = (
        f"One data set was divided among {who}, and {teachers} teachers were trained, each on one partner's compounds "
        f"alone. {whose} of {count(len(run.labels.value))} public molecules were combined into federated "
        "labels; a student was made of these opinions alone, and each partner's hybrid of its own data and the labels."
    )
    if declined:
        ran += f" {declined} of {len(run.partners)} partners declined to answer."
    return ran


def findings(run: Run) -> list[Finding]:
    """Say what each data set shows, the more telling set first."""
    return [_finding(run, dataset) for dataset in run.datasets]


def _finding(run: Run, dataset: str) -> Finding:
    if run.one_class(dataset):
        text = "All compounds are of one class, so neither MCC nor ROC AUC can be had, and no gain be stated."
        return Finding(DOMAINS[dataset], "few", too_few(run, dataset) or "Nothing can be judged here.", (text,), ())
    found = compare(run, dataset)
    if found is None:
        text = "No partner has both a teacher and a hybrid here, so a gain can't be stated."
        return Finding(DOMAINS[dataset], "none", "Teachers and hybrids can't be compared.", (text,), ())
    few = too_few(run, dataset)
    if few:
        # Nothing that sounds like a conclusion: neither who gained, nor what pooling would have done.
        return Finding(
            DOMAINS[dataset], "few", few, (_difference(found, few=True), *_caveats(found)), _tiles(run, found)
        )
    behind = _student_behind(run, found)
    said = [_difference(found), *_against_pooled(run, found), _partners(found), *behind, *_caveats(found)]
    verdict = found.gain.verdict
    if verdict == "better" and (behind or _clear(found) < len(found.by_partner)):
        verdict = "partly"
    return Finding(DOMAINS[dataset], verdict, _title(found), tuple(filter(None, said)), _tiles(run, found))


def _clear(found: GainComparison) -> int:
    """Count the partners whose own interval says the same as the mean's."""
    return sum(gain.verdict == found.gain.verdict for gain in found.by_partner.values())


def _title(found: GainComparison) -> str:
    verdict, n = found.gain.verdict, len(found.by_partner)
    clear = _clear(found)
    if verdict not in _ON_AVERAGE or clear == n:
        return _TITLES[verdict]
    return f"On average the federation {_ON_AVERAGE[verdict]}; clearly for {clear or 'none'} of {n} partners."


def _student_behind(run: Run, found: GainComparison) -> list[str]:
    # Undefined counts as 0 here, as it does for the teachers.
    scores = [0.0 if math.isnan(score.mcc) else score.mcc for score in run.of(found.dataset, "student")]
    behind = bool(scores) and float(np.mean(scores)) < found.teacher
    return ["The MCC of the student alone is below the teachers' mean."] if behind else []


def _difference(found: GainComparison, *, few: bool = False) -> str:
    where = f"On the {DOMAINS[found.dataset].lower()} ({count(found.n_test)} compounds)"
    ends = {
        "better": "a gain of",
        "worse": "a loss, by",
        "unclear": "a difference that could be chance,",
        "unknown": "a difference of",
    }
    end = "a difference of" if few else ends[found.gain.verdict]
    text = (
        f"{where} the partners' hybrids reach an MCC of {figure(found.hybrid)} on average, their teachers "
        f"{figure(found.teacher)}: {end} {figure(found.gain.mean, sign=True)}"
    )
    if found.gain.verdict == "unknown":
        return f"{text}. No interval can be given: the predictions don't reproduce the table at the threshold 0.5."
    return f"{text} ({_interval(found.gain)})."


def _interval(gain: Gain) -> str:
    return f"95 % interval {figure(gain.low, sign=True)} to {figure(gain.high, sign=True)}".replace("95 %", "95\u00a0%")


def _against_pooled(run: Run, found: GainComparison) -> list[str]:
    ceiling = _mean(run, found.dataset, "pooled")
    if math.isnan(ceiling):
        return []
    # Nothing is tested here, so nothing is said but the figures.
    chosen = of_facts(run.facts["t0"])
    kind = f" ({chosen.note})" if chosen else ""
    text = f"T0{kind}, trained on all partners' data pooled, which confidentiality forbids, reaches {figure(ceiling)}"
    if ceiling <= found.teacher:
        return [f"{text}, not more than the teachers' mean."]
    if found.hybrid >= ceiling:
        return [f"{text}; the hybrids' mean is not below it."]
    if found.gain.verdict == "better":
        closed = (found.hybrid - found.teacher) / (ceiling - found.teacher)
        return [f"{text}; the hybrids' mean is {percent(closed)} of the way from the teachers' to it."]
    return [f"{text}; the hybrids' mean is {figure(ceiling - found.hybrid)} below it."]


def _partners(found: GainComparison) -> str:
    gains = list(found.by_partner.values())
    up = sum(gain.mean > 0 for gain in gains)
    text = f"The hybrid is better than the teacher for {up} of {len(gains)} partners"
    if found.gain.verdict == "unknown":
        return text + "."
    sure = sum(gain.verdict == "better" for gain in gains)
    worse = sum(gain.verdict == "worse" for gain in gains)
    return (
        f"{text}; the interval of this difference lies wholly above zero for {sure or 'none'}, "
        f"and wholly below for {worse or 'none'}."
    )


def _caveats(found: GainComparison) -> list[str]:
    if not found.undefined:
        return []
    return [f"The MCC of {found.undefined} of these models is undefined, and counts as 0 here."]


def _tiles(run: Run, found: GainComparison) -> tuple[Tile, ...]:
    gain = found.gain
    note = "no interval" if gain.verdict == "unknown" else f"{_interval(gain)}"
    partners = f"mean of {len(found.by_partner)} partners"
    chosen = of_facts(run.facts["t0"])
    pooled = f"all data pooled: {chosen.note}" if chosen else "all data pooled: a reference"
    tiles = [
        Tile("teacher", "Teachers, MCC", figure(found.teacher), f"{partners}, own data only"),
        Tile("hybrid", "Hybrids, MCC", figure(found.hybrid), f"{partners}, own data and labels"),
        Tile("", "Teacher to hybrid", figure(gain.mean, sign=True), note),
        Tile("student", "Student, MCC", figure(_mean(run, found.dataset, "student")), "no measurements"),
        Tile("pooled", "T0, MCC", figure(_mean(run, found.dataset, "pooled")), pooled),
    ]
    return tuple(tile for tile in tiles if tile.value != NONE)


def _mean(run: Run, dataset: str, kind: str) -> float:
    values = [score.mcc for score in run.of(dataset, kind) if not math.isnan(score.mcc)]
    return float(np.mean(values)) if values else math.nan
