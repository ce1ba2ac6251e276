"""Fingerprints of paths: pairs of pharmacophoric atoms at a distance, and torsions."""

from __future__ import annotations

from functools import cache
from typing import Any

import attrs
import numpy as np
from rdkit.Chem import rdFingerprintGenerator

from fluidmol.chem.featurisers import Featuriser, SparseRow, counted
from fluidmol.chem.featurisers.roles import roles


@cache
def _pairs(bits: int) -> Any:
    return rdFingerprintGenerator.GetAtomPairGenerator(fpSize=bits)


@cache
def _torsions(bits: int) -> Any:
    return rdFingerprintGenerator.GetTopologicalTorsionGenerator(fpSize=bits)


def _logarithms(fingerprint: Any) -> SparseRow:
    columns, counts = counted(fingerprint.GetNonzeroElements())
    return columns, np.log2(1 + counts)


@attrs.frozen
class FeaturePairs(Featuriser):
    """Pairs of atoms by pharmacophoric role (donor, acceptor, aromatic, halogen, basic, acidic) and distance in bonds.

    Values are log2(1 + count). Source: Carhart, Smith and Venkataraghavan 1985, doi 10.1021/ci00046a002.

    Examples
    --------
    >>> from rdkit import Chem
    >>> columns, values = FeaturePairs().row(Chem.MolFromSmiles("OCCN"))
    >>> len(columns), set(values.tolist()) <= {1.0, float(np.log2(np.float32(3)))}
    (6, True)
    """

    bits: int = attrs.field(default=1024, validator=[attrs.validators.ge(64), attrs.validators.le(1 << 16)])
    """Width after folding."""

    @property
    def blocks(self) -> tuple[FeaturePairs]:
        """Itself alone."""
        return (self,)

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.bits

    def row(self, molecule: Any) -> SparseRow:
        """Give the pairs of one molecule."""
        return _logarithms(_pairs(self.bits).GetCountFingerprint(molecule, customAtomInvariants=roles(molecule)))


@attrs.frozen
class Torsions(Featuriser):
    """Paths of four atoms. Values are log2(1 + count).

    Source: Nilakantan et al. 1987, doi 10.1021/ci00054a008.

    Examples
    --------
    >>> from rdkit import Chem
    >>> columns, values = Torsions().row(Chem.MolFromSmiles("OCCN"))
    >>> values.tolist()
    [1.0]
    """

    bits: int = attrs.field(default=1024, validator=[attrs.validators.ge(64), attrs.validators.le(1 << 16)])
    """Width after folding."""

    @property
    def blocks(self) -> tuple[Torsions]:
        """Itself alone."""
        return (self,)

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.bits

    def row(self, molecule: Any) -> SparseRow:
        """Give the torsions of one molecule."""
        return _logarithms(_torsions(self.bits).GetCountFingerprint(molecule))
