"""A file of public molecules, read as a transfer set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fluidmol.values.compounds import CompoundSet


def read_transfer(
    path: Path,
    size: int | None,
    seed: int,
    smiles_column: str | None,
    *,
    sheet: str | None = None,
    cached: bool,
    quiet: bool,
) -> CompoundSet:
    """Read a transfer set: one that is packed or built, as it is; molecules of another file are standardised.

    Raises
    ------
    FluidError
        If it can't be used.
    """
    from fluidmol.chem.intake.cache import StandardCache  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.chem.intake.packed import is_packed, read_packed  # noqa: PLC0415
    from fluidmol.chem.intake.transfer import read_molecules  # noqa: PLC0415
    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.cli.progress import shown_stages  # noqa: PLC0415
    from fluidmol.learning.seeds import derive_seed  # noqa: PLC0415

    if size is not None:
        checked.at_least(1, "--transfer-size", size)
    if is_packed(checked.existing_molecules(path, public=True)):
        return read_packed(path)
    with shown_stages(quiet) as stages, stages.stage("transfer set"):
        read = read_molecules(
            path, size=size, seed=derive_seed(seed, "transfer"), smiles_column=smiles_column,
            sheet=sheet, cache=StandardCache() if cached else None, progress=stages.advance,
        )  # fmt: skip
        if read.rejected:
            stages.note(
                f"Rows of {path} that can't be used: {len(read.rejected):,}, such as: {read.rejected[0].reason}."
            )
        return read.compounds
