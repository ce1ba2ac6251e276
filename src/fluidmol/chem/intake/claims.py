"""Molecules that others have standardised: whether they are what they are said to be.

A transfer set comes with SMILES and InChIKeys. By the keys partners count which of their own compounds are asked about,
and find the rows of predictions made elsewhere: whoever makes the set could state false ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from rdkit import Chem, rdBase
from rdkit.Chem import rdinchi

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.parents import MAX_ATOMS, MAX_CHARACTERS
from fluidmol.chem.intake.standardise import Progress
from fluidmol.errors import CharterError
from fluidmol.parallel import on_backend
from fluidmol.values.compounds import CompoundSet

CHUNK = 2000
"""Molecules in one piece of work: half a second."""

SHOWN = 60
"""Characters that a message shows of a SMILES."""


def check_claims(
    compounds: CompoundSet, *, cache: StandardCache | None = None, progress: Progress | None = None
) -> None:
    """Refuse molecules that can't be worked with, or that aren't those whose InChIKeys are stated.

    Runs on the ambient joblib backend; 50 000 molecules take some 15 s of one core.

    Parameters
    ----------
    compounds : CompoundSet
        The transfer set, as somebody else made it.
    cache : StandardCache, optional
        Where it is kept that a set is sound: the same one isn't looked at again.
    progress : callable, optional
        Called with the number of molecules that are done, and of all.

    Raises
    ------
    CharterError
        Saying how many, which is the first, and what is wrong with it.

    Examples
    --------
    >>> check_claims(CompoundSet(["Oc1ccccc1"], ["ISWSIDIOOBJBQZ-UHFFFAOYSA-N"]))
    >>> check_claims(CompoundSet(["Oc1ccccc1"], ["VNWKTOKETHGBQD-UHFFFAOYSA-N"]))
    Traceback (most recent call last):
    fluidmol.errors.CharterError: 1 of the 1 molecules of the transfer set can't be used. The first is number 1,
    'Oc1ccccc1': its InChIKey is given as VNWKTOKETHGBQD-UHFFFAOYSA-N, and is ISWSIDIOOBJBQZ-UHFFFAOYSA-N; ...
    """
    if not len(compounds):
        raise CharterError("the transfer set has no molecules", hint="Ask the charter's coordinator for another.")
    if cache is not None and cache.is_sound(compounds.digest):
        return
    count, first = 0, (0, "")
    for start, faults in _looked_at(compounds, progress):
        if faults and not count:
            first = (start + faults[0][0], faults[0][1])
        count += len(faults)
    if count:
        place, fault = first
        smiles = compounds.smiles[place]
        shown = smiles if len(smiles) <= SHOWN else f"{smiles[:SHOWN]}..."
        raise CharterError(
            f"{count:,} of the {len(compounds):,} molecules of the transfer set can't be used. The first is number"
            f" {place + 1:,}, {shown!r}: {fault}",
            hint="Answer nothing under this charter. Its coordinator makes another, and its transfer set, from the file"
            " of molecules: fluid charter new.",
        )
    if cache is not None:
        cache.note_sound(compounds.digest)


def fault_of(smiles: str, inchikey: str) -> str:
    """Say what is wrong with one molecule that is said to be standardised; empty if nothing is.

    What costs nothing is looked at first: a long SMILES isn't parsed, and nothing is computed of a large molecule.

    Examples
    --------
    >>> fault_of("C1CC", "VNWKTOKETHGBQD-UHFFFAOYSA-N")
    'unreadable SMILES'
    >>> fault_of("C" * 1001, "VNWKTOKETHGBQD-UHFFFAOYSA-N")
    'too large: 1001 atoms, expected at most 1000'
    """
    if not smiles:
        return "empty SMILES"
    if len(smiles) > MAX_CHARACTERS:
        return f"too large: a SMILES of {len(smiles)} characters, expected at most {MAX_CHARACTERS}"
    # RDKit takes what follows a blank for a name, and reads up to a zero byte.
    if not re.fullmatch("[!-~]+", smiles):
        return "a SMILES with blanks or characters that no SMILES has"
    with rdBase.BlockLogs():
        try:
            return _fault(smiles, inchikey)
        # RDKit and InChI raise many kinds of errors; each means that nobody can work with this molecule.
        except Exception as problem:
            return f"it can't be worked with ({type(problem).__name__})"


def _fault(smiles: str, inchikey: str) -> str:
    raw: Any = Chem.MolFromSmiles(smiles, sanitize=False)
    if raw is None:
        return "unreadable SMILES"
    if (atoms := raw.GetNumAtoms()) > MAX_ATOMS:
        return f"too large: {atoms} atoms, expected at most {MAX_ATOMS}"
    # A salt's key isn't its compound's: nobody would find the own compound in it.
    if (fragments := len(Chem.GetMolFrags(raw))) != 1:
        return f"a mixture of {fragments} fragments, expected one" if fragments else "empty SMILES"
    molecule: Any = Chem.MolFromSmiles(smiles)
    if molecule is None:
        return "unreadable SMILES"
    found = rdinchi.MolToInchiKey(molecule)
    if found == inchikey:
        return ""
    return (
        f"its InChIKey is given as {inchikey}, and is {found or 'none'}; by false keys nobody can tell which of its own"
        " compounds are asked about"
    )


def _looked_at(compounds: CompoundSet, progress: Progress | None) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """Give the faults of each chunk, and where it starts."""
    starts = range(0, len(compounds), CHUNK)
    chunks = ((compounds.smiles[start : start + CHUNK], compounds.inchikeys[start : start + CHUNK]) for start in starts)
    # One chunk isn't worth waking other processes for.
    for start, faults in zip(starts, on_backend(_faults, chunks, 1 if len(starts) <= 1 else None), strict=True):
        yield start, faults
        if progress is not None:
            progress(min(start + CHUNK, len(compounds)), len(compounds))


def _faults(smiles: Sequence[str], inchikeys: Sequence[str]) -> list[tuple[int, str]]:
    found = enumerate(fault_of(*pair) for pair in zip(smiles, inchikeys, strict=True))
    return [(place, fault) for place, fault in found if fault]
