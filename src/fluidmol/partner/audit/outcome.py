"""What came out of an audit: a value, for pages, programs and the gate."""

from __future__ import annotations

from typing import Any

import attrs

from fluidmol.partner.audit.analogues import Analogues
from fluidmol.partner.audit.bound import Bound
from fluidmol.partner.audit.figures import AttackFigure
from fluidmol.partner.audit.rounds import Rounds
from fluidmol.partner.audit.verdict import FEW_DRAWS, PARTLY, PROVES, grade, verdict
from fluidmol.partner.audited import advice_for, written

FORMAT = 1
_COUNTS = ("n_compounds", "n_active", "n_shared", "at_risk", "for_others")
"""Version of the table that an audit is written as."""


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
    largest_found: float | None

    @property
    def words(self) -> str:
        """The rules, as a person writes them."""
        return written(self.rules)


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

    figures: tuple[AttackFigure, ...]
    """Worst attack first; those on what doesn't leave come last."""

    bound: Bound | None = None
    """What is proved, where the charter asks for differential privacy."""

    analogues: Analogues | None = None
    """How near public molecules that an attacker names are to private compounds; None if there were none to name."""

    rounds: Rounds | None = None
    """What a second round would give away; None if none was played. Verdict and largest figures are without it."""

    teacher: str = ""
    """Digest of the recipe whose teachers were attacked."""

    quick: bool = False
    """Whether it was a first look, which finds less than there is, however small the transfer set."""

    for_others: bool = False
    """Whether it is the version without compounds, and without their numbers."""

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
    def largest_found(self) -> float | None:
        """Largest share of members that an attack on what leaves finds at 1 % false ones; None if there are too few."""
        rates = [figure.found.value for figure in self.figures if figure.leaves and figure.found is not None]
        return max(rates, default=None)

    @property
    def complete(self) -> bool:
        """Whether it was no quick one, and experts were understood from the whole transfer set."""
        return self.n_asked == self.n_transfer and not self.quick

    @property
    def proves(self) -> tuple[str, ...]:
        """What the audit proves, and what it doesn't."""
        if self.complete:
            return PROVES
        partly = PARTLY.format(self.n_asked, self.n_transfer)
        return (*PROVES, FEW_DRAWS.format(self.n_draws) if self.n_asked == self.n_transfer else partly)

    @property
    def shared(self) -> Audit:
        """The same without a word on single compounds, and without their numbers."""
        return attrs.evolve(self, at_risk=(), for_others=True)

    @property
    def advice_rows(self) -> list[tuple[str, float, float]]:
        """Rules, AUC and share found of each stricter policy that was tried."""
        return [
            (one.words, one.largest_auc, 1.0 if one.largest_found is None else one.largest_found) for one in self.advice
        ]

    @property
    def stated(self) -> dict[str, Any]:
        """What a partner may sign for the consortium: the largest figures and of what, but no counts of compounds."""
        return {
            "charter": self.charter, "policy": self.policy, "rules": dict(self.rules), "verdict": self.verdict,
            "grade": self.grade, "largest_auc": round(self.largest_auc, 3),
            "largest_found": None if self.largest_found is None else round(self.largest_found, 3),
            "complete": self.complete, "quick": self.quick, "n_draws": self.n_draws,
        }  # fmt: skip

    def hint(self, largest_auc: float, largest_found: float) -> str:
        """Say which of the stricter policies that were tried would do, the mildest that does."""
        return advice_for(tuple(self.advice_rows), largest_auc, largest_found)

    def as_table(self) -> dict[str, Any]:
        """Give plain values, as JSON has them."""
        said = {
            "format": FORMAT,
            "verdict": self.verdict,
            "grade": self.grade,
            "largest_auc": self.largest_auc,
            "largest_found": self.largest_found,
            "complete": self.complete,
            "proves": list(self.proves),
        }
        table = said | attrs.asdict(self)
        return {name: value for name, value in table.items() if not (self.for_others and name in _COUNTS)}
