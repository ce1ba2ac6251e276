"""Make a representation from public files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import attrs

from fluidmol.chem.features import features
from fluidmol.chem.representation import MAKERS, Maker, Note
from fluidmol.chem.representation.labelled_tables import PublicTables, read_tables
from fluidmol.errors import InputError, UsageError
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part
from fluidmol.values.provenance import Provenance, Source, skeletons_digest
from fluidmol.values.representation import Representation

TRANSFER = "transfer set"
"""Name of the first source."""

FEWEST = 3
"""Fewest transfer molecules."""


def build(
    maker: Part,
    transfer: CompoundSet,
    tables: Sequence[Path] = (),
    *,
    exclude: Collection[str] = (),
    note: Note = lambda _: None,
) -> Representation:
    """Make a representation; the same maker and files give the same one, on any number of cores.

    Runs on the ambient joblib backend (:func:`joblib.parallel_config`).

    Parameters
    ----------
    maker : Part
        Choice from :data:`fluidmol.chem.representation.MAKERS`.
    transfer : CompoundSet
        Public molecules.
    tables : sequence of Path
        Public labelled tables, for makers that read them; see
        :func:`fluidmol.chem.representation.labelled_tables.read_tables`.
    exclude : collection of str
        Skeletons (first 14 letters of InChIKeys) not to learn from, so that a study can judge honestly. Where data are
        private nobody may exclude them: what is missing would tell. Their number and digest are put down.
    note : callable, optional
        Is told what was done, and what was left out of the tables and why.

    Raises
    ------
    CharterError
        If there is no such maker, or an option is out of range.
    UsageError
        If tables are given to a maker that reads none, or none to one that does.
    MissingFileError, InputError
        If a table can't be used, or too few molecules are left.

    Examples
    --------
    >>> keys = "ISWSIDIOOBJBQZ-UHFFFAOYSA-N", "YXFVVABEGXRONW-UHFFFAOYSA-N", "LFQSCWFLJHTTHZ-UHFFFAOYSA-N"
    >>> made = build(Part("principal", {"bits": 128}), CompoundSet(("Oc1ccccc1", "Cc1ccccc1", "CCO"), keys))
    >>> made.n_directions, made.provenance.sources[0].used
    (2, 3)
    """
    built = MAKERS.build(maker)
    if built.reads_tables != bool(tables):
        raise UsageError(
            f"the maker {maker.name!r} {'learns from' if built.reads_tables else 'reads no'} public tables,"
            f" and {len(tables)} are given",
            hint="Name some, or take the maker principal." if built.reads_tables else "Take the maker endpoints.",
        )
    excluded = frozenset(exclude)
    kept = transfer.take([i for i, key in enumerate(transfer.skeletons) if key not in excluded])
    if len(kept) < FEWEST:
        raise InputError(f"{len(kept)} transfer molecules are left to learn from", hint=f"Expected {FEWEST} or more.")
    known = read_tables(tables, excluded, note) if tables else None
    rows = features(kept, built.featuriser)
    note(f"features of {len(kept):,} transfer molecules")
    branches = built(rows, known, note)
    return Representation(built.featuriser, branches, _provenance(maker, built, transfer, len(kept), known, excluded))


def _provenance(
    maker: Part, built: Maker, transfer: CompoundSet, used: int, tables: PublicTables | None, excluded: frozenset[str]
) -> Provenance:
    sources = [Source(TRANSFER, transfer.digest, used), *(tables.sources if tables is not None else ())]
    options = attrs.asdict(built, recurse=False)  # type: ignore[arg-type]
    return Provenance(Part(maker.name, options), sources, len(excluded), skeletons_digest(excluded))
