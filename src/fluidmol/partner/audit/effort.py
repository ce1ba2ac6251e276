"""How much an audit computes."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class Effort:
    """Number of draws, and how much of the transfer set is asked about.

    Examples
    --------
    >>> FULL.draws > QUICK.draws
    True
    """

    draws: int = attrs.field(default=32, validator=[attrs.validators.ge(4), attrs.validators.le(1000)])
    """How often members are drawn, from 4 to 1000: each draw is attacked with all the others as shadows."""

    transfer: int | None = attrs.field(default=None, validator=attrs.validators.optional(attrs.validators.ge(100)))
    """Transfer molecules, drawn at random, by which experts are understood, 100 or more; None: all of them."""

    rounds: bool = False
    """Whether a second round is played as well: each teacher is fitted again to a few compounds more, which takes as
    long as the first time."""

    seed: int = attrs.field(default=1, validator=attrs.validators.ge(0))
    """Of the audit's own coins, 0 or more."""


FULL = Effort(rounds=True)
"""What counts."""

QUICK = Effort(draws=12, transfer=3000)
"""A first look."""
