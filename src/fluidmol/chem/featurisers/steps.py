"""Descriptors as steps: one column for each threshold that a descriptor reaches."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.featurisers import Featuriser, SparseRow
from fluidmol.chem.featurisers.descriptors import DESCRIPTORS, described

STEPS: dict[str, tuple[float, ...]] = {
    "molecular_weight": (200, 225, 250, 275, 300, 320, 340, 360, 380, 400, 425, 450, 475, 500, 550, 600),
    "logp": (-1, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 7),
    "molar_refractivity": (50, 60, 70, 75, 80, 85, 90, 95, 100, 105, 110, 115, 120, 130, 140, 160),
    "tpsa": (10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 140, 160, 200),
    "labute_asa": (80, 90, 100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200, 220, 240, 260),
    "donors": (1, 2, 3, 4, 5, 6),
    "acceptors": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
    "rotatable_bonds": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15),
    "rings": (1, 2, 3, 4, 5, 6, 7),
    "aromatic_rings": (1, 2, 3, 4, 5),
    "aliphatic_rings": (1, 2, 3, 4),
    "heteroatoms": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16),
    "fraction_csp3": (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9),
    "heavy_atoms": (12, 15, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 45, 50),
    "basic_amines": (1, 2, 3),
    "acids": (1, 2),
    "halogens": (1, 2, 3, 4, 6),
}
"""Thresholds by descriptor: round numbers over the range of drug-like molecules, the same for everybody."""

HEIGHT = np.float32(0.5)
"""Value of a step. Half a bit of a fingerprint: neighbouring steps of one descriptor go together mostly."""


@attrs.frozen(slots=False)
class DescriptorSteps(Featuriser):
    """Physicochemical descriptors as steps, so that a linear model can follow any curve.

    The thresholds are public and fixed: were they drawn from a partner's data, they would give it away, and two
    partners' models couldn't be compared column by column.

    Examples
    --------
    >>> from rdkit import Chem
    >>> columns, values = DescriptorSteps().row(Chem.MolFromSmiles("c1ccccc1CCN"))
    >>> DescriptorSteps().width, set(values.tolist())
    (176, {0.5})
    """

    @property
    def blocks(self) -> tuple[DescriptorSteps]:
        """Itself alone."""
        return (self,)

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self._thresholds)

    @cached_property
    def _thresholds(self) -> NDArray[np.float64]:
        return np.array([step for steps in STEPS.values() for step in steps], dtype=np.float64)

    @cached_property
    def _owner(self) -> NDArray[np.int64]:
        """Place of the descriptor that each step belongs to."""
        order = [list(DESCRIPTORS).index(name) for name in STEPS]
        return np.repeat(order, [len(steps) for steps in STEPS.values()])

    def row(self, molecule: Any) -> SparseRow:
        """Find the steps that one molecule reaches."""
        return self.rows([molecule])[0]

    def rows(self, molecules: Sequence[Any]) -> list[SparseRow]:
        """Find the steps that some molecules reach."""
        reached = described(molecules)[:, self._owner] >= self._thresholds
        columns = [np.flatnonzero(row).astype(np.int32) for row in reached]
        return [(found, np.full(len(found), HEIGHT, dtype=np.float32)) for found in columns]
