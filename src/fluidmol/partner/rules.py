"""The rules that change what leaves, one function each, in the order in which they apply.

Weights first: where a teacher abstains is decided by the weight that would leave, so that abstaining says nothing that
the weight wouldn't. Each rule leaves alone what it has changed before: a release that is released again is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.partner.policy import Policy
from fluidmol.partner.release import Change
from fluidmol.values.annotations import Annotations
from fluidmol.values.messages import Scorecard

Floats = NDArray[np.float32]
Opinion = tuple[Floats, Floats]
"""Value and weight, each (n_compounds, n_endpoints)."""


@attrs.frozen
class Rule:
    """One rule: when it applies, what it does, and how to say so."""

    name: str
    """Field of the policy."""

    words: str
    """What it does, in plain words; ``{}`` stands for the setting, ``{what}`` for opinions."""

    applies: Callable[[Policy], bool]
    """Whether a policy asks for it."""

    apply: Callable[[Opinion, Policy], Opinion]
    """Does it."""


def applied(reply: Annotations, policy: Policy, what: str = "probabilities") -> tuple[Annotations, tuple[Change, ...]]:
    """Apply all rules to annotations.

    Parameters
    ----------
    reply : Annotations
    policy : Policy
    what : str
        Name of opinions.

    Returns
    -------
    Annotations
        As they may leave.
    tuple of Change
        What each rule that applies did.

    Examples
    --------
    >>> said = Annotations("sha256:" + "0" * 64, "acme", [[0.87654]], [[0.51234]])
    >>> released, changes = applied(said, Policy(decimals=2))
    >>> released.value.round(4).tolist(), [change.words for change in changes]
    ([[0.8...]], ['proximities rounded to 2 decimals', 'probabilities rounded to 2 decimals'])
    """
    opinion: Opinion = reply.value, reply.weight
    changes: list[Change] = []
    for rule in RULES:
        if rule.applies(policy):
            before, opinion = opinion, rule.apply(opinion, policy)
            setting = getattr(policy, rule.name)
            shown = f'"{setting}"' if isinstance(setting, str) else f"{setting}"
            changed = _differences(before, opinion)
            words = rule.words.format(setting, what=what)
            changes.append(Change(f"{rule.name} = {shown}", words, changed, reply.value.size))
    return Annotations(reply.charter, reply.partner, *opinion), tuple(changes)


def rounded(card: Scorecard, policy: Policy) -> tuple[Scorecard, tuple[Change, ...]]:
    """Round the figures of a scorecard; see :func:`applied`."""
    scores = [attrs.evolve(score, value=round(score.value, policy.decimals)) for score in card.scores]
    changed = sum(a.value != b.value and b.value == b.value for a, b in zip(card.scores, scores, strict=True))
    words = f"figures rounded to {policy.decimals} decimals"
    change = Change(f"decimals = {policy.decimals}", words, changed, len(scores))
    return Scorecard(card.charter, card.partner, scores), (change,)


def _differences(before: Opinion, after: Opinion) -> int:
    """Count compounds and endpoints of which value or weight is another."""
    pairs = zip(before, after, strict=True)
    other = np.logical_or.reduce([(a != b) & ~(np.isnan(a) & np.isnan(b)) for a, b in pairs])
    return int(other.sum())


def _rounded(numbers: NDArray[np.floating[Any]], policy: Policy) -> Floats:
    """Round in double precision: in single, some numbers of seven decimals become their neighbours."""
    return np.round(numbers.astype(np.float64), policy.decimals).astype(np.float32)


def _levelled(opinion: Opinion, policy: Policy) -> Opinion:
    value, weight = opinion
    steps = policy.proximity_levels - 1
    level = np.rint(weight.astype(np.float64) * steps) / steps if steps else np.ones(weight.shape)
    # With the decimals that levels will leave with, so that a level stays a level.
    return value, np.where(np.isnan(value), np.float32(0), _rounded(level, policy))


def _weights_rounded(opinion: Opinion, policy: Policy) -> Opinion:
    value, weight = opinion
    return value, _rounded(weight, policy)


def _abstained(opinion: Opinion, policy: Policy) -> Opinion:
    value, weight = opinion
    # As 32-bit floats: 0.3 as it leaves isn't less than the 0.3 of the policy.
    far = weight < np.float32(policy.nearest_only)
    return np.where(far, np.float32(np.nan), value), np.where(far, np.float32(0), weight)


def _cut(opinion: Opinion, policy: Policy) -> Opinion:
    value, weight = opinion
    return np.clip(value, np.float32(policy.surest), np.float32(1 - policy.surest)), weight


def _hard(opinion: Opinion, _policy: Policy) -> Opinion:
    value, weight = opinion
    return np.where(np.isnan(value), value, (value > 0.5).astype(np.float32)), weight


def _values_rounded(opinion: Opinion, policy: Policy) -> Opinion:
    value, weight = opinion
    return _rounded(value, policy), weight


def _rules() -> Iterator[Rule]:
    yield Rule(
        "proximity_levels", "proximities set to the nearest of {} levels", lambda p: p.proximity_levels > 0, _levelled
    )
    yield Rule("decimals", "proximities rounded to {} decimals", lambda _: True, _weights_rounded)
    yield Rule("nearest_only", "abstained where the proximity is below {}", lambda p: p.nearest_only > 0, _abstained)
    yield Rule("surest", "{what} no nearer than {} to 0 and 1", lambda p: p.surest > 0, _cut)
    yield Rule("labels", "{what} replaced by 0 or 1", lambda p: p.labels == "hard", _hard)
    yield Rule("decimals", "{what} rounded to {} decimals", lambda p: p.labels == "soft", _values_rounded)


RULES = tuple(_rules())
"""The rules in their order."""
