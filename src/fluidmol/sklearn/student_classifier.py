"""The student of a consortium's labels as a scikit-learn classifier."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from fluidmol.partner.kept.fitting import student_of
from fluidmol.sklearn.class_column import ClassColumn, ClassPair
from fluidmol.sklearn.molecule_classifier import MoleculeClassifier
from fluidmol.sklearn.publications import Place, publication_of
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.publication import Publication


class FluidStudent(MoleculeClassifier):
    """The student of a consortium's labels: for a company that has no compounds of its own, or to compare with.

    It learns from the labels alone. ``fit`` may be given molecules, as scikit-learn's tools do, and doesn't look at
    them.

    Parameters
    ----------
    labels, charter, transfer, n_evidence, on_error, smiles_column, cache
        As for :class:`~fluidmol.sklearn.FluidClassifier`.

    Attributes
    ----------
    model_, classes_, active_class_, n_features_in_
        As for :class:`~fluidmol.sklearn.FluidClassifier`; without y, the classes are 0 and 1.

    Examples
    --------
    >>> FluidStudent("home/labels.fluid")
    FluidStudent(labels='home/labels.fluid')
    """

    _KIND: ClassVar[str] = "student"

    confidence = 0.8
    """Of no use: a student isn't calibrated."""

    def __init__(
        self,
        labels: Place | FederatedLabels | Publication | None = None,
        *,
        charter: Place | Charter | None = None,
        transfer: Place | CompoundSet | None = None,
        n_evidence: int = 3,
        on_error: str = "raise",
        smiles_column: str | None = None,
        cache: bool = True,
    ) -> None:
        self.labels = labels
        self.charter = charter
        self.transfer = transfer
        self.n_evidence = n_evidence
        self.on_error = on_error
        self.smiles_column = smiles_column
        self.cache = cache

    def fit(self, X: Any = None, y: Any = None) -> Self:  # noqa: ARG002 - scikit-learn hands it over
        """Make the student of the labels.

        Parameters
        ----------
        X : ignored
        y : list, array, Series or DataFrame, optional
            Classes, for what they are called: nothing is learnt from them.

        Raises
        ------
        UsageError
            If no labels are given.
        FluidError
            If a file can't be used, or no student can be distilled.
        """
        pair = ClassPair() if y is None else ClassColumn.of(y).pair()
        public = publication_of(self.labels, self.charter, self.transfer, cache=self.cache)
        return self._fitted(student_of(public), pair)
