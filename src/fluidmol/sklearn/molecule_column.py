"""The column of SMILES in whatever scikit-learn hands over as X."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pandas as pd

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.formats.smiles_column import smiles_name
from fluidmol.chem.intake.parents import Standardised
from fluidmol.chem.intake.standardise import standardise
from fluidmol.errors import InputError

NAME = Path("X")
"""What messages call the table."""

_SHOWN = 3


@attrs.frozen(eq=False)
class MoleculeColumn:
    """SMILES as they were handed over."""

    smiles: list[str] = attrs.field(repr=False)
    """Length n; empty where there is none."""

    index: pd.Index = attrs.field(repr=False)
    """Labels of the rows, length n: those of a Series or DataFrame, or else 0 to n - 1."""

    name: str = ""
    """Of the DataFrame's column; empty for anything else."""

    @classmethod
    def of(cls, given: Any, wanted: str | None = None) -> MoleculeColumn:
        """Find the SMILES.

        Parameters
        ----------
        given : list, array, Series or DataFrame
            One SMILES a row. An array may have one column, a DataFrame any number.
        wanted : str, optional
            The DataFrame's column; its only one, or that of a usual name, by default.

        Raises
        ------
        InputError
            If there is no such column, several may be meant, or a cell is neither text nor missing.

        Examples
        --------
        >>> MoleculeColumn.of(pd.DataFrame({"id": [7, 8], "SMILES": ["CCO", None]}))
        MoleculeColumn(name='SMILES')
        >>> MoleculeColumn.of([["CCO"], ["CCN"]]).smiles
        ['CCO', 'CCN']
        """
        name = ""
        if hasattr(given, "columns"):
            name = _chosen(list(given.columns), wanted)
            given = given[name]
        elif isinstance(given, str):
            raise InputError(f"X is the text {given[:40]!r}", hint="Expected a column of SMILES: put it into a list.")
        cells = np.asarray(given, dtype=object)
        if cells.ndim == 2 and cells.shape[1] == 1:
            cells = cells[:, 0]
        if cells.ndim != 1:
            raise InputError(f"X has the shape {cells.shape}", hint="Expected one column of SMILES.")
        index = given.index if isinstance(given, pd.Series | pd.DataFrame) else pd.RangeIndex(len(cells))
        missing = pd.isna(cells)
        return cls([_text(cell, i) if not missing[i] else "" for i, cell in enumerate(cells)], index, name)

    def standardised(self, cache: StandardCache | None, *, strict: bool) -> list[Standardised]:
        """Standardise all, length n.

        Parameters
        ----------
        cache : StandardCache or None
        strict : bool
            Whether a molecule that can't be used is refused; otherwise it has a reason.

        Raises
        ------
        InputError
            Naming rows, if it is refused.
        """
        found = standardise(self.smiles, cache=cache)
        if strict:
            refuse_rows([(i, item.reason) for i, item in enumerate(found) if item.reason], self)
        return found


def refuse_rows(bad: Sequence[tuple[int, str]], asked: MoleculeColumn) -> None:
    """Refuse rows that can't be used, if there are any.

    Parameters
    ----------
    bad : sequence of (int, str)
        Positions and reasons.
    asked : MoleculeColumn
        All rows.

    Raises
    ------
    InputError
        Naming the first few.
    """
    if not bad:
        return
    shown = "; ".join(f"row {i} ({asked.smiles[i][:40]!r}): {reason}" for i, reason in bad[:_SHOWN])
    more = "; ..." if len(bad) > _SHOWN else ""
    raise InputError(
        f"{len(bad):,} of {len(asked.smiles):,} rows of X can't be used: {shown}{more}",
        hint="Rows are counted from 0. Mend or drop them, or go on without them: `on_error` 'nan'.",
    )


def _chosen(names: list[Any], wanted: str | None) -> Any:
    if wanted is None and len(names) == 1:
        return names[0]
    texts = [name for name in names if isinstance(name, str)]
    return smiles_name(NAME, texts, wanted)


def _text(cell: object, row: int) -> str:
    if isinstance(cell, str):
        return str(cell)
    raise InputError(
        f"row {row} of X is {str(cell)[:40]} ({type(cell).__name__})", hint="Expected SMILES: X is a column of texts."
    )
