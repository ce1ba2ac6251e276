"""The audit as a value, and how it is made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import numpy as np

from fluidmol.chem.features import features
from fluidmol.partner.assay import Assay
from fluidmol.partner.audit.bound import Bound, bound
from fluidmol.partner.audit.catalogue import ATTACKS, NIST, Attack, decodings
from fluidmol.partner.audit.effort import FULL, Effort
from fluidmol.partner.audit.figures import Figure, compound_aucs, measured
from fluidmol.partner.audit.leverage import leverages
from fluidmol.partner.audit.observations import Floats
from fluidmol.partner.audit.shadows import Played, Table, play
from fluidmol.partner.audit.stack import stack
from fluidmol.partner.audit.vantages import ANNOTATIONS, Vantages, vantages
from fluidmol.partner.audit.verdict import PROVES, grade, verdict, worst_first
from fluidmol.partner.policy import Policy
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet

FORMAT = 1
"""Version of the table that an audit is written as."""

LISTED = 25
"""Compounds that the private page lists."""


@attrs.frozen
class Risk:
    """A compound of the partner's own, and how easily it is told. It never leaves the partner."""

    inchikey: str
    smiles: str
    active: bool

    auc: float | None
    """How well the worst attack tells, over the draws, whether it was a member; None if that isn't known."""

    leverage: float
    """How much a linear teacher depends on it, 0 to 1."""

    shared: bool
    """Whether it lies in the transfer set."""


@attrs.frozen
class Advice:
    """What a stricter policy would leave to the attackers."""

    rules: dict[str, Any]
    """Rules, as ``policy.toml`` has them."""

    largest_auc: float
    largest_found: float

    @property
    def words(self) -> str:
        """The rules, as a person writes them."""
        return ", ".join(f'{name} = "{v}"' if isinstance(v, str) else f"{name} = {v}" for name, v in self.rules.items())


@attrs.frozen(kw_only=True)
class Audit:
    """What came out of attacking one's own release."""

    charter: str
    """Digest of the charter."""

    consortium: str
    """Name of the consortium."""

    policy: str
    """Digest of the policy that was applied."""

    rules: dict[str, Any]
    """Rules of the policy that change what leaves."""

    n_compounds: int
    n_active: int
    n_shared: int
    """Own compounds within the transfer set, by skeleton."""

    n_draws: int
    n_asked: int
    """Transfer molecules by which experts were understood."""

    n_transfer: int
    fidelity: float | None
    """Share of the teacher's variance that its expert explains."""

    figures: tuple[Figure, ...]
    """Worst attack first; those on what doesn't leave come last."""

    bound: Bound | None = None
    """What is proved, where the charter asks for differential privacy."""

    at_risk: tuple[Risk, ...] = ()
    """The most exposed first; empty in a version for others."""

    advice: tuple[Advice, ...] = ()
    """Stricter policies that were tried, the mildest first."""

    @property
    def verdict(self) -> str:
        """What came out, in plain words."""
        return verdict(self.figures)

    @property
    def grade(self) -> str:
        """``given-away``, ``noticeable`` or ``guessing``."""
        return grade(self.figures)

    @property
    def largest_auc(self) -> float:
        """AUC of the worst attack on what leaves."""
        return max((figure.auc.value for figure in self.figures if figure.leaves), default=0.5)

    @property
    def largest_found(self) -> float:
        """Largest share of members that an attack on what leaves finds at 1 % false ones; 0 if that isn't known."""
        return max((f.found.value for f in self.figures if f.leaves and f.found is not None), default=0.0)

    @property
    def shared(self) -> Audit:
        """The same without a word on single compounds."""
        return attrs.evolve(self, at_risk=())

    @property
    def advice_rows(self) -> list[tuple[str, float, float]]:
        """Rules, AUC and share found of each stricter policy that was tried."""
        return [(advice.words, advice.largest_auc, advice.largest_found) for advice in self.advice]

    def hint(self, largest_auc: float, largest_found: float) -> str:
        """Say which of the stricter policies that were tried would do, the mildest that does."""
        for words, auc, found in self.advice_rows:
            if auc <= largest_auc and found <= largest_found:
                return f"With {words} in the policy it would be {auc:.2f}, and {found:.0%} found."
        if self.advice:
            return "None of the stricter policies that were tried would do: give a teacher that says less, or the limit up."
        return "Run the audit with --advise: it tries stricter policies."

    def as_table(self) -> dict[str, Any]:
        """Give plain values, as JSON has them."""
        said = {"format": FORMAT, "verdict": self.verdict, "grade": self.grade, "largest_auc": self.largest_auc,
                "largest_found": self.largest_found, "proves": list(PROVES)}  # fmt: skip
        return said | attrs.asdict(self)


CHANGING = ("proximity_levels", "decimals", "nearest_only", "surest", "labels")
"""Rules of a policy that change what leaves."""


def audit(
    assay: Assay, charter: Charter, transfer: CompoundSet, policy: Policy, table: Table, effort: Effort = FULL
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
    rules = {name: value for name, value in policy.as_table().items() if name in CHANGING}
    return Audit(
        charter=played.charter.digest, consortium=played.charter.name, policy=policy.digest, rules=rules,
        n_compounds=len(played.assay), n_active=played.assay.n_active,
        n_shared=sum(skeleton in known for skeleton in played.assay.compounds.skeletons),
        n_draws=len(owned), n_asked=len(played.asked), n_transfer=len(transfer), fidelity=stood.fidelity,
        figures=figures, bound=bound(played.charter), at_risk=_at_risk(played, stood, scored, figures, known),
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
            yield Attack("a stack of these attacks", vantage, NIST), score, None


def _figure(
    attack: Attack, score: Floats, owned: np.ndarray[Any, np.dtype[np.bool_]],
    active: np.ndarray[Any, np.dtype[np.bool_]], right: float | None,
) -> Figure:  # fmt: skip
    return Figure(
        attack=attack.name, vantage=attack.vantage, source=attack.source, leaves=attack.leaves, classes_right=right,
        **measured(score, owned, active),
    )  # fmt: skip


def _at_risk(
    played: Played, stood: Vantages, scored: list[tuple[Attack, Floats, float | None]], figures: tuple[Figure, ...],
    known: set[str],
) -> tuple[Risk, ...]:  # fmt: skip
    """List compounds by how well the worst attack tells them, then by leverage."""
    base = stood.seen[ANNOTATIONS]
    rows = features(played.assay.compounds, played.charter.featuriser)
    stated = np.nanmean(np.where(played.owned, 1 / (1 + np.exp(-base.opinion)), np.nan), axis=0)
    leverage = leverages(rows, np.where(np.isfinite(stated), stated, 0.5), base.strength)
    worst = next((f for f in figures if f.leaves), None)
    score = next(
        (s for a, s, _ in scored if worst is not None and (a.name, a.vantage) == (worst.attack, worst.vantage)), None
    )
    each = np.full(len(leverage), np.nan) if score is None else compound_aucs(score, played.owned)
    compounds, active = played.assay.compounds, played.assay.active
    order = sorted(range(len(leverage)), key=lambda i: (-np.nan_to_num(round(each[i], 2), nan=0.5), -leverage[i]))
    return tuple(
        Risk(
            compounds.inchikeys[i], compounds.smiles[i], bool(active[i]),
            None if np.isnan(each[i]) else float(each[i]), float(leverage[i]), compounds.skeletons[i] in known,
        )
        for i in order[:LISTED]
    )  # fmt: skip
