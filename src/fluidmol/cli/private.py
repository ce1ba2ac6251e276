"""What a partner answers from: its own file, its own model, public sets to judge them on. Read only if it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.measurements.reading import Reading
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.cli import checked, teachers
from fluidmol.cli.progress import shown_stages
from fluidmol.errors import UsageError
from fluidmol.partner.assay import Assay
from fluidmol.partner.gate import Gate
from fluidmol.partner.measurements import read_measurements
from fluidmol.partner.partner import Partner
from fluidmol.rounds.partner.answering import Prepared
from fluidmol.rounds.partner.questions import Question

if TYPE_CHECKING:
    from fluidmol.cli.visit import Visit
    from fluidmol.studies.stages import Stages


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

    def prepared(self, visit: Visit, question: Question, gate: Gate, *, sealed: bool, declined: str) -> Prepared:
        """Compose the reply to a question, with progress on the terminal.

        Raises
        ------
        PolicyError
            If the policy forbids the answer.
        FluidError
            If data or model can't be used.
        """
        with shown_stages(self.quiet) as stages, ExitStack() as answering:

            def partner() -> Partner:
                found = self._partner(visit, gate, stages)
                answering.enter_context(stages.stage(f"reply to {question.name}"))
                return found

            return visit.desk.prepare(
                question,
                gate,
                partner,
                sealed=sealed,
                scored=bool(self.benchmarks) and gate.policy.scorecards,
                declined=declined,
            )

    def _partner(self, visit: Visit, gate: Gate, stages: Stages) -> Partner:
        cache = StandardCache() if self.cached else None
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
        transfer = visit.transfer(stages)
        assay = None
        if self.data is not None:
            with stages.stage("own compounds"):
                assay = self._read(self.data, visit, cache, stages)
        benchmarks = {}
        for path in self.benchmarks:
            with stages.stage(f"benchmark {path.stem}"):
                benchmarks[path.stem] = self._read(path, visit, cache, stages)
        return Partner(visit.desk.name, assay, transfer, benchmarks=benchmarks, gate=gate, recipe=recipe)

    def _read(self, path: Path, visit: Visit, cache: StandardCache | None, stages: Stages) -> Assay:
        read = read_measurements(
            checked.existing_file(path), self.columns.also(path), visit.charter, cache=cache, progress=stages.advance
        )
        self.readings[path.name] = read.reading
        return Assay(read.compounds, read.active)
