"""Paired comparisons of methods from what studies have kept of their predictions.

Each table is a *family*: its p-values are corrected together, by Holm. Within a charter and between charters, methods
are compared over seeds and molecules; each partner's hybrid with its teacher for each seed alone, for partner-3 of one
seed isn't partner-3 of the next.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path

import attrs

from fluidmol.learning.seeds import derive_seed
from fluidmol.learning.statistics.corrections import holm
from fluidmol.learning.statistics.paired import Comparison, concluded, paired_t
from fluidmol.learning.statistics.predictions import Predictions
from fluidmol.learning.statistics.resampling import resample
from fluidmol.studies.lab.model_predictions import ModelPredictions, answers, by_seed, predictions_digest
from fluidmol.studies.lab.results import write_csv
from fluidmol.studies.lab.store import ArrayStore
from fluidmol.values.results import MEANS

COMPARISONS = "comparisons.csv"
"""Name of the table."""

COLUMNS = (
    "family", "study", "dataset", "metric", "seed", "partner", "first_arm", "first", "second_arm", "second",
    "difference", "low", "high", "p", "p_holm", "p_t", "n_seeds", "n_molecules",
)  # fmt: skip

_VERSION = 2
"""Of this module: another one draws anew."""

_FEWEST, _FINER = 2000, 80  # draws: no adjusted p is large merely for want of them
_OF_VALUES = ("rmse", "mae")
_TEACHERS, _HYBRIDS = MEANS["teacher"], MEANS["hybrid"]


@attrs.frozen
class Design:
    """What is compared in one study."""

    study: str
    datasets: tuple[str, ...]
    """Each compared by itself; none: all together, each model on its own ones."""

    called: str
    """What all data sets are called together."""

    metrics: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    """Within each charter."""

    across: tuple[str, ...]
    """Between charters."""


DESIGNS = (
    Design(
        "benchmark",
        ("external", "validation"),
        "",
        ("mcc", "mcc_matched", "roc_auc"),
        (
            ("student", _TEACHERS), ("student", "T0"), ("student", "ensemble"),
            ("ensemble", "T0-same-make"), ("T0", "T0-same-make"),
            (_HYBRIDS, _TEACHERS), (_HYBRIDS, "student"), (_HYBRIDS, "T0"), ("T0-hybrid", "T0-same-make"),
            ("student", "student-shuffled"), ("student", "student-logp"),
        ),
        (_TEACHERS, "student", _HYBRIDS, "T0"),
    ),
    Design(
        "own-domain", (), "own held-out compounds", ("mcc", "roc_auc"),
        ((_HYBRIDS, _TEACHERS), ("student", _TEACHERS), (_HYBRIDS, "T0")), (_TEACHERS, _HYBRIDS),
    ),
    Design(
        "cross-domain", (), "left-out domains", ("mcc", "roc_auc"),
        (("student", _TEACHERS), (_HYBRIDS, _TEACHERS), (_HYBRIDS, "student")), (_TEACHERS, "student", _HYBRIDS),
    ),
)  # fmt: skip
"""All comparisons that are made."""

_Who = tuple[str, str]
"""Charter and name of a method."""

_Pair = tuple[_Who, _Who]

_Set = tuple[int, str, str, int]
"""Seed, data set, fold and number of molecules."""


@attrs.frozen
class _Made:
    head: tuple[object, ...]
    comparison: Comparison
    p_t: float


def write_comparisons(out: Path, labs: Mapping[str, Path]) -> Path:
    """Write the table of all comparisons that the finished studies allow.

    Parameters
    ----------
    out : Path
        Folder of the table.
    labs : mapping of str to Path
        Names and folders of the labs, one a charter; the later ones are compared with the first.

    Raises
    ------
    InputError
        If predictions can't be read.
    OutputError
        If the table can't be written.
    """
    rows = (row for design in DESIGNS for row in _known(design, {a: lab / design.study for a, lab in labs.items()}))
    return write_csv(out / COMPARISONS, COLUMNS, rows)


def _known(design: Design, folders: Mapping[str, Path]) -> list[list[str]]:
    """Give a design's rows: kept from before if the predictions are the same, for drawing takes a minute."""
    said = {arm: predictions_digest(folder) for arm, folder in folders.items()}
    if not any(said.values()):
        return []
    store = ArrayStore(next(iter(folders.values())).parent / "cache")
    facts = {"role": "comparisons", "version": _VERSION, "design": attrs.asdict(design), "arms": said}
    return list(store.plain(facts, lambda: [list(map(str, row)) for row in _rows(design, folders)]))


def _rows(design: Design, folders: Mapping[str, Path]) -> Iterator[tuple[object, ...]]:
    said = {arm: [a for a in answers(folder) if _counts(a)] for arm, folder in folders.items()}
    valued = any(answer.said.valued for found in said.values() for answer in found)
    for metric, dataset in product(_OF_VALUES if valued else design.metrics, design.datasets or ("",)):
        where = dataset or design.called
        yield from _family(f"{where}, {metric}", _over_seeds(design, metric, dataset, said))
    for arm, found in said.items():
        yield from _family(f"{design.study} by partner, {arm}", _by_partner(design, arm, found))


