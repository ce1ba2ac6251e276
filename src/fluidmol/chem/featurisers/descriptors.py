"""Seventeen interpretable physicochemical descriptors."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import attrs
import numpy as np
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
    return sum(atom.GetAtomicNum() in (9, 17, 35, 53) for atom in molecule.GetAtoms())


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
        values = np.array([function(molecule) for function in DESCRIPTORS.values()], dtype=np.float32)
        columns = np.flatnonzero(values).astype(np.int32)
        return columns, values[columns]
