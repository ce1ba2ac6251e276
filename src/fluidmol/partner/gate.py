"""The gate: the only way out of a partner.

A :class:`~fluidmol.partner.policy.Policy` is the partner's own, stricter than the charter if it likes. The
:class:`Gate` refuses what it forbids, changes what it says, asks a person where it asks for one, and writes into the
ledger what is about to leave, before it leaves: a crash may leave an entry without a release, never the reverse.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

import attrs

from fluidmol.errors import PolicyError
from fluidmol.partner import rules
from fluidmol.partner.analogues import check_analogues
from fluidmol.partner.audited import Audited, check_audited, words_for
from fluidmol.partner.budget import Spend, check_budget
from fluidmol.partner.charter_check import check_charter
from fluidmol.partner.earlier import (
    Archive,
    check_repeated,
    earlier_releases,
    earlier_words,
    needs_approval,
    telling,
    unapproved,
)
from fluidmol.partner.key_check import check_keys
from fluidmol.partner.ledger import OPEN, Entry, Notes
from fluidmol.partner.ledger import Ledger as Ledger  # noqa: PLC0414 - found here since there is a gate
from fluidmol.partner.policy import Policy as Policy  # noqa: PLC0414 - likewise
from fluidmol.partner.release import DIGITS, Errand, Release, approved_digits, opinion
from fluidmol.partner.summary import Summary, summarised
from fluidmol.values.annotations import Annotations
from fluidmol.values.messages import Declined, Reply, Scorecard

logger = logging.getLogger(__name__)

Approve = Callable[[Summary], str | None]
"""Shows a person what would leave, and gives the person's name, or None if nobody approves."""


def _only(text: str) -> str:
    return approved_digits(text) if text else ""


