"""What a charter does otherwise than a preset, and whether that gives more or less away.

A charter is complete, and can be carried out, however much it gives away: whoever signs it should know where it
departs from a recipe that was measured. What was measured is in :mod:`~fluidmol.coordinator.leaks`; here is only in
which direction each difference goes, and how far.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from fluidmol.coordinator.words import CATALOGUES
from fluidmol.errors import CharterError
from fluidmol.learning.privacy import PRIVACIES
from fluidmol.values.charter import PARTS, Charter, presets
from fluidmol.values.parts import Part, nearest

MORE, LESS, NONE = "more", "less", "none"
"""What a difference does to what is given away."""

SLIGHT, SERIOUS, GRAVE = "slight", "serious", "grave"
"""How much more, from least to most."""

FEW = 3
"""With so many neighbours or fewer, a proximity is nearly that to a single compound; and see
:data:`fluidmol.coordinator.terms.FEW` for so many opinions."""

PLENTY = 10.0
"""From this factor on a teacher that keeps more of single compounds is a grave difference."""


@attrs.frozen
class Meaning:
    """What a difference means for privacy."""

    effect: str
    """:data:`MORE`, :data:`LESS` or :data:`NONE`."""

    words: str
    """Why, in full sentences."""

    severity: str = ""
    """:data:`SLIGHT`, :data:`SERIOUS` or :data:`GRAVE` where more is given away; empty otherwise."""


@attrs.frozen
class Difference:
    """One point in which a charter isn't its preset."""

    what: str
    """Where, and what stands in the preset and in the charter: ``[proximity] neighbours 8 -> 1``."""

    meaning: Meaning
    """What it means for privacy."""

    @property
    def words(self) -> str:
        """All of it in full sentences."""
        meaning = self.meaning
        said = {LESS: "Less is given away.", NONE: "As much is given away."}
        effect = said.get(meaning.effect, f"More is given away ({meaning.severity}).")
        return f"{self.what}. {effect} {meaning.words}"

    @property
    def gives_more(self) -> bool:
        """Whether more is given away."""
        return self.meaning.effect == MORE


@attrs.frozen
class Comparison:
    """A charter against a preset."""

    preset: str
    """Name of the preset."""

    stated: bool
    """Whether the charter itself says that it began there; otherwise it is the nearest, or was asked for."""

    differences: tuple[Difference, ...]
    """In the order in which a charter has its tables."""

    @property
    def worse(self) -> tuple[Difference, ...]:
        """Those by which more is given away, the gravest first."""
        order = (GRAVE, SERIOUS, SLIGHT)
        return tuple(
            sorted((d for d in self.differences if d.gives_more), key=lambda d: order.index(d.meaning.severity))
        )

    @property
    def title(self) -> str:
        """With which preset it is compared, and why with that one."""
        why = "" if self.stated else ", which the charter doesn't name"
        return f"Differences from the preset {self.preset}{why}"

    @property
    def lines(self) -> tuple[str, ...]:
        """A paragraph for each difference, or that there is none."""
        none = "None: what leaves, and what is made of it, goes by the rules of that preset."
        return tuple(difference.words for difference in self.differences) or (none,)

    @property
    def caution(self) -> str:
        """One sentence for who makes, checks or signs the charter; empty if it gives no more away than the preset."""
        if not self.worse:
            return ""
        grave = sum(difference.meaning.severity == GRAVE for difference in self.worse)
        points = f"{len(self.worse)} point{'s' if len(self.worse) > 1 else ''}"
        return (
            f"Caution: this charter gives more away than the preset {self.preset}, at {points}, {grave or 'none'}"
            f" grave: {'; '.join(difference.what for difference in self.worse)}."
        )


def compared_with(charter: Charter, preset: str | None = None) -> Comparison:
    """Describe in which points a charter isn't a preset, and what each means for privacy.

    Name, endpoint, transfer set and parties belong to each consortium, and no preset has any: they are no differences.

    Parameters
    ----------
    charter : Charter
    preset : str, optional
        By default the one that the charter says it began with; if it names none that there is, the nearest.

    Raises
    ------
    CharterError
        If there is no such preset, or the charter has unknown parts.

    Examples
    --------
    >>> import attrs
    >>> near = attrs.evolve(Charter.from_preset("open"), proximity=Part("tanimoto-neighbours", {"neighbours": 1}))
    >>> (difference,) = compared_with(near).differences
    >>> difference.what, difference.meaning.effect, difference.meaning.severity
    ('[proximity] neighbours 8 -> 1', 'more', 'grave')
    """
    if preset is not None and preset not in presets():
        raise CharterError(f"unknown preset {preset!r}", hint=nearest(preset, presets()))
    own = charter.preset in presets()
    name = preset or (charter.preset if own else _nearest_preset(charter))
    found = tuple(_differences(Charter.from_preset(name), charter))
    return Comparison(name, own and name == charter.preset, found)


def _nearest_preset(charter: Charter) -> str:
    return min(presets(), key=lambda name: len(tuple(_differences(Charter.from_preset(name), charter))))


