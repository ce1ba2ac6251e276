"""What a reply is for, and what the gate made of it."""

from __future__ import annotations

import re
from typing import ClassVar

import attrs

from fluidmol.errors import UsageError
from fluidmol.partner.assay import Assay
from fluidmol.partner.budget import Spend
from fluidmol.partner.ledger import OPEN, SEALED, approval_digest
from fluidmol.partner.policy import Policy
from fluidmol.partner.teachers.fidelity import Fidelity
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.messages import Reply, Request
from fluidmol.values.parties import Party

DIGITS = 12
"""Hexadecimal digits of a digest that a person is shown, and has to give at least."""


@attrs.frozen
class Errand:
    """What a reply is for: who asked what, who gets the answer, and what it may be compared with inside the wall."""

    request: Request = attrs.field(repr=False)
    """The question."""

    recipients: tuple[Party, ...] = attrs.field(converter=tuple)
    """Who gets the answer; by default the coordinator whom the charter names, nobody where it names no parties."""

    sealed: bool = True
    """Whether only they can open it; otherwise whoever gets hold of the file can."""

    transfer: CompoundSet | None = attrs.field(default=None, repr=False)
    """The molecules that annotations are about."""

    assay: Assay | None = attrs.field(default=None, repr=False)
    """One's own compounds, to say what a release tells about them; they never leave."""

    spend: Spend | None = None
    """What the private model costs from which the reply was computed; None if it comes from none."""

    n_known: float | None = None
    """How many compounds speak, as far as a policy may go by it: of a private model its noisy count, which the proof
    covers; by default the number of one's own compounds, None if there are none."""

    teacher: str = ""
    """Digest of the recipe of the teacher that speaks; empty if it isn't said."""

    fidelity: Fidelity | None = None
    """How true the translation that speaks is to the teacher; None if the teacher speaks for itself, or it isn't
    known."""

    @recipients.default
    def _coordinator(self) -> tuple[Party, ...]:
        return (self.charter.coordinator,) if self.charter.parties else ()

    def __attrs_post_init__(self) -> None:
        """Count one's own compounds, unless a private model has."""
        if self.n_known is None and self.assay is not None:
            object.__setattr__(self, "n_known", len(self.assay))

    @property
    def charter(self) -> Charter:
        """The rules that the question names."""
        return self.request.charter


@attrs.frozen
class Change:
    """What one rule of a policy did to a reply."""

    rule: str
    """The rule, as ``policy.toml`` has it: ``decimals = 4``."""

    words: str
    """What it did, in plain words."""

    changed: int
    """How many numbers it changed."""

    of: int
    """Of how many."""


@attrs.frozen
class Compared:
    """What two releases say of the molecules that both are about, number by number."""

    common: int
    """Molecules of both transfer sets, by InChIKey."""

    of: int
    """Molecules of the new one."""

    values: int = 0
    """Of how many the opinion changed."""

    largest_value: float = 0.0
    """By how much at most, 0 to 1; 1 where the teacher speaks now and abstained before, or the reverse."""

    weights: int = 0
    """Of how many the weight changed."""

    largest_weight: float = 0.0
    """By how much at most, 0 to 1."""

    @property
    def is_same(self) -> bool:
        """Whether the new one repeats numbers of the old one, and says nothing else."""
        return self.common == self.of and not self.values and not self.weights


