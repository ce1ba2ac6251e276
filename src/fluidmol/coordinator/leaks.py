"""What a charter's messages give away about single compounds, as far as attacks on them were measured."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from fluidmol.coordinator.words import CATALOGUES
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.estimators import ESTIMATORS
from fluidmol.learning.privacy import PRIVACIES
from fluidmol.learning.privacy.accountant import (
    at_most,
    epsilon_of,
    found_at_most,
    group,
    largest_auc,
    noise_multiplier,
    share_at_most,
)
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part


@attrs.frozen
class MeasuredAttack:
    """An attack that was measured, and on what."""

    parts: dict[str, Part]
    """The parts of a charter that it attacks, by the charter's tables."""

    finding: str
    """What came out, in full sentences."""

    def fits(self, charter: Charter) -> bool:
        """Tell whether the charter's parts are of the kinds that were attacked."""
        return all(getattr(charter, table).name == part.name for table, part in self.parts.items())

    def is_of(self, charter: Charter) -> bool:
        """Tell whether they have the same options, too."""
        return all(
            CATALOGUES[table].build(getattr(charter, table)) == CATALOGUES[table].build(part)
            for table, part in self.parts.items()
        )


SETUP = (
    "Measured on public hERG data (python benchmarks/attacks.py; means over eight partners): an attacker with a list of"
    " molecules tells which are a partner's compounds and which are others of the same chemistry. AUC: of the ROC"
    " curve; .5 is guessing, 1 is certainty. Stronger attacks may come, and single compounds may be worse off."
)

_LOGISTIC = {"teacher": Part("logistic", {"strength": 0.05}), "featuriser": Part("additive", {"bits": 2048})}
_FOREST = {
    "teacher": Part("random-forest", {"trees": 150, "depth": 15, "balanced": True}),
    "featuriser": Part("fcfp", {"radius": 2, "bits": 2048}),
}

WEIGHTS = (
    MeasuredAttack(
        {"proximity": Part("tanimoto-neighbours", {"neighbours": 8})},
        "Whoever sees your weights tells which molecules within the transfer set are compounds of yours: AUC .90; 27 %"
        " of yours are found while 1 % of the others are mistaken for yours.",
    ),
    MeasuredAttack(
        {"proximity": Part("euclidean-neighbours", {"neighbours": 8, "reference_fraction": 0.2})},
        "Whoever sees your weights tells which molecules within the transfer set are compounds of yours: AUC .58.",
    ),
)
"""Attacks on stated weights."""

OPINIONS = (
    MeasuredAttack(
        _LOGISTIC,
        "Whoever sees your teacher's probability of a molecule tells whether it is a compound of yours: AUC .80; 18 %"
        " are found while 1 % are mistaken.",
    ),
    MeasuredAttack(
        _FOREST,
        "Whoever sees your teacher's probability of a molecule tells whether it is a compound of yours: AUC .85; 15 %"
        " are found while 1 % are mistaken.",
    ),
)
"""Attacks on opinions of single molecules."""

DECODING = (
    MeasuredAttack(
        _LOGISTIC | {"distillation": Part("experts", {"smoothing": 30.0, "sharpness": 2.0})},
        "Whoever holds the published experts (every partner, and the coordinator) and a list that contains your"
        " compounds decodes which are yours: AUC .97; 78 % are found while 1 % are mistaken, and the class comes"
        " out right for 100 % of yours. With your teacher itself: 1.00. With half of your compounds on the list: .82.",
    ),
    MeasuredAttack(
        _LOGISTIC,
        "Who has your answers to the whole transfer set can work out your teacher, and with a list that contains your"
        " compounds decode which are yours. Measured through experts, which this charter doesn't publish, but which the"
        " coordinator can make: AUC .97, and the class comes out right for 100 % of yours.",
    ),
)
"""Attacks on the model behind the opinions, the closest first."""


def given_away(charter: Charter) -> tuple[str, ...]:
    """Return what is known of what single compounds lose under a charter, in full sentences.

    Raises
    ------
    CharterError
        If it has unknown parts.

    Examples
    --------
    >>> given_away(Charter.from_preset("open"))[1].partition(":")[0]
    'Whoever sees your weights tells which molecules within the transfer set are compounds of yours'
    """
    if charter.privacy is None:
        return (SETUP, *_known(charter))
    # What no audit can look at isn't promised.
    return proved(charter.privacy)[: None if charter.scale is None else -1]


