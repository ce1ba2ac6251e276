"""A policy: what a partner lets out. It is the partner's own, and may be stricter than the charter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import attrs

from fluidmol.values.arrays import digest_of, texts
from fluidmol.values.parties import Party

Scalar = bool | int | float | str | tuple[str, ...]
"""What a rule may be."""

REPEATED = ("approve", "refuse", "allow")
"""What a policy may say of a release that can be compared with an earlier one."""

FINEST = 7
"""Most decimals that a 32-bit float in [0, 1] can tell apart."""


STRONGEST = 1e6
"""Largest strength that a charter may have."""


def _whole(low: int, high: int | None = None) -> Callable[[object, attrs.Attribute[int], int], None]:
    bounds = f"{low} or more" if high is None else f"from {low} to {high}"

    def check(_policy: object, field: attrs.Attribute[int], value: int) -> None:
        # True is an int to Python, but nobody means it.
        if type(value) is not int or value < low or (high is not None and value > high):
            raise ValueError(f"{field.name} is {value!r}: expected a whole number, {bounds}")

    return check


def _share(below: float) -> Callable[[object, attrs.Attribute[float], float], None]:
    def check(_policy: object, field: attrs.Attribute[float], value: float) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < below:
            raise ValueError(f"{field.name} is {value!r}: expected a number, 0 or more and less than {below:g}")

    return check


def _limit(_policy: object, field: attrs.Attribute[float], value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"{field.name} is {value!r}: expected a number from 0 to 1; 1: no limit")


def _above_0(_policy: object, field: attrs.Attribute[float], value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= STRONGEST:
        raise ValueError(
            f"{field.name} is {value!r}: expected a number above 0, up to {STRONGEST:g}; {STRONGEST:g}: no limit"
        )


def _withheld(values: Iterable[str]) -> tuple[str, ...]:
    return _texts("withheld", values)


def _recipients(values: Iterable[str]) -> tuple[str, ...]:
    return _texts("recipients", values)


def _number(value: float) -> float:
    # 0, 0.0 and -0.0 are one rule, and must have one digest.
    return value + 0.0 if type(value) in (int, float) else value


def _truth(_policy: object, field: attrs.Attribute[bool], value: bool) -> None:
    if type(value) is not bool:
        raise ValueError(f"{field.name} is {value!r}: expected true or false")


def _texts(name: str, values: Iterable[str]) -> tuple[str, ...]:
    try:
        if isinstance(values, str):
            raise TypeError("a text")
        return texts(values)
    except TypeError as problem:
        raise TypeError(f"{name} is {values!r}: expected a list of texts") from problem


NEWER: dict[str, Scalar] = {
    "approval_digest": False, "budget": 8.0, "budget_delta": 1e-5, "largest_auc": 1.0, "largest_found": 1.0,
    "proved_only": False, "min_neighbours": 3, "max_strength": 1.0, "min_quorum": 1, "experts_allowed": True,
    "max_known": 1.0, "max_near": 1.0, "repeated_releases": "approve",
}  # fmt: skip
"""Rules that policies didn't always have, and what they are by default."""


