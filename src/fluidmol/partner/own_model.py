"""The model that a partner would use without the consortium: what a hybrid has to beat."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np

from fluidmol.errors import InputError, UsageError
from fluidmol.learning.model import Floats
from fluidmol.partner.assay import Assay
from fluidmol.partner.teacher import Teacher
from fluidmol.partner.teachers import Annotator, Recipe, check_values
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet

_SHOWN = 3


@attrs.frozen
class OwnModel:
    """How a partner comes to the model that it has without the consortium.

    Raises
    ------
    UsageError
        If the model can't be fitted without held-out compounds, and it isn't said that it hasn't learnt from them.

    Examples
    --------
    >>> OwnModel().recipe is None
    True
    """

    recipe: Recipe | None = None
    """Makes it; None: the charter's estimator, without any noise, for it stays at home."""

    unseen: bool = False
    """Whether a model that is fitted elsewhere has made its predictions of the partner's compounds without them."""

    def __attrs_post_init__(self) -> None:
        if self.fixed and not self.unseen:
            raise UsageError(
                "your model is fitted elsewhere, so that no compound can be held out of it here: where it has learnt"
                " from these compounds, it seems better on them than it is",
                hint="Give compounds that it hasn't learnt from, or predictions made by cross-validation, and say so"
                " with `unseen`.",
            )

    @property
    def fixed(self) -> bool:
        """Whether it is fitted elsewhere: a program, or a file of predictions."""
        return self.recipe is not None and not self.recipe.learns

    def fit(self, assay: Assay, charter: Charter, name: str) -> Annotator:
        """Fit it to compounds; one that is fitted elsewhere stays as it is.

        Raises
        ------
        OneClassError
            If it learns, and all compounds are of one class.
        """
        if self.recipe is None:
            return Teacher.fit(assay, charter, name)
        return self.recipe.fit(assay, charter, name)

    def asked_about(self, compounds: CompoundSet, charter: Charter, name: str) -> OwnModel:
        """Ask a model that is fitted elsewhere about all own compounds at once, and remember the answers.

        Raises
        ------
        InputError
            If it says nothing of some of them: what it is compared on must be the same for all models.
        CharterError
            If it knows classes only, and the endpoint is a regression.
        """
        if self.recipe is not None:
            check_values(self.recipe, charter)
        if self.recipe is None or not self.fixed:
            return self
        model = self.recipe.fit(None, charter, name)
        value, weight = model.annotate(compounds)
        silent = np.flatnonzero(np.isnan(value[:, 0]))
        if len(silent):
            some = ", ".join(compounds.smiles[row] for row in silent[:_SHOWN].tolist())
            raise InputError(
                f"your model says nothing of {len(silent):,} of your {len(compounds):,} compounds, such as {some}",
                hint="Predict these, too, or leave them out of the file of compounds.",
            )
        return attrs.evolve(self, recipe=_Remembering(Remembered.of(model, compounds, value, weight)))


@attrs.frozen(eq=False)
class Remembered(Annotator):
    """A model that isn't asked again about compounds of which it has said something already."""

    model: Annotator = attrs.field(repr=False)
    """Is asked about all others."""

    said: Mapping[str, tuple[float, float]] = attrs.field(repr=False)
    """Probability and weight by InChIKey."""

    @classmethod
    def of(cls, model: Annotator, compounds: CompoundSet, value: Floats, weight: Floats) -> Remembered:
        """Remember what a model has said of compounds: opinions and weights, each (n_compounds, 1)."""
        rows = zip(compounds.inchikeys, value[:, 0].tolist(), weight[:, 0].tolist(), strict=True)
        return cls(model, {key: (v, w) for key, v, w in rows})

    def predict(self, compounds: CompoundSet) -> Floats:
        """Probability of the active class, (n_compounds,), in [0, 1]; NaN where the model abstains."""
        known, new = self._known(compounds)
        if new:
            known[new, 0] = self.model.predict(compounds.take(new))
        return known[:, 0]

    def annotate(self, compounds: CompoundSet) -> tuple[Floats, Floats]:
        """Return opinions and weights, each (n_compounds, 1)."""
        known, new = self._known(compounds)
        if new:
            known[new] = np.hstack(self.model.annotate(compounds.take(new)))
        return known[:, :1], known[:, 1:]

    def _known(self, compounds: CompoundSet) -> tuple[Floats, list[int]]:
        keys = compounds.inchikeys
        known = np.array([self.said.get(key, (np.nan, 0.0)) for key in keys]).reshape(-1, 2)
        return known, [row for row, key in enumerate(keys) if key not in self.said]


@attrs.frozen(eq=False)
class _Remembering(Recipe):
    remembered: Remembered

    @property
    def learns(self) -> bool:
        """It learns nothing here."""
        return False

    def fit(self, assay: Assay | None, charter: Charter, name: str) -> Annotator:  # noqa: ARG002
        """Return the model as it is."""
        return self.remembered
