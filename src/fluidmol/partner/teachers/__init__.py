"""Teachers: whatever a company already has, behind the same two verbs.

A *recipe* says how a partner comes to its teacher; a *teacher* annotates molecules with a probability and a weight
each, and abstains where it has no opinion. Four recipes: :class:`~fluidmol.partner.teachers.charters.Charters`
(the charter's estimator), :class:`~fluidmol.partner.teachers.estimator.FromEstimator` (any scikit-learn estimator or
pipeline), :class:`~fluidmol.partner.teachers.program.FromProgram` (an external program) and
:class:`~fluidmol.partner.teachers.predictions.FromPredictions` (a file made elsewhere). The last two learn nothing
here: they need no structure of the company's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Protocol

import numpy as np

from fluidmol.learning.model import Floats, Model
from fluidmol.partner.assay import Assay
from fluidmol.partner.budget import Spend
from fluidmol.values.arrays import digest_of
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet

LEVEL = 0.3
"""Weight of a model that doesn't say how sure it is: what proximity to the nearest private compounds typically is.

Weights are raised to a power: with 1 everywhere, a model that knows nothing of its limits would silence all others.
"""


class Annotator(Model[CompoundSet], Protocol):
    """A teacher: a model that says how much each prediction counts, or abstains; it predicts NaN there."""

    abstains: ClassVar[bool] = True
    """Whether there may be molecules that it says nothing of."""

    @property
    def spend(self) -> Spend | None:
        """What a private model costs, however often it is asked; None of a model that promises no privacy."""
        return None

    @property
    def n_known(self) -> float | None:
        """Noisy number of compounds that a private model knows; None of a model that promises no privacy."""
        return None

    @property
    def drowned(self) -> int:
        """From how many compounds on a private model would say something; 0 if it does."""
        return 0

    @property
    def forgetful(self) -> Annotator:
        """The same model without the answers that it kept: what it says now, whatever it said before."""
        return self

    def check(self, pieces: Iterable[CompoundSet]) -> None:  # noqa: ARG002
        """Refuse to speak of a set, piece by piece, of which too little is known; raises InputError."""
        return

    def annotate(self, compounds: CompoundSet) -> tuple[Floats, Floats]:
        """Give an opinion of each compound, and how much it should count.

        Returns
        -------
        value, weight : (n_compounds, 1) float
            Probability of the active class, NaN where the teacher abstains, and weight, 0 there; both in [0, 1].
        """


class Recipe(Protocol):
    """How a partner comes to its teacher."""

    makes_private: ClassVar[bool] = False
    """Whether it makes a private teacher under a charter with ``[privacy]``; no other may speak there."""

    of_values: ClassVar[bool] = False
    """Whether it makes teachers of values, which a regression needs."""

    @property
    def learns(self) -> bool:
        """Whether the teacher learns from the partner's compounds; without any it can't be made then."""

    @property
    def state(self) -> str:
        """What the teacher is made from, besides the partner's compounds, as far as that can be told without making it.

        Opinions that were kept count for the same state only.
        """
        return type(self).__name__

    def fit(self, assay: Assay | None, charter: Charter, name: str) -> Annotator:
        """Make the teacher.

        Parameters
        ----------
        assay : Assay or None
            The partner's compounds; None if none are given.
        charter : Charter
        name : str
            Of the partner; seeds derive from it.
        """


def check_values(recipe: Recipe, charter: Charter) -> None:
    """Refuse a recipe that knows classes only, where the endpoint is a regression.

    Raises
    ------
    CharterError
        Saying what to do.
    """
    if not recipe.of_values:
        charter.require_classes(
            "an own model", "Leave your model away: fluidmol fits the charter's estimator to your values."
        )


def named(recipe: Recipe) -> str:
    """Name a recipe by a digest, to tell whether an audit was of the same; it says nothing of how the recipe is called.

    Examples
    --------
    >>> from fluidmol.partner.teachers.charters import Charters
    >>> named(Charters()) == named(Charters())
    True
    """
    return digest_of("fluidmol teacher", (repr(recipe),))


def columns(value: Floats, confidence: Floats) -> tuple[Floats, Floats]:
    """Give opinions and weights as annotations have them, each (n_compounds, 1).

    Parameters
    ----------
    value : (n_compounds,) float
        Probability, NaN where the teacher abstains.
    confidence : (n_compounds,) float
        Weight in [0, 1]; counts only where there is an opinion.

    Examples
    --------
    >>> value, weight = columns(np.array([0.9, np.nan]), np.array([0.4, 0.4]))
    >>> weight.tolist()
    [[0.4], [0.0]]
    """
    return value[:, None], np.where(np.isnan(value), 0.0, confidence)[:, None]
