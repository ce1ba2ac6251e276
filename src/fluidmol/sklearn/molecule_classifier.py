"""What classifiers of molecules have in common once they are fitted."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin

from fluidmol.learning.model import Floats
from fluidmol.partner.kept.saved_hybrid import KeptHybrid
from fluidmol.sklearn.class_column import ClassPair
from fluidmol.sklearn.molecule_model import MoleculeModel


class MoleculeClassifier(ClassifierMixin, MoleculeModel):  # type: ignore[misc]  # scikit-learn has no types
    """A model of two classes that reads SMILES; subclasses say how it is fitted, and have its parameters."""

    _OF: ClassVar[str] = "classification"

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict classes.

        Parameters
        ----------
        X : list, array, Series or DataFrame
            SMILES, length n.

        Returns
        -------
        ndarray
            (n,), values of ``classes_``; NaN for what can't be used, if ``on_error`` is ``nan``.
        """
        probability = self._said(X)
        return self._pair.named(probability)

    def predict_proba(self, X: Any) -> Floats:
        """Predict the probability of each class, (n, 2), in the order of ``classes_``; NaN as in :meth:`predict`."""
        probability = self._said(X)
        columns = [1 - probability, 1 - probability]
        columns[self._pair.place] = probability
        return np.column_stack(columns)

    def _restored(self, model: KeptHybrid) -> Self:
        return self._fitted(model, ClassPair(**model.facts.get("classes", {})))

    def _fitted(self, model: KeptHybrid, pair: ClassPair, column: str = "") -> Self:
        self.classes_ = pair.classes
        self.active_class_ = pair.active
        self._pair = pair
        return self._remembered(model, column)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags
