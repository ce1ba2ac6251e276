"""Options of virtual consortia, and the values that they make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fluidmol.chem.intake.outcomes import OutcomeColumns
    from fluidmol.studies.consortium import Setup
    from fluidmol.studies.prepare import Sources

Source = Annotated[
    Path,
    typer.Option(
        help="Labelled molecules, divided among the partners: CSV, TSV, SMI, SDF, Parquet or Excel, gzipped or not.",
        readable=False,  # we say ourselves what can't be read, with our exit code
    ),
]
External = Annotated[
    Path | None, typer.Option(help="Labelled molecules of another origin, to judge models by.", readable=False)
]
OriginColumn = Annotated[
    str | None,
    typer.Option(
        help="For shift: column of source or external file that names the sources of a compound, separated by | or ; "
        "where several; one called source by default."
    ),
]
Partners = Annotated[int, typer.Option(help="Number of partners, 2 or more.")]
Split = Annotated[str, typer.Option(help="How to divide: kmeans (by chemistry), scaffold, or random.")]
Mixing = Annotated[float, typer.Option(help="Share of compounds moved to a random partner after the split.")]
ValidationFraction = Annotated[float, typer.Option(help="Share of the source held out to judge models by.")]
ValidationSplit = Annotated[
    str, typer.Option(help="What is held out: random, scaffold (whole scaffolds), or time (the newest compounds).")
]
DateColumn = Annotated[
    str | None,
    typer.Option(help="For --validation-split time: column of the source that dates compounds, such as 2021-05-31."),
]


def setup(
    partners: int, split: str, mixing: float, validation_fraction: float, validation_split: str, date_column: str | None
) -> Setup:
    """Make the setup of a virtual consortium.

    Raises
    ------
    UsageError
        If an option is out of range, or one of a split by time and a column of dates is given without the other.
    """
    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.errors import UsageError  # noqa: PLC0415
    from fluidmol.studies.consortium import Setup  # noqa: PLC0415 - heavy
    from fluidmol.studies.splits import check_split  # noqa: PLC0415
    from fluidmol.studies.validation import check_validation_split  # noqa: PLC0415

    check_split(split)
    check_validation_split(validation_split)
    if (validation_split == "time") != (date_column is not None):
        raise UsageError(
            "--validation-split time needs dates"
            if date_column is None
            else f"--date-column is given with --validation-split {validation_split}",
            hint="Name the source's column of dates with --date-column."
            if date_column is None
            else "Dates are for --validation-split time.",
        )
    return checked.build(
        Setup, n_partners=partners, split=split, mixing=mixing, validation_fraction=validation_fraction,
        validation_split=validation_split,
    )  # fmt: skip


def sources(
    source: Path,
    transfer: Path,
    external: Path | None,
    transfer_size: int | None,
    columns: OutcomeColumns,
    tables: Sequence[Path] = (),
    origin_column: str | None = None,
    date_column: str | None = None,
) -> Sources:
    """Return which files a virtual consortium is made of.

    Raises
    ------
    FluidError
        If one isn't there, or the size is out of range.
    """
    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.studies.prepare import Sources  # noqa: PLC0415 - heavy

    return Sources(
        source=checked.existing_file(source, public=True),
        transfer=checked.existing_molecules(transfer, public=True),
        external=None if external is None else checked.existing_file(external, public=True),
        transfer_size=None if transfer_size is None else checked.at_least(1, "--transfer-size", transfer_size),
        columns=columns,
        tables=tables,
        origin_column=origin_column,
        date_column=date_column,
    )
