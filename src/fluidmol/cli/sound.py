"""A look at a transfer set that somebody else made, once for each set."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from fluidmol.cli.progress import shown_stages

if TYPE_CHECKING:
    from fluidmol.chem.intake.cache import StandardCache
    from fluidmol.progress import Stages
    from fluidmol.values.compounds import CompoundSet


def sound(
    compounds: CompoundSet, cache: StandardCache | None, stages: Stages | None = None, *, quiet: bool = False
) -> CompoundSet:
    """Give a transfer set back if its molecules are what they are said to be, with progress on the terminal.

    Parameters
    ----------
    compounds : CompoundSet
    cache : StandardCache or None
        Where it is kept that a set is sound.
    stages : Stages, optional
        That are shown already.
    quiet : bool
        Show no progress, where none is shown already.

    Raises
    ------
    CharterError
        If they aren't, or there are none.
    """
    from fluidmol.chem.intake.claims import check_claims  # noqa: PLC0415 - heavy

    if cache is not None and cache.is_sound(compounds.digest):
        return compounds
    with shown_stages(quiet) if stages is None else nullcontext(stages) as shown, shown.stage("check of the molecules"):
        check_claims(compounds, cache=cache, progress=shown.advance)
    return compounds
