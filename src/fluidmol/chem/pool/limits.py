"""Which molecules belong in a pool: by size, weight and elements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
from attrs import validators
from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import _CalcMolWt as molecular_weight

ELEMENTS = ("Br", "C", "Cl", "F", "H", "I", "N", "O", "P", "S", "Se", "Si")
"""Elements that the ChEMBL structure pipeline never excludes."""


def _symbols(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))


@attrs.frozen
class PoolLimits:
    """What a molecule of a pool may be; the defaults leave out fragments of fragments, peptides and metals.

    Raises
    ------
    ValueError
        If no molecule could be within the limits, or an element isn't known.

    Examples
    --------
    >>> limits = PoolLimits(max_atoms=6)
    >>> limits.reason(Chem.MolFromSmiles("CCO")), limits.reason(Chem.MolFromSmiles("Oc1ccccc1"))
    ('fewer heavy atoms than 4', 'more heavy atoms than 6')
    >>> limits.reason(Chem.MolFromSmiles("CCB(O)O"))
    'another element: B'
    """

    min_atoms: int = attrs.field(default=4, validator=validators.ge(1))
    """Fewest heavy atoms."""

    max_atoms: int = attrs.field(default=75, validator=validators.ge(1))
    """Most heavy atoms."""

    max_weight: float = attrs.field(default=1000.0, converter=float, validator=validators.gt(0))
    """Largest molecular weight, in g/mol."""

    elements: tuple[str, ...] = attrs.field(default=ELEMENTS, converter=_symbols)
    """Symbols of the elements that may occur."""

    def __attrs_post_init__(self) -> None:
        if self.min_atoms > self.max_atoms:
            raise ValueError(f"from {self.min_atoms} to {self.max_atoms} heavy atoms: expected the smaller one first")
        known = Chem.GetPeriodicTable()
        names = {known.GetElementSymbol(number) for number in range(1, 119)}
        if unknown := set(self.elements) - names:
            raise ValueError(f"no elements: {', '.join(sorted(unknown))}; expected symbols such as C, N, Cl")

    def reason(self, molecule: Any) -> str:
        """Return why a molecule is left out; empty if it isn't."""
        atoms = molecule.GetNumHeavyAtoms()
        if atoms < self.min_atoms:
            return f"fewer heavy atoms than {self.min_atoms}"
        if atoms > self.max_atoms:
            return f"more heavy atoms than {self.max_atoms}"
        others = {atom.GetSymbol() for atom in molecule.GetAtoms()} - set(self.elements)
        if others:
            return f"another element: {', '.join(sorted(others))}"
        if molecular_weight(molecule) > self.max_weight:
            return f"heavier than {self.max_weight:g} g/mol"
        return ""

    def as_table(self) -> dict[str, int | float | str]:
        """Return the limits as manifests write them."""
        return {
            "min_atoms": self.min_atoms, "max_atoms": self.max_atoms, "max_weight": self.max_weight,
            "elements": " ".join(self.elements),
        }  # fmt: skip
