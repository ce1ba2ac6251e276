"""What all models have in common once they are fitted: asked about a column of SMILES, they answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.parents import Standardised
from fluidmol.errors import InputError, UsageError
from fluidmol.learning.model import Floats
from fluidmol.partner.kept.saved_hybrid import KeptHybrid, read_kept, write_kept
from fluidmol.partner.prediction.predictor import Predictor
from fluidmol.partner.prediction.structures import structure_sets
from fluidmol.sklearn.molecule_column import MoleculeColumn
from fluidmol.sklearn.publications import require_kind
from fluidmol.sklearn.reliability_table import reliability_table
from fluidmol.values.parts import nearest

ON_ERROR = ("raise", "nan")
"""What may become of a molecule that can't be used."""


class MoleculeModel(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A model that reads SMILES; subclasses say how it is fitted, what it predicts, and have its parameters."""

    _KIND: ClassVar[str]
    """What a saved model calls itself."""

    _OF: ClassVar[str]
    """Kind of endpoint that it is for: ``classification`` or ``regression``."""

    confidence: float
    n_evidence: int
    on_error: str
    smiles_column: str | None
    cache: bool

    @classmethod
    def load(cls, folder: str | Path, **parameters: Any) -> Self:
        """Load a model that was saved here or by ``fluid hybrid fit``.

        Parameters
        ----------
        folder : str or Path
            Only one of your own: what comes from elsewhere isn't to be trusted.
        **parameters
            Those of how it is asked: ``confidence``, ``n_evidence``, ``on_error``, ``smiles_column``, ``cache``.

        Raises
        ------
        MissingFileError, InputError
            If there is none, it was altered, or is of another kind.
        CharterError
            If its endpoint is of another kind.
        """
        found = read_kept(Path(folder))
        if (kind := found.facts.get("model")) != cls._KIND:
            raise InputError(f"{folder} holds a {kind}", hint=f"{cls.__name__} is for a {cls._KIND}.")
        require_kind(found.public.charter, cls._OF)
        return cls(**parameters)._restored(found)

    def save(self, folder: str | Path, *, overwrite: bool = False) -> None:
        """Save it for :meth:`load` and for ``fluid predict``.

        Raises
        ------
        OutputError
            If the folder holds something else, can't be written, or the model has no form on disk.
        """
        check_is_fitted(self)
        write_kept(self.model_, Path(folder), overwrite=overwrite)

    def predict_with_reliability(self, X: Any) -> pd.DataFrame:
        """Predict, and say how far to believe it: what ``fluid predict`` writes, unrounded.

        Parameters
        ----------
        X : list, array, Series or DataFrame
            SMILES, length n.

        Returns
        -------
        DataFrame
            A row a molecule, with X's index: the prediction, applicability (inside, outside), similarity to the nearest
            own and public molecule, conformal set or interval at ``confidence``, and the nearest ``n_evidence`` public
            molecules with their labels and who shaped these; problem says why there is nothing.
        """
        asked, found = self._asked(X)
        try:
            predictor = Predictor(kept=self.model_, level=self.confidence, n_evidence=self.n_evidence)
        except ValueError as problem:
            raise UsageError(
                f"`confidence` is {self.confidence}, and `n_evidence` {self.n_evidence}",
                hint="Expected a number between 0 and 1, and a whole one from 0 to 20.",
            ) from problem
        return reliability_table(asked, found, predictor)

    def _restored(self, model: KeptHybrid) -> Self:
        """Become a model that was saved."""
        return self._remembered(model)

    def _remembered(self, model: KeptHybrid, column: str = "") -> Self:
        self.model_ = model
        self.n_features_in_ = 1
        if column:
            self.feature_names_in_ = np.array([column], dtype=object)
        elif hasattr(self, "feature_names_in_"):  # of an earlier fit
            del self.feature_names_in_
        return self

    def _asked(self, X: Any) -> tuple[MoleculeColumn, list[Standardised]]:
        check_is_fitted(self)
        wanted = self.smiles_column or next(iter(getattr(self, "feature_names_in_", [])), None)
        asked = MoleculeColumn.of(X, wanted)
        return asked, asked.standardised(self._cache(), strict=self._strict())

    def _said(self, X: Any) -> Floats:
        """Return probabilities, or positions on a scale, (n,); NaN for what can't be used."""
        _, found = self._asked(X)
        said: dict[str, float] = {}
        for compounds in structure_sets(found):
            probability = np.clip(self.model_.model.predict(compounds), 0, 1)
            said |= dict(zip(compounds.smiles, probability.tolist(), strict=True))
        return np.array([np.nan if item.reason else said[item.smiles] for item in found])

    def _cache(self) -> StandardCache | None:
        return StandardCache() if self.cache else None

    def _strict(self) -> bool:
        if self.on_error not in ON_ERROR:
            raise UsageError(f"`on_error` is {self.on_error!r}", hint=nearest(str(self.on_error), ON_ERROR))
        return self.on_error == "raise"

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = tags.input_tags.string = True
        tags.input_tags.two_d_array = False  # one column of texts, not numbers
        return tags
