"""A partner's hybrid as a scikit-learn regressor."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin

from fluidmol.chem.intake.labelled import Labelled
from fluidmol.chem.intake.measurements.titles import read_title
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.errors import InputError
from fluidmol.learning.model import Floats
from fluidmol.sklearn.class_column import ClassColumn
from fluidmol.sklearn.hybrid_model import HybridModel
from fluidmol.sklearn.molecule_column import MoleculeColumn
from fluidmol.values.charter import Charter
from fluidmol.values.scale import Scale


class FluidRegressor(RegressorMixin, HybridModel):  # type: ignore[misc]  # scikit-learn has no types
    """A partner's hybrid of values, of own molecules and of what a consortium published.

    With the same files it is the hybrid of ``fluid hybrid fit``, and says what ``fluid predict`` says, in the unit of
    the charter's scale. It is private: its model holds own compounds. A column's name and values are read as those of a
    file are: one called ``IC50 (nM)`` is converted, and a name that says another quantity is refused.

    Parameters
    ----------
    labels, charter, transfer, name, newcomer, hybrid, union, own_model, folds, n_evidence, on_error, smiles_column
        As for :class:`~fluidmol.sklearn.FluidClassifier`; an own model is a regressor.
    confidence : float, default=0.8
        Promised coverage of the intervals, between 0 and 1.
    cache : bool, default=True
        Whether standardised structures are kept on disk for next time.

    Attributes
    ----------
    model_ : KeptHybrid
        The hybrid with its domains, its intervals, and what was published.
    rejected_ : DataFrame
        Rows that were left out: position, SMILES, reason.
    cautions_ : tuple of str
        What a person should look at before the model is believed; ``fit`` warns of each.
    n_features_in_ : int
        1: the column of SMILES.
    feature_names_in_ : ndarray
        Its name, if X was a DataFrame.

    Examples
    --------
    >>> FluidRegressor("home/labels.fluid", name="acme", folds=0)
    FluidRegressor(folds=0, labels='home/labels.fluid', name='acme')
    """

    _OF: ClassVar[str] = "regression"

    def predict(self, X: Any) -> Floats:
        """Predict values in the unit of the charter's scale, (n,).

        Parameters
        ----------
        X : list, array, Series or DataFrame
            SMILES, length n.

        Returns
        -------
        ndarray
            NaN for what can't be used, if ``on_error`` is ``nan``.
        """
        said = self._said(X)
        return self._scale.value(said)

    def predict_interval(self, X: Any) -> NDArray[np.float64]:
        """Predict lower and upper bounds that hold the truth as often as ``confidence`` promises, (n, 2).

        Raises
        ------
        ValueError
            If the hybrid isn't calibrated (``folds=0``).
        """
        told = self.predict_with_reliability(X)
        if self.model_.intervals is None:
            raise ValueError("the hybrid isn't calibrated: expected one that was fitted with `folds` of 2 or more")
        return np.asarray(told[["lower", "upper"]], dtype=np.float64)

    @property
    def _scale(self) -> Scale:
        scale = self.model_.public.charter.scale
        if scale is None:
            raise ValueError("the endpoint has classes: expected a regression")
        return scale

    def _read(self, asked: MoleculeColumn, y: Any, charter: Charter) -> tuple[Labelled, dict[str, Any]]:
        column = ClassColumn.of(y)
        for value in column.values:
            if isinstance(value, complex):
                raise InputError(f"y holds {value!r}", hint="Expected numbers.")
        table = column.exact().beside(asked.smiles, asked.name)
        title = read_title(column.name)
        # Numbers in Python are in the scale's unit, unless their name says another.
        unit = charter.scale.unit if charter.scale and not title.units and title.scale != "p" else None
        wanted = OutcomeColumns(value_column=column.name, value_unit=unit)
        return self._understood(asked, table, wanted, charter)[0], {}
