"""Features of a set of molecules that are computed for those rows only that somebody asks for."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fluidmol.chem.features import features
from fluidmol.chem.featurisers import FEATURISERS
from fluidmol.chem.representation.known import find
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part


@attrs.frozen(eq=False)
class LazyFeatures:
    """Features of compounds, row by row.

    Of a large transfer set a few molecules are learnt from, and all others' features would be made for nothing. What
    was computed is remembered as :func:`~fluidmol.chem.features.features` remembers it.

    Raises
    ------
    CharterError
        If the featuriser is unknown, or names no representation where it needs one.
    MissingFileError
        If it names a representation that isn't known here.

    Examples
    --------
    >>> keys = "ISWSIDIOOBJBQZ-UHFFFAOYSA-N", "YXFVVABEGXRONW-UHFFFAOYSA-N", "LFQSCWFLJHTTHZ-UHFFFAOYSA-N"
    >>> table = LazyFeatures(CompoundSet(("Oc1ccccc1", "Cc1ccccc1", "CCO"), keys), Part("fcfp", {"bits": 512}))
    >>> len(table), table[np.array([2, 0])].shape
    (3, (2, 512))
    """

    compounds: CompoundSet = attrs.field(repr=False)
    """Standardised molecules."""

    featuriser: Part
    """Choice from :data:`fluidmol.chem.featurisers.FEATURISERS`."""

    def __attrs_post_init__(self) -> None:
        # A mistake shows now, and not when somebody asks.
        built = FEATURISERS.build(self.featuriser)
        if built.representation is not None:
            find(built.representation)

    def __len__(self) -> int:
        return len(self.compounds)

    def __getitem__(self, rows: NDArray[np.int64]) -> csr_matrix:
        """Features of the compounds at these positions, (n_rows, width), float32, in this order.

        Raises
        ------
        IndexError
            If there is no such position.
        """
        # Choosing all of a million molecules needs no second copy of them.
        whole = len(rows) == len(self) and np.array_equal(rows, np.arange(len(self)))
        return features(self.compounds if whole else self.compounds.take(rows.tolist()), self.featuriser)

    def smiles(self, rows: NDArray[np.int64]) -> list[str]:
        """Standardised SMILES of the compounds at these positions, (n_rows,), in this order.

        Raises
        ------
        IndexError
            If there is no such position.
        """
        return [self.compounds.smiles[row] for row in rows]
