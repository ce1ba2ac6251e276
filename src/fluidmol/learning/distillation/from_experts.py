"""Distillation by experts: each teacher is understood by itself, and all are asked as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import attrs
import numpy as np

from fluidmol.learning.distillation import Distillation
from fluidmol.learning.distillation.rows import Positions, chosen_rows
from fluidmol.learning.experts.asking import SurrogateEnsemble, check_pointwise, trusts
from fluidmol.learning.experts.understanding import FEWEST, SurrogateFitter
from fluidmol.learning.federation import weigh
from fluidmol.learning.seeds import derive_seed
from fluidmol.learning.table_rows import FeatureTable
from fluidmol.values.annotations import Annotations
from fluidmol.values.arrays import FloatArray
from fluidmol.values.charter import Charter
from fluidmol.values.experts import Experts
from fluidmol.values.labels import FederatedLabels

HALF = 0.5
"""Above it, a label is active."""


@attrs.frozen
class FromExperts(Distillation):
    """Fits an expert to each teacher's opinions of the chosen molecules, and combines them by the charter's rules.

    Of labels without experts, such as those that a control has shuffled, the student is one expert of the labels: as if
    the consortium were a single teacher.
    """

    makes_experts: ClassVar[bool] = True
    """One a partner."""

    smoothing: float = attrs.field(
        default=30.0, converter=float, validator=[attrs.validators.ge(1e-3), attrs.validators.le(1e9)]
    )
    """Penalty of the proximity models, see :class:`~fluidmol.learning.experts.understanding.SurrogateFitter`."""

    sharpness: float = attrs.field(
        default=2.0, converter=float, validator=[attrs.validators.gt(0), attrs.validators.le(100)]
    )
    """Exponent of the estimated weights, at most 100, see :func:`~fluidmol.learning.experts.asking.asked`."""

    translation: int = attrs.field(default=3000, validator=[attrs.validators.ge(0), attrs.validators.le(10_000_000)])
    """Number of transfer molecules, the nearest to a partner's compounds, that its teacher is asked about inside its
    walls where it isn't linear, for a linear model to speak for it; 0: every teacher speaks for itself."""

    translation_weight: float = attrs.field(
        default=0.3, converter=float, validator=[attrs.validators.gt(0), attrs.validators.le(100)]
    )
    """How much one of these opinions counts there against a measured compound, at most 100."""

    def prepare(
        self, labels: FederatedLabels, opinions: Sequence[Annotations], features: FeatureTable, charter: Charter
    ) -> FederatedLabels:
        """Add experts to the labels.

        Raises
        ------
        CharterError
            If the charter's weighting can't be applied to one molecule alone.
        """
        check_pointwise(charter)
        rows = chosen_rows(labels, features, charter)
        chosen = [attrs.evolve(o, value=o.value[rows], weight=o.weight[rows]) for o in opinions]
        seed = derive_seed(charter.seed, "experts")
        experts = SurrogateFitter(self.smoothing)(chosen, features, seed, rows)
        return self.reuse(labels, opinions, experts, charter)

    def reuse(
        self, labels: FederatedLabels, opinions: Sequence[Annotations], experts: Experts | None, charter: Charter
    ) -> FederatedLabels:
        """Add those of the experts whose partners spoke, each trusted as far as the charter's aggregation says."""
        # Experts are asked with sharpened weights: what is learnt of their partners must hold for these.
        weighed = weigh([attrs.evolve(o, weight=o.weight**self.sharpness) for o in opinions], charter)
        trust = dict(zip(weighed.partners, trusts(weighed.value, weighed.share, charter), strict=True))
        kept = [] if experts is None else [i for i, name in enumerate(experts.partners) if name in trust]
        if experts is None or not kept:
            return attrs.evolve(labels, experts=None)
        names = [experts.partners[i] for i in kept]
        arrays = (experts.opinion[kept], experts.proximity[kept], experts.fidelity[kept])
        believed = [float(np.clip(trust[name], 0, 1)) for name in names]
        return attrs.evolve(labels, experts=Experts(names, *arrays, believed))

    def student(
        self, labels: FederatedLabels, features: FeatureTable, charter: Charter
    ) -> tuple[SurrogateEnsemble, int]:
        """Give the experts as one model.

        Raises
        ------
        ValueError
            If there are no experts, and the chosen labels are of one class or too few.
        """
        rows = chosen_rows(labels, features, charter)
        experts = labels.experts or self._one(labels.value[rows], features, rows, charter)
        return SurrogateEnsemble(experts, charter, self.sharpness), len(rows)

    def _one(self, value: FloatArray, features: FeatureTable, rows: Positions, charter: Charter) -> Experts:
        if charter.scale is None and (not len(value) or value.min() >= HALF or value.max() <= HALF):
            raise ValueError("only one class: expected active and inactive labels")
        if not len(value) or value.min() == value.max():
            raise ValueError("all labels are the same: nothing to learn")
        consortium = Annotations(charter.digest, "consortium", value, np.ones_like(value))
        found = SurrogateFitter(self.smoothing)([consortium], features, derive_seed(charter.seed, "experts"), rows)
        if found is None:
            raise ValueError(f"{len(value)} labels are too few to understand: expected {FEWEST} or more")
        return found