SERIES = 10
"""Compounds of a series for which the terms say what the proof is worth."""


WEAK_AUC, WEAK_DELTA = 0.9, 1e-4
"""Beyond these a proof says little: epsilon 8 at a delta of 1e-5 has an AUC of .88."""

NEARLY_NOTHING = (
    "Caution: with this epsilon and delta the proof promises nearly nothing. Treat this charter as one without"
    " [privacy], or ask for an epsilon of 4 or less and a delta far below one in the number of your compounds."
)


def proved(privacy: Part) -> tuple[str, ...]:
    """Return what is proved of what single compounds lose under differential privacy, in full sentences.

    Raises
    ------
    CharterError
        If an option is out of range.

    Examples
    --------
    >>> proved(Part("gaussian", {"epsilon": 4.0}))[1].partition(":")[0]
    'However much somebody knows, and however long they compute'
    """
    settings = PRIVACIES.build(privacy)
    sigma = noise_multiplier(settings.epsilon, settings.delta)
    found = share_at_most(found_at_most(sigma, 0.01))
    series = epsilon_of(group(sigma, SERIES), settings.delta)
    weak = largest_auc(sigma) > WEAK_AUC or settings.delta > WEAK_DELTA
    return (
        *((NEARLY_NOTHING,) if weak else ()),
        f"Proved: epsilon {settings.epsilon:g} at delta {settings.delta:g} for one compound (all that share the first"
        " block of the InChIKey), added or removed. It holds for all that is ever computed from your answers.",
        f"However much somebody knows, and however long they compute: when they tell whether a compound is among yours,"
        f" the ROC AUC is at most {at_most(largest_auc(sigma))}, and at most {found} of yours"
        " are found while 1 % of others are mistaken for yours.",
        f"For a series of {SERIES} compounds together it is epsilon {series:.3g}: that you work on a series isn't"
        " hidden.",
        "What isn't proved: that fluidmol's code does what the proof says (its tests look for it), that your machine's"
        " randomness is good, and whatever you tell otherwise: that you take part, when, and how you decline.",
        "What the attacks that we know reach in practice is less: fluid audit measures it on your own compounds.",
    )


def _known(charter: Charter) -> Iterator[str]:
    if charter.proximity.name == "uniform":
        yield "Your weights are all 1 and say nothing."
    else:
        yield _finding(WEIGHTS, charter, f"Your weights ({charter.proximity.name})")
    translated = bool(DISTILLATIONS.build(charter.distillation).translation)
    if translated and not ESTIMATORS.build(charter.teacher).linear:
        yield f"A linear model speaks for your {charter.teacher.name}; what follows was measured of linear teachers."
        charter = attrs.evolve(charter, teacher=_LOGISTIC["teacher"])
    teacher = f"a teacher of this kind ({charter.teacher.name} on {charter.featuriser.name})"
    if charter.scale is not None:
        yield _finding((), charter, f"The values of {teacher}, and experts made of them")
        return
    yield _finding(OPINIONS, charter, f"The probabilities of {teacher}")
    if charter.distillation.name == "experts" or any(attack.fits(charter) for attack in DECODING):
        yield _finding(DECODING, charter, f"Published experts of {teacher}")
    speaks = "; where you give compounds, a linear model speaks for it, as measured above" if translated else ""
    yield f"A model of your own in place of the charter's teacher: not measured{speaks}."


def _finding(attacks: tuple[MeasuredAttack, ...], charter: Charter, what: str) -> str:
    attack = next((attack for attack in attacks if attack.fits(charter)), None)
    if attack is None:
        return f"{what}: not measured, so take it that they give your compounds away."
    if attack.is_of(charter):
        return attack.finding
    options = "; ".join(
        f"{table} {', '.join(f'{key} {value}' for key, value in part.options)}" for table, part in attack.parts.items()
    )
    return f"{attack.finding} That is for {options}; with this charter's options it was not measured."
