"""What annotations say about one's own compounds, as far as that can be counted.

It is no proof of safety: an attacker may know more, and compare many releases. It shows the plainest leaks, molecules
of the public set that one owns, and analogues of one's compounds.
"""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.partner.analogues import analogues
from fluidmol.partner.assay import Assay
from fluidmol.partner.release import Errand
from fluidmol.values.annotations import Annotations
from fluidmol.values.compounds import CompoundSet

NEAR = 0.05
"""How far an opinion may lie from the measured position, in lengths of the scale, to be what was measured."""


@attrs.frozen
class Exposure:
    """Own compounds within the public set, and how a release treats them."""

    own: int
    """Own compounds."""

    shared: int
    """Molecules of the public set that are own compounds, by InChIKey."""

    alike: int
    """Molecules of the public set with the connectivity of an own compound, ``shared`` included."""

    highest: int
    """Molecules with proximity 1, the highest that there is: a reader will suspect that these are own compounds."""

    shared_highest: int
    """How many of them are."""

    told_apart: float | None
    """Chance that a shared molecule has a higher proximity than another, 0 to 1; 0.5: a reader learns nothing.

    None if none, or all, are shared.
    """

    spoken: int
    """Opinions of shared molecules."""

    right: int
    """How many of these are on the side that was measured, or within :data:`NEAR` of the measured position: a reader
    would guess these measurements."""

    near: int = 0
    """Own compounds that are in the public set or have an analogue there (:data:`~fluidmol.partner.analogues.SIMILAR`
    or more)."""

    analogues: int = 0
    """Molecules of the public set that are analogues of own compounds, and none of these themselves."""

    analogues_told_apart: float | None = None
    """Chance that an analogue has a higher proximity than a molecule that is neither own nor an analogue, 0 to 1.

    None if there are none of either.
    """

    strangers: int = 0
    """Molecules of the public set that are neither own nor analogues."""

    close: ClassVar[str] = ""
    """How near to what was measured an opinion is that counts as right, in words."""


class ValueExposure(Exposure):
    """Of a regression."""

    close: ClassVar[str] = "within a twentieth of the scale of "
    """:data:`NEAR`, in words."""


def exposure(said: Annotations, errand: Errand) -> Exposure | None:
    """Compare what would leave with what one owns.

    Returns
    -------
    Exposure or None
        None if own compounds or the public set aren't at hand.
    """
    assay, transfer = errand.assay, errand.transfer
    if assay is None or transfer is None or len(transfer) != said.shape[0]:
        return None
    shared = _within(transfer.inchikeys, assay.compounds.inchikeys)
    nearest = said.weight.max(axis=1, initial=0.0)
    spoken, right = _measured(said, transfer, assay)
    found = analogues(assay.compounds, transfer)
    known = _within(transfer.skeletons, assay.compounds.skeletons)
    analogue, neither = found.public_near & ~known, ~found.public_near
    kind = Exposure if assay.scale is None else ValueExposure
    return kind(
        own=len(assay),
        shared=int(shared.sum()),
        alike=int(known.sum()),
        highest=int((nearest >= 1).sum()),
        shared_highest=int(((nearest >= 1) & shared).sum()),
        told_apart=told_apart(nearest, shared),
        spoken=spoken,
        right=right,
        near=int(found.own_near.sum()),
        analogues=int(analogue.sum()),
        analogues_told_apart=told_apart(nearest[~known], analogue[~known]),
        strangers=int(neither.sum()),
    )


def told_apart(numbers: NDArray[np.float32], chosen: NDArray[np.bool_]) -> float | None:
    """Give the chance that a chosen one has a larger number than another one; ties count half.

    Parameters
    ----------
    numbers : (n,) float
    chosen : (n,) bool

    Examples
    --------
    >>> told_apart(np.array([0.9, 0.1, 0.9]), np.array([True, False, False]))
    0.75
    """
    from scipy.stats import rankdata  # noqa: PLC0415 - heavier than all that a finished round needs

    n, others = int(chosen.sum()), int((~chosen).sum())
    if not n or not others:
        return None
    return float((rankdata(numbers)[chosen].sum() - n * (n + 1) / 2) / (n * others))


def _within(keys: tuple[str, ...], known: tuple[str, ...]) -> NDArray[np.bool_]:
    there = set(known)
    return np.array([key in there for key in keys], dtype=np.bool_)


def _measured(said: Annotations, transfer: CompoundSet, assay: Assay) -> tuple[int, int]:
    """Count opinions of own compounds, and those on the side that was measured."""
    rows = {key: row for row, key in enumerate(assay.compounds.inchikeys)}
    pairs = [(place, rows[key]) for place, key in enumerate(transfer.inchikeys) if key in rows]
    if not pairs or assay.outcome.shape[1] != said.shape[1]:
        return 0, 0
    there, here = np.array(pairs).T
    value, spoken = said.value[there], ~said.abstained[there]
    truth = assay.outcome[here]
    right = (value > 0.5) == (truth > 0.5) if assay.scale is None else np.abs(value - truth) <= NEAR
    return int(spoken.sum()), int((right & spoken).sum())
