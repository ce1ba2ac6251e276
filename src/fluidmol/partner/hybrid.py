"""Hybrids: a partner's own data and the consortium's opinion together; what the partner uses in the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.features import features, remember
from fluidmol.chem.proximity import PROXIMITIES
from fluidmol.chem.table import LazyFeatures
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.distillation.rows import chosen_rows, training_set
from fluidmol.learning.estimators import ESTIMATORS
from fluidmol.learning.experts.asking import SurrogateEnsemble
from fluidmol.learning.model import Floats, Model
from fluidmol.learning.seeds import derive_seed
from fluidmol.learning.table_rows import read
from fluidmol.learning.union import UNIONS, TrainingSet
from fluidmol.partner.assay import Assay
from fluidmol.partner.local_models import LocalFit, LocalModels
from fluidmol.partner.mixture import LocalModel, MixtureModel, MixtureSetting
from fluidmol.partner.nearness import compared
from fluidmol.partner.own_model import OwnModel
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.parts import Part


@attrs.frozen(eq=False)
class OnMolecules(Model[CompoundSet]):
    """A model of features or structures, asked about molecules."""

    model: Model[Any] = attrs.field(repr=False)
    """Predicts from features, or from SMILES."""

    featuriser: Part
    """Makes the features."""

    structures: bool = False
    """Whether the model reads SMILES."""

    def predict(self, compounds: CompoundSet) -> Floats:
        """Predict the probability of the active class, (n_compounds,), in [0, 1]."""
        table = LazyFeatures(compounds, self.featuriser)
        return self.model.predict(read(table, np.arange(len(compounds)), structures=self.structures))


def distilled(labels: FederatedLabels, transfer: CompoundSet, charter: Charter) -> OnMolecules:
    """Make the consortium's student from its labels, as every party can.

    Raises
    ------
    ValueError
        If all chosen labels are of one class.
    UnavailableError
        If the charter's student needs what isn't installed.
    """
    distillation = DISTILLATIONS.build(charter.distillation)
    if distillation.makes_experts and labels.experts is not None:
        # What the distillation would give, without choosing molecules.
        return OnMolecules(SurrogateEnsemble(labels.experts, charter, distillation.sharpness), charter.featuriser)
    model, _ = distillation.student(labels, LazyFeatures(transfer, charter.featuriser), charter)
    return OnMolecules(model, charter.featuriser, distillation.reads_structures(charter))


@attrs.frozen(eq=False)
class Hybrid(Model[CompoundSet]):
    """A model of own compounds and federated labels. It never leaves the partner."""

    charter: Charter = attrs.field(repr=False)
    """The rules it was fitted under."""

    model: Model[CompoundSet] = attrs.field(repr=False)
    """What it asks."""

    n_train: int
    """Number of rows it learnt from, own and federated."""

    own_model: OwnModel = attrs.field(factory=OwnModel)
    """What the partner has without the consortium, which a mixture asks."""

    @classmethod
    def fit(
        cls,
        assay: Assay,
        labels: FederatedLabels,
        transfer: CompoundSet,
        charter: Charter,
        name: str,
        alone: Callable[[int], LocalFit] | None = None,
        own_model: OwnModel | None = None,
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
            Gives what doesn't depend on the labels, where it is known already; see :meth:`MixtureModel.fit`. Only a
            mixture asks for it.
        own_model : OwnModel, optional
            What the partner has without the consortium; the charter's estimator by default.

        Raises
        ------
        ValueError
            If both together are of one class.
        CharterError
            If the charter names unknown parts.
        """
        union = UNIONS.build(charter.union)
        if union.needs_experts:
            own_model = own_model or OwnModel()
            mixed = MixtureModel.fit(assay, labels.experts, charter, name, union.folds, alone, own_model)
            n_train = len(assay) + len(transfer)
            return MixtureHybrid(charter=charter, model=mixed, n_train=n_train, own_model=own_model)
        seed = derive_seed(charter.seed, "hybrid", name)
        table = LazyFeatures(transfer, charter.featuriser)
        chosen = chosen_rows(labels, table, charter)
        if union.by_nearness:
            for known in (assay.compounds, transfer.take(chosen.tolist())):
                remember(known, charter.featuriser, compared(charter))
        own = TrainingSet(features(assay.compounds, charter.featuriser), assay.outcome[:, 0], np.ones(len(assay)))
        federated = training_set(labels, table, charter, chosen)
        if union.by_nearness:
            federated = attrs.evolve(federated, weight=_nearness(assay, transfer, chosen, charter, seed))
        rows = union(own, federated, np.random.default_rng(derive_seed(seed, "union")))
        model = ESTIMATORS.build(charter.hybrid).fit(rows.features, rows.target, rows.weight, seed)
        return cls(charter, OnMolecules(model, charter.featuriser), len(rows))

    @property
    def choice(self) -> MixtureSetting | None:
        """What a mixture's own cross-validation preferred; None where rows were learnt from."""
        return None

    def predict(self, compounds: CompoundSet) -> Floats:
        """Predict the probability of the active class, (n_compounds,), in [0, 1]."""
        return self.model.predict(compounds)

    def refitted(self, assay: Assay, labels: FederatedLabels, transfer: CompoundSet, name: str) -> Model[CompoundSet]:
        """Fit it anew to other own compounds; a mixture keeps its choice and its experts."""
        return Hybrid.fit(assay, labels, transfer, self.charter, name)

    def alone(self, assay: Assay, name: str) -> Model[CompoundSet]:
        """Return what it would be without the consortium: its estimator, fitted to own compounds alone."""
        rows, seed = features(assay.compounds, self.charter.featuriser), derive_seed(self.charter.seed, "hybrid", name)
        model = ESTIMATORS.build(self.charter.hybrid).fit(rows, assay.outcome[:, 0], np.ones(len(assay)), seed)
        return OnMolecules(model, self.charter.featuriser)


@attrs.frozen(eq=False, kw_only=True)
class MixtureHybrid(Hybrid):
    """A hybrid that asks the others' experts and an own model."""

    model: MixtureModel = attrs.field(repr=False)
    """Asks them."""

    @property
    def choice(self) -> MixtureSetting:
        """What its own cross-validation preferred."""
        return self.model.choice

    def refitted(
        self,
        assay: Assay,
        labels: FederatedLabels,  # noqa: ARG002
        transfer: CompoundSet,  # noqa: ARG002
        name: str,
    ) -> MixtureModel:
        """Fit its own model anew; its choice and its experts stay."""
        return attrs.evolve(self.model, own=LocalModels.fit(assay, self.charter, name, self.own_model))

    def alone(self, assay: Assay, name: str) -> LocalModel:  # noqa: ARG002
        """Return its own model, without the others."""
        return LocalModel(self.model)


def _nearness(assay: Assay, transfer: CompoundSet, chosen: NDArray[np.int64], charter: Charter, seed: int) -> Floats:
    """Say how near each chosen transfer molecule is to one's own compounds, (n_chosen,), in [0, 1]."""
    proximity = PROXIMITIES.build(charter.proximity)
    known = features(assay.compounds, compared(charter))
    return proximity(LazyFeatures(transfer, compared(charter))[chosen], known, derive_seed(seed, "nearness"))
