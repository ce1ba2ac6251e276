"""One molecule through the ChEMBL structure pipeline: its neutral parent.

The pipeline's ``get_parent_mol`` reads its lists of salts and solvents anew for each molecule and compiles
some 250 patterns, to find what can be stripped. Nothing can be stripped from a molecule that is a single
fragment: there it does no more than clear isotopes, remove hydrogens and neutralise. So do we, which gives
the same result several times faster; a test compares both ways. Bento et al. 2020, doi
10.1186/s13321-020-00456-1, describe the pipeline.
"""

from __future__ import annotations

from typing import Any

import attrs
from chembl_structure_pipeline import exclude_flag, standardizer
from rdkit import Chem, rdBase
from rdkit.Chem import rdinchi

from fluidmol.chem.intake.structures.extension import read_extension
from fluidmol.chem.intake.structures.salts import has_carbon, larger_part
from fluidmol.chem.intake.structures.smiles_text import (
    UnusableError,
    check_smiles,
    split_line,
    trimmed,
    without_map_numbers,
)
from fluidmol.chem.intake.structures.stereo import without_unknown_stereo

Mol = Any
"""An RDKit molecule; RDKit ships no usable type information."""

MAX_ATOMS = 1000
"""Larger structures are rejected, counted in atoms without implicit hydrogens; InChI stops at 1023."""

MAX_CHARACTERS = 10_000
"""Longer SMILES are rejected unread."""

_COMMON = frozenset({1, 6, 7, 8, 9, 14, 15, 16, 17, 34, 35, 53})
"""Elements that the pipeline never excludes."""

_TARTRATE_ATOMS = 10


@attrs.frozen
class Standardised:
    """What became of one SMILES: a structure, or a reason."""

    smiles: str
    """Canonical isomeric SMILES of the neutral parent; empty if rejected."""

    inchikey: str
    """Standard InChIKey of that parent; empty if rejected."""

    reason: str
    """Why it was rejected; empty if it wasn't."""

    note: str = ""
    """What was left out besides salts, charges and isotopes: unknown stereo, another organic part. May be empty."""


def standardise_one(raw: str) -> Standardised:
    """Standardise one SMILES; see :func:`fluidmol.chem.intake.standardise.standardise`.

    Examples
    --------
    >>> standardise_one("C[NH+](C)C.[Cl-]").smiles
    'CN(C)C'
    >>> standardise_one("C1CC").reason
    'unreadable SMILES: syntax error'
    >>> standardise_one("C[C@H](N)c1ccccc1 |&1:1|").note
    'racemic at 1 centre (&1): read without its stereo'
    """
    text = trimmed(raw)
    if not text:
        return _bad("empty SMILES")
    if len(text) > MAX_CHARACTERS:
        return _bad(f"too large: a SMILES of {len(text)} characters, expected at most {MAX_CHARACTERS}")
    if "\0" in text:
        # Older versions of RDKit read up to it, and would take the rest for nothing.
        return _bad("unreadable SMILES: syntax error")
    with rdBase.BlockLogs():
        try:
            return _standardised(text)
        except UnusableError as problem:
            return _bad(str(problem))
        # RDKit and InChI raise many kinds of errors, and one compound must not stop a million others.
        except Exception as problem:
            lines = str(problem).strip().splitlines()
            return _bad(f"can't be standardised: {lines[0] if lines else type(problem).__name__}")


def _standardised(text: str) -> Standardised:
    mol, stereo_note = _read(text)
    # What is stored must be what a reader of the stored SMILES gets, stereo and aromaticity included.
    final = _readable(Chem.MolToSmiles(parent(mol)))
    salt_note = ""
    if len(Chem.GetMolFrags(final)) > 1 or not has_carbon(final):
        final, salt_note = _of_salts(final, text)
    fragments = len(Chem.GetMolFrags(final))
    if fragments > 1:
        raise UnusableError(f"a mixture: {fragments} fragments remain when known salts and solvents are stripped")
    if not has_carbon(final):
        raise UnusableError("no carbon")
    inchikey = rdinchi.MolToInchiKey(final)
    if not inchikey:
        raise UnusableError("no InChIKey: InChI can't describe this structure")
    smiles = Chem.MolToSmiles(final)
    if stereo_note and standardise_one(split_line(text)[0]).smiles == smiles:
        # The stereo was that of a salt, which is stripped anyway.
        stereo_note = ""
    return Standardised(smiles, inchikey, "", "; ".join(filter(None, (stereo_note, salt_note))))


