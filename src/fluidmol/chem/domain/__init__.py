"""Applicability domains: which molecules a model may be asked about.

A recipe, chosen by name, is fitted to the compounds that a model learnt from and gives a :class:`Domain`. Each domain
gives a score, higher = more inside, and draws its line at a value that is fixed on the training side. What a domain is
worth shows only when predictions inside and outside are compared: :mod:`fluidmol.learning.selective`.

>>> from fluidmol.values.parts import Part
>>> phenol = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
>>> DOMAINS.build(Part("fragments")).fit(phenol).covers(phenol, np.array([0.6])).tolist()
[True]
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Catalogue

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Domain(Protocol):
    """Where a model is at home."""

    def score(self, compounds: CompoundSet, probability: Floats) -> Floats:
        """How far inside each molecule is, (n_compounds,); higher = more inside.

        Parameters
        ----------
        compounds : CompoundSet
        probability : (n_compounds,) float
            Of the active class, as the model predicts it, in [0, 1].
        """

    def covers(self, compounds: CompoundSet, probability: Floats) -> Flags:
        """Whether each molecule is inside, (n_compounds,); parameters are those of :meth:`score`."""


class DomainRecipe(Protocol):
    """A way to find a model's domain."""

    def fit(self, compounds: CompoundSet) -> Domain:
        """Find the domain of a model from the compounds that it learnt from."""


DOMAINS: Catalogue[DomainRecipe] = Catalogue(
    "domain",
    {
        "fragments": "fluidmol.chem.domain.fragments:Fragments",
        "neighbours": "fluidmol.chem.domain.neighbours:Neighbours",
        "probability": "fluidmol.chem.domain.probability:Probability",
    },
)
"""Domains by name. Conformal prediction needs outcomes too: :class:`fluidmol.learning.conformal.Conformal`."""
