"""A table of molecules, and how its columns are found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import attrs

from fluidmol.chem.intake.rejected import Rejected
from fluidmol.errors import InputError
from fluidmol.values.parts import nearest

SMILES_NAMES = (
    "smiles", "canonical_smiles", "isomeric_smiles", "std_smiles", "standard_smiles", "standardised_smiles",
    "standardized_smiles", "parent_smiles", "molecule_smiles", "smi", "structure", "molecule", "mol", "drug",
)  # fmt: skip
"""Usual names of the SMILES column, the likeliest first; case, blanks and hyphens don't matter."""


class Exact(str):
    """A cell that is a number in the file itself (Excel, Parquet); its text is written with a decimal point.

    Whatever the text cells of its column are, nothing about its decimal mark is open.
    """

    __slots__ = ()


class NoColumnError(InputError):
    """A file that lacks the column of the structures."""


@attrs.frozen(eq=False)
class Table:
    """The rows of one file that have the right shape; nothing is known of their chemistry yet."""

    path: Path
    """Where it was read from."""

    smiles: list[str] = attrs.field(repr=False)
    """SMILES as they stand in the file (made from the structure for SDF), length n; may be empty."""

    lines: Sequence[int] = attrs.field(repr=False)
    """Line of the uncompressed file where each row starts, or row of the sheet, length n; the first is 1, as is a
    header."""

    columns: dict[str, list[str]] = attrs.field(repr=False)
    """The other columns by name, each of length n; an empty string is a missing value, and a number in the file
    itself is :class:`Exact`."""

    sha256: str
    """SHA-256 of the file as it lies on disk."""

    rejected: tuple[Rejected, ...] = ()
    """Rows of another shape than the header, and structures that can't be read."""

    smiles_column: str = ""
    """Name of the column that SMILES were read from; empty where there is none."""

    repeated: frozenset[str] = frozenset()
    """Names in the header that occur more than once, as they stand there, without regard to case, blanks and
    hyphens: ``x`` where there are ``x`` and ``x (2)``, both of ``Activity`` and ``activity``."""

    records: Sequence[int] | None = attrs.field(default=None, repr=False)
    """Number of each row's record, from 1, length n; SDF only."""

    word: str = "line"
    """What people count in such a file: ``line``, ``row`` (Excel, Parquet) or ``record`` (SDF)."""

    def row(self, i: int) -> int:
        """Return the number of row i as people count them: of the record in an SDF, else of the line or row."""
        return self.lines[i] if self.records is None else self.records[i]

    @property
    def n_rows(self) -> int:
        """Rows in the file, rejected ones too."""
        return len(self.smiles) + len(self.rejected)


def plain_name(name: str) -> str:
    """Bring a column's name into the form in which names are compared.

    Examples
    --------
    >>> plain_name(" Standard-Units ")
    'standard_units'
    """
    return re.sub(r"[\s.\-]+", "_", name.strip().lower())


def is_smiles_name(name: str) -> bool:
    """Tell whether a name is a usual one of a SMILES column, or has SMILES in it.

    Examples
    --------
    >>> is_smiles_name("Canonical SMILES"), is_smiles_name("Structure"), is_smiles_name("IC50")
    (True, True, False)
    """
    plain = plain_name(name)
    return plain in SMILES_NAMES or "smiles" in plain


def find_column(names: Sequence[str], asked: str) -> str | None:
    """Find a column by its exact name, or else by its name without regard to case, blanks and hyphens.

    Raises
    ------
    InputError
        If several columns are called so but for case, and none exactly so.

    Examples
    --------
    >>> find_column(["SMILES", "Active"], "active")
    'Active'
    """
    alike = _alike(names, asked)
    if len(alike) > 1:
        raise InputError(
            f"several columns are called {asked!r} but for case or blanks: {', '.join(map(repr, alike))}",
            hint="Name one exactly, or rename the others.",
        )
    return alike[0] if alike else None


def _alike(names: Sequence[str], asked: str) -> list[str]:
    if asked in names:
        return [asked]
    form = plain_name(asked)
    return [name for name in names if plain_name(name) == form]


def smiles_name(path: Path, names: Sequence[str], asked: str | None) -> str:
    """Choose the SMILES column.

    Raises
    ------
    InputError
        If there is none; the message lists the columns there are.
    """
    if asked is not None:
        named = find_column(names, asked)
        if named is None:
            raise NoColumnError(f"{path} has no column {asked!r}", hint=nearest(asked, names))
        return named
    for usual in SMILES_NAMES:
        # If there are several, they must say the same in each row, which the reader sees to.
        if found := _alike(names, usual):
            return found[0]
    alike = [name for name in names if "smiles" in name.lower()]
    if len(alike) == 1:
        return alike[0]
    if alike:
        raise InputError(
            f"{path} has several SMILES columns: {', '.join(alike)}", hint="Choose one with --smiles-column."
        )
    raise NoColumnError(
        f"{path} has no SMILES column; its columns are: {', '.join(names)}",
        hint="Name it with --smiles-column (the first line must be a header).",
    )