def _differences(old: Charter, new: Charter) -> Iterator[Difference]:
    proved = new.privacy is not None
    yield from _of_privacy(old.privacy, new.privacy)
    for name in PARTS:
        yield from _of_part(name, getattr(old, name), getattr(new, name), proved=proved)
    if old.quorum != new.quorum:
        yield Difference(
            f"quorum {old.quorum} -> {new.quorum}", STILL_PROVED if proved else _quorum(old.quorum, new.quorum)
        )
    if old.seed != new.seed:
        yield Difference(f"seed {old.seed} -> {new.seed}", Meaning(NONE, "Other draws; as much is given away."))


def _of_privacy(old: Part | None, new: Part | None) -> Iterator[Difference]:
    if old is not None and new is not None:
        yield from _of_options("privacy", old, new, _PRIVACY)
    elif old is not None:
        yield Difference(
            "[privacy] is gone",
            Meaning(
                MORE,
                "Nothing is proved any more: what leaves is what your teacher says, without noise, and attacks tell"
                " single compounds from it.",
                GRAVE,
            ),
        )
    elif new is not None:
        PRIVACIES.build(new)
        yield Difference(
            "[privacy] is new", Meaning(LESS, "What leaves is differentially private, as far as the terms say.")
        )


def _of_part(name: str, old: Part, new: Part, *, proved: bool) -> Iterator[Difference]:
    if old.name != new.name:
        CATALOGUES[name].build(new)
        meaning = STILL_PROVED if proved else _kind(name, old.name, new.name)
        yield Difference(f"[{name}] {old.name} -> {new.name}", meaning)
    else:
        meanings = None if proved else _OPTIONS.get(name, {})
        yield from _of_options(name, old, new, meanings)


_Judge = Callable[[Any, Any], Meaning]


def _of_options(name: str, old: Part, new: Part, meanings: dict[str, _Judge] | None) -> Iterator[Difference]:
    """Compare the options of two parts of one kind, those by default included; without meanings, all is proved."""
    before, after = (attrs.asdict(CATALOGUES[name].build(part), recurse=False) for part in (old, new))
    for option, value in after.items():
        # Presets that work in public directions name none yet.
        if value == before[option] or (option == "digest" and not before[option]):
            continue
        meaning = STILL_PROVED if meanings is None else meanings.get(option, _by_default(name))(before[option], value)
        yield Difference(f"[{name}] {option} {before[option]} -> {value}", meaning)


STILL_PROVED = Meaning(
    NONE, "What leaves is computed from one private model, and what is proved of that holds as before."
)


_AFTERWARDS = Meaning(NONE, "It is computed from what has left already, or stays inside your company.")

_UNMEASURED = Meaning(
    MORE,
    "What leaves is computed in another way, on which no attack was measured: take it that more is given away.",
    SLIGHT,
)

_OTHER_KIND = Meaning(
    MORE, "How much it gives away wasn't measured beside the preset's: take it that more is given away.", SERIOUS
)

_COMBINED = Meaning(
    NONE, "What leaves you is the same; shares in labels tell your weights to other partners either way."
)


def _plain(name: str) -> Meaning | None:
    """Describe any difference of a part without influence on what leaves a partner; None of the others."""
    if name in ("selection", "student", "hybrid", "union"):
        return _AFTERWARDS
    return _COMBINED if name in ("weighting", "aggregation") else None


def _by_default(name: str) -> _Judge:
    meaning = _plain(name) or _UNMEASURED
    return lambda _old, _new: meaning


def _either(larger: Meaning, smaller: Meaning) -> _Judge:
    return lambda old, new: larger if new > old else smaller


def _translation(old: int, new: int) -> Meaning:
    if not new:
        return Meaning(LESS, "Teachers that aren't linear speak for themselves: copies of them are rougher.")
    if not old:
        return Meaning(
            MORE,
            "A linear model speaks for a teacher of any kind, and can be decoded as a linear teacher can.",
            SERIOUS,
        )
    return Meaning(
        NONE, "A teacher that isn't linear is asked about more or fewer public molecules, inside your walls."
    )


def _neighbours(old: int, new: int) -> Meaning:
    if new > old:
        return Meaning(LESS, "Weights are means over more of your compounds, and tell less about each.")
    severity = GRAVE if new <= FEW else SERIOUS
    return Meaning(
        MORE,
        "Your weight of a molecule is its similarity to so few of your compounds that it tells which molecules are"
        " yours, and where you have close analogues of them.",
        severity,
    )


def _closer_fit(words: str) -> _Judge:
    def judge(old: float, new: float) -> Meaning:
        old, new = old or math.inf, new or math.inf  # a depth of 0 has no limit
        if new < old:
            return Meaning(LESS, "The teacher keeps less of single compounds.")
        severity = GRAVE if new >= PLENTY * old else SERIOUS
        return Meaning(
            MORE,
            f"{words} keeps more of single compounds, so that its probabilities, and experts made of these, tell more"
            " about each.",
            severity,
        )

    return judge


