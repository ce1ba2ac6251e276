"""What the consortium gave to a partner, as options name it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fluidmol.chem.intake.cache import StandardCache
    from fluidmol.partner.kept.public import Public
    from fluidmol.studies.stages import Stages
    from fluidmol.values.compounds import CompoundSet

Labels = Annotated[Path, typer.Option(help="Federated labels: labels.fluid of a round, signed or not.", readable=False)]
CharterFile = Annotated[
    Path | None, typer.Option(help="The charter; charter.toml beside the labels by default.", readable=False)
]
Transfer = Annotated[
    Path | None,
    typer.Option(
        help="The transfer set: transfer.fluid, or the file of molecules; beside the labels by default.",
        readable=False,
    ),
]
BESIDE = ("transfer.fluid", "labels.parquet")
"""Where the transfer set is looked for beside the labels: a partner's home, or a run folder."""


def read_public(
    labels: Path, charter: Path | None, transfer: Path | None, cache: StandardCache | None, stages: Stages
) -> Public:
    """Read charter, labels and transfer set, and check that they belong together.

    Raises
    ------
    FluidError
        If one isn't there, can't be used, or belongs to another round.
    """
    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.cli.files import charter_in  # noqa: PLC0415
    from fluidmol.errors import MissingFileError  # noqa: PLC0415
    from fluidmol.partner.kept.public import Public, read_labels, read_transfer  # noqa: PLC0415 - heavy

    checked.existing_file(labels)
    agreed = charter_in(charter or labels.with_name("charter.toml"))
    found = transfer or next((path for name in BESIDE if (path := labels.with_name(name)).exists()), None)
    if found is None:
        raise MissingFileError(f"there is no transfer set beside {labels}", hint="Name it with --transfer.")
    with stages.stage("labels and transfer set"):
        return Public(
            charter=agreed,
            transfer=read_transfer(checked.existing_file(found), lambda path: _molecules(path, cache, stages)),
            labels=read_labels(labels, agreed),
        )


def _molecules(path: Path, cache: StandardCache | None, stages: Stages) -> CompoundSet:
    from fluidmol.chem.intake.transfer import read_molecules  # noqa: PLC0415 - heavy

    return read_molecules(path, cache=cache, progress=stages.advance).compounds
