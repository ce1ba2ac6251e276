"""Which federated labels are learnt from, and as what."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.seeds import derive_seed
from fluidmol.learning.selection import SELECTIONS
from fluidmol.learning.table_rows import FeatureTable
from fluidmol.learning.union import TrainingSet
from fluidmol.values.charter import Charter
from fluidmol.values.labels import FederatedLabels

Positions = NDArray[np.int64]


def chosen_rows(labels: FederatedLabels, features: FeatureTable, charter: Charter) -> Positions:
    """Choose the transfer molecules to learn from, as the charter says; the same ones for everybody.

    Parameters
    ----------
    labels : FederatedLabels
    features : FeatureTable
        Of the transfer set; most selections don't ask for any.
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


def targets(labels: FederatedLabels, rows: Positions, charter: Charter) -> NDArray[np.float64]:
    """Give the labels that are learnt of these molecules, hard or soft as the charter says, (n_rows,), in [0, 1]."""
    target = labels.value[rows, 0].astype(np.float64)
    return np.asarray(target > 0.5, dtype=np.float64) if SELECTIONS.build(charter.selection).hard else target


def training_set(
    labels: FederatedLabels, features: FeatureTable, charter: Charter, rows: Positions | None = None
) -> TrainingSet:
    """Give the chosen molecules with hard or soft labels, each counting 1.

    Other parameters and errors are those of :func:`chosen_rows`.

    Parameters
    ----------
    rows : (n_chosen,) int64, optional
        What :func:`chosen_rows` gave, if it was asked already.
    """
    chosen = chosen_rows(labels, features, charter) if rows is None else rows
    return TrainingSet(features[chosen], targets(labels, chosen, charter), np.ones(len(chosen)))
