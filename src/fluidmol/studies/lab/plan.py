"""What to study: files, rules, seeds, and one analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from fluidmol.studies.analyses import STUDIES
from fluidmol.studies.consortium import Setup
from fluidmol.studies.identity import identity, wanted
from fluidmol.studies.lab.folder import StudyFolder
from fluidmol.studies.lab.study import Study
from fluidmol.studies.prepare import Sources
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part


@attrs.frozen(kw_only=True)
class StudyPlan:
    """What to study."""

    study: Part
    """Name and settings; see :data:`fluidmol.studies.analyses.STUDIES`."""

    name: str = ""
    """Of the results' folder; the study's by default."""

    sources: Sources
    """Files."""

    charter: Charter
    """The rules; each seed takes the place of the charter's."""

    setup: Setup = attrs.field(factory=Setup)
    """How the source is divided."""

    seeds: tuple[int, ...] = attrs.field(default=(1,), validator=attrs.validators.min_len(1))
    """Each is one virtual consortium: its own validation set, partners and draws."""

    def seeded(self, seed: int) -> Charter:
        """Return the rules with one of the seeds."""
        return attrs.evolve(self.charter, seed=seed)

    def folder(self, out: Path) -> StudyFolder:
        """Say where the results go, and what they belong to."""
        lab = identity(wanted(self.sources, self.seeded(0), self.setup))
        settings = {"name": self.study.name, **settings_of(STUDIES.build(self.study))}
        return StudyFolder(out, self.name or self.study.name, lab, identity({"lab": lab, **settings}))


def settings_of(study: Study) -> dict[str, Any]:
    """Give all settings of a study, those by default too."""
    return attrs.asdict(study)
