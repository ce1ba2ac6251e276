"""The two questions that a coordinator asks, and the answers that a partner may give."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property

import attrs

from fluidmol.values.annotations import Annotations
from fluidmol.values.arrays import digest_of
from fluidmol.values.charter import Charter
from fluidmol.values.labels import FederatedLabels


@attrs.frozen
class Annotate:
    """Ask what a teacher thinks of the charter's transfer set."""

    charter: Charter
    """The rules; they name the transfer set by digest, which each partner holds already."""

    @property
    def digest(self) -> str:
        """SHA-256 of the question."""
        return digest_of("fluidmol annotate 1", (self.charter.digest,))


@attrs.frozen
class Learn:
    """Tell what the consortium thinks, and ask how a hybrid fares that learns from it."""

    charter: Charter
    """The rules."""

    labels: FederatedLabels
    """The consortium's opinion of the transfer set."""

    @property
    def digest(self) -> str:
        """SHA-256 of the question."""
        return digest_of("fluidmol learn 1", (self.charter.digest, self.labels.digest))


@attrs.frozen
class Score:
    """One figure of one model on one public data set."""

    model: str = attrs.field(validator=attrs.validators.in_(("teacher", "hybrid")))
    """``teacher`` or ``hybrid``."""

    dataset: str
    """Name of a public, labelled set that all parties hold."""

    metric: str
    """Name of the metric, as in ``metrics.csv``."""

    value: float = attrs.field(converter=float)
    """The figure; NaN where it is undefined, never infinite."""

    @value.validator
    def _bounded(self, _field: object, value: float) -> None:
        if math.isinf(value):
            raise ValueError(f"the figure {self.metric} of {self.dataset} is infinite")


def _scores(values: Iterable[Score]) -> tuple[Score, ...]:
    return tuple(values)


@attrs.frozen(slots=False)
class Scorecard:
    """How a partner's teacher and hybrid fared on the public sets that all parties hold."""

    charter: str
    """Digest of the charter."""

    partner: str
    """Name of the partner."""

    scores: tuple[Score, ...] = attrs.field(default=(), converter=_scores)
    """The figures; none if the consortium has no public labelled set."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the figures."""
        rows = (f"{s.model}\t{s.dataset}\t{s.metric}\t{s.value!r}" for s in self.scores)
        return digest_of("fluidmol scorecard 1", (self.charter, self.partner, *rows))


@attrs.frozen
class Declined:
    """A partner doesn't answer, and says why."""

    charter: str
    """Digest of the charter."""

    partner: str
    """Name of the partner."""

    reason: str
    """Why, in words that give nothing away about the partner's compounds."""

    @property
    def digest(self) -> str:
        """SHA-256 over charter, partner and reason."""
        return digest_of("fluidmol declined 1", (self.charter, self.partner, self.reason))


Request = Annotate | Learn
"""What may go to a partner."""

Reply = Annotations | Scorecard | Declined
"""What may come back."""


def pseudonym_of(reply: Reply) -> str:
    """Give by what labels call the partner of a reply that has a part in them; empty if it hasn't.

    Examples
    --------
    >>> pseudonym_of(Annotations("sha256:" + "0" * 64, "acme", [[0.5]], [[1.0]]))[:5]
    'anon-'
    """
    return reply.pseudonym if isinstance(reply, Annotations) else ""
