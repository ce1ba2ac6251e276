"""The lab that studies of one seed share, one after the other."""

from __future__ import annotations

from pathlib import Path

import attrs

from fluidmol.chem.features import forget
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.store import Store
from fluidmol.studies.prepare import Prepared, Sources, prepare
from fluidmol.studies.simulate import Setup
from fluidmol.studies.stages import Stages
from fluidmol.values.charter import Charter


@attrs.frozen
class _Made:
    store: Path
    sources: Sources
    setup: Setup
    charter: Charter


class Bench:
    """Remembers the lab that was asked for last, so that several studies of one seed prepare it once.

    Files are taken not to change while it lives.
    """

    def __init__(self) -> None:
        self._last: _Made | None = None
        self._made: tuple[Prepared, Lab] | None = None

    def lab(
        self,
        sources: Sources,
        charter: Charter,
        setup: Setup,
        *,
        store: Store,
        cache: StandardCache | None,
        stages: Stages,
    ) -> tuple[Prepared, Lab]:
        """Give the lab of a consortium, and what was prepared for it.

        Raises
        ------
        FluidError
            If the files make no consortium.
        """
        wanted = _Made(store.folder, sources, setup, charter)
        if self._made is None or self._last != wanted:
            self._made = None  # the one before may go
            forget()  # and so may its features
            prepared = prepare(sources, charter, setup, cache, stages)
            self._last, self._made = wanted, (prepared, Lab(prepared.consortium, store))
        return self._made
