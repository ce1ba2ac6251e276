"""What a command may keep for next time: standardised structures, and features of molecules."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fluidmol.chem.intake.cache import StandardCache

_opened = ExitStack()


def caches(*, wanted: bool) -> StandardCache | None:
    """Open both caches, or neither; features are kept until the command ends.

    Returns
    -------
    StandardCache or None
        For those who standardise; whoever computes features finds their cache by itself.
    """
    from fluidmol.chem.feature_cache import FeatureCache  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.chem.features import kept_on_disk  # noqa: PLC0415
    from fluidmol.chem.intake.cache import StandardCache  # noqa: PLC0415

    closed()
    if not wanted:
        return None
    _opened.enter_context(kept_on_disk(FeatureCache()))
    return StandardCache()


def closed() -> None:
    """Keep no features from now on."""
    _opened.close()
