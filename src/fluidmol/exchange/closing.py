"""Closings: the coordinator's signed word on whose replies count, so that every replay counts the same."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from fluidmol.errors import FluidError, SignatureError
from fluidmol.exchange.layout import STAGES, closing_name
from fluidmol.exchange.mailbox import REQUESTS, Mailbox, read_note
from fluidmol.trust.keys import PrivateKeys, verifies
from fluidmol.values.charter import Charter
from fluidmol.values.strict_json import read_json

FORMAT = "fluidmol closing 1"
"""First line of what is signed."""

Aside = Callable[[str, str], None]
"""Called with name and reason when something is set aside."""


def silently(_name: str, _reason: str) -> None:
    """Say nothing of what is set aside."""


def _sorted_pairs(pairs: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(pairs.items()))


def _sorted_names(names: Any) -> tuple[str, ...]:
    return tuple(sorted(names))


@attrs.frozen
class Closing:
    """Whose replies to one question count.

    Examples
    --------
    >>> Closing("sha256:" + "0" * 64, "annotate", "sha256:" + "1" * 64, {"ada": "sha256:" + "2" * 64}, ["bob"]).without
    ('bob',)
    """

    charter: str
    """Digest of the charter."""

    stage: str = attrs.field(validator=attrs.validators.in_(STAGES))
    """What was waited for."""

    question: str
    """Digest of the question; of the charter, where signatures were waited for."""

    accepted: Mapping[str, str] = attrs.field(converter=_sorted_pairs)
    """Digests of the replies that count, by partner."""

    without: tuple[str, ...] = attrs.field(default=(), converter=_sorted_names)
    """Partners who aren't waited for any longer; they take no part in what follows."""

    def to_text(self, keys: PrivateKeys) -> str:
        """Write and sign it: a small JSON text, the same each time."""
        signature = base64.b64encode(keys.sign(self._message())).decode()
        note = {"format": FORMAT, **attrs.asdict(self), "signer": keys.name, "signature": signature}
        return json.dumps(note, indent=1) + "\n"

    def _message(self) -> bytes:
        return f"{FORMAT}\n{json.dumps(attrs.asdict(self), sort_keys=True)}\n".encode()


def read_closing(text: str, charter: Charter) -> Closing:
    """Read a closing, and check that the charter's coordinator said it about this charter.

    Raises
    ------
    SignatureError
        If it is no closing, belongs to another charter, or isn't signed by the coordinator.
    """
    try:
        note = read_json(text)
        if note.pop("format") != FORMAT or set(note) != {f.name for f in attrs.fields(Closing)} | _SIGNED:
            raise ValueError("other entries")
        signature = base64.b64decode(note.pop("signature"), validate=True)
        signer = note.pop("signer")
        closing = Closing(**note)
        message = closing._message()
        if not all(isinstance(text, str) for text in (*closing.accepted, *closing.accepted.values(), *closing.without)):
            raise TypeError("names that aren't texts")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
        raise SignatureError("this is no closing", hint="Expected what fluid federate writes.") from problem
    if closing.charter != charter.digest:
        raise SignatureError(f"the closing belongs to another charter ({closing.charter})")
    if signer != charter.coordinator.name or not verifies(charter.coordinator.signing, message, signature):
        raise SignatureError(
            f"the closing isn't signed by the coordinator {charter.coordinator.name}", hint="It is forged or altered."
        )
    return closing


_SIGNED = frozenset({"signer", "signature"})


def read_closed(
    mailbox: Mailbox, charter: Charter, stage: str, question: str, aside: Aside | None = None
) -> Closing | None:
    """Read whose replies count; None if that isn't settled yet.

    Parameters
    ----------
    mailbox : Mailbox
    charter : Charter
    stage, question : str
        As for :func:`~fluidmol.exchange.layout.closing_name`; of a question that can't be opened, the first twelve
        digits of its digest.
    aside : callable, optional
        If given, what isn't the coordinator's word is set aside.
    """
    name = closing_name(stage, question)
    if name not in mailbox.names(REQUESTS):
        return None
    try:
        closing = read_closing(read_note(mailbox, name), charter)
        whole = question if question.startswith("sha256:") else f"sha256:{question}"
        if closing.stage != stage or not closing.question.startswith(whole):
            raise SignatureError("it is about another question")
    except FluidError as problem:
        if aside is not None:
            mailbox.set_aside(name, str(problem))
            aside(name, str(problem))
        return None
    return closing
