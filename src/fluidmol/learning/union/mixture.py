"""No union of rows: the others' experts and a model of one's own compounds, each where it knows more."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from fluidmol.learning.union import DataCombination, TrainingSet


@attrs.frozen
class Mixture(DataCombination):
    """The hybrid asks the others' experts and an own model, as the consortium's rules ask teachers.

    Which own model, and how much more it counts than a stranger's expert, is chosen by the partner's own
    cross-validation: see :class:`fluidmol.partner.mixture.MixtureModel`. It needs the distillation ``experts``.

    Examples
    --------
    >>> Mixture(folds=3)
    Mixture(folds=3)
    """

    needs_experts: ClassVar[bool] = True
    """Federated rows reach it through the experts."""

    folds: int = attrs.field(default=5, validator=[attrs.validators.ge(2), attrs.validators.le(50)])
    """Folds of the partner's own cross-validation, 2 to 50."""

    def __call__(self, own: TrainingSet, federated: TrainingSet, rng: np.random.Generator) -> TrainingSet:  # noqa: ARG002
        """Return the own rows alone: what the own model learns from."""
        return own
