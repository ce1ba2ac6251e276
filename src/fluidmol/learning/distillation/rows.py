"""Which federated labels are learnt from, and as what."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from fluidmol.learning.seeds import derive_seed
from fluidmol.learning.selection import SELECTIONS
from fluidmol.learning.union import Lesson
from fluidmol.values.charter import Charter
from fluidmol.values.labels import FederatedLabels


def chosen_rows(
    labels: FederatedLabels, features: csr_matrix, charter: Charter
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Choose the transfer molecules to learn from, as the charter says; the same ones for everybody.

    Parameters
    ----------
    labels : FederatedLabels
    features : csr_matrix
        Of the transfer set, (n_compounds, n_columns).
    charter : Charter

    Returns
    -------
    (n_chosen,) int64
        Positions in the transfer set, ascending.

    Raises
    ------
    CharterError
        If the charter's selection is unknown.
    """
    rng = np.random.default_rng(derive_seed(charter.seed, "selection"))
    rows = SELECTIONS.build(charter.selection)(labels.value[:, 0].astype(np.float64), features, rng)
    return np.asarray(rows, dtype=np.int64)


def lesson(labels: FederatedLabels, features: csr_matrix, charter: Charter) -> Lesson:
    """Give the chosen molecules with hard or soft labels, each counting 1.

    Parameters and errors are those of :func:`chosen_rows`.
    """
    rows = chosen_rows(labels, features, charter)
    target = labels.value[rows, 0].astype(np.float64)
    if SELECTIONS.build(charter.selection).hard:
        target = (target > 0.5).astype(np.float64)
    return Lesson(features[rows], target, np.ones(len(rows)))
