"""Structures to predict: each once, whatever else is asked in the same breath."""

from __future__ import annotations

from collections.abc import Iterable

from fluidmol.chem.intake.parents import Standardised
from fluidmol.values.compounds import CompoundSet


def structure_sets(found: Iterable[Standardised]) -> tuple[CompoundSet, ...]:
    """Collect the usable structures, each once.

    Several structures may have one InChIKey: tautomers, mostly. Features, and so predictions, are of the structure, and
    a set of compounds has each InChIKey once. So all but the first go into further sets: what is said of a molecule
    doesn't depend on what it is asked with.

    Examples
    --------
    >>> from fluidmol.chem.intake.standardise import standardise
    >>> [found.smiles for found in structure_sets(standardise(["Oc1ccccn1", "CCO", "O=c1cccc[nH]1", "OCC", "C1CC"]))]
    [('Oc1ccccn1', 'CCO'), ('O=c1cccc[nH]1',)]
    """
    sets: list[dict[str, str]] = []
    for item in dict.fromkeys((item.smiles, item.inchikey) for item in found if not item.reason):
        smiles, key = item
        place = next((known for known in sets if key not in known), None)
        if place is None:
            sets.append(place := {})
        place[key] = smiles
    return tuple(CompoundSet(list(known.values()), list(known)) for known in sets)
