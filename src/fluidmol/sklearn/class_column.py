"""Which of the two classes in y means active."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fluidmol.chem.intake.measurements.class_column import read_classes
from fluidmol.chem.intake.outcomes import Outcomes
from fluidmol.chem.intake.table import Exact, RawTable
from fluidmol.errors import InputError
from fluidmol.sklearn.molecule_column import NAME

_OPPOSITES = {"active": "inactive", "Active": "Inactive", "ACTIVE": "INACTIVE"}


@attrs.frozen
class ClassPair:
    """The values that stand for inactive and active.

    Examples
    --------
    >>> pair = ClassPair.of(["inactive", "active"], [False, True])
    >>> pair.classes.tolist(), pair.place
    (['active', 'inactive'], 0)
    """

    inactive: Any = 0
    active: Any = 1

    @classmethod
    def of(cls, values: Sequence[Any], active: Sequence[bool | None]) -> ClassPair:
        """Take the values from those of rows whose class is known.

        Parameters
        ----------
        values : sequence
            Length n.
        active : sequence of bool or None
            What each was read as, length n; None where it says no class.

        Raises
        ------
        InputError
            If one class is spelled in several ways, or only one is there and the other's value isn't plain.
        """
        spelled: dict[bool, list[Any]] = {
            state: list(dict.fromkeys(value for value, read in zip(values, active, strict=True) if read is state))
            for state in (False, True)
        }
        for state, found in spelled.items():
            if len(found) > 1:
                raise InputError(
                    f"y has {len(found)} values that mean {'active' if state else 'inactive'}:"
                    f" {', '.join(map(repr, found[:5]))}",
                    hint="Expected one value for each of the two classes.",
                )
        pair = [spelled[state][0] if spelled[state] else _opposite(spelled[not state]) for state in (False, True)]
        return cls(*pair)

    @property
    def classes(self) -> NDArray[Any]:
        """Both values, sorted as scikit-learn expects them, (2,)."""
        return np.array(sorted([self.inactive, self.active]))

    @property
    def place(self) -> int:
        """Where the active class is among :attr:`classes`."""
        return int(self.active > self.inactive)

    def named(self, probability: NDArray[np.float64]) -> NDArray[Any]:
        """Return the class of each molecule, (n,); NaN where its probability is."""
        found = np.where(probability > 0.5, *(np.array([value]) for value in (self.active, self.inactive)))
        unknown = np.isnan(probability)
        if not unknown.any():
            return found
        found = found.astype(object)
        found[unknown] = np.nan
        return found


@attrs.frozen(eq=False)
class ClassColumn:
    """Classes as they were handed over."""

    values: list[Any] = attrs.field(repr=False)
    """As Python has them, length n."""

    texts: list[str] = attrs.field(repr=False)
    """As a file would have them, length n; empty where missing."""

    name: str = "y"
    """Of a Series, or of the column of a DataFrame: a name that says the opposite of active matters."""

    @classmethod
    def of(cls, y: Any) -> ClassColumn:
        """Read y.

        Raises
        ------
        ValueError
            If there is none.
        InputError
            If it isn't one column.

        Examples
        --------
        >>> ClassColumn.of(np.array([1, 0])).texts
        ['1', '0']
        """
        if y is None:
            raise ValueError("fit requires y to be passed, but the target y is None")  # in scikit-learn's words
        name = getattr(y, "name", None)
        cells = np.asarray(y, dtype=object)
        if cells.ndim == 2 and cells.shape[1] == 1:
            name, cells = next(iter(getattr(y, "columns", [name]))), cells[:, 0]
        if cells.ndim != 1:
            raise InputError(f"y has the shape {cells.shape}", hint="Expected one class a molecule.")
        values = [cell.item() if isinstance(cell, np.generic) else cell for cell in cells]
        texts = ["" if missing else str(value) for value, missing in zip(values, pd.isna(cells), strict=True)]
        return cls(values, texts, name if isinstance(name, str) and name else "y")

    def exact(self) -> ClassColumn:
        """Return it with numbers as such: nothing about their decimal marks is open."""
        numbers = [
            Exact(text) if isinstance(value, int | float) and not isinstance(value, bool) else text
            for value, text in zip(self.values, self.texts, strict=True)
        ]
        return attrs.evolve(self, texts=numbers)

    def beside(self, smiles: list[str], column: str = "") -> RawTable:
        """Return both columns as a table, so that they are read as those of a file are.

        Parameters
        ----------
        smiles : list of str
            Length n.
        column : str
            Of the SMILES.

        Raises
        ------
        InputError
            If they differ in length.
        """
        if len(smiles) != len(self.texts):
            raise InputError(f"X has {len(smiles):,} rows, and y {len(self.texts):,}", hint="Expected as many.")
        rows = range(len(smiles))
        return RawTable(NAME, smiles, rows, {self.name: self.texts}, "", smiles_column=column, word="row")

    def pair(self, outcomes: Outcomes | None = None) -> ClassPair:
        """Return which value means active.

        Parameters
        ----------
        outcomes : Outcomes, optional
            What each was read as, if that is known already.

        Raises
        ------
        InputError
            If y states no classes, one class has several values, or only one is there and the other's isn't plain.
        """
        read = outcomes or read_classes(self.beside([""] * len(self.texts)), self.name)
        return ClassPair.of(self.values, [row.active for row in read.rows])


def _opposite(found: Sequence[Any]) -> Any:
    """Return the value of the class that isn't there; there is one value at least."""
    value = found[0]
    words = {**_OPPOSITES, **{other: word for word, other in _OPPOSITES.items()}}
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return 1 - value
    if value in words:
        return words[value]
    raise InputError(
        f"all of y is {value!r}, so that the other class has no name", hint="Write 0 and 1, or active and inactive."
    )
