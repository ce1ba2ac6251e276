"""Morgan fingerprints: circular atom environments, folded to a fixed width."""

from __future__ import annotations

from functools import cache
from typing import Any

import attrs
import numpy as np
from rdkit.Chem import rdFingerprintGenerator

from fluidmol.chem.featurisers import Featuriser, SparseRow


@cache
def _generator(radius: int, bits: int, features: bool) -> Any:
    invariants = rdFingerprintGenerator.GetMorganFeatureAtomInvGen() if features else None
    return rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=bits, atomInvariantsGenerator=invariants)


@attrs.frozen
class Fcfp(Featuriser):
    """Feature-class Morgan fingerprint (FCFP), binary.

    Atoms are told apart by pharmacophoric role (donor, acceptor, aromatic, halogen, basic, acidic).
    Source: Rogers and Hahn 2010, doi 10.1021/ci100050t.

    Examples
    --------
    >>> from rdkit import Chem
    >>> columns, values = Fcfp().row(Chem.MolFromSmiles("CO"))
    >>> len(columns), set(values.tolist())
    (3, {1.0})
    """

    radius: int = attrs.field(default=2, validator=[attrs.validators.ge(0), attrs.validators.le(6)])
    """Radius in bonds."""

    bits: int = attrs.field(default=2048, validator=[attrs.validators.ge(64), attrs.validators.le(1 << 16)])
    """Width after folding."""

    @property
    def blocks(self) -> tuple[Fcfp]:
        """Itself alone."""
        return (self,)

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.bits

    def row(self, molecule: Any) -> SparseRow:
        """Set bits of one molecule."""
        found = _generator(self.radius, self.bits, True).GetFingerprint(molecule).GetOnBits()
        columns = np.fromiter(found, dtype=np.int32)
        return columns, np.ones(len(columns), dtype=np.float32)


@attrs.frozen
class EcfpCounts(Featuriser):
    """Extended-connectivity Morgan fingerprint (ECFP), with counts.

    Source: Rogers and Hahn 2010, doi 10.1021/ci100050t.

    Examples
    --------
    >>> from rdkit import Chem
    >>> _columns, counts = EcfpCounts().row(Chem.MolFromSmiles("CCCCCC"))
    >>> float(counts.max())
    4.0
    """

    radius: int = attrs.field(default=2, validator=[attrs.validators.ge(0), attrs.validators.le(6)])
    """Radius in bonds."""

    bits: int = attrs.field(default=2048, validator=[attrs.validators.ge(64), attrs.validators.le(1 << 16)])
    """Width after folding."""

    log: bool = False
    """Give log2(1 + count) instead: the second copy of a group adds less than the first."""

    @property
    def blocks(self) -> tuple[EcfpCounts]:
        """Itself alone."""
        return (self,)

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.bits

    def row(self, molecule: Any) -> SparseRow:
        """Environments of one molecule, and how often each occurs."""
        found = _generator(self.radius, self.bits, False).GetCountFingerprint(molecule).GetNonzeroElements()
        columns = np.fromiter(sorted(found), dtype=np.int32, count=len(found))
        counts = np.fromiter((found[int(c)] for c in columns), dtype=np.float32, count=len(found))
        return columns, np.log2(1 + counts) if self.log else counts
