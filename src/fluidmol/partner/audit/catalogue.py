"""All attacks: what each is called, who can make it, and where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import attrs

from fluidmol.partner.audit import decoding, differences, lira, tracing, updates, weights
from fluidmol.partner.audit.digits import digits
from fluidmol.partner.audit.observations import Floats, Observations
from fluidmol.partner.audit.rmia import rmia
from fluidmol.partner.audit.threshold import threshold
from fluidmol.partner.audit.updates import ReleasePair
from fluidmol.partner.audit.vantages import ANNOTATIONS, EXPERTS, LABELS, STUDENT, TEACHER


@attrs.frozen
class Attack:
    """One attack from one vantage."""

    name: str
    """What it is called."""

    vantage: str
    """What the attacker holds: a name of :mod:`fluidmol.partner.audit.vantages`."""

    source: str
    """Where it is described."""

    run: Callable[[Observations], Floats | None] = attrs.field(default=lambda _seen: None, repr=False, eq=False)
    """Gives a score of each candidate in each draw; None where it doesn't apply, or the attack is made with others."""

    @property
    def leaves(self) -> bool:
        """Whether an attacker holds such a thing after a release; a teacher itself doesn't leave."""
        return self.vantage != TEACHER


LIRA, RMIA = "Carlini et al. 2022, arXiv 2112.03570", "Zarifzadeh et al. 2023, arXiv 2312.03262"
YEOM, BALLE = "Yeom et al. 2018, doi 10.1109/CSF.2018.00027", "Balle et al. 2022, arXiv 2201.04845"
NIST = "NIST 2026, arXiv 2604.12737"
MOSTELLER = "Mosteller and Wallace 1963, doi 10.1080/01621459.1963.10500849"
SALEM, BERTRAN = "Salem et al. 2020, arXiv 1904.01067", "Bertran et al. 2024, arXiv 2405.20272"
DWORK, HOMER = "Dwork et al. 2015, doi 10.1109/FOCS.2015.46", "Homer et al. 2008, doi 10.1371/journal.pgen.1000167"
JAGIELSKI = "Jagielski et al. 2023, arXiv 2303.03446"


def _attacks() -> Iterator[Attack]:
    for vantage in (ANNOTATIONS, EXPERTS):
        yield Attack("threshold on opinions", vantage, YEOM, threshold)
        yield Attack("likelihood ratio of opinions", vantage, LIRA, lira.online)
        yield Attack("likelihood ratio of opinions, offline", vantage, LIRA, lira.offline)
        yield Attack("relative likelihood (RMIA)", vantage, RMIA, rmia)
        yield Attack("weight alone", vantage, YEOM, weights.nearest)
        yield Attack("likelihood ratio of weights", vantage, LIRA, weights.weights)
    yield Attack("likelihood ratio of abstentions", ANNOTATIONS, LIRA, weights.abstentions)
    yield Attack("digits of numbers", ANNOTATIONS, MOSTELLER, digits)
    yield Attack("tracing in weights", EXPERTS, HOMER, tracing.weights)
    yield Attack("tracing in the model", EXPERTS, DWORK, tracing.opinions)
    yield Attack("tracing in the model, no classes", EXPERTS, DWORK, tracing.structures)
    for vantage in (LABELS, STUDENT):
        yield Attack("threshold on opinions", vantage, YEOM, threshold)
        yield Attack("likelihood ratio of opinions", vantage, JAGIELSKI if vantage == STUDENT else LIRA, lira.online)
        yield Attack("relative likelihood (RMIA)", vantage, RMIA, rmia)


ATTACKS = tuple(_attacks())
"""Attacks that need no list but that of the candidates."""

UPDATES: tuple[tuple[str, str, str, Callable[[ReleasePair], Floats | None]], ...] = (
    ("growth of weights", ANNOTATIONS, SALEM, updates.weights),
    ("change of opinions", ANNOTATIONS, SALEM, updates.opinions),
    ("growth of weights", EXPERTS, SALEM, updates.weights),
    ("change of opinions", EXPERTS, SALEM, updates.opinions),
    ("decoding of the difference, list of all", EXPERTS, BERTRAN, differences.decoded),
)
"""Attacks on two releases of one partner: name, what the attacker holds of each round, source, and the attack."""

LISTS = {1.0: "all", 0.5: "half", 0.1: "a tenth"}
"""Shares of the members on the lists with which models are decoded, and how they are called."""


def decodings(held: Mapping[str, Observations]) -> Iterator[tuple[Attack, Floats, float | None]]:
    """Decode with each list: attack, scores, and the share of members whose class was told without knowing any."""
    for (vantage, share), found in decoding.decoded(held, tuple(LISTS)).items():
        name = f"decoding, list of {LISTS[share]} of the members"
        yield Attack(name, vantage, BALLE), found.known, None
        yield Attack(f"{name}, no classes", vantage, BALLE), found.unknown, found.right
