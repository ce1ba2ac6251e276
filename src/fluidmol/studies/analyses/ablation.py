"""What any part of the charter is good for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, ClassVar

import attrs

from fluidmol.charters.feasible import check_feasible
from fluidmol.errors import CharterError
from fluidmol.studies.analyses.losses import losses
from fluidmol.studies.lab.ceiling import USUAL, best_pooled, check_kinds, pooled_kinds
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.study import Cell, Finding
from fluidmol.values.charter import PARTS, Charter
from fluidmol.values.parts import Part, Scalar, nearest


@attrs.frozen
class Ablation:
    """T0, teachers, ensemble and student, and hybrids if asked for, under variants of the charter.

    T0 is one for all variants, the best pooled model under the charter itself; T0-same-make is each variant's own.

    ``vary="weighting.power=2,4,6"`` takes each value in turn; ``aggregation=weighted-mean,log-odds`` each part
    with its own defaults. Several of them are combined, each with each. What a variant doesn't change isn't computed
    again.
    """

    title: ClassVar[str] = "Ablation"
    question: ClassVar[str] = "What changes when the charter does?"
    over: ClassVar[tuple[str, ...]] = ()

    vary: str = attrs.field(default="", validator=attrs.validators.instance_of(str))
    """Variations such as ``weighting.power=2,4,6``, separated by semicolons."""

    hybrids: bool = attrs.field(default=False, validator=attrs.validators.instance_of(bool))
    """Whether hybrids are made too."""

    ceiling: str = attrs.field(default=USUAL, validator=attrs.validators.instance_of(str))
    """Kinds of pooled models, separated by commas, that compete with the teachers' make to be T0; ``none``: T0 is of
    the teachers' make."""

    def __attrs_post_init__(self) -> None:
        pooled_kinds(self.ceiling)
        variations(self.vary)

    def check(self, charter: Charter) -> None:
        """Make sure that every variant is a charter, before anything is computed.

        Raises
        ------
        CharterError
            If one isn't, or nothing is varied.
        UnavailableError
            If a kind of pooled model needs what isn't installed.
        """
        check_kinds(charter, pooled_kinds(self.ceiling))
        for case in self._cases():
            check_feasible(varied(charter, case))

    def cells(self, lab: Lab) -> Iterator[Cell]:
        """One cell a combination of values."""
        for case in self._cases():
            yield Cell(
                case, partial(_variant, lab, varied(lab.charter, case), self.hybrids, pooled_kinds(self.ceiling))
            )

    def _cases(self) -> list[dict[str, Scalar]]:
        found = variations(self.vary)
        if not found:
            raise CharterError("nothing is varied", hint="Say what: `vary` weighting.power=2,4,6.")
        return [dict(zip(found, values, strict=True)) for values in itertools.product(*found.values())]


def variations(text: str) -> dict[str, tuple[Scalar, ...]]:
    """Read what takes which values; those of a field that is named again are added.

    Raises
    ------
    CharterError
        If it isn't written so, or names no part of a charter.

    Examples
    --------
    >>> variations("weighting.power=2,4; selection.hard=true")
    {'weighting.power': (2, 4), 'selection.hard': (True,)}
    >>> variations("weighting.power=4,2; weighting.power=2,6")
    {'weighting.power': (4, 2, 6)}
    >>> variations("teacher.name=lightgbm,logistic") == variations("teacher=lightgbm,logistic")
    True
    """
    found: dict[str, tuple[Scalar, ...]] = {}
    for piece in filter(None, (piece.strip() for piece in text.split(";"))):
        field, equals, words = piece.partition("=")
        # As a charter's table writes it: the part itself.
        field = field.strip().removesuffix(".name")
        part, _, option = field.partition(".")
        if not equals or not words.strip():
            raise CharterError(f"{piece!r} varies nothing", hint="Expected say weighting.power=2,4,6.")
        if part not in PARTS:
            raise CharterError(f"a charter has no part {part!r} that can be varied", hint=nearest(part, PARTS))
        values = (word.strip() if not option else plain(word.strip()) for word in words.split(","))
        found[field] = tuple(dict.fromkeys((*found.get(field, ()), *values)))
    return found


def varied(charter: Charter, case: dict[str, Scalar]) -> Charter:
    """Give the charter with these values; parts named anew start from their defaults.

    Examples
    --------
    >>> varied(Charter.from_preset("paper-2025"), {"weighting.power": 2.0}).weighting.options
    (('power', 2.0),)
    """
    for field, value in sorted(case.items(), key=lambda item: "." in item[0]):  # names first, then their options
        name, _, option = field.partition(".")
        part: Part = getattr(charter, name)
        changed = Part(part.name, {**dict(part.options), option: value}) if option else Part(str(value))
        changes: dict[str, Any] = {name: changed}
        charter = attrs.evolve(charter, **changes)
    return charter


def plain(word: str) -> Scalar:
    """Read a value as a charter has it.

    Examples
    --------
    >>> plain("true"), plain("3"), plain("0.5"), plain("fcfp")
    (True, 3, 0.5, 'fcfp')
    """
    if word in ("true", "false"):
        return word == "true"
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word


def _variant(lab: Lab, charter: Charter, hybrids: bool, kinds: Sequence[str]) -> Sequence[Finding]:
    labels = lab.labels(charter=charter)
    ceiling, chosen = best_pooled(lab, kinds)
    models = [
        lab.student(labels, charter),
        ceiling,
        lab.pooled(charter),
        *(lab.hybrid(name, labels, charter) for name in lab.partners if hybrids),
        *(lab.teacher(name, charter) for name in lab.partners),
        lab.ensemble(charter=charter),
    ]
    found = lab.judge(models)
    return [*found, *chosen, *losses(found, lab.benchmarks)]
