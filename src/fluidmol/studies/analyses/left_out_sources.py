"""Sources of the training compounds that everybody does without."""

from __future__ import annotations

import attrs
import numpy as np

from fluidmol.errors import UsageError
from fluidmol.studies.analyses.external_groups import EXTERNAL
from fluidmol.studies.lab.lab import Lab


def sources_of(lab: Lab) -> tuple[str, ...]:
    """Return the sources of the partners' compounds, sorted.

    Raises
    ------
    UsageError
        If there are fewer than two: without the only one nothing is left.
    """
    named = lab.consortium.source_origins or {}
    found = {name for key in lab.everything.compounds.inchikeys for name in named.get(key, ())}
    if len(found) < 2:
        what = f"one source, {next(iter(found))}" if found else "no source"
        raise UsageError(
            f"each source of the training compounds is to be left out in turn, and the source file names {what}",
            hint="Expected a column called source, or named by `origin_column`, with two or more: several files of"
            " measurements can be one, with such a column.",
        )
    return tuple(sorted(found))


def leaving_out(lab: Lab, name: str) -> Lab:
    """Return the lab of the same partners without one of the sources, which is the external set.

    A compound that shares its skeleton with one of that source is in neither, if it isn't of that source itself.
    """
    named = lab.consortium.source_origins or {}
    whole = lab.everything
    theirs = np.array([name in named.get(key, ()) for key in whole.compounds.inchikeys], dtype=bool)
    held = whole.take(np.flatnonzero(theirs))
    known = set(held.compounds.skeletons)
    rest = {
        partner: assay.take(np.flatnonzero([skeleton not in known for skeleton in assay.compounds.skeletons]))
        for partner, assay in lab.assays.items()
    }
    consortium = attrs.evolve(lab.consortium, assays=rest, benchmarks={EXTERNAL: held})
    return Lab(consortium, lab.store, lab.policy, noiseless=lab.noiseless, stages=lab.stages)
