"""Federated labels: the consortium's opinion of the transfer set, and who shaped it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import attrs
import numpy as np

from fluidmol.values.arrays import FloatArray, digest_of, frozen_floats, texts
from fluidmol.values.experts import Experts


def _matrix(values: object) -> FloatArray:
    return frozen_floats(values, 2)  # type: ignore[arg-type]


def _cube(values: object) -> FloatArray:
    return frozen_floats(values, 3)  # type: ignore[arg-type]


@attrs.frozen(slots=False, eq=False)
class FederatedLabels:
    """One label a compound and endpoint, with its spread and each partner's share.

    Raises
    ------
    ValueError
        If shapes don't fit, a label isn't in [0, 1], or contributions don't sum to 1 where anyone spoke.

    Examples
    --------
    >>> labels = FederatedLabels("sha256:" + "0" * 64, ("a", "b"), [[0.7]], [[0.1]], [[[0.25]], [[0.75]]])
    >>> labels.hard.tolist()
    [[True]]
    """

    charter: str
    """Digest of the charter."""

    partners: tuple[str, ...] = attrs.field(converter=texts)
    """Names of the partners that spoke, in the order of ``contribution``; pseudonyms in what partners get."""

    value: FloatArray = attrs.field(converter=_matrix, repr=False)
    """Probability of the active class, (n_compounds, n_endpoints), in [0, 1]; NaN where nobody spoke."""

    spread: FloatArray = attrs.field(converter=_matrix, repr=False)
    """Weighted standard deviation of the opinions, (n_compounds, n_endpoints), in [0, 1]."""

    contribution: FloatArray = attrs.field(converter=_cube, repr=False)
    """Share of each partner in each label, (n_partners, n_compounds, n_endpoints), in [0, 1]."""

    experts: Experts | None = attrs.field(
        default=None, repr=False, validator=attrs.validators.optional(attrs.validators.instance_of(Experts))
    )
    """What was understood of each teacher, where the charter distils experts; None otherwise."""

    def __attrs_post_init__(self) -> None:
        expected = (len(self.partners), *self.value.shape)
        if self.contribution.shape != expected or self.spread.shape != self.value.shape:
            raise ValueError(
                f"value {self.value.shape}, spread {self.spread.shape},"
                f" contribution {self.contribution.shape}: expected {expected[1:]}, {expected[1:]}, {expected}"
            )
        if len(set(self.partners)) != len(self.partners):
            raise ValueError("a partner occurs twice")
        if self.experts is not None and not set(self.experts.partners) <= set(self.partners):
            raise ValueError("there is an expert of a partner who didn't speak")
        spoken = ~np.isnan(self.value)
        if np.any((self.value[spoken] < 0) | (self.value[spoken] > 1)):
            raise ValueError("a label is outside of [0, 1]")
        if not np.all((self.contribution >= 0) & (self.contribution <= 1)):
            raise ValueError("a contribution is outside of [0, 1]")
        total = self.contribution.sum(axis=0, dtype=np.float64)
        if not np.allclose(total[spoken], 1, atol=1e-4) or np.any(total[~spoken] > 0):
            raise ValueError("contributions must sum to 1 over the partners where anyone spoke, and to 0 elsewhere")

    @property
    def hard(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Active by the larger probability, (n_compounds, n_endpoints); False where nobody spoke."""
        return np.asarray(self.value > 0.5)

    def renamed(self, names: Mapping[str, str]) -> FederatedLabels:
        """Give the same labels with partners under other names, in the order of these.

        Parameters
        ----------
        names : mapping of str to str
            Old names to new ones; who isn't among them keeps its own.

        Raises
        ------
        ValueError
            If two would have one name.

        Examples
        --------
        >>> labels = FederatedLabels("sha256:" + "0" * 64, ("a", "b"), [[0.7]], [[0.1]], [[[0.25]], [[0.75]]])
        >>> other = labels.renamed({"a": "anon-7", "b": "anon-3"})
        >>> other.partners, other.contribution[:, 0, 0].tolist()
        (('anon-3', 'anon-7'), [0.75, 0.25])
        """
        called = [names.get(name, name) for name in self.partners]
        order = sorted(range(len(called)), key=called.__getitem__)
        return attrs.evolve(
            self,
            partners=[called[i] for i in order],
            contribution=self.contribution[order],
            experts=None if self.experts is None else self.experts.renamed(names),
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 over charter, partners, labels, spreads and contributions, and experts if there are."""
        arrays = (self.value, self.spread, self.contribution)
        understood = () if self.experts is None else (f"experts {self.experts.digest}",)
        return digest_of("fluidmol labels 1", (self.charter, *self.partners, *understood), arrays)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FederatedLabels) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)
