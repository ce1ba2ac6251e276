"""Pharmacophoric roles of atoms, for all fingerprints that begin with them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rdkit.Chem import rdMolDescriptors

_MOLECULES = 512
"""That are remembered: more than threads have at hand between two blocks, and some 10 MB."""


@lru_cache(maxsize=_MOLECULES)
def roles(molecule: Any) -> Any:
    """Find what each atom can be: donor, acceptor, aromatic, halogen, basic, acidic, a bit each, as RDKit lists it.

    Six substructure searches, which take longer than a fingerprint of what they find. So what was found is remembered
    for the molecule's next fingerprint; whoever changes a molecule in place must copy it.

    Examples
    --------
    >>> from rdkit import Chem
    >>> list(roles(Chem.MolFromSmiles("CO")))
    [0, 3]
    """
    return rdMolDescriptors.GetFeatureInvariants(molecule)
