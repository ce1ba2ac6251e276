"""How much of one set of molecules is known, or nearly known, in another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

import attrs

from fluidmol.chem.overlap import joined, overlaps
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.study import Cell, Finding, Row


@attrs.frozen
class Overlaps:
    """Repeats and near duplicates between training, transfer and test sets.

    Of the molecules of ``dataset``, ``share_near`` have a near duplicate in the set that ``model`` names (Tanimoto
    similarity of ECFP4 at least ``at_least``), and ``share_same`` the same connectivity. Training is all partners'
    compounds together.
    """

    title: ClassVar[str] = "Overlap of the sets"
    question: ClassVar[str] = "How many molecules of one set have a near duplicate in another?"
    over: ClassVar[tuple[str, ...]] = ()

    at_least: float = attrs.field(
        default=0.9, converter=float, validator=[attrs.validators.gt(0), attrs.validators.le(1)]
    )
    """Similarity from which molecules are near duplicates."""

    def cells(self, lab: Lab) -> Iterator[Cell]:
        """One cell for all pairs of sets."""
        yield Cell({}, partial(_overlaps, lab, self.at_least))


def _overlaps(lab: Lab, at_least: float) -> Sequence[Finding]:
    sets = {"training": joined(assay.compounds for assay in lab.assays.values()), "transfer": lab.transfer}
    sets |= {name: lab.dataset(name).compounds for name in lab.benchmarks}
    rows = []
    for one, others in overlaps(sets, at_least).items():
        for other, found in others.items():
            row = partial(Row, f"in {other}", "derived", "", one, n_test=found.n_compounds)
            rows.append(row("share_near", found.share_near))
            rows.append(row("share_same", found.n_same_skeleton / found.n_compounds if found.n_compounds else 0.0))
    return rows
