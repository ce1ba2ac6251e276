"""A table of molecules, and how its columns are found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import attrs

from fluidmol.chem.intake.rejected import Rejected
from fluidmol.errors import InputError

SMILES_NAMES = (
    "smiles", "canonical_smiles", "isomeric_smiles", "std_smiles", "standard_smiles", "standardised_smiles",
    "standardized_smiles", "parent_smiles", "molecule_smiles", "smi", "structure", "struktur", "molecule", "mol",
    "drug",
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
class RawTable:
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

    notes: tuple[str, ...] = ()
    """What a person should look at, say that another column holds other structures."""

    decided: tuple[tuple[str, str], ...] = ()
    """What rows, rather than header and user, decided of how all rows are read, each with what to do about it."""

    def row(self, i: int) -> int:
        """Return the number of row i as people count them: of the record in an SDF, else of the line or row."""
        return self.lines[i] if self.records is None else self.records[i]

    @property
    def n_rows(self) -> int:
        """Rows in the file, rejected ones too."""
        return len(self.smiles) + len(self.rejected)


@lru_cache(maxsize=4096)
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
    alike = alike_names(names, asked)
    if len(alike) > 1:
        raise InputError(
            f"several columns are called {asked!r} but for case or blanks: {', '.join(map(repr, alike))}",
            hint="Name one exactly, or rename the others.",
        )
    return alike[0] if alike else None


def alike_names(names: Sequence[str], asked: str) -> list[str]:
    """Return the column of exactly this name, or all of this name but for case, blanks and hyphens."""
    if asked in names:
        return [asked]
    form = plain_name(asked)
    return [name for name in names if plain_name(name) == form]
