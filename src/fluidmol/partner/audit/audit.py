"""The audit: play, attack, measure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import expit

from fluidmol.chem.features import features
from fluidmol.partner.assay import Assay
from fluidmol.partner.audit.analogues import analogues
from fluidmol.partner.audit.bound import bound
from fluidmol.partner.audit.catalogue import ATTACKS, NIST, Attack, decodings
from fluidmol.partner.audit.effort import FULL, Effort
from fluidmol.partner.audit.figures import AttackFigure, compound_aucs, measured
from fluidmol.partner.audit.leverage import leverages
from fluidmol.partner.audit.lira import mean_of
from fluidmol.partner.audit.observations import Floats, Mask
from fluidmol.partner.audit.outcome import Audit, Risk
from fluidmol.partner.audit.rounds import judged_rounds
from fluidmol.partner.audit.shadows import GameSettings, Played, play
from fluidmol.partner.audit.stack import stack
from fluidmol.partner.audit.vantages import ANNOTATIONS, Vantages, vantages
from fluidmol.partner.audit.verdict import worst_first
from fluidmol.partner.audited import changing
from fluidmol.partner.policy import Policy
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet

LISTED = 25
"""Compounds that the private page lists."""


def audit(
    assay: Assay, charter: Charter, transfer: CompoundSet, policy: Policy, table: GameSettings, effort: Effort = FULL
) -> Audit:
    """Attack what a partner would release.

    Parameters
    ----------
    assay : Assay
        The partner's compounds.
    charter : Charter
    transfer : CompoundSet
        The public molecules that the charter names.
    policy : Policy
        The partner's own; its rules are applied before anything is attacked.
    table : Table
        The partner's recipe and name, and where finished draws are kept.
    effort : Effort
        How much is computed.

    Raises
    ------
    UsageError, InputError, OutputError
        As :func:`~fluidmol.partner.audit.shadows.play`.
    """
    return judged(play(assay, charter, transfer, effort, table), transfer, policy)


def judged(played: Played, transfer: CompoundSet, policy: Policy) -> Audit:
    """Attack draws that were played, under a policy."""
    stood = vantages(played, policy)
    scored = list(attacked(stood))
    owned, active = played.owned, played.assay.active
    figures = worst_first([_figure(attack, score, owned, active, right) for attack, score, right in scored])
    known = set(transfer.skeletons)
    return Audit(
        charter=played.charter.digest, consortium=played.charter.name, policy=policy.digest, rules=changing(policy),
        teacher=played.teacher,
        n_compounds=len(played.assay), n_active=played.assay.n_active,
        n_shared=sum(skeleton in known for skeleton in played.assay.compounds.skeletons),
        quick=played.effort.transfer is not None,
        n_draws=len(owned), n_asked=len(played.asked), n_transfer=len(transfer), fidelity=stood.fidelity,
        figures=figures, bound=bound(played.charter), analogues=analogues(played, stood.seen[ANNOTATIONS]),
        rounds=judged_rounds(played, stood, policy), at_risk=_at_risk(played, stood, scored, figures, known),
    )  # fmt: skip


def attacked(stood: Vantages) -> Iterator[tuple[Attack, Floats, float | None]]:
    """Make all attacks that apply: attack, scores (n_draws, n_candidates), share of classes told right."""
    stacked: dict[str, list[Floats]] = {}
    for attack in ATTACKS:
        seen = stood.seen.get(attack.vantage)
        score = None if seen is None else attack.run(seen)
        if score is not None and np.isfinite(score).any():
            stacked.setdefault(attack.vantage, []).append(score)
            yield attack, score, None
    for attack, score, right in decodings(stood.seen):
        if attack.leaves and np.isfinite(score).all():
            stacked.setdefault(attack.vantage, []).append(score)
        yield attack, score, right
    for vantage, scores in stacked.items():
        seen = stood.seen[vantage]
        score = stack(scores, seen.owned, seen.active)
        if score is not None:
            yield Attack("stack of all attacks", vantage, NIST), score, None


def _figure(
    attack: Attack, score: Floats, owned: Mask,
    active: Mask, right: float | None,
) -> AttackFigure:  # fmt: skip
    return AttackFigure(
        attack=attack.name, vantage=attack.vantage, source=attack.source, leaves=attack.leaves, classes_right=right,
        **measured(score, owned, active),
    )  # fmt: skip


def _at_risk(
    played: Played, stood: Vantages, scored: list[tuple[Attack, Floats, float | None]],
    figures: tuple[AttackFigure, ...],
    known: set[str],
) -> tuple[Risk, ...]:  # fmt: skip
    """List compounds by how well the worst attack tells them, then by leverage."""
    base = stood.seen[ANNOTATIONS]
    rows = features(played.assay.compounds, played.charter.featuriser)
    stated = mean_of(expit(base.opinion), played.owned)
    leverage = leverages(rows, np.where(np.isfinite(stated), stated, 0.5), base.strength)
    worst = next((f for f in figures if f.leaves), None)
    score = next(
        (s for a, s, _ in scored if worst is not None and (a.name, a.vantage) == (worst.attack, worst.vantage)), None
    )
    each = np.full(len(leverage), np.nan) if score is None else compound_aucs(score, played.owned)
    compounds, active = played.assay.compounds, played.assay.active
    order = sorted(
        range(len(leverage)), key=lambda i: (-np.nan_to_num(round(float(each[i]), 2), nan=0.5), -leverage[i])
    )
    return tuple(
        Risk(
            compounds.inchikeys[i], compounds.smiles[i], bool(active[i]),
            None if np.isnan(each[i]) else float(each[i]), float(leverage[i]), compounds.skeletons[i] in known,
        )
        for i in order[:LISTED]
    )  # fmt: skip
