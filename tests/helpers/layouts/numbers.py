"""How people and programs write numbers, units and relations."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from decimal import Decimal

import attrs

from layouts.truth import EXPONENTS

SPELLINGS = {
    "M": ("M", "mol/L", "molar"),
    "mM": ("mM", "mmol/L", "millimolar"),
    "uM": ("uM", "µM", "μM", "umol/L", "micromolar", "MICROMOLAR", "Micromolar", "µmol/l"),
    "nM": ("nM", "nM", "nM", "nmol/L", "nanomolar", "NANOMOLAR", "Nanomolar"),
    "pM": ("pM", "pmol/L", "picomolar"),
}
"""Units as they stand in files; the first is the short one."""

RELATIONS = {
    ">=": (">=", "≥"), "<=": ("<=", "≤"), "~": ("~", "≈"), "=": ("=",), "<": ("<",), ">": (">",), "": ("",),
}  # fmt: skip

_DOUBTFUL = re.compile(r"[1-9]\d{0,2}([.,])\d{3}")


@attrs.frozen
class Marks:
    """Decimal and thousands marks."""

    decimal: str = "."
    thousands: str = ""
    python: bool = False
    """As Python writes floats: 750.0, 3.2e-05."""

    def text(self, number: Decimal) -> str:
        """Write a number.

        Examples
        --------
        >>> Marks(",", ".").text(Decimal("12500.5")), Marks(python=True).text(Decimal(750))
        ('12.500,5', '750.0')
        """
        if self.python:
            return repr(float(number))
        whole, _, rest = f"{number:f}".partition(".")
        rest = rest.rstrip("0")
        grouped = f"{int(whole):,}".replace(",", self.thousands)
        return grouped + (self.decimal + rest if rest else "")

    def clear(self, cells: Iterable[str]) -> bool:
        """Check that a column's cells leave no doubt about the marks.

        A cell as 12.500 can be either; another one that can't settles it.

        Examples
        --------
        >>> Marks(",", ".").clear(["12.500", "750"]), Marks(",", ".").clear(["12.500", "750,5"])
        (False, True)
        """
        bare = [cell.strip("<>=~≤≥≈ '") for cell in cells]
        doubtful = [cell for cell in bare if _DOUBTFUL.fullmatch(cell)]
        return not doubtful or any(set(cell) & {".", ","} and cell not in doubtful for cell in bare)


ENGLISH, GERMAN, PYTHON = Marks(), Marks(","), Marks(python=True)


def in_unit(molar: Decimal, unit: str) -> Decimal:
    """Convert M to another unit."""
    return molar.scaleb(-EXPONENTS[unit])


def spelt(rng: random.Random, unit: str) -> str:
    """Choose a spelling of a unit."""
    return rng.choice(SPELLINGS[unit])


def related(rng: random.Random, relation: str, *, quoted: bool = False) -> str:
    """Choose a spelling of a relation."""
    text = rng.choice(RELATIONS[relation])
    return f"'{text}'" if quoted else text
