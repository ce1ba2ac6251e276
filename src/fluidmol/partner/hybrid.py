"""Hybrids: a partner's own data and the consortium's opinion together; what the partner uses in the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.features import features
from fluidmol.chem.proximity import PROXIMITIES
from fluidmol.chem.table import Table
from fluidmol.learning.distillation.rows import chosen_rows, lesson
from fluidmol.learning.estimators import ESTIMATORS, Model, StructureModel
from fluidmol.learning.seeds import derive_seed
from fluidmol.learning.union import UNIONS, Lesson
from fluidmol.learning.union.local import Local
from fluidmol.learning.union.mixture import Mixture
from fluidmol.partner.assay import Assay
from fluidmol.partner.mixture import Mixed
from fluidmol.partner.nearness import compared
from fluidmol.partner.own import Alone
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.parts import Part


class Predicts(Protocol):
    """Whatever has an opinion of molecules."""

    def predict(self, compounds: CompoundSet) -> NDArray[np.float64]:
        """Probability of the active class, (n_compounds,), in [0, 1]."""


@attrs.frozen(eq=False)
class OnFeatures:
    """A model of features, asked about molecules."""

    model: Model = attrs.field(repr=False)
    """Predicts from features."""

    featuriser: Part
    """Makes them."""

    def predict(self, compounds: CompoundSet) -> NDArray[np.float64]:
        """Probability of the active class, (n_compounds,), in [0, 1]."""
        return self.model.predict(features(compounds, self.featuriser))


@attrs.frozen(eq=False)
class OnStructures:
    """A model of structures, asked about molecules."""

    model: StructureModel = attrs.field(repr=False)
    """Predicts from SMILES."""

    def predict(self, compounds: CompoundSet) -> NDArray[np.float64]:
        """Probability of the active class, (n_compounds,), in [0, 1]."""
        return self.model.predict_smiles(compounds.smiles)


def on_molecules(model: Model | StructureModel, featuriser: Part) -> OnFeatures | OnStructures:
    """Give a model that is asked about molecules, whatever it reads."""
    return OnStructures(model) if isinstance(model, StructureModel) else OnFeatures(model, featuriser)


@attrs.frozen(eq=False)
class Hybrid:
    """A model of own compounds and federated labels. It never leaves the partner."""

    charter: Charter = attrs.field(repr=False)
    """The rules it was fitted under."""

    model: Predicts = attrs.field(repr=False)
    """What it asks."""

    n_train: int
    """Number of rows it learnt from, own and federated."""

    @classmethod
    def fit(
        cls,
        assay: Assay,
        labels: FederatedLabels,
        transfer: CompoundSet,
        charter: Charter,
        name: str,
        alone: Callable[[], Alone] | None = None,
    ) -> Hybrid:
        """Fit to own measurements and federated labels.

        Parameters
        ----------
        assay : Assay
            The partner's own compounds.
        labels : FederatedLabels
            Of the transfer set.
        transfer : CompoundSet
            The transfer set.
        charter : Charter
        name : str
            Of the partner; its seeds derive from it.
        alone : callable, optional
            Gives what doesn't depend on the labels, where it is known already; see :meth:`Mixed.fit`.

        Raises
        ------
        ValueError
            If both together are of one class.
        CharterError
            If the charter names unknown parts.
        """
        union = UNIONS.build(charter.union)
        if isinstance(union, Mixture):
            mixed = Mixed.fit(assay, labels.experts, charter, name, union.folds, alone)
            return cls(charter, mixed, len(assay) + len(transfer))
        seed = derive_seed(charter.seed, "hybrid", name)
        own = Lesson(features(assay.compounds, charter.featuriser), assay.outcome[:, 0], np.ones(len(assay)))
        table = Table(transfer, charter.featuriser)
        chosen = chosen_rows(labels, table, charter)
        federated = lesson(labels, table, charter, chosen)
        if isinstance(union, Local):
            federated = attrs.evolve(federated, weight=_nearness(assay, transfer, chosen, charter, seed))
        rows = union(own, federated, np.random.default_rng(derive_seed(seed, "union")))
        model = ESTIMATORS.build(charter.hybrid).fit(rows.features, rows.target, rows.weight, seed)
        return cls(charter, OnFeatures(model, charter.featuriser), len(rows))

    def predict(self, compounds: CompoundSet) -> NDArray[np.float64]:
        """Probability of the active class, (n_compounds,), in [0, 1]."""
        return self.model.predict(compounds)


def _nearness(
    assay: Assay, transfer: CompoundSet, chosen: NDArray[np.int64], charter: Charter, seed: int
) -> NDArray[np.float64]:
    """Say how near each chosen transfer molecule is to one's own compounds, (n_chosen,), in [0, 1]."""
    proximity = PROXIMITIES.build(charter.proximity)
    known = features(assay.compounds, compared(charter))
    return proximity(Table(transfer, compared(charter))[chosen], known, derive_seed(seed, "nearness"))
