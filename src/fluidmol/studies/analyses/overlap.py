"""How much of one set of molecules is known, or nearly known, in another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

import attrs

from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.study import Cell, Finding, Row
from fluidmol.studies.repeats import AT_LEAST, repeats


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
        default=AT_LEAST, converter=float, validator=[attrs.validators.gt(0), attrs.validators.le(1)]
    )
    """Similarity from which molecules are near duplicates."""

    def cells(self, lab: Lab) -> Iterator[Cell]:
        """One cell for all pairs of sets."""
        yield Cell({}, partial(_overlaps, lab, self.at_least))


def _overlaps(lab: Lab, at_least: float) -> Sequence[Finding]:
    rows = []
    for one, others in repeats(lab.consortium, at_least).items():
        for other, found in others.items():
            row = partial(Row, f"in {other}", "derived", "", one, n_test=int(found["n"]))
            rows += [row(name, found[name]) for name in ("share_near", "share_same")]
    return rows