@attrs.frozen
class Gate:
    """Applies a policy to each reply and notes it in the ledger.

    Examples
    --------
    >>> gate = Gate(Policy(decimals=2))
    >>> released = gate.release(Annotations("sha256:" + "0" * 64, "acme", [[0.87654]], [[0.5]]))
    >>> released.value.round(4).tolist(), len(gate.ledger.entries)
    ([[0.8...]], 1)
    """

    policy: Policy = attrs.field(factory=Policy)
    """The partner's rules."""

    ledger: Notes = attrs.field(factory=Ledger, repr=False)
    """What left so far."""

    approve: Approve | None = attrs.field(default=None, repr=False)
    """Asks a person, where the policy wants one."""

    audited: Audited | None = attrs.field(default=None, repr=False)
    """What an audit of the release found, where the policy limits what attacks may reach."""

    archive: Archive = attrs.field(factory=Archive, repr=False)
    """What was signed and said before, with which a release is compared."""

    only: str = attrs.field(default="", converter=_only, repr=False)
    """Digest, or its first twelve digits or more, of what was seen before, as
    :attr:`~fluidmol.partner.release.Release.approval` has it: nothing else may leave. Empty: it isn't said."""

    def release(self, reply: Reply, errand: Errand | None = None) -> Reply:
        """Let a reply out, changed as the policy says: :meth:`examine`, then :meth:`let_out`.

        Raises
        ------
        PolicyError
            If the policy forbids it, or nobody approves.
        """
        return self.let_out(self.examine(reply, errand))

    def examine(self, reply: Reply, errand: Errand | None = None) -> Release:
        """Say what would leave, and what each rule changed. Nothing leaves, and nothing is noted.

        Parameters
        ----------
        reply : Annotations, Scorecard or Declined
        errand : Errand, optional
            What it is for; without one, a policy that names recipients or withholds endpoints refuses.

        Raises
        ------
        PolicyError
            If it is none of the three replies that there are, or the policy forbids it.
        """
        if type(reply) not in (Annotations, Scorecard, Declined):
            raise PolicyError(
                f"a {type(reply).__name__} may not leave the partner",
                hint="Only annotations, scorecards and refusals may.",
            )
        self._check_recipients(errand)
        if isinstance(reply, Declined):
            # A reason that a private model gave costs what the model costs; a person's own costs nothing.
            if errand is not None and errand.spend is not None:
                check_budget(self.ledger.entries, errand.spend, self.policy, errand.charter.digest)
            return Release(reply, (), self.policy, errand)
        self._check_endpoints(errand)
        if isinstance(reply, Annotations):
            return self._examined(reply, errand)
        if reply.scores and errand is not None and errand.charter.privacy is not None:
            raise PolicyError(
                "a scorecard with figures may not leave under a charter with [privacy]",
                hint="Figures of models of own compounds say something about these that the proof doesn't cover.",
            )
        if reply.scores and not self.policy.scorecards:
            raise PolicyError("the policy lets no scorecard out", hint="Set scorecards = true to allow it.")
        return Release(*rules.rounded(reply, self.policy), self.policy, errand)

    def _examined(self, said: Annotations, errand: Errand | None) -> Release:
        if errand is not None:
            check_charter(errand.charter, self.policy)
        self._check_compounds(errand)
        self._check_proof(errand)
        check_analogues(errand, self.policy)
        check_audited(self.audited, self.policy, errand)
        what = "probabilities" if opinion(errand) == "probability" else "positions"
        release = self._beside_earlier(Release(*rules.applied(said, self.policy, what), self.policy, errand))
        check_repeated(release.earlier, self.policy)
        return release

    def _beside_earlier(self, release: Release) -> Release:
        found = earlier_releases(release.reply, release.errand, self.ledger.entries, self.archive)
        return attrs.evolve(release, earlier=found)

    def let_out(self, release: Release) -> Reply:
        """Ask a person if the policy wants one, note the release in the ledger, and give what leaves.

        What is in the ledger already, to the same question, for the same recipients and in the same form, isn't noted
        again; and what a person approved isn't asked again.

        Raises
        ------
        PolicyError
            If the release was examined by another policy, isn't sealed though it must be, isn't what :attr:`only`
            says, or a person must approve and nobody does.
        FluidError
            If the ledger can't be written, or isn't intact: nothing leaves without an entry.
        """
        if release.policy != self.policy:
            raise PolicyError("the release was examined by another policy", hint="Examine it again.")
        errand, request, recipients, form = release.errand, release.request, release.recipients, release.form
        if form == OPEN and self.policy.sealed:
            raise PolicyError(
                "the policy lets nothing out that isn't sealed",
                hint="Leave out `sealed`, or set sealed = false in the policy if everybody may read it.",
            )
        if self.only and not release.approval.removeprefix("sha256:").startswith(self.only):
            raise PolicyError(
                f"what would leave now isn't what was approved: its digest is {release.shown_approval}, and"
                f" {self.only[:DIGITS]} was given",
                hint="Nothing has left. Data, model, policy, question or form are others than when it was shown: look"
                " at it again.",
            )
        same = (release.digest, request, recipients, form)
        entries = self.ledger.entries
        known = [entry for entry in entries if (entry.digest, entry.request, entry.recipients, entry.form) == same]
        approver = next((entry.approver for entry in known if entry.approver), "")
        # Anew: more may have left since it was examined.
        release = self._beside_earlier(release)
        check_repeated(release.earlier, self.policy)
        # A scorecard without figures says only that labels came: nobody needs to look at it.
        empty = isinstance(release.reply, Scorecard) and not release.reply.scores
        wanted = (self.policy.approval and not empty) or needs_approval(release.earlier, self.policy)
        if wanted and not approver:
            approver = self._approved(release)
        spend = None if errand is None or isinstance(release.reply, Scorecard) else errand.spend
        audit = words_for(self.audited, self.policy, errand) if isinstance(release.reply, Annotations) else ""
        # Which adds nothing if it is there: only the ledger can tell, for another process may write, too.
        self.ledger.add(
            release.reply, request=request, recipients=recipients, form=form, policy=self.policy.digest,
            approver=approver, private=spend.text if spend else "", audit=audit,
            check=partial(self._check_since, release=release, spend=spend),
        )  # fmt: skip
        logger.info("released %s %s", type(release.reply).__name__, release.digest)
        return release.reply

    def _check_since(self, entries: tuple[Entry, ...], release: Release, spend: Spend | None) -> None:
        """Refuse what another process has made a second release of, or too dear, since it was looked at."""
        if spend is not None:
            check_budget(entries, spend, self.policy, release.reply.charter)
        now = telling(earlier_releases(release.reply, release.errand, entries, self.archive))
        if self.policy.repeated_releases != "allow" and now != telling(release.earlier):
            raise PolicyError(
                f"something else has left while this was looked at: {earlier_words(now)}",
                hint="Nothing has left of this. Repeat the command, which shows what the two together tell.",
            )

    def _approved(self, release: Release) -> str:
        if self.approve is None:
            raise PolicyError(unapproved(release.earlier), hint="Give `approve`, which asks one.")
        approver = (self.approve(summarised(release)) or "").strip()
        if not approver:
            raise PolicyError("nobody approved: nothing has left", hint="The same command asks again.")
        if not approver.isprintable() or approver.startswith("-"):
            raise PolicyError(
                f"the approver's name is {approver!r}", hint="Expected a person's name: letters, and no line ends."
            )
        return approver

    def _check_recipients(self, errand: Errand | None) -> None:
        named = self.policy.recipients
        if errand is None or not errand.recipients:
            if named:
                raise PolicyError(
                    f"the policy lets nobody but {', '.join(named)} receive anything, and it isn't said who would",
                    hint="The charter must name its parties.",
                )
            return
        check_keys(errand.recipients, self.policy, self.ledger.entries, self.archive.signed())
        for party in errand.recipients:
            # Who isn't named by the policy may only be the one whom the signed charter names.
            if not (self.policy.allows(party) if named else party in errand.charter.parties[:1]):
                who = ", ".join(named) or "the charter's coordinator"
                raise PolicyError(
                    f"{party.name} (fingerprint {party.fingerprint}) may not receive anything",
                    hint=f"The policy allows: {who}. Change recipients in the policy if that is meant.",
                )

    def _check_endpoints(self, errand: Errand | None) -> None:
        if not self.policy.withheld:
            return
        asked = None if errand is None else [endpoint.name for endpoint in errand.charter.endpoints]
        if asked is None:
            raise PolicyError("the policy withholds endpoints, and it isn't said which are asked for")
        # Whoever withholds hERG means herg, too.
        withheld = {name.strip().casefold() for name in self.policy.withheld}
        if refused := sorted(name for name in asked if name.casefold() in withheld):
            raise PolicyError(
                f"the policy withholds the endpoint {', '.join(refused)}",
                hint="Take it out of withheld in the policy if it may be answered.",
            )

    def _check_proof(self, errand: Errand | None) -> None:
        private = errand is not None and errand.charter.privacy is not None
        if not private and self.policy.proved_only:
            raise PolicyError(
                "the policy lets opinions out only under a charter with [privacy], and this one has none",
                hint="Ask the coordinator for one of the preset private, or set proved_only = false in the policy.",
            )
        if not private or errand is None:
            return
        if errand.spend is None:
            raise PolicyError(
                "the charter promises differential privacy, and these opinions come from no private model",
                hint="Only fluidmol's own private teacher may speak under this charter.",
            )
        check_budget(self.ledger.entries, errand.spend, self.policy, errand.charter.digest)

    def _check_compounds(self, errand: Errand | None) -> None:
        if errand is None or errand.n_known is None or errand.n_known >= self.policy.fewest_compounds:
            return
        raise PolicyError(
            f"the teacher knows {errand.n_known:.0f} compounds; the policy lets none speak of fewer than"
            f" {self.policy.fewest_compounds}",
            hint="See fewest_compounds in the policy.",
        )
