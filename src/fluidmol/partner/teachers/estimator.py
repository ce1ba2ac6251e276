"""Any scikit-learn estimator or pipeline as a teacher."""

from __future__ import annotations

from typing import Any, ClassVar

import attrs
import numpy as np

from fluidmol.chem.features import features
from fluidmol.chem.representation.underlying import underlying
from fluidmol.errors import InputError
from fluidmol.learning.model import Floats
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.assay import Assay
from fluidmol.partner.nearness import Nearness
from fluidmol.partner.teacher import OneClassError
from fluidmol.partner.teachers import Annotator, Recipe, columns
from fluidmol.partner.teachers.loading import check_classifier, check_regressor
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet

INPUTS = ("features", "dense", "smiles")
"""What an estimator is given: the charter's features, sparse or dense, or a list of standardised SMILES."""

ATTRIBUTE = "fluid_input"
"""Attribute by which an estimator may say which of :data:`INPUTS` it takes."""


@attrs.frozen(eq=False)
class FromEstimator(Recipe):
    """Clones an estimator and fits it to the partner's compounds, all of its seeds set.

    Examples
    --------
    >>> from sklearn.naive_bayes import BernoulliNB
    >>> FromEstimator(BernoulliNB(), "sklearn.naive_bayes:BernoulliNB").takes
    'features'
    """

    of_values: ClassVar[bool] = True
    """It does, of a regressor: values are in the unit of the scale."""

    estimator: Any = attrs.field(repr=False)
    """With ``fit(X, y)`` and ``predict_proba(X)``, or, of a regression, ``predict(X)``; it stays as it is."""

    place: str
    """Where it came from, for messages."""

    given: str = attrs.field(default="", validator=attrs.validators.in_(("", *INPUTS)))
    """One of :data:`INPUTS`; by default what the estimator's ``fluid_input`` says, or else features."""

    @property
    def learns(self) -> bool:
        """It learns from the partner's compounds."""
        return True

    @property
    def state(self) -> str:
        """Where the estimator came from, and what it is given."""
        return f"{self.place} {self.given}"

    @property
    def takes(self) -> str:
        """What the estimator is given, one of :data:`INPUTS`.

        Raises
        ------
        InputError
            If its attribute says something else.
        """
        takes = self.given or getattr(self.estimator, ATTRIBUTE, INPUTS[0])
        if takes not in INPUTS:
            raise InputError(f"{self.place} has {ATTRIBUTE} = {takes!r}", hint=f"Expected one of {', '.join(INPUTS)}.")
        return str(takes)

    def fit(self, assay: Assay | None, charter: Charter, name: str) -> Annotator:
        """Fit a clone to private measurements.

        Raises
        ------
        ValueError
            If there are no compounds.
        OneClassError
            If all compounds are of one class.
        InputError
            If the estimator is none for such an endpoint, or can't be cloned or fitted.
        """
        from sklearn.base import clone  # noqa: PLC0415 - heavy

        if assay is None:
            raise ValueError("an estimator learns from compounds: expected an assay")
        if assay.uniform:
            raise OneClassError("all compounds are of one class: nothing to tell apart")
        scale = assay.scale
        (check_classifier if scale is None else check_regressor)(self.estimator, self.place)
        table = _table(assay.compounds, charter, self.takes)
        try:
            model = clone(self.estimator)
            _seed(model, derive_seed(charter.seed, "teacher", name))
            model.fit(table, assay.active.astype(np.int64) if scale is None else scale.value(assay.outcome[:, 0]))
        except Exception as problem:  # whatever the company's own code raises
            raise _failed(self.place, "fitted", self.takes, problem) from problem
        kind = Fitted if scale is None else FittedRegressor
        return kind(charter, model, self.takes, self.place, Nearness.of(assay, charter, name))


