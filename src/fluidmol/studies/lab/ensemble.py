"""Controls: the teachers asked directly, as if they were one model, and one model of all partners' data."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np

from fluidmol.learning.model import Floats, Model
from fluidmol.partner.hybrid import OnMolecules
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels


@attrs.frozen(eq=False)
class Ensemble(Model[CompoundSet]):
    """What teachers say of molecules themselves, combined as the charter says; nothing is distilled.

    No real consortium can ask so about confidential molecules; here it is a control.
    """

    n_train: int
    """Compounds of all teachers together."""

    ask: Callable[[CompoundSet], FederatedLabels] = attrs.field(repr=False)
    """Gives the federated labels of any compounds."""

    def predict(self, compounds: CompoundSet) -> Floats:
        """Probability of the active class, (n_compounds,), in [0, 1]; 0.5 where nobody speaks."""
        value = self.ask(compounds).value[:, 0].astype(np.float64)
        return np.where(np.isnan(value), 0.5, value)


@attrs.frozen(eq=False)
class Pooled(OnMolecules):
    """A model of all partners' data."""

    n_train: int = attrs.field(kw_only=True)
    """Number of compounds it learnt from."""
