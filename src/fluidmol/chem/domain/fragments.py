"""The paper's strict domain: every piece of the molecule occurs in the training set."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.domain import DomainRecipe
from fluidmol.chem.domain.environments import Identifiers, environments, unknown_fragments
from fluidmol.values.compounds import CompoundSet


@attrs.frozen(eq=False)
class FragmentDomain:
    """Molecules of which every feature-Morgan environment occurs in the training set.

    The score is the share of a molecule's environments that are known: 1 is strictly inside.
    Source: Hanser et al. 2025, doi 10.1038/s42256-025-00991-2.

    Examples
    --------
    >>> phenol = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
    >>> benzene = CompoundSet(("c1ccccc1",), ("UHOVQNZJYSORNB-UHFFFAOYSA-N",))
    >>> FragmentDomain.fit(phenol).covers(benzene).tolist(), FragmentDomain.fit(benzene).covers(phenol).tolist()
    ([True], [False])
    """

    known: Identifiers = attrs.field(repr=False)
    """Environments of the training set, (n_known,), ascending, each once. They tell of private compounds."""

    radius: int = 2
    """Largest radius of an environment, in bonds."""

    by_element: bool = False
    """Whether atoms are told apart by element and aromaticity, so that a chemist can read what is unknown; by their
    pharmacophoric roles otherwise, as in the paper."""

    @classmethod
    def fit(cls, compounds: CompoundSet, radius: int = 2, *, by_element: bool = False) -> FragmentDomain:
        """Collect the environments of the compounds that a model learnt from; without any, nothing is inside."""
        found = environments(compounds, radius, by_element=by_element)
        return cls(np.unique(found.identifiers), radius, by_element)

    def score(self, compounds: CompoundSet, probability: object = None) -> NDArray[np.float64]:  # noqa: ARG002
        """Share of each molecule's environments that are known, (n_compounds,), in [0, 1].

        The probability isn't used. A molecule without atoms has nothing known: 0.
        """
        asked = environments(compounds, self.radius, by_element=self.by_element)
        return np.asarray(asked.known(self.known) / np.maximum(asked.length, 1), dtype=np.float64)

    def covers(self, compounds: CompoundSet, probability: object = None) -> NDArray[np.bool_]:
        """Whether all environments of each molecule are known, (n_compounds,); the probability isn't used."""
        return np.asarray(self.score(compounds, probability) >= 1.0)

    def unknown(self, compounds: CompoundSet) -> tuple[tuple[str, ...], ...]:
        """Write, for each molecule, its fragments that are in no compound that a model learnt from, (n_compounds,).

        They are as :func:`~fluidmol.chem.domain.environments.unknown_fragments` writes them; empty inside the domain.

        Examples
        --------
        >>> phenol = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
        >>> anisole = CompoundSet(("COc1ccccc1",), ("RDOXTESZEPMUJZ-UHFFFAOYSA-N",))
        >>> FragmentDomain.fit(phenol, radius=1, by_element=True).unknown(anisole)
        (('cOC',),)
        """
        return tuple(
            () if inside else unknown_fragments(smiles, self.known, self.radius, by_element=self.by_element)
            for smiles, inside in zip(compounds.smiles, self.covers(compounds).tolist(), strict=True)
        )

    def __or__(self, other: FragmentDomain) -> FragmentDomain:
        """Give the domain of a model that learnt from both training sets.

        Raises
        ------
        ValueError
            If the radii differ, or what tells atoms apart.
        """
        if self.radius != other.radius:
            raise ValueError(f"domains of radius {self.radius} and {other.radius}: expected the same")
        if self.by_element != other.by_element:
            raise ValueError("domains of atoms by element and by role: expected the same")
        return FragmentDomain(np.union1d(self.known, other.known), self.radius, self.by_element)


@attrs.frozen
class Fragments(DomainRecipe):
    """Recipe of a :class:`FragmentDomain`.

    Examples
    --------
    >>> Fragments(radius=1).fit(CompoundSet((), ())).radius
    1
    """

    radius: int = attrs.field(default=2, validator=[attrs.validators.ge(0), attrs.validators.le(6)])
    """Largest radius of an environment, in bonds."""

    def fit(self, compounds: CompoundSet) -> FragmentDomain:
        """Collect the environments of the compounds that a model learnt from."""
        return FragmentDomain.fit(compounds, self.radius)
