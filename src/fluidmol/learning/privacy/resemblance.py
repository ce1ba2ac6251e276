"""How far a molecule resembles a partner's compounds, by the released sum alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fluidmol.learning.privacy.lattice import Floats


def stated(total: ArrayLike, phi: ArrayLike, columns: int, scale: float) -> Floats:
    """Give the weights that a partner states of molecules: a logarithm that is linear in phi, within its bounds.

    Parameters
    ----------
    total : (n_columns,)
        The released sum; its product with phi is the resemblance, in compounds.
    phi : (n_molecules, n_columns)
    columns : int
        Only so many columns count, from the first.
    scale : float
        Beyond this resemblance weights are cut.

    Returns
    -------
    (n_molecules,) float64
        exp(resemblance / scale - 1), in [e^-2, 1].

    Examples
    --------
    >>> stated([100.0, 7.0], [[0.0, 1.0], [1.0, 0.0], [-1.0, 0.0]], columns=1, scale=100).round(4).tolist()
    [0.3679, 1.0, 0.1353]
    """
    rows, sums = np.asarray(phi, dtype=np.float64), np.asarray(total, dtype=np.float64)
    result: Floats = np.exp(np.clip(rows[:, :columns] @ sums[:columns] / scale, -1, 1) - 1)
    return result
