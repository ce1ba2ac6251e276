"""Building blocks of the synthetic chemistry: scaffolds in families, and substituents.

All are written by hand, in the manner of medicinal chemistry; none is taken from a data set. A scaffold is
a SMILES with the sites ``{a}`` and ``{b}``, and sometimes ``{c}``, each on an aromatic carbon. Scaffolds
number their rings from 6, substituents from 1, so that text can be put into text.
"""

from __future__ import annotations

import attrs

SCAFFOLDS: dict[str, tuple[str, ...]] = {
    "benzamides": (
        "O=C(Nc6ccc({a})cc6)c7ccc({b})c({c})c7",
        "O=C(NCc6ccc({a})cc6)c7cc({b})cc({c})c7",
        "O=C(Nc6cccc({a})c6)c7ccc({b})nc7",
        "CN(Cc6ccc({a})cc6)C(=O)c7ccc({b})c({c})c7",
    ),
    "sulfonamides": (
        "O=S(=O)(Nc6ccc({a})cc6)c7ccc({b})c({c})c7",
        "O=S(=O)(N6CCN(c7ccc({a})cc7)CC6)c8ccc({b})cc8",
        "CN(c6ccc({a})cc6)S(=O)(=O)c7cccc({b})c7",
        "O=S(=O)(NCc6cccc({a})c6)c7ccc({b})c({c})c7",
    ),
    "indoles": (
        "Cn6c({a})cc7cc({b})c({c})cc67",
        "Cn6cc({a})c7cc({b})ccc67",
        "Cn6cc(Cc7ccc({a})cc7)c8cc({b})ccc68",
        "Cn6c(C(=O)Nc7ccc({a})cc7)cc8cc({b})ccc68",
    ),
    "azanaphthalenes": (
        "c6c({c})c7cc({b})ccc7nc6{a}",
        "c6nc(Nc7ccc({a})cc7)c8cc({b})c({c})cc8n6",
        "c6nc({a})cc7cc({b})ccc67",
        "c6nc7cc({b})c({c})cc7nc6{a}",
    ),
    "benzazoles": (
        "Cn6c({a})nc7cc({b})ccc67",
        "o6c({a})nc7c6cc({b})cc7",
        "s6c({a})nc7c6cc({b})c({c})c7",
        "c6nc7cc({b})ccc7n6Cc8ccc({a})c({c})c8",
    ),
    "diaryl ethers": (
        "O(c6ccc({a})cc6)c7ccc({b})c({c})c7",
        "COC(c6ccc({a})cc6)c7cccc({b})c7",
        "O(Cc6ccc({a})cc6)c7cccc({b})c7",
        "O(CCOc6ccc({a})cc6)c7ccc({b})c({c})c7",
    ),
    "diaryl azoles": (
        "Cc6cc(-c7ccc({a})cc7)n(-c8cccc({b})c8)n6",
        "c6(-c7ccc({a})cc7)nnc(o6)-c8ccc({b})c({c})c8",
        "c6(-c7ccc({a})cc7)csc(n6)-c8cccc({b})c8",
        "Cn6c(-c7ccc({a})cc7)cnc6-c8cccc({b})c8",
    ),
    "lactams": (
        "O=C(c6ccc({a})cc6)N7CCC(CC7)c8ccc({b})c({c})c8",
        "O=C6N(c7ccc({a})cc7)Cc8cc({b})ccc68",
        "O=C6CC(CN6c7ccc({a})cc7)c8ccc({b})cc8",
        "CN6C(=O)CCc7cc({a})c({b})cc67",
    ),
}
"""Families of scaffolds: the chemical series that companies work on."""


@attrs.frozen
class Substituent:
    """A group that replaces a hydrogen of an aromatic ring."""

    smiles: str
    """Written from the attached atom on."""

    kind: str
    """amine, acid, halogen, alkyl, aryl, heteroaryl, amide, sulfonamide or polar."""

    base: float = 0.0
    """How basic it is, in the manner of pKa classes: 0 not, 0.5 weak (about 7), 1 strong (9 and above)."""

    @property
    def lipophilic(self) -> bool:
        """Whether it is a halogen, an alkyl group or a carbocyclic aryl group."""
        return self.kind in ("halogen", "alkyl", "aryl")


def _group(kind: str, *smiles: str, base: float = 0.0) -> tuple[Substituent, ...]:
    return tuple(Substituent(text, kind, base) for text in smiles)


SUBSTITUENTS: tuple[Substituent, ...] = (
    *_group("amine", "CN1CCCC1", "CN1CCCCC1", "OCCN(C)C", "OCCN1CCCC1", "OCCCN1CCCCC1", "CN(C)C", base=1.0),
    *_group("amine", "N1CCN(C)CC1", "CN1CCN(C)CC1", "OCCN1CCOCC1", "CN1CCOCC1", "NCCN1CCOCC1", base=0.5),
    *_group("acid", "C(=O)O", "CC(=O)O", "OCC(=O)O", "CCC(=O)O"),
    *_group("halogen", "F", "Cl", "Br"),
    *_group("alkyl", "C", "CC", "C(C)C", "C(C)(C)C", "C1CC1", "C(F)(F)F", "C1CCCCC1"),
    *_group("aryl", "c1ccccc1", "c1ccc(F)cc1", "c1cccc(Cl)c1", "Cc1ccccc1", "OCc1ccccc1", "c1ccccc1C"),
    *_group("heteroaryl", "c1ccncc1", "c1cccnc1", "c1cnn(C)c1", "c1ccsc1", "c1ccco1", "n1cccn1", "n1ccnc1"),
    *_group("amide", "C(=O)NC", "C(=O)N(C)C", "NC(C)=O", "C(=O)N1CCCC1", "C(=O)NC1CC1", "C(=O)N1CCOCC1"),
    *_group("sulfonamide", "S(N)(=O)=O", "S(=O)(=O)NC", "NS(C)(=O)=O", "S(=O)(=O)N1CCCC1", "S(=O)(=O)N(C)C"),
    *_group("polar", "OC", "OCC", "OCCOC", "COC", "C#N", "CO", "S(C)(=O)=O", "N1CCOCC1"),
)
"""What goes on sites a and b."""

DECORATIONS: tuple[str, ...] = ("[H]", "F", "Cl", "C", "OC", "C#N", "C(F)(F)F")
"""Small groups for site c."""
