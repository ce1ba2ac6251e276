"""Whether a text can be a structure at all, and whether two are of one molecule: told quickly, of few of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rdkit import Chem, rdBase
from rdkit.Chem import rdMolHash

from fluidmol.chem.intake.structures.smiles_text import split_line

_MOST_OTHER = 0.1


def starts_with_smiles(line: str) -> bool:
    """Tell whether the first word of a line can be read as SMILES.

    Examples
    --------
    >>> starts_with_smiles("CCO ethanol"), starts_with_smiles("smiles name")
    (True, False)
    """
    words = line.split(maxsplit=1)
    with rdBase.BlockLogs():
        return bool(words) and Chem.MolFromSmiles(words[0], sanitize=False) is not None


def is_structure(cell: str) -> bool:
    """Tell whether a whole cell can be read as SMILES: a name of several words can't.

    Examples
    --------
    >>> is_structure("CCO |$a$|"), is_structure("PI 103"), is_structure("MOL-1")
    (True, False, False)
    """
    smiles, _, rest = split_line(cell)
    return not rest and starts_with_smiles(smiles)


def are_other_molecules(some: Sequence[str], others: Sequence[str]) -> bool:
    """Tell whether two columns hold different molecules in more than a tenth of the rows in which both have one.

    Their largest fragments are compared by elements and connections alone: salts, charges, tautomers and
    stereochemistry, in which two ways of writing one molecule differ, make no other molecule.

    Examples
    --------
    >>> are_other_molecules(["CC(=O)[O-].[Na+]"], ["CC(=O)O"]), are_other_molecules(["CCBr"], ["CCN"])
    (False, True)
    """
    with rdBase.BlockLogs():
        pairs = [(_skeleton(one), _skeleton(other)) for one, other in zip(some, others, strict=True)]
    both = [(one, other) for one, other in pairs if one and other]
    return sum(one != other for one, other in both) > _MOST_OTHER * len(both)


def _skeleton(cell: str) -> str:
    smiles = split_line(cell)[0]
    mol: Any = Chem.MolFromSmiles(smiles) if smiles else None
    if mol is None:
        return ""
    Chem.RemoveStereochemistry(mol)
    graph = rdMolHash.HashFunction.ElementGraph
    parts = [(part.GetNumHeavyAtoms(), rdMolHash.MolHash(part, graph)) for part in Chem.GetMolFrags(mol, asMols=True)]
    return max(parts, default=(0, ""))[1]
