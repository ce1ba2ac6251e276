"""Statements: a small table of facts that a party has signed, as one JSON text."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from fluidmol.errors import SignatureError
from fluidmol.trust.keys import PrivateKeys, verifies
from fluidmol.values.parties import Party, is_name
from fluidmol.values.strict_json import read_json

FORMAT = "fluidmol statement 1"
"""First line of what is signed."""

LARGEST = 1 << 16
"""Most characters of a statement that is read."""


@attrs.frozen
class Statement:
    """What a party states, once its signature has been checked."""

    kind: str
    """What it is about, such as ``audit``."""

    party: str
    """Who states it."""

    facts: Mapping[str, Any]
    """Names and JSON values."""


def stated(kind: str, facts: Mapping[str, Any], keys: PrivateKeys) -> str:
    """Sign facts.

    Parameters
    ----------
    kind : str
        What they are about; part of what is signed, so that one statement can't be taken for another.
    facts : mapping
        Names and JSON values.
    keys : PrivateKeys

    Returns
    -------
    str
        A small JSON text, the same each time.

    Examples
    --------
    >>> keys = PrivateKeys.generate("acme")
    >>> text = stated("audit", {"largest_auc": 0.61}, keys)
    >>> read_statement(text, "audit", [keys.public.party("partner")]).facts
    {'largest_auc': 0.61}
    """
    signature = base64.b64encode(keys.sign(_message(kind, keys.name, facts))).decode()
    note = {"format": FORMAT, "kind": kind, "party": keys.name, "facts": dict(facts), "signature": signature}
    return json.dumps(note, indent=1, allow_nan=False) + "\n"


def read_statement(text: str, kind: str, parties: Iterable[Party]) -> Statement:
    """Check who signed a statement.

    Parameters
    ----------
    text : str
        As :func:`stated` wrote it.
    kind : str
        What it must be about.
    parties : iterable of Party
        Whose signatures count.

    Raises
    ------
    SignatureError
        If it is no statement of this kind, of none of the parties, or the signature isn't theirs.
    """
    try:
        note: dict[str, Any] = read_json(text if len(text) <= LARGEST else "")
        if set(note) != {"format", "kind", "party", "facts", "signature"} or note["format"] != FORMAT:
            raise ValueError("it has another format")
        if note["kind"] != kind or not is_name(note["party"]) or not isinstance(note["facts"], dict):
            raise ValueError(f"it states nothing of the kind {kind!r}")
        signature = base64.b64decode(note["signature"], validate=True)
        message = _message(kind, note["party"], note["facts"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
        raise SignatureError(f"this is no statement: {problem}", hint="Ask the sender for it again.") from problem
    keys = {party.name: party.signing for party in parties}
    if note["party"] not in keys:
        known = ", ".join(keys) or "nobody"
        raise SignatureError(f"it is signed by {note['party']}", hint=f"Expected a signature of: {known}.")
    if not verifies(keys[note["party"]], message, signature):
        raise SignatureError(
            f"the signature isn't that of {note['party']}", hint="It is forged, or something was altered."
        )
    return Statement(kind, note["party"], note["facts"])


def _message(kind: str, party: str, facts: Mapping[str, Any]) -> bytes:
    written = json.dumps(dict(facts), sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return "\n".join((FORMAT, kind, party, written, "")).encode()
