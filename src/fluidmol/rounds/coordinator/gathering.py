"""Replies as they lie in a place: opened, judged by their content, set aside with a reason where they can't count."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping

import attrs

from fluidmol.errors import FluidError, MissingFileError, SignatureError
from fluidmol.exchange.carried import loose_files
from fluidmol.exchange.layout import reply_name
from fluidmol.exchange.mailbox import INBOX, REPLIES, Carried, Mailbox
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.sealing import is_sealed
from fluidmol.trust.signed import opened
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.messages import Annotate, Declined, Reply, Request, Scorecard

ALLOWANCE = 1 << 20
"""Bytes that any reply may have, 1 MiB."""

PER_OPINION = 64
"""Bytes more for each molecule and endpoint: several times what an opinion takes."""


ENDINGS = (".fluid", ".fluid.age", ".age")
"""How the names of replies end."""


@attrs.frozen
class ValidReply:
    """A valid reply, and where it lies."""

    name: str
    """Of the blob."""

    reply: Reply = attrs.field(repr=False)
    """What it says."""

    sealed: bool
    """Whether it was sealed."""


@attrs.frozen
class Gathered:
    """What became of the replies to one question."""

    valid: Mapping[str, tuple[ValidReply, ...]]
    """Valid ones by partner: more than one if it sent copies, or different answers."""

    unread: tuple[str, ...]
    """Names of blobs that can't be read now; somebody may still be writing them."""


class Gatherer:
    """Opens what lies in a place.

    Parameters
    ----------
    mailbox : Mailbox
    charter : Charter
    keys : PrivateKeys
        The coordinator's.
    aside : callable
        Called with name and reason when something is set aside.
    """

    def __init__(
        self, mailbox: Mailbox, charter: Charter, keys: PrivateKeys, aside: Callable[[str, str], None] | None = None
    ) -> None:
        self._mailbox = mailbox
        self._charter = charter
        self._keys = keys
        self._aside = aside

    def gather(self, question: Request, others: frozenset[str] = frozenset()) -> Gathered:
        """Open all replies, and set aside what is none.

        Parameters
        ----------
        question : Annotate or Learn
        others : frozenset of str
            Digests of other questions that were asked: replies to them are left alone.

        Returns
        -------
        Gathered
        """
        valid: dict[str, list[ValidReply]] = {}
        unread = []
        # Listing the place, or opening the same bytes, once for each file would take hours where somebody puts many.
        known: dict[bytes, str] = {}
        filed = set(self._mailbox.names(REPLIES))
        for name, ours in self._candidates():
            arriving = False
            try:
                arriving = self._mailbox.entry(name).arriving
                data = self._read(name)
                mark = hashlib.sha256(data).digest()
                if mark in known:
                    self.set_aside(name, f"it says the same as {known[mark]}")
                    continue
                reply, about, sealed = self._open(data)
                if about in others:
                    continue
                self._check(reply, about, question)
            except FluidError as problem:
                if arriving or isinstance(problem, MissingFileError):
                    unread.append(name)
                elif ours:
                    self.set_aside(name, str(problem))
                    filed.discard(name)
                continue
            proper = reply_name(about, reply.partner, reply.digest, sealed=sealed)
            found = ValidReply(self._filed(name, proper, filed), reply, sealed)
            known[mark] = found.name
            valid.setdefault(reply.partner, []).append(found)
        return Gathered({name: tuple(valid[name]) for name in sorted(valid)}, tuple(unread))

    def set_aside(self, name: str, reason: str) -> None:
        """Set a blob aside, and say so."""
        self._mailbox.set_aside(name, reason)
        if self._aside is not None:
            self._aside(name, reason)

    def _candidates(self) -> Iterator[tuple[str, bool]]:
        """List what might be a reply, and whether it lies where nothing else may lie.

        What lies at the top of a folder may be somebody's own file, and is left alone unless it is a reply.
        """
        for name in self._mailbox.names(REPLIES):
            # Others are what programs that keep folders in step leave while they copy.
            if name.lower().endswith(ENDINGS):
                yield name, True
        for name in loose_files(self._mailbox):
            if name.lower().endswith(ENDINGS):
                yield name, name.lower().startswith((f"{INBOX}/", f"{REPLIES}/"))

    def _read(self, name: str) -> bytes:
        size, largest = self._mailbox.entry(name).size, self._largest
        if size > largest:
            raise SignatureError(f"it has {size:,} bytes", hint=f"No reply to this charter has more than {largest:,}.")
        return self._mailbox.read(name)

    def _open(self, data: bytes) -> tuple[Reply, str, bool]:
        """Open the bytes of a blob: the reply, the digest of its question, and whether it was sealed."""
        if sealed := is_sealed(data):
            data = self._keys.unseal(data)
        found = opened(data, self._charter.partners, self._largest)
        if not isinstance(found.value, Annotations | Scorecard | Declined):
            raise SignatureError(f"it holds a {type(found.value).__name__}", hint="Expected a reply.")
        if found.value.partner != found.signer:
            raise SignatureError(f"it speaks for {found.value.partner}, and {found.signer} signed it")
        return found.value, found.about, sealed

    def _check(self, reply: Reply, about: str, question: Request) -> None:
        if reply.charter != self._charter.digest:
            raise SignatureError(f"it belongs to another charter ({reply.charter})")
        if about != question.digest:
            raise SignatureError(f"it answers a question that wasn't asked here ({about or 'none is named'})")
        expected = Annotations if isinstance(question, Annotate) else Scorecard
        if not isinstance(reply, expected | Declined):
            raise SignatureError(
                f"it is of the wrong kind ({type(reply).__name__})", hint=f"Expected {expected.__name__}."
            )
        asked = (self._charter.transfer_size, len(self._charter.endpoints))
        if isinstance(reply, Annotations) and reply.shape != asked:
            raise SignatureError(
                "it speaks of {:,} molecules and {} endpoints".format(*reply.shape),
                hint="Expected {:,} and {}.".format(*asked),
            )

    def _filed(self, name: str, proper: str, filed: set[str]) -> str:
        """Give a reply its proper name, where people put files by hand; ``filed`` are the names that are taken."""
        if name == proper or not isinstance(self._mailbox, Carried) or proper in filed:
            return name
        self._mailbox.settle(name, proper)
        filed.add(proper)
        return proper

    @property
    def _largest(self) -> int:
        return ALLOWANCE + PER_OPINION * self._charter.transfer_size * len(self._charter.endpoints)
