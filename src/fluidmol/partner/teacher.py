"""Teachers: what a partner's own compounds teach."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fluidmol.chem.features import features, remember
from fluidmol.chem.representation.underlying import underlying
from fluidmol.learning.estimators import ESTIMATORS
from fluidmol.learning.model import Model
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.assay import Assay
from fluidmol.partner.nearness import Nearness, compared
from fluidmol.partner.teachers import Annotator
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part


class OneClassError(ValueError):
    """All compounds are active, or none: there is nothing to tell apart."""


@attrs.frozen(eq=False)
class Teacher(Annotator):
    """A model of one partner's compounds, and how near to them a molecule is."""

    abstains: ClassVar[bool] = False
    """It speaks of all molecules."""

    charter: Charter = attrs.field(repr=False)
    """The rules it was fitted under."""

    model: Model[csr_matrix] = attrs.field(repr=False)
    """Predicts from features."""

    featuriser: Part
    """Makes the features: the charter's, or what its public directions were made of, for nothing here leaves."""

    nearness: Nearness = attrs.field(repr=False)
    """Says how near a molecule is to the partner's compounds."""

    n_train: int
    """Number of compounds it learnt from."""

    @classmethod
    def fit(cls, assay: Assay, charter: Charter, name: str) -> Teacher:
        """Fit to private measurements.

        Parameters
        ----------
        assay : Assay
        charter : Charter
        name : str
            Of the partner; its seeds derive from it.

        Raises
        ------
        OneClassError
            If all compounds are of one class.
        CharterError
            If the charter names unknown parts.
        """
        if assay.uniform:
            raise OneClassError("all compounds are of one class: nothing to tell apart")
        seed = derive_seed(charter.seed, "teacher", name)
        featuriser = underlying(charter.featuriser)
        remember(assay.compounds, featuriser, compared(charter))
        rows = features(assay.compounds, featuriser)
        model = ESTIMATORS.build(charter.teacher).fit(rows, assay.outcome[:, 0], np.ones(len(assay)), seed)
        return cls(charter, model, featuriser, Nearness.of(assay, charter, name), len(assay))

    def predict(self, compounds: CompoundSet) -> NDArray[np.float64]:
        """Probability of the active class, (n_compounds,), in [0, 1]."""
        return self.model.predict(features(compounds, self.featuriser))

    def annotate(self, compounds: CompoundSet) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give an opinion of each compound, and how near it is to what the teacher knows.

        Returns
        -------
        value, weight : (n_compounds, 1) float
            Probability of the active class, and proximity, both in [0, 1].
        """
        remember(compounds, self.featuriser, compared(self.charter))
        weight = self.nearness(compounds)
        return self.predict(compounds)[:, None], weight[:, None]
