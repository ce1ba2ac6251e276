"""A company's private measurements."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from fluidmol.chem.intake.labelled import Labelled
from fluidmol.values.arrays import digest_of
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.scale import Scale


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
        If lengths differ, or an outcome is neither 0 nor 1; with a scale, if one isn't in [0, 1].

    Examples
    --------
    >>> assay = Assay(CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",)), [1])
    >>> len(assay), assay.outcome.shape, assay.n_active
    (1, (1, 1), 1)
    """

    compounds: CompoundSet = attrs.field(repr=False)
    """Standardised molecules."""

    outcome: NDArray[np.float64] = attrs.field(converter=_outcomes, repr=False)
    """1 if active, 0 if not, or positions on the scale, (n_compounds, n_endpoints); a one-dimensional array is one
    endpoint."""

    scale: Scale | None = None
    """Of a regression; None for classes."""

    def __attrs_post_init__(self) -> None:
        if self.outcome.ndim != 2 or len(self.outcome) != len(self.compounds):
            raise ValueError(f"{len(self.compounds)} compounds and outcomes of shape {self.outcome.shape}")
        if self.scale is not None:
            if not ((self.outcome >= 0) & (self.outcome <= 1)).all():
                raise ValueError("an outcome isn't in [0, 1]: expected positions on the scale")
        elif not np.isin(self.outcome, (0.0, 1.0)).all():
            raise ValueError("an outcome is neither 0 nor 1: expected classes")

    @classmethod
    def of(cls, read: Labelled) -> Assay:
        """Take what was read of a file."""
        return cls(read.compounds, read.outcome, read.scale)

    def __len__(self) -> int:
        return len(self.compounds)

    @property
    def active(self) -> NDArray[np.bool_]:
        """Whether each compound is active at the first endpoint, (n_compounds,).

        Raises
        ------
        ValueError
            If it is an assay of values, which have no classes.
        """
        if self.scale is not None:
            raise ValueError("values are neither active nor inactive: expected an assay of classes")
        return np.asarray(self.outcome[:, 0] > 0.5)

    @property
    def n_active(self) -> int:
        """How many are active at the first endpoint."""
        return int(self.active.sum())

    @property
    def uniform(self) -> bool:
        """Whether all compounds are of one class or have one value: there is nothing to learn then."""
        return not len(self) or bool(np.ptp(self.outcome[:, 0]) == 0)

    @property
    def strata(self) -> NDArray[np.int64]:
        """Groups of like outcomes at the first endpoint, (n_compounds,): classes, or quarters of the values.

        Folds and draws that are stratified have their share of each.
        """
        if self.scale is None:
            return self.active.astype(np.int64)
        value = self.outcome[:, 0]
        return np.searchsorted(np.quantile(value, (0.25, 0.5, 0.75)), value, side="left").astype(np.int64)

    @property
    def digest(self) -> str:
        """SHA-256 over compounds and outcomes, in whatever order; for use inside the wall only."""
        rows = zip(self.compounds.inchikeys, self.outcome.tolist(), strict=True)
        told = [f"{key} {said}" for key, said in sorted(rows)]
        return digest_of("fluidmol assay 2", told if self.scale is None else [repr(self.scale), *told])

    def take(self, rows: NDArray[np.int64]) -> Assay:
        """Give the compounds at these positions, in this order."""
        return Assay(self.compounds.take([int(i) for i in rows]), self.outcome[rows], self.scale)