def _counts(answer: ModelPredictions) -> bool:
    """Leave out students of single teachers, which are of another question, and what can't be judged."""
    return answer.case.get("arm") != "single-teacher" and answer.said.varied


def _name(answer: ModelPredictions) -> str:
    return MEANS.get(answer.kind, answer.model)


def _over_seeds(
    design: Design, metric: str, dataset: str, said: Mapping[str, Sequence[ModelPredictions]]
) -> Iterator[_Made]:
    chosen = {arm: [a for a in found if dataset in ("", a.dataset)] for arm, found in said.items()}
    methods = _methods(design, chosen)
    wanted = _wanted(design, methods)
    draws = max(_FEWEST, _FINER * len(wanted))
    made: dict[_Pair, _Made] = {}
    for common, pairs in _by_sets(wanted, methods).items():
        used = {who: by_seed(a for a in methods[who] if _set(a) in common) for pair in pairs for who in pair}
        drawn = resample({"\n".join(who): found for who, found in used.items()}, metric, _SEED, draws)
        for first, second in pairs:
            difference = drawn["\n".join(first)].minus(drawn["\n".join(second)])
            head = (design.study, dataset or design.called, metric, "", "", *first, *second)
            p_t = paired_t(difference.figures, 0 * difference.figures)
            made[first, second] = _Made(head, concluded(difference, _SEED, 0.95), p_t)
    yield from (made[pair] for pair in wanted if pair in made)


def _methods(design: Design, said: Mapping[str, Sequence[ModelPredictions]]) -> dict[_Who, list[ModelPredictions]]:
    """Give what each method said."""
    names = {name for pair in design.pairs for name in pair}
    groups: dict[_Who, list[ModelPredictions]] = {}
    for arm, found in said.items():
        for answer in found:
            if _name(answer) in names:
                groups.setdefault((arm, _name(answer)), []).append(answer)
    return groups


def _set(answer: ModelPredictions) -> _Set:
    """Say which molecules were judged: held-out folds of one partner are sets of their own."""
    return answer.seed, answer.dataset, str(answer.case.get("fold", "")), len(answer.said)


def _by_sets(
    wanted: Sequence[_Pair], methods: Mapping[_Who, Sequence[ModelPredictions]]
) -> dict[frozenset[_Set], list[_Pair]]:
    """Group pairs by the sets of molecules that both sides were judged on; pairs without any are left out.

    What a third method lacks is no reason to leave molecules out of a comparison of two others.
    """
    judged = {who: {_set(answer) for answer in found} for who, found in methods.items()}
    groups: dict[frozenset[_Set], list[_Pair]] = {}
    for first, second in wanted:
        common = frozenset(judged[first] & judged[second])
        if common:
            groups.setdefault(common, []).append((first, second))
    return groups


def _wanted(design: Design, methods: Mapping[_Who, object]) -> list[_Pair]:
    arms = list(dict.fromkeys(arm for arm, _ in methods))
    within = [((arm, one), (arm, other)) for arm in arms for one, other in design.pairs]
    between = [((arm, name), (arms[0], name)) for arm in arms[1:] for name in design.across]
    return [pair for pair in (*within, *between) if set(pair) <= set(methods)]


def _by_partner(design: Design, arm: str, said: Sequence[ModelPredictions]) -> Iterator[_Made]:
    """Compare each partner's hybrid with its teacher where both are judged by the same molecules."""
    if design.study == "cross-domain":
        return
    groups: dict[tuple[int, str], dict[tuple[str, str], list[Predictions]]] = {}
    for answer in said:
        if answer.kind in MEANS:
            # A partner that held out several folds has several models, whose mean is judged.
            found = groups.setdefault((answer.seed, answer.dataset), {})
            found.setdefault((answer.partner, answer.kind), []).append(answer.said)
    pairs = [(p, k) for group in groups.values() for p, k in group if k == "hybrid" and (p, "teacher") in group]
    for (seed, dataset), group in groups.items():
        both = [p for p, k in group if k == "hybrid" and (p, "teacher") in group]
        methods = {f"{p}\n{kind}": {seed: group[p, kind]} for p in both for kind in MEANS}
        metric = _OF_VALUES[0] if any(said.valued for found in group.values() for said in found) else "mcc"
        drawn = resample(methods, metric, _SEED, max(_FEWEST, _FINER * len(pairs))) if methods else {}
        for p in both:
            compared = concluded(drawn[f"{p}\nhybrid"].minus(drawn[f"{p}\nteacher"]), _SEED, 0.95)
            yield _Made((design.study, dataset, metric, seed, p, arm, "hybrid", arm, "teacher"), compared, math.nan)


def _family(name: str, made: Iterable[_Made]) -> Iterator[tuple[object, ...]]:
    found = list(made)
    adjusted = holm([item.comparison.p for item in found])
    for item, p_holm in zip(found, adjusted, strict=True):
        c = item.comparison
        figures = (_text(value) for value in (c.difference, c.low, c.high, c.p, float(p_holm), item.p_t))
        yield (name, *item.head, *figures, c.n_seeds, c.n_molecules)


def _text(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6f}"


_SEED = derive_seed(0, "comparisons")
