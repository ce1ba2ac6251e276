"""Own compounds within a public set, and analogues of these: what an attacker looks for first."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.features import features
from fluidmol.errors import PolicyError
from fluidmol.partner.policy import Policy
from fluidmol.partner.release import Errand
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part

Flags = NDArray[np.bool_]

SIMILAR = 0.7
"""Tanimoto similarity from which molecules are analogues."""

_FCFP4 = Part("fcfp", {"radius": 2, "bits": 2048})  # as proximities compare, so that it is computed once


@attrs.frozen(eq=False)
class Analogues:
    """Which molecules of two sets are in the other one, or have an analogue there."""

    own_known: Flags
    """Own compounds that are in the public set, by connectivity, (n_own,)."""

    own_near: Flags
    """Own compounds that are in it or have an analogue there, (n_own,)."""

    public_near: Flags
    """Molecules of the public set that are own compounds, or analogues of some, (n_public,)."""


def analogues(own: CompoundSet, public: CompoundSet) -> Analogues:
    """Find own compounds in a public set, and analogues: Tanimoto similarity of FCFP (radius 2) from :data:`SIMILAR`.

    Examples
    --------
    >>> phenol = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
    >>> analogues(phenol, phenol).own_near.tolist()
    [True]
    """
    from fluidmol.chem.near import near_each_other  # noqa: PLC0415 - numba, which a finished round doesn't need
    from fluidmol.chem.similarity import pack_bits  # noqa: PLC0415 - likewise

    mine, others = (pack_bits(features(each, _FCFP4)) for each in (own, public))
    of_own, of_public = near_each_other(mine, others, SIMILAR)
    own_known, public_known = _within(own, public), _within(public, own)
    return Analogues(own_known, own_known | of_own, public_known | of_public)


def _within(these: CompoundSet, others: CompoundSet) -> Flags:
    there = frozenset(others.skeletons)
    return np.array([skeleton in there for skeleton in these.skeletons], dtype=np.bool_)


def check_analogues(errand: Errand | None, policy: Policy) -> None:
    """Refuse opinions if more of one's own compounds are in the transfer set, or near it, than the policy allows.

    Not under ``[privacy]``: there it would be an output of private data, which no proof covers, whether anything is
    said; and the proof holds for compounds within the transfer set as for all others.

    Raises
    ------
    PolicyError
        Saying how many there are; or that it can't be counted.
    """
    if (policy.max_known >= 1 and policy.max_near >= 1) or (errand is not None and errand.charter.privacy is not None):
        return
    if errand is None or errand.assay is None or errand.transfer is None:
        raise PolicyError(
            "the policy limits how many of our compounds may be in the transfer set, and they aren't known here",
            hint="Give your compounds, also where a model of your own speaks; or set max_known and max_near to 1.0.",
        )
    found = analogues(errand.assay.compounds, errand.transfer)
    for rule, flags, are in (
        ("max_known", found.own_known, "are in the transfer set"),
        ("max_near", found.own_near, "are in the transfer set or have an analogue there"),
    ):
        limit = getattr(policy, rule)
        if flags.mean() > limit:
            raise PolicyError(
                f"{flags.sum():,} of our {len(flags):,} compounds ({flags.mean():.1%}) {are}; the policy allows"
                f" {limit:.1%} ({rule})",
                hint="Ask the coordinator why these molecules were chosen, and for others; or decline.",
            )
