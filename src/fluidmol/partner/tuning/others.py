"""What the consortium says, without what it learnt from one's own compounds.

A partner's own teacher, which knows all of its compounds, has shaped the labels. To judge a hybrid of such labels by
these very compounds is to ask a question whose answer was given away. Experts can simply be left out; of labels that
are weighted means, one's own part can be taken away again, for one knows what one has said.
"""

from __future__ import annotations

import attrs
import numpy as np

from fluidmol.partner.assay import Assay
from fluidmol.partner.teacher import Teacher
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels

MOST = 0.98
"""Labels with a larger own share are dropped: what the others said can't be told from rounding."""

TOLERANCE = 2e-3
"""How far shares and spread may contradict what one believes to have said, for rounding at the gate."""


@attrs.frozen(eq=False)
class Others:
    """The consortium without oneself."""

    labels: FederatedLabels
    """Labels and experts; one's own part is taken away where that can be done."""

    share: float
    """Mean share of one's own teacher in the labels as they came, in [0, 1]."""

    leak: str
    """Why labels still hold what one's own teacher knows; empty if they don't, or aren't learnt from."""


def others(
    assay: Assay, labels: FederatedLabels, transfer: CompoundSet, charter: Charter, name: str, *, used: bool
) -> Others:
    """Leave out one's own expert, and take one's own opinions out of the labels.

    Parameters
    ----------
    assay : Assay
        The compounds that one's teacher was fitted to.
    labels : FederatedLabels
    transfer : CompoundSet
    charter : Charter
    name : str
        Of the partner.
    used : bool
        Whether labels are learnt from at all; if only experts are asked, nothing is computed.

    Returns
    -------
    Others
    """
    known = attrs.evolve(labels, experts=None if labels.experts is None else labels.experts.without(name))
    if name not in labels.partners:
        return Others(known, 0.0, "")
    share = labels.contribution[labels.partners.index(name), :, 0]
    mean = float(share.mean(where=~np.isnan(labels.value[:, 0])))
    if not used:
        return Others(known, mean, "")
    if charter.aggregation.name != "weighted-mean":
        return Others(known, mean, f"one's own part can't be taken out of labels by {charter.aggregation.name}")
    said = Teacher.fit(assay, charter, name).predict(transfer)
    reduced = without_own(known, said, name)
    why = "these compounds aren't those that the labels were made with: one's own part can't be taken out"
    return Others(known, mean, why) if reduced is None else Others(reduced, mean, "")


def without_own(
    labels: FederatedLabels, said: np.ndarray[tuple[int], np.dtype[np.float64]], name: str
) -> FederatedLabels | None:
    """Take one partner's opinions out of labels that are weighted means.

    Parameters
    ----------
    labels : FederatedLabels
    said : (n_compounds,) float
        What this partner said of the transfer set.
    name : str
        One of the labels' partners.

    Returns
    -------
    FederatedLabels or None
        Labels of the others; NaN where nobody else said enough. None if the labels' spread contradicts ``said``, or
        nobody else spoke.

    Examples
    --------
    >>> labels = FederatedLabels("sha256:" + "0" * 64, ("a", "b"), [[0.7]], [[0.1]], [[[0.5]], [[0.5]]])
    >>> without_own(labels, np.array([0.8]), "a").value.round(2).tolist()
    [[0.6000000238418579]]
    >>> without_own(labels, np.array([0.2]), "a") is None
    True
    """
    place = labels.partners.index(name)
    label, spread = labels.value[:, 0].astype(np.float64), labels.spread[:, 0].astype(np.float64)
    shares = labels.contribution[:, :, 0].astype(np.float64)
    own = shares[place]
    rest = np.delete(shares, place, axis=0)
    enough = ~np.isnan(label) & (own <= MOST) & (rest.sum(axis=0) > 0)
    offset = np.where(enough, said - label, 0.0)
    # A spread is the sum over all partners, hence no smaller than one partner's part of it.
    if not enough.any() or (own * offset**2 > spread**2 + TOLERANCE).any():
        return None
    left = np.where(enough, 1 - own, 1.0)
    value = np.where(enough, label - own * offset / left, np.nan)
    variance = np.where(enough, (spread**2 - own * offset**2) / left - (own * offset / left) ** 2, 0.0)
    total = np.where(enough, rest.sum(axis=0), 1.0)
    return attrs.evolve(
        labels,
        partners=tuple(partner for partner in labels.partners if partner != name),
        value=np.clip(value, 0, 1)[:, None],
        spread=np.sqrt(np.clip(variance, 0, 1))[:, None],
        contribution=np.where(enough, rest / total, 0.0)[:, :, None],
    )