@attrs.frozen(kw_only=True)
class Policy:
    """What a partner lets out: refusals, and rules that change what leaves.

    Rules apply in the order of :data:`~fluidmol.partner.rules.RULES`.

    Raises
    ------
    ValueError
        If a rule is out of range, or two contradict one another.

    Examples
    --------
    >>> Policy(decimals=2).stricter_than_default
    {'decimals': 2}
    """

    decimals: int = attrs.field(default=4, validator=_whole(1, FINEST))
    """Decimals that values and weights keep, 1 to 7; each one fewer says less about private compounds."""

    labels: str = attrs.field(default="soft")
    """``soft``: probabilities leave; ``hard``: only 0 (inactive) or 1 (active)."""

    surest: float = attrs.field(default=0.0, converter=_number, validator=_share(0.5))
    """Probabilities are cut to [surest, 1 - surest], 0 or more and less than 0.5; 0: not at all."""

    proximity_levels: int = attrs.field(default=0, validator=_whole(0))
    """How many values a weight may have, evenly spaced in [0, 1]; 1: all are 1; 0: any number."""

    nearest_only: float = attrs.field(default=0.0, converter=_number, validator=_share(1))
    """The teacher abstains where its weight, as it would leave, is less; 0 or more and less than 1; 0: nowhere."""

    fewest_compounds: int = attrs.field(default=10, validator=_whole(2))
    """A teacher of fewer compounds stays silent: its opinions would say too much about each of them."""

    withheld: tuple[str, ...] = attrs.field(default=(), converter=_withheld)
    """Endpoints that aren't answered, by name."""

    recipients: tuple[str, ...] = attrs.field(default=(), converter=_recipients)
    """Who may receive anything: names, fingerprints or signing keys; empty: the charter's coordinator."""

    sealed: bool = attrs.field(default=True, validator=_truth)
    """Whether only what is sealed to its receiver may leave."""

    scorecards: bool = attrs.field(default=True, validator=_truth)
    """Whether figures on public sets may leave."""

    proved_only: bool = attrs.field(default=False, validator=_truth)
    """Whether annotations leave only under a charter whose privacy is proved."""

    budget: float = attrs.field(default=8.0, converter=_number, validator=_share(1000))
    """Largest epsilon that all private releases of the ledger may have together, 0 or more and less than 1000."""

    budget_delta: float = attrs.field(default=1e-5, converter=_number, validator=_share(1e-2))
    """The delta that goes with it, above 0 and less than 0.01."""

    approval: bool = attrs.field(default=False, validator=_truth)
    """Whether a person must approve each release."""

    approval_digest: bool = attrs.field(default=False, validator=_truth)
    """Whether who approves beforehand, in a script, must say what: by the digest that was shown with it."""

    largest_auc: float = attrs.field(default=1.0, converter=_number, validator=_limit)
    """Largest AUC that an attack of ``fluid audit`` may reach, 0 to 1; 1: no limit, and no audit is asked for."""

    largest_found: float = attrs.field(default=1.0, converter=_number, validator=_limit)
    """Largest share of our compounds that an attack may find at 1 % false ones, 0 to 1; 1: no limit."""

    min_neighbours: int = attrs.field(default=3, validator=_whole(1, 200))
    """Fewest of our compounds that a charter's proximity may average over, 1 to 200. Others aren't answered."""

    max_strength: float = attrs.field(default=1.0, converter=_number, validator=_above_0)
    """Largest ``strength`` of a charter's logistic teacher, above 0 and up to :data:`STRONGEST`; not looked at under
    ``[privacy]``. Others aren't answered."""

    min_quorum: int = attrs.field(default=1, validator=_whole(1))
    """Smallest quorum of a charter that is answered, 1 or more."""

    experts_allowed: bool = attrs.field(default=True, validator=_truth)
    """Whether charters are answered under which experts are made of the answers, and published."""

    max_known: float = attrs.field(default=1.0, converter=_number, validator=_limit)
    """Largest share of our compounds that may be in the transfer set, 0 to 1; 1: no limit."""

    max_near: float = attrs.field(default=1.0, converter=_number, validator=_limit)
    """Largest share of our compounds that may be in it or have an analogue there, 0 to 1; 1: no limit."""

    repeated_releases: str = attrs.field(default="approve")
    """What becomes of opinions that whoever gets them can compare with earlier ones: one of :data:`REPEATED`."""

    @repeated_releases.validator
    def _approve_refuse_or_allow(self, _field: object, value: object) -> None:
        if value not in REPEATED:
            raise ValueError(f'repeated_releases is {value!r}: expected "approve", "refuse" or "allow"')

    @labels.validator
    def _soft_or_hard(self, _field: object, value: object) -> None:
        if value not in ("soft", "hard"):
            raise ValueError(f'labels is {value!r}: expected "soft" or "hard"')

    def __attrs_post_init__(self) -> None:
        if self.labels == "hard" and self.surest:
            raise ValueError("labels are hard and surest isn't 0: hard labels are 0 or 1, so that nothing can be cut")
        if round(self.surest, self.decimals) != self.surest:
            raise ValueError(
                f"surest is {self.surest!r}, but decimals is {self.decimals}: rounding would undo the cut; expected no"
                " more decimals"
            )
        if not self.budget_delta:
            raise ValueError("budget_delta is 0: expected more than 0, such as 1e-5, for noise is never certain")
        if self.proximity_levels - 1 > 10**self.decimals:
            raise ValueError(
                f"proximity_levels is {self.proximity_levels}, but decimals is {self.decimals}: expected at most"
                f" {10**self.decimals + 1} levels, or more decimals"
            )

    @property
    def stricter_than_default(self) -> dict[str, Scalar]:
        """The rules that aren't what they are by default."""
        plain = Policy()
        names = (field.name for field in attrs.fields(Policy))
        return {name: getattr(self, name) for name in names if getattr(self, name) != getattr(plain, name)}

    @property
    def digest(self) -> str:
        """SHA-256 over all rules."""
        # A policy that says nothing of newer rules has the digest that it had before there were any.
        rules = sorted((n, v) for n, v in self.as_table().items() if n not in NEWER or v != NEWER[n])
        return digest_of("fluidmol policy 1", (f"{name} = {value!r}" for name, value in rules))

    def as_table(self) -> dict[str, Scalar]:
        """Give all rules by name."""
        return attrs.asdict(self)

    def allows(self, party: Party) -> bool:
        """Say whether :attr:`recipients` names a party: by name, fingerprint or signing key."""
        return party.name in self.recipients or self.allows_key(party)

    def allows_key(self, party: Party) -> bool:
        """Return whether :attr:`recipients` names a party by its key or fingerprint, which nobody else can have."""
        fingerprint = _joined(party.fingerprint)
        return any(name == party.signing or _joined(name) == fingerprint for name in self.recipients)


def _joined(fingerprint: str) -> str:
    return re.sub(r"\s", "", fingerprint).lower()
