"""Sets of public molecules: standardised SMILES with their InChIKeys."""

from __future__ import annotations

import re
from functools import cached_property

import attrs

from fluidmol.values.arrays import digest_of, texts

_INCHIKEY = re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]")


@attrs.frozen(slots=False)
class CompoundSet:
    """Molecules in a fixed order; the transfer set is one.

    Raises
    ------
    ValueError
        If the columns differ in length, an InChIKey is malformed or occurs twice.

    Examples
    --------
    >>> phenol = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
    >>> len(phenol), phenol.skeletons
    (1, ('ISWSIDIOOBJBQZ',))
    """

    smiles: tuple[str, ...] = attrs.field(converter=texts, repr=False)
    """Standardised SMILES, length n_compounds."""

    inchikeys: tuple[str, ...] = attrs.field(converter=texts, repr=False)
    """Standard InChIKeys, length n_compounds, each once."""

    def __attrs_post_init__(self) -> None:
        if len(self.smiles) != len(self.inchikeys):
            raise ValueError(f"{len(self.smiles)} SMILES and {len(self.inchikeys)} InChIKeys: expected as many")
        for key in self.inchikeys:
            if not _INCHIKEY.fullmatch(key):
                raise ValueError(f"{key!r} is no InChIKey: expected 14, 10 and 1 capitals, joined by hyphens")
        if len(set(self.inchikeys)) != len(self.inchikeys):
            raise ValueError("an InChIKey occurs twice: expected each compound once")

    def __len__(self) -> int:
        return len(self.smiles)

    @property
    def skeletons(self) -> tuple[str, ...]:
        """First blocks of the InChIKeys (14 letters): the connectivity, without stereo and isotopes."""
        return tuple(key[:14] for key in self.inchikeys)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over SMILES and InChIKeys in their order."""
        return digest_of("fluidmol compounds 1", (str(len(self)), *self.smiles, *self.inchikeys))

    def take(self, rows: list[int]) -> CompoundSet:
        """Give the compounds at these positions, in this order."""
        return CompoundSet(tuple(self.smiles[i] for i in rows), tuple(self.inchikeys[i] for i in rows))
