"""What the consortium says, without what it learnt from one's own compounds.

A partner's own teacher, which knows all of its compounds, has shaped the labels. To judge a hybrid of such labels by
these very compounds is to ask a question whose answer was given away. Experts can simply be left out; of labels that
are weighted means, one's own part can be taken away again, for one knows what one has said.
"""

from __future__ import annotations

import attrs
import numpy as np
from scipy.special import logit

from fluidmol.chem.features import features
from fluidmol.learning.experts.asking import asked
from fluidmol.learning.experts.understanding import SUREST
from fluidmol.learning.model import Floats
from fluidmol.partner.assay import Assay
from fluidmol.partner.own_model import OwnModel
from fluidmol.partner.teachers import Annotator
from fluidmol.partner.teachers.translated import translated
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.pieces import InMemory
from fluidmol.values.publication import Publication

MOST = 0.98
"""Labels with a larger own share are dropped: what the others said can't be told from rounding."""

LIKE = 0.98
"""Correlation of log-odds below which one's own expert is not of these compounds, for a teacher that adds up."""

SAMPLE = 2000
"""Transfer molecules on which they are compared."""

FEWEST = 50
"""Fewest of them that one's own model must speak of."""

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


def others(assay: Assay, public: Publication, name: str, *, used: bool, own: OwnModel | None = None) -> Others:
    """Leave out one's own expert, and take one's own opinions out of the labels.

    Parameters
    ----------
    assay : Assay
        The compounds that one's teacher was fitted to.
    public : Publication
    name : str
        Of the partner.
    used : bool
        Whether labels are learnt from at all; if only experts are asked, nothing is computed.
    own : OwnModel, optional
        The model that has spoken in the round; the charter's estimator by default.

    Returns
    -------
    Others
    """
    labels, charter, own = public.labels, public.charter, own or OwnModel()
    known = attrs.evolve(labels, experts=None if labels.experts is None else labels.experts.without(name))
    if name not in labels.partners:
        return Others(known, 0.0, "")
    share = labels.contribution[labels.partners.index(name), :, 0]
    mean = float(share.mean(where=~np.isnan(labels.value[:, 0])))
    if not used:
        return Others(known, mean, _mistaken(assay, public, name, own))
    known_too_well = (
        f". Your own teacher has a mean share of {mean:.0%} in the labels, and it knows the held-out compounds: the"
        " figures of student and hybrids are too good"
    )
    if charter.aggregation.name != "weighted-mean":
        why = f"one's own part can't be taken out of labels by {charter.aggregation.name}"
        return Others(known, mean, why + known_too_well)
    said = _speaking(assay, public, name, own).predict(public.transfer)
    silent = np.isnan(said)
    lost = bool((silent & (share > 0)).any())
    reduced = None if lost else without_own(known, np.where(silent, labels.value[:, 0], said), name)
    why = "these compounds aren't those that the labels were made with: one's own part can't be taken out"
    if lost:
        why = "your model says nothing of molecules that it has spoken of in the round: its part can't be taken out"
    return Others(known, mean, why + known_too_well) if reduced is None else Others(reduced, mean, "")


def _speaking(assay: Assay, public: Publication, name: str, own: OwnModel) -> Annotator:
    """Make anew what has spoken in the round: one's own model, or the linear one that was translated from it."""
    model = own.fit(assay, public.charter, name)
    return translated(model, assay, InMemory(public.transfer), public.charter, name)


def _mistaken(assay: Assay, public: Publication, name: str, own: OwnModel) -> str:
    """Say so if one's own expert isn't of a teacher of these compounds; others' experts may know them then."""
    experts, charter = public.labels.experts, public.charter
    if charter.privacy is not None:
        return ""  # what others' private models know of a single compound has a bound, and noise makes all unlike
    if experts is None or name not in experts.partners or assay.uniform:
        return ""
    place = experts.partners.index(name)
    asked_about = public.transfer.take(list(range(min(len(public.transfer), SAMPLE))))
    said = _speaking(assay, public, name, own).predict(asked_about)
    expert = asked(experts, features(asked_about, charter.featuriser), charter, 1.0)[place].value[:, 0]
    spoken = ~np.isnan(said)
    if spoken.sum() < min(FEWEST, len(said)):
        return (
            f"your model says something of only {int(spoken.sum())} of {len(said):,} public molecules, too few to tell"
            " whether its expert was made of these compounds: others may know them"
        )
    likeness = np.corrcoef(_log_odds(said[spoken]), _log_odds(expert[spoken].astype(np.float64)))[0, 1]
    # An expert of fidelity f can't be more like its teacher than the root of f.
    if not likeness < LIKE * max(float(experts.fidelity[place]), 0.0) ** 0.5:
        return ""
    return (
        f"these compounds don't look like those that {name}'s teacher was fitted to (the correlation of a teacher of"
        f" these with its expert is {likeness:.2f}): others may know them, and the gain may be false"
    )


def _log_odds(probability: Floats) -> Floats:
    return np.asarray(logit(np.clip(probability, SUREST, 1 - SUREST)))


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
