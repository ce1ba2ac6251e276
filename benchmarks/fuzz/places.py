"""Hostile files in a folder: under any name and with any content, seen by all who read a place."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus import NAMES, corpus
from mutate import TOKENS, mutated

from fluidmol.errors import FluidError
from fluidmol.exchange.carried import sort_in
from fluidmol.exchange.closing import read_closed
from fluidmol.exchange.contents import agreements, reasons, requests
from fluidmol.exchange.folder import FolderMailbox
from fluidmol.exchange.layout import agreement_name, closing_name, reply_name, request_name
from fluidmol.exchange.mailbox import CHARTER, aside, is_proper
from fluidmol.exchange.status import standing
from fluidmol.rounds.coordinator.gathering import Gatherer
from fluidmol.trust.signed import signed

HUGE = 1 << 34
ODD = (
    "..", ".", "~x", ".hidden", "a b", "a\nb", "a\\b", "con", "aux.json", "é", "\udcff", "x" * 200, "-", "a.", "A",
    "😀", "a:b", "a*b", "$(touch x)", "%2e%2e", "<b>", "\x1b[2J",
)  # fmt: skip
FOLDERS = ("", "replies", "agreements", "requests", "outcome", "quarantine", "inbox", "Replies", "other")
ENDINGS = (".fluid", ".fluid.age", ".age", ".json", ".closed.json", ".toml", ".txt", "", ".FLUID", ".part")


def folder(rng: random.Random) -> None:
    """One to four hostile files beside a good reply, seen by coordinator, partners and status."""
    good = corpus()
    with TemporaryDirectory() as outer:
        place = Path(outer, "place")
        place.mkdir()
        Path(outer, "secret").write_text("secret")
        box = FolderMailbox(place, patience=0)
        box.write(CHARTER, good.charters[0])
        box.write(agreement_name("ada"), good.agreements[1])
        box.write(_name_of_good(), good.signed[0])
        for _ in range(rng.choice((1, 1, 2, 4))):
            _put(rng, place)
        seen = _looked_at(box)
        assert Path(outer, "secret").read_text() == "secret", "something outside was changed"
        assert sorted(path.name for path in Path(outer).iterdir()) == ["place", "secret"], (
            "something was written outside"
        )
        assert seen <= good.digests, "a reply that nobody gave"


def names(rng: random.Random) -> None:
    """Any name at all: either refused, or one file within the folder."""
    name = "/".join(_word(rng) for _ in range(rng.choice((1, 2, 3, 5))))
    assert is_proper(aside(name, "mark")), name
    with TemporaryDirectory() as outer:
        place = Path(outer, "place")
        place.mkdir()
        box = FolderMailbox(place)
        try:
            box.write(name, b"content")
        except FluidError:
            assert not any(place.iterdir()), "refused, and something is there"
            raise
        finally:
            assert [path.name for path in Path(outer).iterdir()] == ["place"], "something was written outside"
        assert box.read(name) == b"content"
        assert [found.lower() for found in box.names()] == [name.lower()], name
        box.set_aside(name, name)
        assert len(box.names("quarantine")) == 2


def _looked_at(box: FolderMailbox) -> set[str]:
    """Do what the coordinator, a partner and anybody do with a place; give the digests of valid replies."""
    good = corpus()
    charter = good.charter
    for keys in (None, good.keys["hub"], good.keys["ada"]):
        sort_in(box, charter, keys)
        requests(box, charter, keys)
    for name in agreements(box, charter).refused:
        box.set_aside(name, "refused")
    read_closed(box, charter, "annotate", good.question.digest, lambda _name, _reason: None)
    gathered = Gatherer(box, charter, good.keys["hub"]).gather(good.question)
    assert set(gathered.valid) <= set(NAMES)
    reasons(box)
    standing(box)
    return {found.reply.digest for several in gathered.valid.values() for found in several}


@cache
def _name_of_good() -> str:
    good = corpus()
    return reply_name(good.question.digest, "ada", good.values[0].digest, sealed=False)


@cache
def _contents() -> list[bytes]:
    good = corpus()
    fakes = [signed(good.values[0], good.question.digest, good.keys[name]) for name in ("mallory", "bob")]
    return [*good.signed, *good.sealed, *good.packed, *good.agreements, *good.closings, *good.charters, *fakes, b""]


def _put(rng: random.Random, place: Path) -> None:
    good, question = corpus(), corpus().question
    proper = (
        _name_of_good(), request_name(question), agreement_name("bob"), closing_name("annotate", question.digest),
        closing_name("agree", good.charter.digest), "outcome/labels.fluid.age", "outcome/outcome.json",
        "transfer.fluid", "requests/2-learn-000000000000.fluid.age",
        reply_name(question.digest, "bob", "sha256:" + "a" * 64, sealed=True),
    )  # fmt: skip
    name = rng.choice(proper) if rng.random() < 0.6 else "/".join((rng.choice(FOLDERS) or "top", _word(rng)))
    if ".." in name.split("/"):
        return  # that would be us
    path = place / name
    with _passed_over():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        match rng.randrange(12):
            case 0:
                path.symlink_to(rng.choice((place.parent / "secret", place, Path("/dev/zero"), Path("/etc/passwd"))))
            case 1:
                os.mkfifo(path)
            case 2:
                path.mkdir()
            case 3:
                with path.open("wb") as file:
                    file.truncate(rng.choice((HUGE, 2 << 20, 1 << 31)))  # huge, and takes no room
            case _:
                path.write_bytes(mutated(rng, rng.choice(_contents()), _contents()))
                if rng.random() < 0.2:
                    when = time.time() + rng.choice((-1e9, 1e9, 86400))
                    os.utime(path, (when, when))


@contextmanager
def _passed_over() -> Iterator[None]:
    """Pass over what the file system refuses, so that an attacker can't do it either."""
    with suppress(OSError, ValueError):
        yield


def _word(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return rng.choice(ODD) + rng.choice(ENDINGS)
    token = rng.choice(TOKENS)[:40].decode("utf-8", "surrogateescape")
    return json.dumps(token)[1:-1] + rng.choice(("a", "-", "0")) + rng.choice(ENDINGS)
