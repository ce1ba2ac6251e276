"""What an attacker holds."""

from __future__ import annotations

from functools import cached_property

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fluidmol.partner.audit.whitening import Floats, Whitened

__all__ = ["Floats", "Mask", "Observations", "TransferStatements"]

Mask = NDArray[np.bool_]


@attrs.frozen(eq=False)
class TransferStatements:
    """What is stated of the molecules of the transfer set, draw by draw."""

    rows: csr_matrix = attrs.field(repr=False)
    """Their features, (n_asked, n_columns)."""

    opinion: Floats = attrs.field(repr=False)
    """Log-odds of the active class that are stated, (n_draws, n_asked); NaN where the teacher abstains."""

    weight: Floats = attrs.field(repr=False)
    """Stated weights, (n_draws, n_asked)."""


@attrs.frozen(eq=False, kw_only=True)
class Observations:
    """What one kind of attacker sees of each candidate, draw by draw, and who the members were.

    An attack may read, for the draw that it attacks, everything but that draw's row of ``owned``; all other draws are
    its shadows, of which it knows the members.

    Raises
    ------
    ValueError
        If shapes differ.
    """

    owned: Mask = attrs.field(repr=False)
    """Who is a member, (n_draws, n_candidates)."""

    active: Mask = attrs.field(repr=False)
    """Measured classes, (n_candidates,): candidates come with what was measured of them, unless an attack says so."""

    opinion: Floats = attrs.field(repr=False)
    """Log-odds of the active class that are stated, (n_draws, n_candidates); NaN where the teacher abstains."""

    weight: Floats = attrs.field(repr=False)
    """Stated weight, or what is understood of it, (n_draws, n_candidates), on any increasing scale."""

    decimals: int = 0
    """Decimals with which numbers were stated; 0 where they are estimates."""

    models: Floats | None = attrs.field(default=None, repr=False)
    """Coefficients of the log-odds, the intercept last, (n_draws, n_columns + 1), where the attacker holds a linear
    model."""

    nearness: Floats | None = attrs.field(default=None, repr=False)
    """The same of the logarithm of the weight, where weights were understood, too."""

    rows: csr_matrix | None = attrs.field(default=None, repr=False)
    """Features of the candidates, (n_candidates, n_columns); public, once a structure is known."""

    public: TransferStatements | None = attrs.field(default=None, repr=False)
    """What is stated of the transfer set, where the attacker reads it or what follows from it."""

    strength: float = 0.05
    """Weight of a compound against the penalty in the teacher; the charter says it."""

    seed: int = 0
    """Of what attacks draw at random."""

    def __attrs_post_init__(self) -> None:
        if not self.owned.shape == self.opinion.shape == self.weight.shape:
            raise ValueError(
                f"members of shape {self.owned.shape}, opinions {self.opinion.shape}, weights {self.weight.shape}:"
                " expected one shape"
            )
        if self.active.shape != self.owned.shape[1:]:
            raise ValueError(f"{self.active.shape} classes and {self.owned.shape[1:]} candidates: expected as many")

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return len(self.owned)

    @cached_property
    def whitened(self) -> Whitened | None:
        """The candidates in the metric of the transfer set; None where the attacker doesn't hold both."""
        return None if self.rows is None or self.public is None else Whitened.of(self.rows, self.public.rows)

    @property
    def confidence(self) -> Floats:
        """Log-odds of the class that was measured, (n_draws, n_candidates)."""
        return np.where(self.active, self.opinion, -self.opinion)
