"""From files to a virtual consortium, before any model is trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.charters.feasible import check_feasible
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.dates import read_dates
from fluidmol.chem.intake.labelled import Labelled
from fluidmol.chem.intake.origins import OriginColumn
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.chem.intake.rejected import Rejected
from fluidmol.chem.intake.transfer import Molecules, read_molecules
from fluidmol.chem.representation.underlying import DIRECTIONS
from fluidmol.errors import InputError
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.assay import Assay
from fluidmol.partner.measurements import read_measurements
from fluidmol.progress import Stages
from fluidmol.studies.consortium import Consortium, Setup, divide
from fluidmol.studies.directions import with_directions
from fluidmol.studies.validation import Dates
from fluidmol.values.charter import Charter


def _paths(values: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Sources:
    """Which files a virtual consortium is made of."""

    source: Path
    """Labelled molecules that are divided among the partners."""

    transfer: Path
    """Public molecules."""

    external: Path | None = None
    """Labelled molecules of another origin, to judge by."""

    transfer_size: int | None = None
    """How many transfer molecules are drawn; all by default."""

    tables: tuple[Path, ...] = attrs.field(default=(), converter=_paths)
    """Public labelled tables that public directions are learnt from, under a charter that works in some."""

    columns: OutcomeColumns = attrs.field(factory=OutcomeColumns)
    """Which column says what, in source and external; the column of the structures holds for the transfer set, too."""

    origin_column: str | None = None
    """Which column of source and external file names the sources of a compound; one of them must have it. One called
    ``source`` by default, if any."""

    date_column: str | None = None
    """Which column of the source says when a compound was measured, to hold the newest out; see :func:`read_dates`."""


@attrs.frozen(kw_only=True, eq=False)
class VirtualConsortium:
    """A virtual consortium, and what became of the files' rows."""

    consortium: Consortium
    """Partners' data, test sets and transfer set."""

    rejected: tuple[Rejected, ...]
    """Rows that can't be used, of all files."""

    inputs: tuple[Mapping[str, Any], ...]
    """What was read, a table a file: role, name, sha256, rows, usable, rejected, merged, removed."""


def prepare(
    sources: Sources, charter: Charter, setup: Setup, cache: StandardCache | None, stages: Stages
) -> VirtualConsortium:
    """Read, standardise, de-duplicate and divide.

    Compounds of the external set whose skeleton (first block of the InChIKey) occurs in the source are removed,
    and so are transfer molecules whose skeleton occurs in training, validation or external set.

    Parameters
    ----------
    sources : Sources
    charter : Charter
        Its transfer digest and size are filled in.
    setup : Setup
    cache : StandardCache or None
        Of standardised structures.
    stages : Stages

    Returns
    -------
    VirtualConsortium

    Raises
    ------
    FluidError
        If a file, the charter or the division can't be used.
    """
    check_feasible(charter)
    options: dict[str, Any] = {"cache": cache, "progress": stages.advance}
    with stages.stage("source"):
        origin = OriginColumn(sources.origin_column, needed=sources.external is None)
        read = read_measurements(sources.source, sources.columns, charter, origin=origin, **options)
        _note(sources.source, read, stages)
        named = None if read.origins is None else dict(zip(read.compounds.inchikeys, read.origins, strict=True))
        labelled = Assay.of(read)
        assays, validation = divide(labelled, setup, charter.seed, _dates(sources, read, cache, stages))
        inputs = [_facts("source", sources.source, sources.columns, read)]
        rejected = list(read.rejected)
    benchmarks, origins = {"validation": validation}, None
    if sources.external is not None:
        with stages.stage("external set"):
            columns = sources.columns.also(sources.external)
            origin = OriginColumn(sources.origin_column, needed=named is None)
            read = read_measurements(sources.external, columns, charter, origin=origin, **options)
            _note(sources.external, read, stages)
            rows = _new_rows(read, labelled, sources.external)
            benchmarks["external"] = Assay.of(read).take(rows)
            if read.origins is not None:
                origins = tuple(read.origins[i] for i in rows.tolist())
            removed = {"source": len(read) - len(rows)}
            inputs.append({**_facts("external", sources.external, sources.columns, read), "removed": removed})
            rejected += read.rejected
    with stages.stage("transfer set"):
        train = {skeleton for assay in assays.values() for skeleton in assay.compounds.skeletons}
        known = {name: set(benchmark.compounds.skeletons) for name, benchmark in benchmarks.items()}
        molecules = read_molecules(
            sources.transfer,
            size=sources.transfer_size,
            seed=derive_seed(charter.seed, "transfer"),
            exclude={"training": train, **known},
            smiles_column=sources.columns.smiles_column,
            sheet=sources.columns.also(sources.transfer).sheet,
            **options,
        )
        inputs.append(_transfer_facts(sources.transfer, molecules))
        rejected += molecules.rejected
    agreed = attrs.evolve(charter, transfer_digest=molecules.compounds.digest, transfer_size=len(molecules.compounds))
    if agreed.featuriser.name == DIRECTIONS:
        # Nothing that is judged may have been learnt from.
        judged = frozenset(train.union(*known.values()))
        with stages.stage("public directions"):
            agreed = with_directions(agreed, molecules.compounds, sources.tables, judged, stages.note)
    consortium = Consortium(
        charter=agreed,
        transfer=molecules.compounds,
        assays=assays,
        benchmarks=benchmarks,
        origins=origins,
        source_origins=named,
    )
    return VirtualConsortium(consortium=consortium, rejected=tuple(rejected), inputs=tuple(inputs))


def _note(path: Path, read: Labelled, stages: Stages) -> None:
    """Note at once how a file was read: a wrong column is better noticed now than when all is done."""
    stages.note(f"{path.name}: {read.reading.line}.")
    for caution in read.reading.cautions:
        stages.note(f"Caution: {caution}.")


def _dates(sources: Sources, read: Labelled, cache: StandardCache | None, stages: Stages) -> Dates | None:
    if sources.date_column is None:
        return None
    columns = sources.columns
    return read_dates(
        sources.source, sources.date_column, read.compounds, smiles_column=columns.smiles_column, sheet=columns.sheet,
        cache=cache, note=stages.note, complete=True,
    )  # fmt: skip


def _new_rows(external: Labelled, source: Assay, path: Path) -> NDArray[np.int64]:
    """Return the positions of the external compounds whose skeleton doesn't occur in the source."""
    known = set(source.compounds.skeletons)
    new = np.array([skeleton not in known for skeleton in external.compounds.skeletons], dtype=bool)
    if not new.any():
        raise InputError(
            f"all {len(external)} usable compounds of {path} occur in the source",
            hint="An external set must be of other compounds (first block of the InChIKey).",
        )
    return np.flatnonzero(new)


def _facts(role: str, path: Path, wanted: OutcomeColumns, read: Labelled) -> dict[str, Any]:
    return {
        "role": role,
        "name": path.name,
        "sha256": read.sha256,
        "outcome": read.outcome_column,
        "reading": read.reading.facts(),
        "asked": {name: value for name, value in attrs.asdict(wanted).items() if value is not None},
        "rows": read.n_rows,
        "usable": len(read),
        "rejected": len(read.rejected),
        "merged": read.n_merged,
        "removed": {},
    }


def _transfer_facts(path: Path, read: Molecules) -> dict[str, Any]:
    return {
        "role": "transfer",
        "name": path.name,
        "sha256": read.sha256,
        "rows": read.n_rows,
        "drawn": read.n_drawn,
        "asked": read.asked,
        "usable": len(read),
        "rejected": len(read.rejected),
        "merged": read.n_merged,
        "removed": dict(read.removed),
    }
