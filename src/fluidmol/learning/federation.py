"""Federation: the opinions of all partners become one label set."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.aggregation import AGGREGATIONS
from fluidmol.learning.weighting import WEIGHTINGS
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.labels import FederatedLabels


def aggregate(opinions: Sequence[Annotations], charter: Charter) -> FederatedLabels:
    """Combine opinions as the charter says.

    The order in which they arrive doesn't matter. Where all who spoke state weight 0, they count the same.

    Parameters
    ----------
    opinions : sequence of Annotations
        At least one, all of one shape.
    charter : Charter

    Returns
    -------
    FederatedLabels
        Partners in alphabetical order; contributions are those that the aggregation really used.

    Raises
    ------
    ValueError
        If there is no opinion, or shapes differ.
    CharterError
        If the charter's weighting or aggregation is unknown.

    Examples
    --------
    >>> import attrs
    >>> from fluidmol.values.parts import Part
    >>> charter = attrs.evolve(Charter.from_preset("open"), weighting=Part("as-stated"))
    >>> stated = [("a", 0.9, 0.3), ("b", 0.1, 0.1)]
    >>> opinions = [Annotations(charter.digest, name, [[p]], [[w]]) for name, p, w in stated]
    >>> labels = aggregate(opinions, charter)
    >>> labels.value.round(2), labels.contribution.round(2).ravel().tolist()
    (array([[0.7]], dtype=float32), [0.75, 0.25])
    """
    weighed = weigh(opinions, charter)
    value, share = weighed.value, weighed.share
    aggregation = AGGREGATIONS.build(charter.aggregation)
    label = aggregation(value, share)
    contribution = aggregation.contribution(value, share)
    offset = np.where(np.isnan(value), 0.0, value) - np.where(np.isnan(label), 0.0, label)
    spread = np.sqrt((contribution * offset**2).sum(axis=0))
    return FederatedLabels(charter.digest, weighed.partners, label, spread, contribution)


@attrs.frozen(eq=False)
class Weighed:
    """Opinions with the shares that the charter's weighting gives them, before any aggregation."""

    partners: tuple[str, ...]
    """Names in alphabetical order."""

    value: NDArray[np.float64]
    """Opinions, (n_partners, n_compounds, n_endpoints); NaN where a partner abstains."""

    share: NDArray[np.float64]
    """Shares that sum to 1 over the partners where anyone spoke, (n_partners, n_compounds, n_endpoints)."""


def weigh(opinions: Sequence[Annotations], charter: Charter) -> Weighed:
    """Give each opinion its share as the charter's weighting says.

    Parameters and errors are those of :func:`aggregate`.
    """
    ordered = sorted(opinions, key=lambda opinion: opinion.partner)
    if not ordered or len({opinion.shape for opinion in ordered}) != 1:
        raise ValueError(f"opinions of shapes {[opinion.shape for opinion in ordered]}: expected one shape")
    value = np.stack([opinion.value for opinion in ordered]).astype(np.float64)
    stated = np.stack([opinion.weight for opinion in ordered]).astype(np.float64)
    spoke = ~np.isnan(value)
    weight = WEIGHTINGS.build(charter.weighting)(stated, spoke)
    silent = weight.sum(axis=0) <= 0
    weight = np.where(silent & spoke, 1.0, weight)
    total = weight.sum(axis=0)
    share = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
    return Weighed(tuple(opinion.partner for opinion in ordered), value, share)
