"""What a partner answers from: its own file, its own model, public sets to judge them on. Read only if it is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from fluidmol.chem.intake.measurements.reading import Reading
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.cli import checked, teachers
from fluidmol.cli.caches import caches
from fluidmol.cli.progress import shown_stages
from fluidmol.cli.sound import sound
from fluidmol.errors import UsageError
from fluidmol.partner.assay import Assay
from fluidmol.partner.gate import Gate
from fluidmol.partner.measurements import read_measurements
from fluidmol.partner.partner import Partner
from fluidmol.rounds.partner.partner_round import PartnerRound
from fluidmol.rounds.partner.questions import Question

if TYPE_CHECKING:
    from fluidmol.chem.intake.cache import StandardCache
    from fluidmol.progress import Stages
    from fluidmol.values.compounds import CompoundSet


@attrs.frozen
class _Work:
    question: Question
    stages: Stages
    answering: ExitStack


@attrs.frozen(kw_only=True)
class Private:
    """What the options name."""

    data: Path | None
    """Own compounds."""

    columns: OutcomeColumns
    benchmarks: tuple[Path, ...]
    """Public labelled sets."""

    own: Mapping[str, Any]
    """Options of an own model, as :func:`fluidmol.cli.teachers.recipe` takes them."""

    cached: bool
    quiet: bool

    readings: dict[str, Reading] = attrs.field(factory=dict)
    """How each file was understood, by its name; filled when it is read."""

    _work: list[_Work] = attrs.field(factory=list, init=False)

    @contextmanager
    def composing(self, question: Question) -> Iterator[None]:
        """Show progress while a reply is made."""
        with shown_stages(self.quiet) as stages, ExitStack() as answering:
            self._work.append(_Work(question, stages, answering))
            try:
                yield
            finally:
                self._work.pop()

    def look(self, compounds: CompoundSet) -> CompoundSet:
        """Look at the transfer set's molecules, with progress on the terminal; see :func:`fluidmol.cli.sound.sound`."""
        cache = caches(wanted=self.cached)
        return sound(compounds, cache, self._work[-1].stages if self._work else None, quiet=self.quiet)

    def partner(self, visit: PartnerRound, gate: Gate) -> Partner:
        """Read all that is named, and make the partner.

        Raises
        ------
        FluidError
            If data or model can't be used.
        """
        stages = self._work[-1].stages
        cache = caches(wanted=self.cached)
        recipe = teachers.recipe(
            **self.own,
            answers=visit.home.path / "answers",
            kept=visit.home.kept_model,
            cache=cache,
            note=stages.note,
            progress=stages.advance,
        )
        if self.data is None and recipe.learns:
            raise UsageError("it isn't said which compounds your teacher learns from", hint="Give --data FILE.")
        assay = None
        if self.data is not None:
            with stages.stage("own compounds"):
                assay = self._read(self.data, visit, cache, stages)
        benchmarks = {}
        for path in self.benchmarks:
            with stages.stage(f"benchmark {path.stem}"):
                benchmarks[path.stem] = self._read(path, visit, cache, stages)
        found = visit.partner(assay, gate, recipe=recipe, benchmarks=benchmarks, progress=stages.advance)
        self._work[-1].answering.enter_context(stages.stage(f"reply to {self._work[-1].question.name}"))
        return found

    def _read(self, path: Path, visit: PartnerRound, cache: StandardCache | None, stages: Stages) -> Assay:
        read = read_measurements(
            checked.existing_file(path), self.columns.also(path), visit.charter, cache=cache, progress=stages.advance
        )
        self.readings[path.name] = read.reading
        return Assay.of(read)
