"""The lab that studies of one seed share, one after the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fluidmol.chem.features import forget
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.progress import Stages
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.plan import StudyPlan
from fluidmol.studies.lab.store import ArrayStore
from fluidmol.studies.prepare import VirtualConsortium, prepare


class Bench:
    """Remembers the lab that was asked for last, so that several studies of one seed prepare it once.

    Files are taken not to change while it lives.
    """

    def __init__(self) -> None:
        self._last: tuple[Any, ...] = ()
        self._made: tuple[VirtualConsortium, Lab] | None = None

    def lab(
        self, plan: StudyPlan, seed: int, out: Path, *, cache: StandardCache | None, stages: Stages
    ) -> tuple[VirtualConsortium, Lab]:
        """Return the lab of one seed's consortium, and what was prepared for it.

        Raises
        ------
        FluidError
            If the files make no consortium.
        """
        charter, store = plan.seeded(seed), plan.folder(out).cache
        wanted = (store, plan.sources, plan.setup, charter)
        if self._made is None or self._last != wanted:
            self._made = None  # the one before may go
            forget()  # and so may its features
            prepared = prepare(plan.sources, charter, plan.setup, cache, stages)
            self._last, self._made = wanted, (prepared, Lab(prepared.consortium, ArrayStore(store)))
        self._made[1].stages = stages
        return self._made
