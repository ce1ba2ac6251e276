"""Nearest-neighbour domain: near enough to what the model learnt from."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.domain import DomainRecipe
from fluidmol.chem.features import features
from fluidmol.chem.similarity import Packed, nearest_tanimoto, pack_bits
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part


@attrs.frozen(eq=False)
class NeighbourDomain:
    """Molecules whose mean similarity to the k nearest training compounds is at or above a threshold.

    The threshold is a quantile of what the training compounds themselves score when each is left out.
    Source: Sheridan et al. 2004, doi 10.1021/ci049782w.

    Examples
    --------
    >>> keys = "ISWSIDIOOBJBQZ-UHFFFAOYSA-N", "YXFVVABEGXRONW-UHFFFAOYSA-N", "LFQSCWFLJHTTHZ-UHFFFAOYSA-N"
    >>> phenol, toluene, ethanol = (CompoundSet((s,), (k,)) for s, k in zip(("Oc1ccccc1", "Cc1ccccc1", "CCO"), keys))
    >>> domain = NeighbourDomain.fit(CompoundSet(("Oc1ccccc1", "Cc1ccccc1"), keys[:2]))
    >>> domain.covers(phenol).tolist(), domain.covers(ethanol).tolist()
    ([True], [False])
    """

    known: Packed = attrs.field(repr=False)
    """Packed fingerprints of the training set, (n_known, n_words). They tell of private compounds."""

    fingerprint: Part
    """Featuriser of the fingerprint."""

    neighbours: int
    """How many nearest compounds are averaged over."""

    threshold: float
    """Lowest score that is inside, in [0, 1]."""

    @classmethod
    def fit(
        cls,
        compounds: CompoundSet,
        neighbours: int = 1,
        quantile: float = 0.05,
        *,
        bits: int = 2048,
        sample: int = 2000,
    ) -> NeighbourDomain:
        """Remember the training compounds, and find the threshold on them alone.

        Parameters
        ----------
        compounds : CompoundSet
            What the model learnt from, at least two.
        neighbours : int
            How many nearest compounds are averaged over.
        quantile : float
            Share of the training compounds that would be outside if each were left out, in [0, 1).
        bits : int
            Width of the FCFP (radius 2) that is compared.
        sample : int
            Training compounds, drawn at random, that the threshold is found on; with fewer, all of them.

        Raises
        ------
        ValueError
            If there are fewer than two compounds.
        """
        if len(compounds) < 2:
            raise ValueError(f"{len(compounds)} training compounds: expected at least two, so that one can be left out")
        fingerprint = Part("fcfp", {"radius": 2, "bits": bits})
        known = pack_bits(features(compounds, fingerprint))
        drawn = known
        if len(known) > sample:
            rng = np.random.default_rng(0)
            drawn = known[np.sort(rng.choice(len(known), size=sample, replace=False))]
        # The nearest of a training compound is itself.
        left_out = nearest_tanimoto(drawn, known, neighbours + 1)[:, 1:].mean(axis=1, dtype=np.float64)
        return cls(known, fingerprint, neighbours, float(np.quantile(left_out, quantile)))

    def score(self, compounds: CompoundSet, probability: object = None) -> NDArray[np.float64]:  # noqa: ARG002
        """Mean similarity to the k nearest, (n_compounds,), in [0, 1]; the probability isn't used."""
        if not len(compounds):
            return np.empty(0)
        asked = pack_bits(features(compounds, self.fingerprint))
        return np.asarray(nearest_tanimoto(asked, self.known, self.neighbours).mean(axis=1, dtype=np.float64))

    def covers(self, compounds: CompoundSet, probability: object = None) -> NDArray[np.bool_]:
        """Whether each molecule is near enough, (n_compounds,); the probability isn't used."""
        return np.asarray(self.score(compounds, probability) >= self.threshold)


@attrs.frozen
class Neighbours(DomainRecipe):
    """Recipe of a :class:`NeighbourDomain`.

    Examples
    --------
    >>> Neighbours(neighbours=8).quantile
    0.05
    """

    neighbours: int = attrs.field(default=1, validator=attrs.validators.ge(1))
    """How many nearest compounds are averaged over."""

    quantile: float = attrs.field(
        default=0.05, converter=float, validator=[attrs.validators.ge(0), attrs.validators.lt(1)]
    )
    """Share of the training compounds that would be outside if each were left out."""

    bits: int = attrs.field(default=2048, validator=attrs.validators.ge(64))
    """Width of the FCFP (radius 2) that is compared."""

    def fit(self, compounds: CompoundSet) -> NeighbourDomain:
        """Remember the training compounds, and find the threshold on them alone."""
        return NeighbourDomain.fit(compounds, self.neighbours, self.quantile, bits=self.bits)
