"""Standardise molecules: parents, neutral, one SMILES and one InChIKey each.

It is the slowest step of all. So each distinct SMILES is worked on once, results are kept in a cache, and
the work is spread over processes by the ambient joblib backend.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.parents import Standardised, standardise_one
from fluidmol.errors import InputError
from fluidmol.parallel import on_backend
from fluidmol.values.compounds import CompoundSet

__all__ = ["Standardised", "compound_set", "standardise"]

_log = logging.getLogger(__name__)

CHUNK = 500
"""Molecules in one piece of work: an interruption loses less than this many a process."""

Progress = Callable[[int, int], None]
"""Is told how many are done, and of how many."""


def standardise(
    smiles: Sequence[str],
    *,
    cache: StandardCache | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> list[Standardised]:
    """Bring molecules into the one form in which they are compared and learned from.

    The ChEMBL structure pipeline normalises functional groups, strips salts, solvents and isotopes and
    neutralises; then come RDKit's canonical SMILES and the standard InChIKey. A bad compound is a value with a
    reason, never an exception. Rejected are: empty and unreadable SMILES, text after a SMILES, InChI, reactions and
    patterns, more than 1000 atoms (``MAX_ATOMS``), wildcards, what the pipeline excludes (most metals, boranes),
    mixtures of several fragments that aren't known salts or solvents, structures without carbon, and those that InChI
    can't describe. Where all fragments are known salts or solvents, the larger organic one is the compound.

    CXSMILES are read: stereo in AND and OR groups (``|&1:1|``, ``|o1:1|``) is left out, with a note. An extension
    that is broken, unknown, or makes more than one molecule of it (repeats, link nodes, R groups) is rejected.

    Parameters
    ----------
    smiles : sequence of str
        Length n; repetitions cost nothing.
    cache : StandardCache, optional
        Where results are looked up and kept; each finished chunk at once.
    n_jobs : int, optional
        Processes; None leaves it to the ambient ``joblib.parallel_config``. A single chunk (500 molecules
        or fewer) is done in this process, for starting others takes longer.
    progress : callable, optional
        Called with the number of distinct SMILES that are done, and of all.

    Returns
    -------
    list of Standardised
        Length n, in the order given.

    Examples
    --------
    >>> [found] = standardise(["[Na+].[O-]C(=O)c1ccncc1C"])
    >>> found.smiles, found.inchikey
    ('Cc1cnccc1C(=O)O', 'OSMAGAVKVRGYGR-UHFFFAOYSA-N')
    >>> standardise(["O"])[0].reason
    'no carbon'
    """
    distinct = list(dict.fromkeys(smiles))
    known = cache.get(distinct) if cache is not None else {}
    pending = [text for text in distinct if text not in known]
    if progress is not None:
        progress(len(distinct) - len(pending), len(distinct))
    for raws, found in _worked(pending, n_jobs):
        fresh = dict(zip(raws, found, strict=True))
        known.update(fresh)
        if cache is not None:
            cache.put(fresh)
        if progress is not None:
            progress(len(known), len(distinct))
    return [known[text] for text in smiles]


def compound_set(smiles: Sequence[str]) -> CompoundSet:
    """Standardise SMILES to a set of compounds, for use from Python; files are read by ``read_labelled`` and kin.

    Parameters
    ----------
    smiles : sequence of str
        One molecule each, each another.

    Returns
    -------
    CompoundSet
        In the same order.

    Raises
    ------
    InputError
        If a SMILES can't be used, or two are the same compound.

    Examples
    --------
    >>> compound_set(["C[NH3+].[Cl-]", "OCC"]).smiles
    ('CN', 'CCO')
    """
    found = standardise(smiles)
    for text, item in zip(smiles, found, strict=True):
        if item.reason:
            raise InputError(f"{text!r} can't be used: {item.reason}", hint="Leave it out, or mend it.")
    try:
        return CompoundSet([item.smiles for item in found], [item.inchikey for item in found])
    except ValueError as problem:
        raise InputError(f"{problem}", hint="Give each compound once.") from problem


def _worked(pending: list[str], n_jobs: int | None) -> Iterator[tuple[list[str], list[Standardised]]]:
    """Give the chunks one after another, each when it is finished."""
    chunks = [pending[i : i + CHUNK] for i in range(0, len(pending), CHUNK)]
    if len(chunks) <= 1:
        answers: Iterable[tuple[int, list[Standardised]]] = map(_chunk, chunks)
    else:
        answers = on_backend(_chunk, ((chunk,) for chunk in chunks), n_jobs)
    for raws, (process, found) in zip(chunks, answers, strict=True):
        _log.debug("%d molecules standardised by process %d", len(raws), process)
        yield raws, found


def _chunk(raws: list[str]) -> tuple[int, list[Standardised]]:
    return os.getpid(), [standardise_one(raw) for raw in raws]
