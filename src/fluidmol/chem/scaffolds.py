"""Bemis-Murcko scaffolds: ring systems and the linkers between them."""

from __future__ import annotations

from rdkit import Chem
from rdkit.Chem.Scaffolds.MurckoScaffold import GetScaffoldForMol

from fluidmol.parallel import on_backend
from fluidmol.values.compounds import CompoundSet

_CHUNK = 1000


def scaffolds(compounds: CompoundSet) -> list[str]:
    """Scaffold of each compound as SMILES without stereo; empty for acyclic ones.

    Source: Bemis and Murcko 1996, doi 10.1021/jm9602928.

    Examples
    --------
    >>> scaffolds(CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",)))
    ['c1ccccc1']
    """
    starts = range(0, len(compounds), _CHUNK)
    chunks = ((compounds.smiles[start : start + _CHUNK],) for start in starts)
    pieces = on_backend(_chunk, chunks, 1 if len(starts) <= 1 else None)
    return [scaffold for piece in pieces for scaffold in piece]


def _chunk(smiles: tuple[str, ...]) -> list[str]:
    found = []
    for text in smiles:
        core = GetScaffoldForMol(Chem.MolFromSmiles(text))  # type: ignore[no-untyped-call]
        found.append(Chem.MolToSmiles(core, isomericSmiles=False))
    return found
