"""The gate: the only way out of a partner.

A :class:`Policy` is the partner's own, stricter than the charter if it likes. The :class:`Gate` applies it to each
reply, refuses what it forbids, and writes what left into its :class:`Ledger`.
"""

from __future__ import annotations

import logging

import attrs
import numpy as np

from fluidmol.errors import PolicyError
from fluidmol.values.annotations import Annotations
from fluidmol.values.arrays import digest_of
from fluidmol.values.messages import Declined, Reply, Scorecard

logger = logging.getLogger(__name__)


@attrs.frozen
class Policy:
    """What a partner lets out.

    Examples
    --------
    >>> Policy(decimals=2)
    Policy(decimals=2, fewest_compounds=10, scorecards=True)
    """

    decimals: int = attrs.field(default=4, validator=[attrs.validators.ge(1), attrs.validators.le(7)])
    """Decimals that values and weights keep; each one fewer says less about private compounds."""

    fewest_compounds: int = attrs.field(default=10, validator=attrs.validators.ge(2))
    """A teacher of fewer compounds stays silent: its opinions would say too much about each of them."""

    scorecards: bool = attrs.field(default=True, validator=attrs.validators.instance_of(bool))
    """Whether figures on public sets may leave."""


@attrs.frozen
class Entry:
    """One line of the ledger: what left, to the question of which charter."""

    kind: str
    """Type of the reply."""

    charter: str
    """Digest of the charter that was answered."""

    digest: str
    """Digest of what left."""

    chain: str
    """Digest over this entry and the chain of the one before: only the newest can be dropped unseen."""


class Ledger:
    """What left so far, oldest first; entries can only be added.

    Examples
    --------
    >>> ledger = Ledger()
    >>> ledger.add(Declined("sha256:" + "0" * 64, "acme", "too few compounds"))
    >>> len(ledger.entries), ledger.intact
    (1, True)
    """

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries."""
        return tuple(self._entries)

    @property
    def intact(self) -> bool:
        """Whether each entry's chain follows from the one before."""
        chain = ""
        for entry in self._entries:
            if entry.chain != _link(chain, entry.kind, entry.charter, entry.digest):
                return False
            chain = entry.chain
        return True

    def add(self, reply: Reply) -> None:
        """Write down what leaves."""
        chain = self._entries[-1].chain if self._entries else ""
        kind = type(reply).__name__
        self._entries.append(Entry(kind, reply.charter, reply.digest, _link(chain, kind, reply.charter, reply.digest)))


def _link(chain: str, kind: str, charter: str, digest: str) -> str:
    return digest_of("fluidmol ledger 1", (chain, kind, charter, digest))


@attrs.frozen
class Gate:
    """Applies a policy to each reply and notes it in the ledger."""

    policy: Policy = attrs.field(factory=Policy)
    """The partner's rules."""

    ledger: Ledger = attrs.field(factory=Ledger, repr=False)
    """What left so far."""

    def release(self, reply: Reply) -> Reply:
        """Let a reply out, rounded as the policy says.

        Raises
        ------
        PolicyError
            If it is none of the three replies that there are, or the policy forbids it.
        """
        released: Reply
        if type(reply) is Annotations:
            places = self.policy.decimals
            value, weight = np.round(reply.value, places), np.round(reply.weight, places)
            released = Annotations(reply.charter, reply.partner, value, weight)
        elif type(reply) is Scorecard:
            if reply.scores and not self.policy.scorecards:
                raise PolicyError("the policy lets no scorecard out", hint="Set scorecards = true to allow it.")
            rounded = [attrs.evolve(s, value=round(s.value, self.policy.decimals)) for s in reply.scores]
            released = Scorecard(reply.charter, reply.partner, rounded)
        elif type(reply) is Declined:
            released = reply
        else:
            raise PolicyError(
                f"a {type(reply).__name__} may not leave the partner",
                hint="Only annotations, scorecards and refusals may.",
            )
        self.ledger.add(released)
        logger.info("released %s %s", type(released).__name__, released.digest)
        return released
