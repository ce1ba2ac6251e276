"""Enumerate the synthetic chemistry: picks of building blocks become distinct, drug-like molecules."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np
from rdkit import Chem
from rdkit.Chem import rdinchi, rdMolDescriptors

from fluidmol.studies.synthetic_chemistry import DECORATIONS, SCAFFOLDS, SUBSTITUENTS, Substituent

HOUSE_SIZE = 12
"""How many substituents a family favours, on each of the sites a and b."""

HOUSE_SHARE = 0.8
"""How often a source molecule takes a substituent that its family favours."""

ALL_SCAFFOLDS = tuple((family, template) for family, templates in SCAFFOLDS.items() for template in templates)
"""Pairs of family and template."""

Pick = tuple[int, int, int, int]
"""Indices of scaffold, a, b and c."""


@attrs.frozen
class Molecule:
    """One synthetic molecule, with what the rule needs to know about it."""

    pick: Pick
    """What it is made of."""

    smiles: str
    """Canonical SMILES."""

    logp: float
    """Crippen logP."""

    rings: int
    """Number of aromatic rings."""

    tpsa: float
    """Topological polar surface area, Å²."""

    @property
    def family(self) -> str:
        """Family of its scaffold."""
        return ALL_SCAFFOLDS[self.pick[0]][0]

    @property
    def substituents(self) -> tuple[Substituent, Substituent]:
        """The substituents on a and b."""
        return SUBSTITUENTS[self.pick[1]], SUBSTITUENTS[self.pick[2]]


def public_picks(rng: np.random.Generator) -> Iterator[Pick]:
    """Draw without end, all scaffolds and all substituents alike."""
    sizes = (len(ALL_SCAFFOLDS), len(SUBSTITUENTS), len(SUBSTITUENTS), len(DECORATIONS))
    while True:
        scaffold, a, b, c = rng.integers(sizes).tolist()
        yield scaffold, a, b, c


def house_picks(rng: np.random.Generator, houses: np.random.Generator) -> Iterator[Pick]:
    """Draw without end, all scaffolds alike, but mostly those substituents that the family favours.

    Parameters
    ----------
    rng : Generator
        Draws the picks.
    houses : Generator
        Draws, once, what each family favours.
    """
    lists = {
        (family, site): houses.choice(len(SUBSTITUENTS), HOUSE_SIZE, replace=False)
        for family in SCAFFOLDS
        for site in "ab"
    }

    def favoured(family: str, site: str, otherwise: int) -> int:
        return int(rng.choice(lists[family, site])) if rng.random() < HOUSE_SHARE else otherwise

    for scaffold, a, b, c in public_picks(rng):
        family = ALL_SCAFFOLDS[scaffold][0]
        yield scaffold, favoured(family, "a", a), favoured(family, "b", b), c


def collect(picks: Iterator[Pick], wanted: int, taken: set[str]) -> list[Molecule]:
    """Make molecules until there are enough new ones.

    Parameters
    ----------
    picks : iterator of Pick
        Must hold enough different molecules; otherwise this doesn't end.
    wanted : int
        How many to make.
    taken : set of str
        First blocks of InChIKeys that are no longer free; those of the new molecules are added.

    Returns
    -------
    list of Molecule
        ``wanted`` molecules.

    Examples
    --------
    >>> made = collect(public_picks(np.random.default_rng(0)), 3, taken=set())
    >>> len({molecule.smiles for molecule in made})
    3
    """
    found: list[Molecule] = []
    while len(found) < wanted:
        pick = next(picks)
        structure = _structure(pick)
        molecule = _druglike(pick, structure)
        if molecule is None:
            continue
        block = rdinchi.MolToInchiKey(structure)[:14]
        if block not in taken:
            taken.add(block)
            found.append(molecule)
    return found


def _structure(pick: Pick) -> Chem.Mol:
    scaffold, a, b, c = pick
    template = ALL_SCAFFOLDS[scaffold][1]
    return Chem.MolFromSmiles(template.format(a=SUBSTITUENTS[a].smiles, b=SUBSTITUENTS[b].smiles, c=DECORATIONS[c]))


def _druglike(pick: Pick, structure: Chem.Mol) -> Molecule | None:
    """Measure a molecule, or give nothing where it is outside the limits that transfer sets usually have."""
    if not 12 <= structure.GetNumHeavyAtoms() <= 50:
        return None
    if not 180 <= rdMolDescriptors._CalcMolWt(structure) <= 650:
        return None
    logp, _ = rdMolDescriptors.CalcCrippenDescriptors(structure)
    if not -3 <= logp <= 7:
        return None
    rings, tpsa = rdMolDescriptors.CalcNumAromaticRings(structure), rdMolDescriptors.CalcTPSA(structure)
    return Molecule(pick, Chem.MolToSmiles(structure), logp, rings, tpsa)
