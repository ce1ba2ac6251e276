"""A company's private measurements."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from fluidmol.values.arrays import digest_of
from fluidmol.values.compounds import CompoundSet


def _outcomes(values: ArrayLike) -> NDArray[np.float64]:
    array = np.array(values, dtype=np.float64)
    if array.ndim == 1:
        array = array[:, None]
    array.setflags(write=False)
    return array


@attrs.frozen(eq=False)
class Assay:
    """Compounds with measured outcomes. It never leaves the partner: the codec refuses it.

    Raises
    ------
    ValueError
        If lengths differ, or an outcome is neither 0 nor 1.

    Examples
    --------
    >>> assay = Assay(CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",)), [1])
    >>> len(assay), assay.outcome.shape, assay.n_active
    (1, (1, 1), 1)
    """

    compounds: CompoundSet = attrs.field(repr=False)
    """Standardised molecules."""

    outcome: NDArray[np.float64] = attrs.field(converter=_outcomes, repr=False)
    """1 if active, 0 if not, (n_compounds, n_endpoints); a one-dimensional array is one endpoint."""

    def __attrs_post_init__(self) -> None:
        if self.outcome.ndim != 2 or len(self.outcome) != len(self.compounds):
            raise ValueError(f"{len(self.compounds)} compounds and outcomes of shape {self.outcome.shape}")
        if not np.isin(self.outcome, (0.0, 1.0)).all():
            raise ValueError("an outcome is neither 0 nor 1: expected classes")

    def __len__(self) -> int:
        return len(self.compounds)

    @property
    def active(self) -> NDArray[np.bool_]:
        """Whether each compound is active at the first endpoint, (n_compounds,)."""
        return np.asarray(self.outcome[:, 0] > 0.5)

    @property
    def n_active(self) -> int:
        """How many are active at the first endpoint."""
        return int(self.active.sum())

    @property
    def digest(self) -> str:
        """SHA-256 over compounds and outcomes, in whatever order; for use inside the wall only."""
        rows = zip(self.compounds.inchikeys, self.outcome.tolist(), strict=True)
        return digest_of("fluidmol assay 2", [f"{key} {said}" for key, said in sorted(rows)])

    def take(self, rows: NDArray[np.int64]) -> Assay:
        """Give the compounds at these positions, in this order."""
        return Assay(self.compounds.take([int(i) for i in rows]), self.outcome[rows])
