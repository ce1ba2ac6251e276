"""All partners in one process, for simulations.

Every message is packed to bytes and unpacked again, so that a simulation can't let anything through that a real
consortium couldn't send.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from fluidmol.errors import CodecError
from fluidmol.parallel import in_threads
from fluidmol.values.annotations import Annotations
from fluidmol.values.codec import pack, unpack
from fluidmol.values.messages import Annotate, Declined, Learn, Reply, Request, Scorecard


class Answers(Protocol):
    """A partner as a channel sees it, say :class:`fluidmol.partner.partner.Partner`."""

    @property
    def name(self) -> str:
        """Name in the consortium."""

    def answer(self, request: Request) -> Reply:
        """Answer a question of the coordinator."""


class LocalChannel:
    """Asks partners that live in this process.

    They answer at the same time in threads (see :mod:`fluidmol.parallel`), each on one:
    many small models side by side keep all cores busier than one after the other on all cores. Replies come in the
    order of the partners and don't depend on the number of threads.

    Parameters
    ----------
    partners : sequence of Answers
    heard : callable, optional
        Called after each reply with the question, the partner's name and the reply, say to show progress.
    """

    def __init__(self, partners: Sequence[Answers], heard: Callable[[Request, str, Reply], None] | None = None) -> None:
        names = [partner.name for partner in partners]
        if len(set(names)) != len(names):
            raise ValueError(f"partners are named {names}: expected each name once")
        self._partners = list(partners)
        self._heard = heard

    def ask(self, request: Request) -> list[Reply]:
        """Ask every partner once, through bytes both ways.

        Raises
        ------
        CodecError
            If a reply isn't one, or names another charter or partner.
        """
        sent = pack(request)
        answers = in_threads(_answer, ((partner, sent) for partner in self._partners))
        replies: list[Reply] = []
        for partner, packed in zip(self._partners, answers, strict=True):
            reply = unpack(packed)
            if not isinstance(reply, Annotations | Scorecard | Declined):
                raise CodecError(f"{partner.name} replied with a {type(reply).__name__}")
            if reply.charter != request.charter.digest or reply.partner != partner.name:
                raise CodecError(f"{partner.name} replied as {reply.partner} to the charter {reply.charter}")
            replies.append(reply)
            if self._heard is not None:
                self._heard(request, partner.name, reply)
        return replies


def _answer(partner: Answers, sent: bytes) -> bytes:
    question = unpack(sent)
    if not isinstance(question, Annotate | Learn):
        raise CodecError(f"a {type(question).__name__} is no question")
    return pack(partner.answer(question))
