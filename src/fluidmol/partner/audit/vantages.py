"""Vantages: where attackers stand, and what they see from there once the partner's policy has been applied."""

from __future__ import annotations

import attrs
import numpy as np
from scipy.sparse import csr_matrix
from scipy.special import logit

from fluidmol.chem.features import features
from fluidmol.learning.experts.understanding import SurrogateFitter
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner import rules
from fluidmol.partner.audit.labels import subtracted
from fluidmol.partner.audit.observations import Floats, Observations, TransferStatements
from fluidmol.partner.audit.shadows import Played
from fluidmol.partner.audit.students import students
from fluidmol.partner.policy import Policy
from fluidmol.values.annotations import Annotations
from fluidmol.values.experts import Experts

ANNOTATIONS = "the annotations"
"""Who gets what the partner states of a compound of the transfer set: the coordinator."""

EXPERTS = "the expert"
"""Who can ask the coordinator's understanding of the teacher about any molecule: all partners, where experts are
published; otherwise whoever holds the annotations."""

LABELS = "the labels"
"""Who gets the labels and knows what all other partners stated, which is taken away: the other one of two partners,
the others together of more, or anybody if labels with and without the partner are published."""

STUDENT = "a student"
"""Who gets nothing but a student of labels, where the charter's students learn from these: nobody else says anything,
so that it is a student of the partner's own annotations."""

TEACHER = "the teacher itself"
"""Who holds the model: nobody, unless it is exported."""


@attrs.frozen(eq=False)
class Vantages:
    """What can be seen from each vantage."""

    seen: dict[str, Observations]
    """By name: :data:`ANNOTATIONS`, :data:`LABELS`, :data:`EXPERTS` and :data:`STUDENT` where there is one,
    :data:`TEACHER` where it is linear."""

    fidelity: float | None
    """Share of the variance of the teacher's log-odds that its expert explains, mean over the draws; None if none."""


def vantages(played: Played, policy: Policy, *, federated: bool = True) -> Vantages:
    """Apply a policy to what was played, and give what attackers see.

    Parameters
    ----------
    played : Played
    policy : Policy
    federated : bool
        Whether what the federation makes of opinions is looked at, too: labels and students.

    Raises
    ------
    CharterError
        If the charter has unknown parts.
    """
    own, public = _left(played, policy, "own"), _left(played, policy, "public")
    rows = features(played.assay.compounds, played.charter.featuriser)
    opinion, weight = _stated(own, policy)
    base = Observations(
        owned=played.owned,
        active=played.assay.active,
        opinion=opinion,
        weight=weight,
        decimals=policy.decimals,
        rows=rows,
        public=TransferStatements(features(played.asked, played.charter.featuriser), *_stated(public, policy)),
        strength=_strength(played),
        seed=derive_seed(played.effort.seed, "lists"),
    )
    found = {ANNOTATIONS: base}
    experts = _understood(played, public)
    if experts is not None and len(experts.partners) == len(own):
        found[EXPERTS] = _through(experts, base)
    if federated:
        found[LABELS] = subtracted(own, base, played.charter)
        if (asked := students(public, played.asked, base, played.charter)) is not None:
            found[STUDENT] = asked
    models = [draw.model for draw in played.draws if draw.model is not None]
    if len(models) == len(played.draws):
        found[TEACHER] = attrs.evolve(base, models=np.array(models), decimals=0)
    return Vantages(found, None if experts is None else float(experts.fidelity.mean()))


def _left(played: Played, policy: Policy, which: str) -> list[Annotations]:
    """Give what would leave of each draw."""
    pairs = (getattr(draw, which) for draw in played.draws)
    return [
        rules.applied(Annotations(played.charter.digest, f"{place:04}", value[:, None], weight[:, None]), policy)[0]
        for place, (value, weight) in enumerate(pairs)
    ]


def _stated(left: list[Annotations], policy: Policy) -> tuple[Floats, Floats]:
    """Return log-odds and weights as an attacker reads them, (n_draws, n_compounds) each."""
    half = 10.0**-policy.decimals / 2
    said = np.array([one.value[:, 0] for one in left], dtype=np.float64)
    return logit(np.clip(said, half, 1 - half)), np.array([one.weight[:, 0] for one in left], dtype=np.float64)


def _understood(played: Played, public: list[Annotations]) -> Experts | None:
    """Understand each draw's annotations as the coordinator would, and as anybody can who holds them."""
    options = dict(played.charter.distillation.options)
    smoothing = options.get("smoothing") if played.charter.distillation.name == "experts" else None
    understanding = SurrogateFitter() if smoothing is None else SurrogateFitter(smoothing)
    rows = features(played.asked, played.charter.featuriser)
    return understanding(public, rows, derive_seed(played.charter.seed, "experts"))


def _through(experts: Experts, base: Observations) -> Observations:
    opinion, weight = (_asked(table, base.rows) for table in (experts.opinion, experts.proximity))
    models, nearness = experts.opinion.astype(np.float64), experts.proximity.astype(np.float64)
    return attrs.evolve(base, opinion=opinion, weight=weight, decimals=0, models=models, nearness=nearness)


def _asked(coefficients: np.ndarray[tuple[int, ...], np.dtype[np.float32]], rows: csr_matrix) -> Floats:
    table = coefficients.astype(np.float64)
    return np.asarray((rows @ table[:, :-1].T + table[:, -1]).T)


def _strength(played: Played) -> float:
    return float(dict(played.charter.teacher.options).get("strength", 0.05))
