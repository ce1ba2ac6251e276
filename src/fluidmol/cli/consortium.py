"""What the consortium gave to a partner, as options name it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import attrs
import typer

from fluidmol.cli.sound import sound

if TYPE_CHECKING:
    from fluidmol.chem.intake.cache import StandardCache
    from fluidmol.partner.kept.public import Public
    from fluidmol.studies.stages import Stages
    from fluidmol.values.compounds import CompoundSet

Labels = Annotated[Path, typer.Option(help="Federated labels: labels.fluid of a round, signed or not.", readable=False)]
AnyLabels = Annotated[
    Path | None, typer.Option(help="Federated labels: labels.fluid of a round, signed or not.", readable=False)
]
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
    from fluidmol.cli.files import charter_in, directions_in  # noqa: PLC0415
    from fluidmol.coordinator.founding import representation_digest  # noqa: PLC0415
    from fluidmol.errors import MissingFileError  # noqa: PLC0415
    from fluidmol.partner.kept.public import Public, read_labels, read_transfer  # noqa: PLC0415 - heavy

    checked.existing_file(labels)
    agreed = charter_in(charter or labels.with_name("charter.toml"))
    found = transfer or next((path for name in BESIDE if (path := labels.with_name(name)).exists()), None)
    if found is None:
        raise MissingFileError(f"there is no transfer set beside {labels}", hint="Name it with --transfer.")
    beside = labels.with_name("representation.fluid")
    if representation_digest(agreed) and beside.exists():
        directions_in(beside)
    look = partial(sound, cache=cache, stages=stages)
    with stages.stage("labels and transfer set"):
        said = read_labels(labels, agreed)
        molecules = read_transfer(checked.existing_file(found), lambda path: molecules_of(path, cache, stages), look)
    return Public(charter=agreed, transfer=molecules, labels=said)


def own_among(labels: Path | None, partners: tuple[str, ...], name: str) -> str:
    """Return the name that labels have for a partner: its pseudonym, or, in a simulation, by its name.

    Parameters
    ----------
    labels : Path or None
        Their file, beside which a partner's home keeps its pseudonyms; None for a simulation.
    partners : tuple of str
        The labels' partners.
    name : str
        Empty for a company that took no part.

    Raises
    ------
    UsageError
        If the labels don't know it.
    """
    from fluidmol.errors import UsageError  # noqa: PLC0415
    from fluidmol.rounds.partner.home import PSEUDONYMS, pseudonyms_in  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.values.parts import nearest  # noqa: PLC0415

    known = () if labels is None else pseudonyms_in(labels.with_name(PSEUDONYMS))
    found = next((called for called in (name, *known) if called in partners), "")
    if name and not found:
        hint = nearest(name, partners)
        if labels is not None and any(partner.startswith("anon-") for partner in partners):
            hint = (
                f"They call partners by pseudonyms, and {PSEUDONYMS} beside them says which is yours: take labels.fluid"
                " from your home, where fluid answer puts both; a lost one can be written anew, the coordinator knows"
                " (fluid federate --contributions)."
            )
        raise UsageError(
            f"the labels know no partner {name!r}",
            hint=f"{hint} If your company gave no opinion, say --newcomer.",
        )
    return found if name else ""


@attrs.frozen
class Given:
    """Files of a round, or the folder of a simulation: whichever options name."""

    labels: Path | None
    charter: Path | None
    transfer: Path | None
    run: Path | None

    def check(self) -> None:
        """Refuse both and neither.

        Raises
        ------
        UsageError
            Saying which.
        """
        from fluidmol.errors import UsageError  # noqa: PLC0415

        if self.run is None and self.labels is None:
            raise UsageError(
                "it isn't said what the consortium published",
                hint="Give --labels labels.fluid after a round, or --run RUN after a simulation.",
            )
        if self.run is not None and (self.labels or self.charter or self.transfer):
            raise UsageError(
                "--run is given together with --labels, --charter or --transfer",
                hint="--run is for the folder of a simulation; after a round, give the others without it.",
            )

    def read(self, cache: StandardCache | None, stages: Stages) -> Public:
        """Read what the consortium published.

        Raises
        ------
        FluidError
            As :func:`read_public`.
        """
        from fluidmol.partner.kept.public import Public  # noqa: PLC0415 - heavy
        from fluidmol.studies.released import read_released  # noqa: PLC0415 - heavy

        self.check()
        if self.labels is not None:
            return read_public(self.labels, self.charter, self.transfer, cache, stages)
        found = read_released(self.run or Path())
        return Public(charter=found.charter, transfer=found.transfer, labels=found.labels)


def molecules_of(path: Path, cache: StandardCache | None, stages: Stages) -> CompoundSet:
    """Read and standardise a file of molecules.

    Raises
    ------
    FluidError
        If it can't be used.
    """
    from fluidmol.chem.intake.transfer import read_molecules  # noqa: PLC0415 - heavy

    return read_molecules(path, cache=cache, progress=stages.advance).compounds
