"""What the consortium gave to a partner, as options name it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fluidmol.cli.sound import sound

if TYPE_CHECKING:
    from fluidmol.chem.intake.cache import StandardCache
    from fluidmol.progress import Stages
    from fluidmol.values.compounds import CompoundSet
    from fluidmol.values.publication import Publication

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


def read_public(
    labels: Path, charter: Path | None, transfer: Path | None, cache: StandardCache | None, stages: Stages
) -> Publication:
    """Read charter, labels and transfer set of a round, and check that they belong together.

    Raises
    ------
    FluidError
        If one isn't there, can't be used, or belongs to another round.
    """
    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.cli.files import charter_in  # noqa: PLC0415
    from fluidmol.partner.publication import read_publication  # noqa: PLC0415 - heavy

    checked.existing_file(labels)
    agreed = charter_in(charter or labels.with_name("charter.toml"))
    with stages.stage("labels and transfer set"):
        return read_publication(agreed, labels, transfer, partial(read_transfer, cache=cache, stages=stages))


def read_run(folder: Path) -> Publication:
    """Read charter, labels and transfer set from the folder of a finished simulation.

    Raises
    ------
    FluidError
        If it isn't there, a file in it can't be used, or they don't belong together.
    """
    from fluidmol.cli.files import charter_in  # noqa: PLC0415
    from fluidmol.errors import MissingFileError  # noqa: PLC0415
    from fluidmol.partner import publication  # noqa: PLC0415 - heavy

    if not folder.is_dir():
        raise MissingFileError(f"there is no folder {folder}", hint="Name the folder of a finished run with --run.")
    for path in (folder / name for name in ("charter.toml", "labels.fluid", "labels.parquet")):
        if not path.is_file():
            raise MissingFileError(
                f"{path} isn't there",
                hint="Expected the folder of a finished fluid simulate, not of a study; early ones lack labels.fluid.",
            )
    # Its molecules were standardised here.
    own = partial(publication.read_transfer, look=lambda _found: None)
    return publication.read_publication(
        charter_in(folder / "charter.toml"), folder / "labels.fluid", folder / "labels.parquet", own
    )


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


def check_given(labels: Path | None, charter: Path | None, transfer: Path | None, run: Path | None) -> None:
    """Refuse both, the files of a round and the folder of a simulation, and neither.

    Raises
    ------
    UsageError
        Saying which.
    """
    from fluidmol.errors import UsageError  # noqa: PLC0415

    if run is None and labels is None:
        raise UsageError(
            "it isn't said what the consortium published",
            hint="Give --labels labels.fluid after a round, or --run RUN after a simulation.",
        )
    if run is not None and (labels or charter or transfer):
        raise UsageError(
            "--run is given together with --labels, --charter or --transfer",
            hint="--run is for the folder of a simulation; after a round, give the others without it.",
        )


def read_transfer(path: Path, cache: StandardCache | None, stages: Stages) -> CompoundSet:
    """Read a transfer set, and look at its molecules once.

    Raises
    ------
    FluidError
        If it can't be used, or its molecules aren't what they are said to be.
    """
    from fluidmol.chem.intake.transfer import read_molecules  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.partner import publication  # noqa: PLC0415

    return publication.read_transfer(
        checked.existing_molecules(path),
        lambda other: read_molecules(other, cache=cache, progress=stages.advance).compounds,
        partial(sound, cache=cache, stages=stages),
    )