@attrs.frozen
class EarlierRelease:
    """Opinions that left before, for somebody who would get new ones now."""

    time: str
    """When, UTC."""

    recipients: tuple[str, ...]
    """Names of those who got it, and would get this."""

    charter: str
    """Digest of the charter under which it left."""

    consortium: str
    """That charter's name; empty if it isn't known here."""

    compared: Compared | None
    """What changed since then; None if what left isn't at hand."""

    proved: bool = False
    """Whether new ones would leave under ``[privacy]``, where the budget counts what all of them tell together."""

    what: ClassVar[str] = "probability"
    """What is said of a molecule."""

    @property
    def tells(self) -> bool:
        """Whether it tells something together with what would leave, and no budget counts that."""
        return not self.proved and not (self.compared is not None and self.compared.is_same)

    @property
    def words(self) -> str:
        """What left, and what comparing tells, in full sentences.

        Examples
        --------
        >>> compared = Compared(9, 9, values=3, largest_value=0.25, weights=2, largest_weight=0.5)
        >>> said = EarlierRelease("2026-03-01T09:30:00Z", ("hub",), "sha256:0", "pilot", compared).words
        >>> said.partition(": of ")[2].partition(" and ")[0]
        '9 molecules in common the weight of 2 changed (by 0.5 at most)'
        """
        under = f"{self.consortium}, {self.charter}" if self.consortium else self.charter
        left = f"On {self.time} opinions left for {', '.join(self.recipients)} under the charter {under}"
        found = self.compared
        if self.proved:
            return f"{left}. Under [privacy] the budget counts what they and these tell together."
        if found is None:
            return (
                f"{left}; what they said isn't at hand here, so take it that they were of the same molecules, and that"
                " the two together tell which compounds are new."
            )
        if found.is_same:
            return f"{left}: all {found.common:,} molecules are the same, and no number has changed since."
        changed = (
            f"the weight of {found.weights:,} changed (by {found.largest_weight:.2g} at most) and the {self.what} of"
            f" {found.values:,} (by {found.largest_value:.2g} at most)"
        )
        rest = f"; {found.of - found.common:,} molecules are new" if found.of > found.common else ""
        told = (
            "Who has both sees near which molecules something changed: the two together tell which of your compounds"
            " are new."
            if found.weights or found.values
            else "Of these nothing new is told; of the new molecules it is."
        )
        return f"{left}: of {found.common:,} molecules in common {changed}{rest}. {told}"


class EarlierValues(EarlierRelease):
    """Of a regression."""

    what: ClassVar[str] = "position"
    """Of a value, on its scale."""


@attrs.frozen
class Release:
    """A reply as it may leave, and what the policy made of it. Nothing has left yet."""

    reply: Reply
    """What may leave."""

    changes: tuple[Change, ...]
    """What each rule did, in the order in which they were applied."""

    policy: Policy = attrs.field(repr=False)
    """The rules."""

    errand: Errand | None = attrs.field(default=None, repr=False)
    """What it is for; None in a simulation that doesn't say."""

    earlier: tuple[EarlierRelease, ...] = ()
    """Opinions that left before, with which it can be compared."""

    @property
    def digest(self) -> str:
        """Digest of what may leave."""
        return self.reply.digest

    @property
    def request(self) -> str:
        """Digest of the question; empty if it isn't said."""
        return self.errand.request.digest if self.errand else ""

    @property
    def recipients(self) -> tuple[str, ...]:
        """Who may open it: name and signing key of each."""
        return tuple(f"{party.name} {party.signing}" for party in self.errand.recipients) if self.errand else ()

    @property
    def form(self) -> str:
        """Whether it is sealed, as the ledger says it; empty if it isn't said."""
        return "" if self.errand is None else SEALED if self.errand.sealed else OPEN

    @property
    def approval(self) -> str:
        """Digest of all that a person approves; see :func:`~fluidmol.partner.ledger.approval_digest`."""
        return approval_digest(self.digest, self.request, self.recipients, self.form)

    @property
    def shown_approval(self) -> str:
        """Return the first twelve digits of :attr:`approval`, which a person can type."""
        return self.approval.removeprefix("sha256:")[:DIGITS]


def opinion(errand: Errand | None) -> str:
    """Name what is said of a molecule: a probability, or a position on a scale.

    Examples
    --------
    >>> opinion(None)
    'probability'
    """
    return "probability" if errand is None or errand.charter.scale is None else "position"


def approved_digits(text: str) -> str:
    """Read the digest of what was approved, as a person gives it; case and blanks don't count.

    Parameters
    ----------
    text : str
        ``sha256:`` and 64 hexadecimal digits, or their first twelve or more.

    Raises
    ------
    UsageError
        If it is none.

    Examples
    --------
    >>> approved_digits("1A2B 3C4D 5E6F")
    '1a2b3c4d5e6f'
    """
    told = re.sub(r"\s", "", text).lower().removeprefix("sha256:")
    if not re.fullmatch(f"[0-9a-f]{{{DIGITS},64}}", told):
        raise UsageError(
            f"the digest of what is approved is said to be {text!r}",
            hint=f"Expected `digest` as it was shown with the summary: at least {DIGITS} hexadecimal digits.",
        )
    return told
