"""Predictors: models that are fitted only when nobody has kept what they predict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import RLock
from typing import Any

import numpy as np

from fluidmol.coordinator.student import Student
from fluidmol.learning.model import Floats
from fluidmol.partner.hybrid import Hybrid
from fluidmol.partner.teacher import Teacher
from fluidmol.studies.lab.ensemble import Ensemble, Pooled
from fluidmol.studies.lab.store import Arrays, ArrayStore, key_of
from fluidmol.values.compounds import CompoundSet

Fitted = Teacher | Student | Hybrid | Ensemble | Pooled
"""Models that know how many rows they learnt from."""


class NoModelError(ValueError):
    """A model can't be fitted, say because all its rows are of one class."""


class CachedPredictor:
    """A model by name, with what it predicts kept in the store.

    Parameters
    ----------
    model : str
        Its name in tables.
    kind : str
        One of :data:`fluidmol.values.results.KINDS`.
    partner : str
        Whose it is; empty for the consortium's.
    fit : callable
        Fits it; called at most once, and never if all that is asked is kept. A ValueError means that it can't be.
    facts : mapping
        All that the fitted model depends on, as plain values.
    store : ArrayStore
    """

    def __init__(
        self,
        model: str,
        kind: str,
        partner: str,
        *,
        fit: Callable[[], Fitted],
        facts: Mapping[str, Any],
        store: ArrayStore,
    ) -> None:
        self.model, self.kind, self.partner = model, kind, partner
        self._fit = fit
        self._facts = dict(facts)
        self.key = key_of(self._facts)
        self._store = store
        self._fitted: Fitted | None = None
        self._n_train: int | None = None
        self._lock = RLock()

    @property
    def fitted(self) -> Fitted:
        """The fitted model.

        Raises
        ------
        NoModelError
            If it can't be fitted.
        """
        with self._lock:
            if self._fitted is None:
                try:
                    self._fitted = self._fit()
                except ValueError as problem:
                    raise NoModelError(f"{self.model} can't be fitted: {problem}") from problem
            return self._fitted

    @property
    def n_train(self) -> int:
        """Number of rows that it learns from; known without a fit once it has predicted."""
        if self._n_train is None:
            self._n_train = self.fitted.n_train
        return self._n_train

    def predict(self, compounds: CompoundSet) -> Floats:
        """Probability of the active class, (n_compounds,), in [0, 1].

        Raises
        ------
        NoModelError
            If it must be fitted and can't be.
        """
        found = self._store.arrays({**self._facts, "compounds": compounds.digest}, lambda: self._predicted(compounds))
        self._n_train = int(found["n_train"])
        return np.asarray(found["probability"], dtype=np.float64)

    def has_predicted(self, compounds: CompoundSet) -> bool:
        """Say whether the store keeps its predictions of these compounds."""
        return self._store.has({**self._facts, "compounds": compounds.digest})

    def _predicted(self, compounds: CompoundSet) -> Arrays:
        return {"probability": self.fitted.predict(compounds), "n_train": np.array(self.fitted.n_train)}

    def named(self, model: str = "", kind: str = "", partner: str = "") -> CachedPredictor:
        """Give the same model under another name, as another kind, or of another partner."""
        who = (model or self.model, kind or self.kind, partner or self.partner)
        return CachedPredictor(*who, fit=self._same, facts=self._facts, store=self._store)

    def _same(self) -> Fitted:
        return self.fitted
