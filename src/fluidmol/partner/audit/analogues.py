"""Analogues: which public molecules an attacker names when asked what a partner's compounds look like.

No list, no shadows, no private structure: the attacker sorts the transfer set by what was stated of it, the nearest
first and of equally near ones the surest, and names the first. Near-neighbour reconstruction is judged by the distance
of what is named to what is private, beside what a guesser reaches who knows public molecules alone (Balle et al. 2022,
arXiv 2201.04845). Here the distance is Tanimoto similarity: what a chemist calls an analogue. Public molecules that the
partner has itself are never named: they would be 1.00 by chance.
"""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fluidmol.chem.features import features
from fluidmol.chem.similarity import Packed, nearest_tanimoto, pack_bits
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.audit.figures import Estimate, over_draws
from fluidmol.partner.audit.observations import Floats, Observations, TransferStatements
from fluidmol.partner.audit.shadows import Played
from fluidmol.values.parts import Part

NAMED = 100
"""Molecules that are named."""

CLOSE = 0.6
"""Tanimoto similarity from which on a molecule is called a close analogue."""

FINGERPRINT = Part("ecfp-counts", {"radius": 2, "bits": 2048})
"""Of which molecules are compared by what they have, not how often."""

SOURCE = "Balle et al. 2022, arXiv 2201.04845"


@attrs.frozen
class Analogues:
    """How near the public molecules that an attacker names are to private compounds, and those that others name."""

    n_named: int
    source: str

    named: Estimate
    """Similarity of a member to the nearest molecule that the attacker names, mean over members; 0 to 1."""

    random: Estimate
    """The same of as many public molecules that are drawn at random."""

    typical: Estimate
    """The same of those that are nearest to the mean of public molecules."""

    strangers: Estimate
    """Similarity of a stranger of the same chemistry to the nearest that the attacker names: what it knows of the
    partner's chemistry, and not of its compounds."""

    gain: Estimate
    """By how much the attacker is nearer to members than the better of the two guessers, draw by draw."""

    close: Estimate
    """Share of the named molecules that are close analogues of a member."""

    close_random: Estimate
    """The same of molecules drawn at random."""


def analogues(played: Played, seen: Observations) -> Analogues | None:
    """Name public molecules in each draw, and measure them; None if there are none to name.

    Parameters
    ----------
    played : Played
    seen : Observations
        Of who holds the annotations.
    """
    private = set(played.assay.compounds.skeletons)
    free = np.array([skeleton not in private for skeleton in played.asked.skeletons])
    public = seen.public
    if public is None or free.sum() < 2:
        return None
    places, number = np.flatnonzero(free), min(NAMED, int(free.sum()) // 2)
    rng = np.random.default_rng(derive_seed(played.effort.seed, "analogues"))
    typical = places[_typical(public.rows)[places].argsort(kind="stable")[::-1][:number]]
    lists = [
        (_named(public, draw, places)[:number], rng.choice(places, number, replace=False), typical)
        for draw in range(seen.n_draws)
    ]
    used = np.unique(np.concatenate([np.concatenate(three) for three in lists]))
    packed = pack_bits(features(played.asked.take(used.tolist()), FINGERPRINT))
    own = pack_bits(features(played.assay.compounds, FINGERPRINT))
    rows = []
    for member, three in zip(seen.owned, lists, strict=True):
        named, random, usual = (packed[np.searchsorted(used, one)] for one in three)
        near = [_nearest(own[member], some) for some in (named, random, usual)]
        rows.append(
            (
                *near, _nearest(own[~member], named), near[0] - max(near[1:]),
                _close(named, own[member]), _close(random, own[member]),
            )
        )  # fmt: skip
    return Analogues(number, SOURCE, *(over_draws(column) for column in np.array(rows).T))


def _named(public: TransferStatements, draw: int, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sort public molecules, those first that are likeliest to resemble a private compound."""
    sure = np.nan_to_num(np.abs(public.opinion[draw, places]), nan=-1.0)
    return places[np.lexsort((-sure, -public.weight[draw, places]))]


def _typical(rows: csr_matrix) -> Floats:
    """How like the mean of all public molecules each is: the cosine of the angle between them, (n_asked,)."""
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return np.asarray(rows @ np.asarray(rows.mean(axis=0)).ravel() / np.maximum(length, 1e-12))


def _nearest(queries: Packed, references: Packed) -> float:
    """Similarity of a query to its nearest reference, mean over queries."""
    return float(nearest_tanimoto(queries, references, 1).mean())


def _close(queries: Packed, references: Packed) -> float:
    return float((nearest_tanimoto(queries, references, 1) >= CLOSE).mean())
