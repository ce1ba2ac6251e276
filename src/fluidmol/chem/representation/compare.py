"""Whether a representation is what its sources make."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import attrs
import numpy as np

from fluidmol.chem.features import features
from fluidmol.chem.intake.content import load
from fluidmol.chem.representation import Note
from fluidmol.chem.representation.build import TRANSFER, build
from fluidmol.chem.representation.project import projected
from fluidmol.errors import InputError
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.provenance import skeletons_digest
from fluidmol.values.representation import Representation

LOOKED_AT = 1000
"""Transfer molecules whose rows are compared."""

ALIKE = 0.02
"""Products of rows that differ by no more than this on the average come from rounding: of 1 at most."""


@attrs.frozen
class RepresentationDifference:
    """How a representation differs from what its sources make here."""

    digest: str
    """Of what was made here."""

    same: bool
    """Whether it is the same, to the last bit."""

    direction: float
    """Largest difference of an entry of a row."""

    product: float
    """Mean difference of the products of rows, which is all that a linear model sees."""

    @property
    def alike(self) -> bool:
        """Whether rounding explains the difference."""
        return self.product <= ALIKE


def compared(
    given: Representation,
    transfer: CompoundSet,
    tables: Sequence[Path] = (),
    *,
    exclude: Collection[str] = (),
    note: Note = lambda _: None,
) -> RepresentationDifference:
    """Make a representation again from the files that it names, and compare.

    Parameters
    ----------
    given : Representation
    transfer, tables, exclude, note
        As for :func:`fluidmol.chem.representation.build.build`. Tables that it doesn't name aren't read.

    Raises
    ------
    InputError
        If these aren't the sources that it names.
    FluidError
        As for ``build``.
    """
    paths = _named(given, transfer, tables, frozenset(exclude), note)
    made = build(given.provenance.maker, transfer, paths, exclude=exclude, note=note)
    if [s.used for s in made.provenance.sources] != [s.used for s in given.provenance.sources]:
        raise InputError(
            "other compounds of its sources are used here than it says",
            hint="It was made by another version, or not from these files alone.",
        )
    if made.n_directions != given.n_directions or made.featuriser != given.featuriser:
        raise InputError(
            f"its sources make {made.n_directions} directions, it has {given.n_directions}",
            hint="It wasn't made from the files it names, as it says.",
        )
    chosen = transfer.take(list(range(min(LOOKED_AT, len(transfer)))))
    rows = features(chosen, given.featuriser)
    one, other = projected(given, rows), projected(made, rows)
    product = float(np.abs(one @ one.T - other @ other.T).mean())
    return RepresentationDifference(made.digest, made == given, float(np.abs(one - other).max(initial=0.0)), product)


def _named(
    given: Representation, transfer: CompoundSet, tables: Sequence[Path], exclude: frozenset[str], note: Note
) -> list[Path]:
    """Find the tables that a representation names, in the order of its sources."""
    said = given.provenance
    transfers = [source.digest for source in said.sources if source.name == TRANSFER]
    if transfers != [transfer.digest]:
        raise InputError(
            f"it was made from the transfer set {', '.join(transfers) or 'of nobody'}, this is {transfer.digest}",
            hint="Give the transfer set that it names: same file, `transfer_size` and `seed`.",
        )
    if said.excluded != skeletons_digest(exclude):
        raise InputError(
            f"it was made without {said.n_excluded:,} skeletons, {len(exclude):,} others are given",
            hint="Name the file of the same ones with `exclude`.",
        )
    found = {f"sha256:{load(path).sha256}": path for path in tables}
    named = [source for source in said.sources if source.name != TRANSFER]
    for source in named:
        if source.digest not in found:
            raise InputError(
                f"it was made from {source.name} of digest {source.digest}, which isn't among the {len(found)} tables",
                hint="Give that file with `tables`.",
            )
    if unread := sorted({*found} - {source.digest for source in named}):
        note(f"tables that it doesn't name, and that aren't read: {', '.join(found[d].name for d in unread)}")
    return [found[source.digest] for source in named]
