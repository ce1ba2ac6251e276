"""Predictions as a DataFrame, with what tells how far to believe them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from fluidmol.chem.intake.parents import Standardised
from fluidmol.partner.prediction.prediction_table import Cell, cells, column_names, predicted, value_column_names
from fluidmol.partner.prediction.predictor import Predictor
from fluidmol.sklearn.molecule_column import MoleculeColumn

_NAME = "id"
"""Column of files alone: the index names molecules here."""


def reliability_table(asked: MoleculeColumn, found: Sequence[Standardised], predictor: Predictor) -> pd.DataFrame:
    """Predict molecules; the columns are those of ``fluid predict``.

    Parameters
    ----------
    asked : MoleculeColumn
        Length n.
    found : sequence of Standardised
        What became of each, length n.
    predictor : Predictor
    """
    names = column_names if predictor.scale is None else value_column_names
    columns = [name for name in names(predictor.n_evidence) if name != _NAME]
    said = predicted(found, predictor)
    rows: list[list[Cell]] = []
    for smiles, item in zip(asked.smiles, found, strict=True):
        if item.reason:
            rows.append([smiles, *[None] * (len(columns) - 2), item.reason])
        else:
            rows.append([smiles, item.inchikey, *cells(*said[item.smiles], predictor.n_evidence), None])
    return pd.DataFrame(rows, columns=columns, index=asked.index)
