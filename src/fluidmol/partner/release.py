"""What a reply is for, and what the gate made of it."""

from __future__ import annotations

import attrs

from fluidmol.partner.assay import Assay
from fluidmol.partner.budget import Spend
from fluidmol.partner.policy import Policy
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.messages import Reply, Request
from fluidmol.values.parties import Party


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

    @property
    def digest(self) -> str:
        """Digest of what may leave."""
        return self.reply.digest
