"""A model that options name: the folder of a hybrid, or the student of labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fluidmol.cli import consortium

if TYPE_CHECKING:
    from fluidmol.chem.intake.cache import StandardCache
    from fluidmol.partner.kept.saved_hybrid import KeptHybrid
    from fluidmol.progress import Stages

STUDENT = "student"
"""The model that is made from the labels alone."""

Model = Annotated[str, typer.Option(help="Folder of fluid hybrid fit; or student, with --labels.")]
LabelsOfStudent = Annotated[
    Path | None, typer.Option(help="Federated labels, for --model student: labels.fluid.", readable=False)
]


def read_model(
    name: str,
    labels: Path | None,
    charter: Path | None,
    transfer: Path | None,
    cache: StandardCache | None,
    stages: Stages,
) -> KeptHybrid:
    """Read the hybrid that options name, or make the student.

    Raises
    ------
    UsageError
        If options don't go together.
    FluidError
        If a file can't be used.
    """
    from fluidmol.errors import UsageError  # noqa: PLC0415
    from fluidmol.partner.kept.fitting import student_of  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.partner.kept.saved_hybrid import read_kept  # noqa: PLC0415

    if name == STUDENT:
        if labels is None:
            raise UsageError("--model student is made from labels", hint="Give --labels labels.fluid.")
        public = consortium.read_public(labels, charter, transfer, cache, stages)
        with stages.stage("student"):
            return student_of(public)
    options = {"--labels": labels, "--charter": charter, "--transfer": transfer}
    if given := [option for option, value in options.items() if value is not None]:
        raise UsageError(f"{given[0]} is given with a hybrid, which holds it", hint="It is for --model student.")
    with stages.stage("model"):
        return read_kept(Path(name))
