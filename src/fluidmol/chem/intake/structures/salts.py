"""Salts whose fragments all are in the pipeline's lists of salts and solvents, as sodium acetate.

The ChEMBL pipeline strips nothing from them, or leaves an inorganic ion. Here the larger organic fragment is the
compound: it has carbon and the most atoms without hydrogens, then the highest weight.
"""

from __future__ import annotations

from typing import Any

from chembl_structure_pipeline import standardizer
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors

from fluidmol.chem.intake.structures.smiles_text import UnusableError

Mol = Any
"""An RDKit molecule; RDKit ships no usable type information."""

_PROBE = Chem.MolFromSmiles("[U]")
"""In no list of salts, and never part of a molecule here: metals like it are excluded before."""


def has_carbon(mol: Mol) -> bool:
    """Check whether a molecule has a carbon atom."""
    return any(atom.GetAtomicNum() == 6 for atom in mol.GetAtoms())


def larger_part(mol: Mol) -> tuple[str, str] | None:
    """Return the SMILES of the larger organic fragment, neutral, and a note on other organic ones.

    None where a fragment is no known salt or solvent, or none is organic.

    Parameters
    ----------
    mol : Mol
        Standardised, sanitised.

    Raises
    ------
    UnusableError
        If two different fragments are equally large.

    Examples
    --------
    >>> larger_part(Chem.MolFromSmiles("[Na+].CC(=O)[O-]"))
    ('CC(=O)O', '')
    >>> larger_part(Chem.MolFromSmiles("[Na+].[O-]c1ccccc1Br")) is None
    True
    """
    fragments = Chem.GetMolFrags(mol, asMols=True)
    organic = {Chem.MolToSmiles(part): part for part in map(_neutral, filter(has_carbon, fragments))}
    if not organic or not all(map(_is_known, fragments)):
        return None
    # Isomers have one weight, but not to the last bit.
    size = {
        smiles: (part.GetNumHeavyAtoms(), round(rdMolDescriptors.CalcExactMolWt(part), 3))
        for smiles, part in organic.items()
    }
    largest = sorted(smiles for smiles in size if size[smiles] == max(size.values()))
    if len(largest) > 1:
        raise UnusableError(f"a mixture: {' and '.join(largest)} are known salts or solvents and equally large")
    others = sorted(set(organic) - set(largest))
    note = f"all parts are known salts or solvents: the largest is read, without {' and '.join(others)}"
    return largest[0], note if others else ""


def _neutral(fragment: Mol) -> Mol:
    neutral = standardizer.uncharge_mol(fragment)
    Chem.SanitizeMol(neutral)
    return neutral


def _is_known(fragment: Mol) -> bool:
    """Check whether the pipeline strips a fragment from a molecule that is no salt."""
    return bool(standardizer.get_fragment_parent_mol(Chem.CombineMols(fragment, _PROBE))[0].GetNumAtoms() == 1)
