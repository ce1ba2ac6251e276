"""Stereo groups: racemates, and single enantiomers of which nobody knows which.

A stereo mark in an AND group (``&1``) belongs to a mixture of both forms, in an OR group (``o1``) to one of the two,
unknown which. Neither is the enantiomer that the mark draws, so that the mark is removed. Of a group of several atoms
the relative configuration is lost with it, which SMILES and InChI can't express.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from rdkit import Chem

Mol = Any
"""An RDKit molecule; RDKit ships no usable type information."""

_POLYMERS = frozenset({"SRU", "MON", "MER", "COP", "CRO", "MOD", "GRA", "ANY", "MIX"})
_ATOM = re.compile(r"\[[^\]]*\]|Cl|Br|[A-Za-z*]")
_MARK = re.compile(r"@+(?:(?:TH|AL|SP|TB|OH)\d+)?")
_FIELDS = Chem.CXSmilesFields


def without_unknown_stereo(smiles: str, groups: Mapping[str, Sequence[int]]) -> tuple[str, str]:
    """Return a SMILES without the stereo marks of its atoms in open groups, and a note on each such group.

    The text is changed, not a molecule: RDKit remembers the stereo of rings, and would write it all the same.

    Parameters
    ----------
    smiles : str
        Readable, without extension.
    groups : mapping
        See :class:`fluidmol.chem.intake.structures.extension.Extension`.

    Examples
    --------
    >>> without_unknown_stereo("C[C@H](N)[C@@H](O)CC", {"&1": [1], "a": [3]})
    ('C[CH](N)[C@@H](O)CC', 'racemic at 1 centre (&1): read without its stereo')
    """
    options: Any = Chem.SmilesParserParams()
    options.removeHs = False
    centres = {atom.GetIdx() for atom in Chem.MolFromSmiles(smiles, options).GetAtoms() if atom.GetChiralTag()}
    notes: list[str] = []
    for name, atoms in groups.items():
        if name == "a":
            continue
        smiles = _without_marks(smiles, frozenset(atoms))
        total = len(centres.intersection(atoms))
        if total:
            notes.append(_note(name, total))
    return smiles, "; ".join(notes)


def _without_marks(smiles: str, atoms: frozenset[int]) -> str:
    counter = count()
    return _ATOM.sub(lambda match: _MARK.sub("", match[0]) if next(counter) in atoms else match[0], smiles)


def _note(name: str, total: int) -> str:
    meaning = {
        "&": "racemic",
        "o": "one of two configurations, unknown which,",
        "r": "racemic or one of two, unknown which,",
    }
    where = f"{meaning[name[0]]} at {total} centre{'s' if total > 1 else ''} ({name})"
    if total == 1:
        return f"{where}: read without its stereo"
    return f"{where}: read without their stereo, and so without their relative configuration"


def smiles_with_groups(mol: Mol) -> str:
    """Return a SMILES that keeps what :func:`~fluidmol.chem.intake.parents.standardise_one` must know.

    For molecules that were read from mol blocks. It is plain SMILES, but CXSMILES where there are AND or OR groups
    (``STERAC``, ``STEREL``), and where plain SMILES would make one molecule of a polymer, of a link node, of an
    attachment point or of an atom whose alias stands for another group: these are rejected there.

    Examples
    --------
    >>> smiles_with_groups(Chem.MolFromSmiles("C[C@H](N)O |o1:1|"))
    'C[C@H](N)O |o1:1|'
    >>> smiles_with_groups(Chem.MolFromSmiles("C[C@H](N)O |a:1|"))
    'C[C@H](N)O'
    """
    fields = 0
    if any(_is_open(group) for group in mol.GetStereoGroups()):
        fields |= int(_FIELDS.CX_ENHANCEDSTEREO)
    if any(group.GetProp("TYPE") in _POLYMERS for group in Chem.GetMolSubstanceGroups(mol)):
        fields |= int(_FIELDS.CX_POLYMER)
    if mol.HasProp("_molLinkNodes"):
        fields |= int(_FIELDS.CX_LINKNODES)
    labels = {atom.GetIdx(): label for atom in mol.GetAtoms() if (label := _label(atom))}
    if labels:
        mol = Chem.Mol(mol)
        for index, label in labels.items():
            mol.GetAtomWithIdx(index).SetProp("atomLabel", label)
        fields |= int(_FIELDS.CX_ATOM_LABELS)
    return str(Chem.MolToCXSmiles(mol, Chem.SmilesWriteParams(), fields))


def _is_open(group: Any) -> bool:
    """Whether a group leaves open which configuration its marked atoms have."""
    absolute = group.GetGroupType() == Chem.StereoGroupType.STEREO_ABSOLUTE
    return not absolute and any(atom.GetChiralTag() for atom in group.GetAtoms())


def _label(atom: Any) -> str:
    """Return an atom's alias, or its attachment point."""
    if atom.HasProp("molAttchpt"):
        return f"_AP{atom.GetProp('molAttchpt')}"
    return str(atom.GetProp("molFileAlias")) if atom.HasProp("molFileAlias") else ""
