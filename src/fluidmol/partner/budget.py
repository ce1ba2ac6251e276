"""The privacy budget: what all private releases of a ledger have cost together, and what the next one would add.

Each release of a differentially private model is one Gaussian mechanism, and such mechanisms add up exactly: the
squares of their inverse noise multipliers do (Dong, Roth and Su 2022, doi 10.1111/rssb.12454). A model that speaks
again spends nothing: what it says is computed from what has left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

from fluidmol.errors import PolicyError
from fluidmol.learning.privacy.accountant import composed, epsilon_of
from fluidmol.partner.ledger import Entry
from fluidmol.partner.policy import Policy

_WRITTEN = re.compile(r"gaussian (\d+(?:\.\d+)?(?:e[+-]?\d+)?) (sha256:[0-9a-f]{64})")


@attrs.frozen
class Spend:
    """What the release of one private model costs.

    Examples
    --------
    >>> spend = Spend(1.25, "sha256:" + "0" * 64)
    >>> Spend.read(spend.text) == spend
    True
    """

    multiplier: float = attrs.field(validator=attrs.validators.gt(0))
    """Standard deviation of the noise over the sensitivity, above 0."""

    model: str
    """Digest of the private model."""

    @property
    def text(self) -> str:
        """As the ledger has it."""
        return f"gaussian {self.multiplier!r} {self.model}"

    @classmethod
    def read(cls, text: str) -> Spend:
        """Read what the ledger has.

        Raises
        ------
        ValueError
            If it is something else.
        """
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} says no cost: expected 'gaussian', a multiplier and the digest of a model")
        return cls(float(found[1]), found[2])


def spends(entries: Iterable[Entry]) -> tuple[Spend, ...]:
    """List the private models that have spoken, each once, in the order of their first release.

    Raises
    ------
    PolicyError
        If an entry says a cost that this version can't read: nothing unknown is free.
    """
    found: dict[str, Spend] = {}
    for entry in entries:
        if entry.private:
            try:
                spend = Spend.read(entry.private)
            except ValueError as problem:
                raise PolicyError(f"the ledger's entry of {entry.time}: {problem}") from problem
            # Of one model with two costs the dearer one counts.
            known = found.setdefault(spend.model, spend)
            if spend.multiplier < known.multiplier:
                found[spend.model] = spend
    return tuple(found.values())


def spent(costs: Iterable[Spend], delta: float) -> float:
    """Compute the epsilon of all of them together, 0 or more; 0 of none.

    Examples
    --------
    >>> one = Spend(1.0812, "sha256:" + "0" * 64)
    >>> round(spent([one], 1e-5), 2), spent([], 1e-5)
    (4.0, 0.0)
    """
    multipliers = [cost.multiplier for cost in costs]
    return epsilon_of(composed(multipliers), delta) if multipliers else 0.0


def budget_words(entries: Iterable[Entry], spend: Spend, policy: Policy) -> str:
    """Describe what a release makes of the budget, for the person who approves it.

    Examples
    --------
    >>> budget_words((), Spend(1.0812, "sha256:" + "0" * 64), Policy())
    'Privacy budget: epsilon 0 spent before, 4 with this release, of 8 at delta 1e-05.'
    """
    before = spends(entries)
    limit = f"of {policy.budget:g} at delta {policy.budget_delta:g}"
    earlier = spent(before, policy.budget_delta)
    if spend.model in {one.model for one in before}:
        return (
            f"Privacy budget: epsilon {earlier:.3g} spent {limit}; this model has spoken before: nothing more is spent."
        )
    after = spent((*before, spend), policy.budget_delta)
    return f"Privacy budget: epsilon {earlier:.3g} spent before, {after:.3g} with this release, {limit}."


def check_budget(entries: Iterable[Entry], spend: Spend, policy: Policy, charter: str) -> None:
    """Refuse a release that would cost more than the policy's budget has left, or than its charter promises.

    Parameters
    ----------
    entries : iterable of Entry
        What has left.
    spend : Spend
        Of the release.
    policy : Policy
    charter : str
        Digest of the charter under which it would leave.

    Raises
    ------
    PolicyError
        Saying what has been spent, by how many models, and what this one would make of it; or that another model has
        spoken under the same charter, whose epsilon is that of one.
    """
    entries = tuple(entries)
    before = spends(entries)
    if any(one.model != spend.model for one in spends(entry for entry in entries if entry.charter == charter)):
        raise PolicyError(
            "another private model has spoken under this charter: two of them together cost more than it promises",
            hint="Answer from the home folder of the first, with `home`. If that is lost, only another charter helps.",
        )
    if spend.model in {one.model for one in before}:
        return
    delta = policy.budget_delta
    earlier, after = spent(before, delta), spent((*before, spend), delta)
    if after > policy.budget * (1 + 1e-9):
        models = f"{len(before)} private {'model has' if len(before) == 1 else 'models have'} spoken before"
        raise PolicyError(
            f"the privacy budget doesn't allow this release: {models}, together epsilon {earlier:.3g}; with this one it"
            f" would be {after:.3g} at delta {delta:g}, and the policy's budget is {policy.budget:g}",
            hint="A larger budget in the policy is a decision of your company's; what has left can't be taken back.",
        )