def _read(text: str) -> tuple[Mol, str]:
    """Read SMILES and extension; the note says which stereo is left out."""
    smiles, extension, name = split_line(text)
    check_smiles(smiles)
    smiles = without_map_numbers(smiles)
    mol = _readable(smiles)
    if name:
        # It may say that the compound is a racemate or a salt, or be the rest of a SMILES that was cut.
        raise UnusableError(f"text after the SMILES: {name[:40]!r}, expected the SMILES alone")
    _refuse_unsuitable(mol)
    if not extension:
        return mol, ""
    found = read_extension(extension, Chem.MolFromSmiles(smiles, sanitize=False))
    smiles, note = without_unknown_stereo(smiles, found.groups)
    return _readable(f"{smiles} |{found.features}|" if found.features else smiles), note


def _of_salts(stripped: Mol, text: str) -> tuple[Mol, str]:
    """Take the larger organic part where all fragments are known; the pipeline keeps them all, or an inorganic one."""
    # What the pipeline left goes first: the solvent of a salt isn't the compound, even if it is larger.
    for mol in (stripped, _standard(_read(text)[0])):
        found = larger_part(mol)
        if found is not None:
            return _readable(found[0]), found[1]
    return stripped, ""


def parent(mol: Mol) -> Mol:
    """Return the neutral parent as the pipeline's ``standardize_mol`` and ``get_parent_mol`` do, but faster.

    ``mol`` is sanitised, isn't excluded by the pipeline, and is used up.
    """
    mol = _standard(mol)
    if len(Chem.GetMolFrags(mol)) > 1:
        return standardizer.get_parent_mol(mol)[0]
    if _has_special_atoms(mol):
        mol = standardizer.get_isotope_parent_mol(mol)
    return standardizer.uncharge_mol(mol) if _is_charged(mol) else mol


def _standard(mol: Mol) -> Mol:
    """Do as ``standardize_mol``, without those of its steps that can't change this molecule."""
    if _has_special_atoms(mol) or len(Chem.GetMolFrags(mol)) > 1 or mol.GetNumAtoms() == _TARTRATE_ATOMS:
        return standardizer.standardize_mol(mol, check_exclusion=False)
    mol = standardizer.normalize_mol(standardizer.kekulize_mol(standardizer.remove_sgroups_from_mol(mol)))
    if _is_charged(mol):
        mol = standardizer.uncharge_mol(mol)
    Chem.SanitizeMol(mol)
    return mol


def _has_special_atoms(mol: Mol) -> bool:
    return any(atom.GetAtomicNum() == 1 or atom.GetIsotope() for atom in mol.GetAtoms())


def _is_charged(mol: Mol) -> bool:
    return any(atom.GetFormalCharge() for atom in mol.GetAtoms())


def _refuse_unsuitable(mol: Mol) -> None:
    atoms = mol.GetNumAtoms()
    if not atoms:
        raise UnusableError("empty SMILES")
    if atoms > MAX_ATOMS:
        raise UnusableError(f"too large: {atoms} atoms, expected at most {MAX_ATOMS}")
    elements = {atom.GetAtomicNum() for atom in mol.GetAtoms()}
    if 0 in elements:
        raise UnusableError("not one molecule: it has an attachment point or wildcard (*)")
    if not elements <= _COMMON and exclude_flag.exclude_flag(mol, includeRDKitSanitization=False):
        uncommon = sorted(Chem.GetPeriodicTable().GetElementSymbol(number) for number in elements - _COMMON)
        raise UnusableError(f"excluded by the ChEMBL pipeline: metal or borane ({', '.join(uncommon)})")


def _readable(text: str) -> Mol:
    mol: Mol = Chem.MolFromSmiles(text)
    if mol is not None:
        return mol
    raw: Mol = Chem.MolFromSmiles(text, sanitize=False)
    if raw is None:
        raise UnusableError("unreadable SMILES: syntax error")
    problems = Chem.DetectChemistryProblems(raw)
    raise UnusableError(f"unreadable SMILES: {problems[0].Message() if problems else 'not a possible structure'}")


def _bad(reason: str) -> Standardised:
    return Standardised("", "", reason)
