"""Public directions for a virtual consortium: made once from the same files, and never from what is judged."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from pathlib import Path

import attrs

from fluidmol.chem.representation import Note
from fluidmol.chem.representation.build import build
from fluidmol.chem.representation.known import find, keep
from fluidmol.chem.representation.underlying import DIRECTIONS, representation_of
from fluidmol.errors import FluidError
from fluidmol.studies.environment import environment
from fluidmol.values.arrays import digest_of
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.files import write_whole
from fluidmol.values.parts import Part
from fluidmol.values.places import cache_folder
from fluidmol.values.provenance import skeletons_digest


def with_directions(
    charter: Charter, transfer: CompoundSet, tables: Sequence[Path], excluded: Collection[str], note: Note
) -> Charter:
    """Name public directions in a charter: those that it names already, or new ones of the transfer set and tables.

    Parameters
    ----------
    charter : Charter
        With the featuriser ``directions``.
    transfer : CompoundSet
    tables : sequence of Path
        Public labelled tables; without any, the directions are the transfer set's principal ones.
    excluded : collection of str
        Skeletons of all that is judged, which nothing may be learnt from.
    note : callable
        Is told what was made.

    Raises
    ------
    FluidError
        If those that the charter names aren't known here, or none can be made.
    """
    if representation_of(charter.featuriser):
        find(representation_of(charter.featuriser))
        note("The charter names public directions: whether they were made without what is judged here isn't known.")
        return charter
    maker = Part("endpoints" if tables else "principal")
    left_out = excluded if tables else ()  # the transfer set has none of them already
    digest = _made(maker, transfer, tables, left_out, note)
    return attrs.evolve(charter, featuriser=Part(DIRECTIONS, {"digest": digest}))


def _made(maker: Part, transfer: CompoundSet, tables: Sequence[Path], excluded: Collection[str], note: Note) -> str:
    """Give the digest of the directions of these files; made only if that wasn't done before."""
    files = [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in tables]
    facts = (maker.name, transfer.digest, skeletons_digest(excluded), *files, environment())
    memory = cache_folder() / "directions" / digest_of("fluidmol directions 1", facts).removeprefix("sha256:")
    try:
        return find(memory.read_text(encoding="ascii")).digest
    except (OSError, UnicodeDecodeError, FluidError):
        pass  # not made yet, or lost
    made = build(maker, transfer, tables, exclude=excluded, note=note)
    keep(made)
    memory.parent.mkdir(parents=True, exist_ok=True)
    write_whole(memory, made.digest)
    return made.digest