def _epsilon(old: float, new: float) -> Meaning:
    if new < old:
        return Meaning(LESS, "More noise: less can be told about any one compound, as is proved.")
    return Meaning(
        MORE, "Less noise: the promise is weaker; the terms say what it is worth.", GRAVE if new >= 2 * old else SERIOUS
    )


def _quorum(old: int, new: int) -> Meaning:
    if new > old:
        return Meaning(LESS, "Labels are made of more opinions at least, and tell less about each.")
    if new == 1:
        return Meaning(
            MORE, "Labels may be made of one partner's opinions: then everybody who has them reads these.", GRAVE
        )
    words = "Labels may be made of fewer opinions, from which each partner works out those of the others more easily."
    return Meaning(MORE, words, SERIOUS if new <= FEW else SLIGHT)


_LOWER_POWER = Meaning(
    MORE,
    "The weights that leave are the same; but opinions count where their teacher knows little, and the shares that all"
    " partners get state small weights more exactly.",
    SLIGHT,
)
_HIGHER_POWER = Meaning(
    MORE,
    "The weights that leave are the same; but the label of a molecule near to yours is nearly your opinion alone.",
    SLIGHT,
)

_FINER = _either(
    Meaning(MORE, "Structures are told apart more finely, and with them your compounds.", SLIGHT),
    Meaning(LESS, "Structures are told apart less finely."),
)

_OPTIONS: dict[str, dict[str, _Judge]] = {
    "featuriser": {"bits": _FINER, "radius": _FINER},
    "teacher": {
        "strength": _closer_fit("A teacher that is held back less"),
        "depth": _closer_fit("A deeper tree"),
        "leaves": _closer_fit("A tree of more leaves"),
        "rounds": _closer_fit("A teacher of more rounds"),
        "leaf": _either(
            Meaning(LESS, "No answer of a tree rests on so few of your compounds."),
            Meaning(MORE, "Answers of a tree may rest on fewer of your compounds.", SLIGHT),
        ),
        "trees": _either(
            Meaning(NONE, "More trees say the same with less chance in it."),
            Meaning(MORE, "Fewer trees: each of your compounds decides more of what they say.", SLIGHT),
        ),
    },
    "proximity": {
        "neighbours": _neighbours,
        "bits": _FINER,
        "reference_fraction": _either(
            Meaning(MORE, "More of your compounds are compared: fewer leave no trace in weights.", SERIOUS),
            Meaning(LESS, "Fewer of your compounds are compared: the others leave no trace in weights."),
        ),
    },
    "weighting": {"power": _either(_HIGHER_POWER, _LOWER_POWER)},
    "distillation": {
        "smoothing": _either(
            Meaning(LESS, "Experts are rougher copies of each teacher."),
            Meaning(MORE, "Experts are closer copies of each teacher.", SLIGHT),
        ),
        "sharpness": lambda _old, _new: Meaning(NONE, "It decides how experts are combined, and not what they know."),
        "translation": _translation,
        "translation_weight": lambda _old, _new: Meaning(
            NONE, "It decides how much a linear model that speaks for a teacher learns from it."
        ),
    },
}  # fmt: skip
"""What other options of one part mean, from the preset's to the charter's; see :func:`_by_default` for the rest."""

_PRIVACY: dict[str, _Judge] = {
    "epsilon": _epsilon,
    "delta": _either(
        Meaning(MORE, "The promise may fail more often.", SERIOUS), Meaning(LESS, "The promise may fail less often.")
    ),
} | dict.fromkeys(
    ("steps", "rate", "penalty", "steps_share"),
    lambda _old, _new: Meaning(NONE, "The noise is set so that the promise stays."),
)  # fmt: skip


def _kind(name: str, old: str, new: str) -> Meaning:
    """Describe what another part means in place of the preset's."""
    for what in (f"{old} -> {new}", new):
        if (name, what) in _KINDS:
            return _KINDS[name, what]
    return _plain(name) or _OTHER_KIND


_KINDS: dict[tuple[str, str], Meaning] = {
    ("proximity", "uniform"): Meaning(LESS, "Weights are all 1, and say nothing about your compounds."),
    ("proximity", "tanimoto-neighbours -> euclidean-neighbours"): Meaning(
        LESS, "Weights are distances to a random part of your compounds: they tell less about single ones (measured)."
    ),
    ("proximity", "euclidean-neighbours"): Meaning(
        MORE, "Weights say how far a molecule is from single compounds; the terms say what that tells.", SERIOUS
    ),
    ("proximity", "tanimoto-neighbours"): Meaning(
        MORE, "Weights say how like a molecule is to single compounds; the terms say what that tells.", GRAVE
    ),
    ("distillation", "labels"): Meaning(
        LESS, "No experts are published; the coordinator could still make some from your answers."
    ),
    ("distillation", "experts"): Meaning(
        MORE,
        "A copy of each teacher goes to every partner, who can ask it about any molecule, and decode your compounds"
        " from a list that contains them.",
        GRAVE,
    ),
}  # fmt: skip
"""What parts mean that were measured, or are plain; by what stands in the charter, or by both."""