@attrs.frozen(eq=False)
class Fitted(Annotator):
    """A fitted estimator. It never leaves the partner."""

    abstains: ClassVar[bool] = False
    """It speaks of all molecules."""

    charter: Charter = attrs.field(repr=False)
    model: Any = attrs.field(repr=False)
    takes: str
    place: str
    nearness: Nearness = attrs.field(repr=False)

    def predict(self, compounds: CompoundSet) -> Floats:
        """Probability of the active class, (n_compounds,), in [0, 1].

        Raises
        ------
        InputError
            If the estimator fails, or gives no probabilities.
        """
        if not len(compounds):
            return np.empty(0)
        try:
            said = np.asarray(self.model.predict_proba(_table(compounds, self.charter, self.takes)), dtype=np.float64)
            column = list(self.model.classes_).index(1)
        except Exception as problem:  # whatever the company's own code raises
            raise _failed(self.place, "asked", self.takes, problem) from problem
        if said.shape != (len(compounds), 2):
            raise InputError(
                f"{self.place} gives probabilities of shape {said.shape} for {len(compounds)} molecules",
                hint=f"Expected ({len(compounds)}, 2): inactive and active.",
            )
        wrong = np.flatnonzero(~((said[:, column] >= 0) & (said[:, column] <= 1)))
        if len(wrong):
            raise InputError(
                f"{self.place} says {said[wrong[0], column]} of {compounds.smiles[wrong[0]]}",
                hint="Expected probabilities in [0, 1].",
            )
        return said[:, column]

    def annotate(self, compounds: CompoundSet) -> tuple[Floats, Floats]:
        """Return opinions with the charter's proximity to the partner's compounds, each (n_compounds, 1)."""
        return columns(self.predict(compounds), self.nearness(compounds))


@attrs.frozen(eq=False)
class FittedRegressor(Fitted):
    """A fitted regressor, which says values in the unit of the charter's scale."""

    def predict(self, compounds: CompoundSet) -> Floats:
        """Positions on the scale, (n_compounds,), in [0, 1].

        Raises
        ------
        InputError
            If the estimator fails, or gives no values.
        """
        scale = self.charter.scale
        if scale is None:
            raise InputError(f"{self.place} is a regressor", hint="Expected a charter of a regression.")
        if not len(compounds):
            return np.empty(0)
        try:
            said = np.asarray(self.model.predict(_table(compounds, self.charter, self.takes)), dtype=np.float64)
        except Exception as problem:  # whatever the company's own code raises
            raise _failed(self.place, "asked", self.takes, problem) from problem
        if said.size != len(compounds):
            raise InputError(
                f"{self.place} gives values of shape {said.shape} for {len(compounds)} molecules",
                hint="Expected one value a molecule.",
            )
        said = said.ravel()
        wrong = np.flatnonzero(~np.isfinite(said))
        if len(wrong):
            raise InputError(
                f"{self.place} says {said[wrong[0]]} of {compounds.smiles[wrong[0]]}",
                hint=f"Expected values in {scale.unit_words}.",
            )
        # Beyond the scale the transformation may not be defined.
        return scale.position(np.clip(said, scale.lowest, scale.highest))


def _table(compounds: CompoundSet, charter: Charter, takes: str) -> Any:
    if takes == "smiles":
        return list(compounds.smiles)
    # Such a model never speaks under [privacy]: of public directions it would lose what they were made of.
    rows = features(compounds, underlying(charter.featuriser))
    return rows.toarray() if takes == "dense" else rows


def _seed(model: Any, seed: int) -> None:
    """Set all seeds that the estimator and its parts have: the same teacher each time."""
    names = sorted(name for name in model.get_params(deep=True) if name.split("__")[-1] == "random_state")
    model.set_params(**{name: derive_seed(seed, name) for name in names})


def _failed(place: str, verb: str, takes: str, problem: Exception) -> InputError:
    return InputError(
        f"{place} can't be {verb}: {type(problem).__name__}: {problem}",
        hint=f"It was given {takes}; `given` chooses among {', '.join(INPUTS)}.",
    )
