"""Annotations: one teacher's opinion of every compound of the transfer set."""

from __future__ import annotations

from functools import cached_property

import attrs
import numpy as np

from fluidmol.values.arrays import FloatArray, digest_of, frozen_floats


def _matrix(values: object) -> FloatArray:
    return frozen_floats(values, 2)  # type: ignore[arg-type]


@attrs.frozen(slots=False, eq=False)
class Annotations:
    """What one partner lets the consortium know.

    Raises
    ------
    ValueError
        If shapes differ, a value isn't in [0, 1], a weight isn't in [0, 1], or an abstention has weight.

    Examples
    --------
    >>> opinion = Annotations("sha256:" + "0" * 64, "acme", [[0.9], [float("nan")]], [[0.5], [0.0]])
    >>> opinion.shape, opinion.abstained.tolist()
    ((2, 1), [[False], [True]])
    """

    charter: str
    """Digest of the charter that was answered."""

    partner: str
    """Name of the partner."""

    value: FloatArray = attrs.field(converter=_matrix, repr=False)
    """Probability of the active class, (n_compounds, n_endpoints), in [0, 1]; NaN where the teacher abstains."""

    weight: FloatArray = attrs.field(converter=_matrix, repr=False)
    """How close the compound is to what the teacher knows, (n_compounds, n_endpoints), in [0, 1]."""

    def __attrs_post_init__(self) -> None:
        if self.value.shape != self.weight.shape:
            raise ValueError(f"value has shape {self.value.shape} and weight {self.weight.shape}: expected the same")
        spoken = self.value[~self.abstained]
        if np.any((spoken < 0) | (spoken > 1)):
            raise ValueError("a value is outside of [0, 1]: expected probabilities, NaN where the teacher abstains")
        if not np.all((self.weight >= 0) & (self.weight <= 1)):
            raise ValueError("a weight is outside of [0, 1], or not a number")
        if np.any(self.weight[self.abstained] > 0):
            raise ValueError("a compound without an opinion has a weight: expected 0 where the teacher abstains")

    @property
    def shape(self) -> tuple[int, int]:
        """Number of compounds and of endpoints."""
        return self.value.shape[0], self.value.shape[1]

    @property
    def abstained(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Where the teacher has no opinion, (n_compounds, n_endpoints)."""
        return np.isnan(self.value)

    @property
    def silent(self) -> bool:
        """Whether the teacher has no opinion of any compound."""
        return bool(self.abstained.all())

    @cached_property
    def digest(self) -> str:
        """SHA-256 over charter, partner, values and weights."""
        return digest_of("fluidmol annotations 1", (self.charter, self.partner), (self.value, self.weight))

    @cached_property
    def pseudonym(self) -> str:
        """By what the labels that partners get call the partner: ``anon-`` and 16 hexadecimal digits.

        Who has the opinion can work it out, hence its partner and the coordinator. It is made from the numbers
        themselves and not from their digest, which names and closings in a place tell.
        """
        made = digest_of("fluidmol pseudonym 1", (self.charter, self.partner), (self.value, self.weight))
        return f"anon-{made.removeprefix('sha256:')[:16]}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Annotations) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)
