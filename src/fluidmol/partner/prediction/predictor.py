"""What a kept model says of molecules, and how far it should be believed."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.domain.neighbours import NeighbourDomain
from fluidmol.chem.features import features
from fluidmol.chem.similarity import nearest_rows, pack_bits
from fluidmol.learning.conformal import Pairs, sets_at
from fluidmol.learning.prediction_reliability import PredictionReliability
from fluidmol.partner.kept.saved_hybrid import KeptHybrid
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.scale import Scale

Floats = NDArray[np.float64]

SHAPED = 0.1
"""Share in a label from which a partner is named."""


@attrs.frozen
class Evidence:
    """A public molecule near to the one that is asked about, and what the consortium says of it."""

    smiles: str
    similarity: float
    """Tanimoto similarity of FCFP (radius 2), in [0, 1]."""

    label: float
    """Federated label, in [0, 1]: a probability, or a position; NaN where nobody spoke."""

    partners: tuple[tuple[str, float], ...]
    """Who shaped the label, and to which share, the largest first."""

    def __str__(self) -> str:
        """Name the partners with their shares."""
        return ", ".join(f"{name} {share:.0%}" for name, share in self.partners)


@attrs.frozen(eq=False)
class MoleculePredictions:
    """What is said of n molecules."""

    probability: Floats
    """Of the active class, or position on the scale of a regression, (n,), in [0, 1]."""

    near_own: NDArray[np.bool_] | None
    """Whether each is near enough to own compounds, (n,); None for a student."""

    near_public: NDArray[np.bool_]
    """Whether each is near enough to the transfer set, (n,)."""

    own_similarity: Floats | None
    """Similarity to the nearest own compound, (n,), in [0, 1]; None for a student. It tells of private compounds."""

    public_similarity: Floats
    """Similarity to the nearest transfer molecule, (n,), in [0, 1]."""

    reliable: NDArray[np.bool_] | None
    """Whether the model is as sure of each as of those own compounds that it is mostly right about, (n,); None without
    calibration."""

    conformal: Pairs | None
    """Whether each class can't be ruled out, (n, 2): inactive, active; None without calibration."""

    unknown_fragments: tuple[tuple[str, ...], ...] = attrs.field(repr=False)
    """What of each is in no own compound and in no labelled molecule, (n,), as SMARTS, the longest first; it tells what
    own compounds lack."""

    evidence: tuple[tuple[Evidence, ...], ...] = attrs.field(repr=False)
    """The nearest transfer molecules of each, the nearest first."""

    scale: Scale | None = None
    """Of a regression; None for classes."""

    interval: Floats | None = None
    """Lower and upper bounds of the positions, (n, 2); None for classes, or without calibration."""

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Whether each is near enough to own compounds or to the transfer set, (n,)."""
        return self.near_public if self.near_own is None else self.near_public | self.near_own

    def near_to(self, place: int) -> str:
        """Return what a molecule is near to: ``own``, ``public``, ``own and public``, or ``nothing known``."""
        own = self.near_own is not None and bool(self.near_own[place])
        names = [name for name, near in (("own", own), ("public", bool(self.near_public[place]))) if near]
        return " and ".join(names) or "nothing known"


@attrs.frozen(kw_only=True, eq=False)
class Predictor:
    """Asks a kept model.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    kept: KeptHybrid
    level: float = attrs.field(default=0.8, validator=[attrs.validators.gt(0), attrs.validators.lt(1)])
    """Promised coverage of the conformal sets, or intervals."""

    n_evidence: int = attrs.field(default=3, validator=[attrs.validators.ge(0), attrs.validators.le(20)])
    """How many transfer molecules are shown with each prediction."""

    @property
    def scale(self) -> Scale | None:
        """Of a regression; None for classes."""
        return self.kept.public.charter.scale

    def __call__(self, compounds: CompoundSet) -> MoleculePredictions:
        """Predict standardised molecules."""
        kept = self.kept
        probability = np.clip(kept.model.predict(compounds), 0, 1)
        similarity, rows = self._nearest(compounds)
        public = similarity[:, 0].astype(np.float64)
        own = near_own = None
        if kept.near_own is not None:
            own = kept.near_own.score(compounds)
            near_own = own >= kept.near_own.threshold
        conformal = reliable = None
        if kept.conformal is not None and len(compounds):
            conformal = sets_at(kept.conformal.p_values(probability), self.level)
            reliable = PredictionReliability.of(kept.conformal.active, kept.conformal.probability).high(probability)
        interval = None
        if kept.intervals is not None and own is not None:
            interval = kept.intervals.bounds(probability, np.clip(own, 0, 1), self.level)
        shown = tuple(
            tuple(self._shown(near, row)) for near, row in zip(similarity.tolist(), rows.tolist(), strict=True)
        )
        near_public = public >= kept.near_public.threshold
        unknown = kept.fragments.unknown(compounds)
        return MoleculePredictions(
            probability, near_own, near_public, own, public, reliable, conformal, unknown, shown, self.scale, interval
        )

    def _nearest(self, compounds: CompoundSet) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        domain: NeighbourDomain = self.kept.near_public
        k = min(max(1, self.n_evidence), len(domain.known))
        if not len(compounds):
            return np.empty((0, k), np.float32), np.empty((0, k), np.int64)
        return nearest_rows(pack_bits(features(compounds, domain.fingerprint)), domain.known, k)

    def _shown(self, similarity: list[float], rows: list[int]) -> Iterator[Evidence]:
        labels, transfer = self.kept.public.labels, self.kept.public.transfer
        for near, row in list(zip(similarity, rows, strict=True))[: self.n_evidence]:
            shares = labels.contribution[:, row, 0]
            named = sorted(
                ((name, float(share)) for name, share in zip(labels.partners, shares, strict=True) if share >= SHAPED),
                key=lambda pair: (-pair[1], pair[0]),
            )
            yield Evidence(transfer.smiles[row], near, float(labels.value[row, 0]), tuple(named))
