"""What commands take from ``party.toml`` where an option isn't given."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fluidmol.rounds.partner.party_file import PartyFile

VARIABLE = "FLUID_PARTY"
"""Environment variable that names the file; empty: none is read."""

COMMANDS = ("annotate", "answer", "audit", "hybrid", "party", "predict", "status")
"""Those that take something from it."""

_MODEL = ("--teacher", "--teacher-program", "--predictions")
_DATA = ("--data", "--assay")
_COLUMNS = (
    "smiles_column", "active_column", "value_column", "threshold", "unit", "value_unit", "units_column",
    "relation_column", "decimal", "sheet",
)  # fmt: skip
_MODEL_NAMES = {
    "program": "teacher_program",
    "batch": "teacher_batch",
    "limit": "teacher_limit",
    "weight": "teacher_weight",
}


def party_path(given: Path | None) -> Path | None:
    """Return the file that counts: the one that is given, that of :data:`VARIABLE`, or ``party.toml`` here, if any."""
    if given is not None:
        return given
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named) if named else None
    here = Path("party.toml")
    return here if here.is_file() else None


def defaults(party: PartyFile, words: Sequence[str]) -> dict[str, Any]:
    """Return defaults of options, by command, as click has them.

    Parameters
    ----------
    party : PartyFile
    words : sequence of str
        The command line: who names a model there means it instead of all that the file says of one, and likewise data.
    """
    given = {word.partition("=")[0] for word in words}
    own = {} if given & set(_MODEL) else _renamed(party.table.get("model", {}))
    data = {} if given & set(_DATA) else dict(party.table.get("data", {}))
    columns = {name: data[name] for name in _COLUMNS if name in data}
    file, seen = data.get("file"), {name: value for name, value in own.items() if name != "unseen"}
    name, key, home = party.get("party", "name"), party.get("party", "key"), party.home()
    called = None if "--newcomer" in given else name
    place = {"place": party.address, "identity": party.get("place", "identity")}
    passphrase = {"passphrase_file": party.get("party", "passphrase_file")}
    release = {what: party.get("release", what) for what in ("policy", "ledger")}
    at_home = {} if home is None else {part: home / file for part, file in _AT_HOME.items() if (home / file).is_file()}
    published = party.labelled_home()
    labelled = None if published is None else published / _AT_HOME["labels"]
    labels: dict[str, Any] = {"labels": labelled if labelled is not None and labelled.is_file() else None}
    hybrid, student = party.get("results", "hybrid"), {"student", "--model=student"} & {*words}
    audited = {part: at_home.get(part) for part in ("charter", "transfer")}
    estimator: dict[str, Any] = {part: own[part] for part in ("teacher", "teacher_input") if part in own}
    found: dict[str, dict[str, Any]] = {
        "answer": {
            **place, **passphrase, **release, **columns, **seen, "name": name, "key": key, "data": file,
            "home": party.get("results", "home"), "expect": party.get("place", "charter_digest"),
            "benchmark": party.get("data", "benchmarks"),
        },
        "annotate": {**columns, **seen, "name": name, "data": file, "home": home},
        "status": place,
        "hybrid": {
            "tune": _only({**labels, **columns, **own, "assay": file, "partner": called}),
            "fit": _only({**labels, **columns, **own, "data": file, "name": called, "out": hybrid}),
        },
        "predict": {"model": hybrid, "labels": labels["labels"] if student else None},
        "audit": {
            **audited, **columns, **estimator, **passphrase, "name": name, "data": file, "home": home,
            "policy": release["policy"], "out": party.get("results", "audit"),
        },
    }  # fmt: skip
    return {command: _only(options) for command, options in found.items()}


def written(words: Sequence[str]) -> dict[str, Path]:
    """Return where a command line would write, by option: what a partner's commands write is private.

    Examples
    --------
    >>> written(("audit", "--out", "audited", "--home=kept"))
    {'out': PosixPath('audited'), 'home': PosixPath('kept')}
    """
    found = {}
    for word, after in zip(words, (*words[1:], ""), strict=True):
        option, equals, value = word.partition("=")
        if option in _WRITTEN:
            found[option.removeprefix("--")] = Path(value if equals else after)
    return found


_WRITTEN = ("--out", "--home")

_AT_HOME = {"labels": "labels.fluid", "charter": "charter.toml", "transfer": "transfer.fluid"}


def _renamed(table: Mapping[str, Any]) -> dict[str, Any]:
    return {_MODEL_NAMES.get(entry, entry): value for entry, value in table.items()}


def _only(options: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what isn't known; click reads texts, as from a command line."""
    return {name: _plain(value) for name, value in options.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [str(each) for each in value]
    return str(value) if isinstance(value, Path) else value
