"""Seventeen interpretable physicochemical descriptors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors

from fluidmol.chem.featurisers import Featuriser, SparseRow

BASIC_AMINE = "[NX3;H2,H1,H0;!$(N[#6]=[O,S,N]);!$(NS(=O)=O);!$(N-[a]);!$(N[N,O,F,Cl])]"
"""Aliphatic amines, which are protonated at pH 7.4 as a rule; hERG blockers mostly have one."""

ACID = "[$([CX3](=O)[OX2H1]),$(S(=O)(=O)[NX3H1]C=O),$(c1nnn[nH]1),$(P(=O)[OX2H1]),$(S(=O)(=O)[OX2H1])]"
"""Groups that are deprotonated at pH 7.4 as a rule."""


@cache
def _pattern(smarts: str) -> Any:
    return Chem.MolFromSmarts(smarts)


def _count(smarts: str) -> Callable[[Any], float]:
    return lambda molecule: len(molecule.GetSubstructMatches(_pattern(smarts)))


def _halogens(molecule: Any) -> float:
    # One search instead of asking each atom in Python; by default it would stop at 1 000 matches.
    return len(molecule.GetSubstructMatches(_pattern("[#9,#17,#35,#53]"), maxMatches=molecule.GetNumAtoms()))


DESCRIPTORS: dict[str, Callable[[Any], float]] = {
    "molecular_weight": rdMolDescriptors.CalcExactMolWt,
    "logp": lambda molecule: rdMolDescriptors.CalcCrippenDescriptors(molecule)[0],
    "molar_refractivity": lambda molecule: rdMolDescriptors.CalcCrippenDescriptors(molecule)[1],
    "tpsa": rdMolDescriptors.CalcTPSA,
    "labute_asa": rdMolDescriptors.CalcLabuteASA,
    "donors": rdMolDescriptors.CalcNumHBD,
    "acceptors": rdMolDescriptors.CalcNumHBA,
    "rotatable_bonds": rdMolDescriptors.CalcNumRotatableBonds,
    "rings": rdMolDescriptors.CalcNumRings,
    "aromatic_rings": rdMolDescriptors.CalcNumAromaticRings,
    "aliphatic_rings": rdMolDescriptors.CalcNumAliphaticRings,
    "heteroatoms": rdMolDescriptors.CalcNumHeteroatoms,
    "fraction_csp3": rdMolDescriptors.CalcFractionCSP3,
    "heavy_atoms": lambda molecule: molecule.GetNumHeavyAtoms(),
    "basic_amines": _count(BASIC_AMINE),
    "acids": _count(ACID),
    "halogens": _halogens,
}
"""Name to function; the order is that of the columns."""


def described(molecules: Sequence[Any]) -> NDArray[np.float64]:
    """Compute all descriptors, (n_molecules, n_descriptors), one after the other for all molecules.

    Molecule by molecule takes longer: the patterns of one descriptor drive those of another out of the processor's
    cache.

    Examples
    --------
    >>> described([Chem.MolFromSmiles("CCO"), Chem.MolFromSmiles("Cl")])[:, -1].tolist()  # halogens
    [0.0, 1.0]
    """
    columns = [[function(molecule) for molecule in molecules] for function in DESCRIPTORS.values()]
    return np.array(columns, dtype=np.float64).T


@attrs.frozen
class Descriptors(Featuriser):
    """Physicochemical descriptors, see :data:`DESCRIPTORS`.

    Examples
    --------
    >>> columns, values = Descriptors().row(Chem.MolFromSmiles("c1ccccc1CCN"))
    >>> list(DESCRIPTORS)[columns[-1]], float(values[-1])
    ('basic_amines', 1.0)
    """

    @property
    def blocks(self) -> tuple[Descriptors]:
        """Itself alone."""
        return (self,)

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(DESCRIPTORS)

    def row(self, molecule: Any) -> SparseRow:
        """Descriptors of one molecule that aren't zero."""
        return self.rows([molecule])[0]

    def rows(self, molecules: Sequence[Any]) -> list[SparseRow]:
        """Descriptors of some molecules."""
        values = described(molecules).astype(np.float32)
        columns = [np.flatnonzero(row).astype(np.int32) for row in values]
        return [(found, row[found]) for found, row in zip(columns, values, strict=True)]
