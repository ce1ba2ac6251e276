"""Small text files: keys, agreements, closings, policies, charters, ledgers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fluidmol.cli.inspection.shown import Shown
from fluidmol.cli.plain import plain
from fluidmol.values.toml import read_toml

if TYPE_CHECKING:
    from fluidmol.values.charter import Charter

LARGEST = 1 << 20
"""Characters that only a ledger may exceed."""


def text(path: Path, words: str, charter: Charter | None) -> Shown | None:
    """Say what a text file says; None if it is none of ours.

    Parameters
    ----------
    path : Path
    words : str
        Its content.
    charter : Charter or None
        By which signatures are checked.

    Raises
    ------
    FluidError
        If it is one of ours, and can't be read.
    """
    if _is_ledger(words):
        return _ledger(path)
    if len(words) > LARGEST:
        return None
    note = _json(words)
    if isinstance(note, dict):
        return _note(path, words, note, charter)
    try:
        table = read_toml(words)
    except (ValueError, RecursionError):
        return None
    return _table(path, words, table)


def _table(path: Path, words: str, table: dict[str, Any]) -> Shown | None:
    import attrs  # noqa: PLC0415

    from fluidmol.cli.inspection.values import agreed  # noqa: PLC0415
    from fluidmol.cli.policy_words import policy_lines  # noqa: PLC0415
    from fluidmol.partner.policy import Policy  # noqa: PLC0415
    from fluidmol.partner.policy_file import from_toml  # noqa: PLC0415
    from fluidmol.trust.keys import FORMAT, PublicKeys  # noqa: PLC0415
    from fluidmol.values.charter import Charter  # noqa: PLC0415

    if table.get("format") == FORMAT:
        keys = PublicKeys.from_toml(words, str(path))
        facts = (("name", keys.name), ("fingerprint", keys.fingerprint))
        return Shown("Public keys of a party; they may be sent to anybody", facts)
    if "charter" in table:
        charter = Charter.from_toml(words, str(path))
        return agreed(charter).but(("digest", charter.digest))
    if set(table) & {field.name for field in attrs.fields(Policy)}:
        lines = tuple(policy_lines(from_toml(words, str(path))))
        return Shown("A policy: what a partner lets out", remarks=lines)
    return None


def _note(path: Path, words: str, note: dict[str, Any], charter: Charter | None) -> Shown | None:
    from fluidmol.exchange.closing import FORMAT as CLOSING  # noqa: PLC0415
    from fluidmol.trust.agreement import FORMAT as AGREEMENT  # noqa: PLC0415
    from fluidmol.trust.keyfile import FORMAT as KEYS  # noqa: PLC0415
    from fluidmol.trust.keys import needs_passphrase, public_of  # noqa: PLC0415
    from fluidmol.trust.statement import FORMAT as STATEMENT  # noqa: PLC0415

    kind = note.get("format")
    if kind == KEYS:
        keys, closed = public_of(path), needs_passphrase(path)
        facts = (
            ("name", keys.name), ("fingerprint", keys.fingerprint), ("passphrase", "yes" if closed else "NO"),
        )  # fmt: skip
        return Shown("PRIVATE keys of a party: never send this file to anybody", facts)
    if kind == AGREEMENT:
        return _agreement(words, note, charter)
    if kind == CLOSING:
        return _closing(words, note, charter)
    if kind == STATEMENT and note.get("kind") == "audit":
        return _audited(words, note, charter)
    return None


def _agreement(words: str, note: dict[str, Any], charter: Charter | None) -> Shown:
    from fluidmol.errors import SignatureError  # noqa: PLC0415
    from fluidmol.trust.agreement import check  # noqa: PLC0415

    facts = (("party", plain(str(note.get("party")))), ("charter", plain(str(note.get("charter")))))
    shown = Shown("An agreement: a party's signature under a charter", facts)
    if charter is None:
        return shown.but(("signature", "not checked: give the charter with --charter"))
    try:
        name = check(words, charter)
    except SignatureError as problem:
        return shown.but(("signature", "NOT VALID for this charter"), problem=problem)
    return shown.but(("signature", f"valid: {name} has signed this very charter"))


def _closing(words: str, note: dict[str, Any], charter: Charter | None) -> Shown:
    from fluidmol.errors import SignatureError  # noqa: PLC0415
    from fluidmol.exchange.closing import read_closing  # noqa: PLC0415

    shown = Shown("A closing: the coordinator's word on whose replies count")
    shown = shown.but(("signer", plain(str(note.get("signer")))), ("charter", plain(str(note.get("charter")))))
    if charter is None:
        return shown.but(("signature", "not checked: give the charter with --charter"))
    try:
        closing = read_closing(words, charter)
    except SignatureError as problem:
        return shown.but(("signature", "NOT VALID for this charter"), problem=problem)
    return shown.but(
        ("signature", "valid"),
        ("stage", closing.stage),
        ("counted", plain(", ".join(closing.accepted)) or "nobody"),
        ("without", plain(", ".join(closing.without)) or "nobody"),
    )


def _audited(words: str, note: dict[str, Any], charter: Charter | None) -> Shown:
    from fluidmol.errors import SignatureError  # noqa: PLC0415
    from fluidmol.partner.audited import STATED  # noqa: PLC0415
    from fluidmol.trust.statement import read_statement  # noqa: PLC0415

    given = note.get("facts")
    facts = given if isinstance(given, dict) else {}
    # Others might read as if they were ours, such as one that is called signature.
    told = tuple((name, plain(str(facts[name]))[:200]) for name in STATED if name in facts)
    shown = Shown(
        "What a partner states of an audit of its own release", (("party", plain(str(note.get("party")))), *told)
    )
    if charter is None:
        return shown.but(("signature", "not checked: give the charter with --charter"))
    try:
        name = read_statement(words, "audit", charter.parties).party
    except SignatureError as problem:
        return shown.but(("signature", "NOT VALID for this charter"), problem=problem)
    if facts.get("charter") != charter.digest:
        wrong = SignatureError("it is about another charter", hint="Give the charter that it names.")
        return shown.but(("signature", f"that of {name}"), problem=wrong)
    return shown.but(("signature", f"valid: {name} states this of its own release under this very charter"))


def _ledger(path: Path) -> Shown:
    from fluidmol.partner.ledger_file import read_ledger, unusable  # noqa: PLC0415

    reading = read_ledger(path)
    facts = [("entries", f"{len(reading.entries):,}{' before the fault' if reading.fault else ''}")]
    if reading.entries:
        facts += [("newest", plain(reading.entries[-1].time)), ("head", reading.head)]
    shown = Shown("A ledger: what has left a partner", tuple(facts), remarks=("fluid ledger show lists the entries.",))
    if reading.fault or reading.torn:
        return shown.but(("chain", "NOT intact"), problem=unusable(path, reading))
    return shown.but(("chain", "intact"))


def _is_ledger(words: str) -> bool:
    first = _json(words[:LARGEST].partition("\n")[0])
    return isinstance(first, dict) and {"chain", "digest", "kind"} <= set(first)


def _json(words: str) -> object:
    try:
        return json.loads(words)
    except (ValueError, RecursionError):
        return None
