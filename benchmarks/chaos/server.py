"""A drop that is killed: while parties upload to it, and in each step of a round over it."""

from __future__ import annotations

import hashlib
import json
import random
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from lives import Ending, Life, command, live
from scene import AWAITING, HUB, STEPS, Scene
from tally import Tally
from toy import NAMES, Toy
from undisturbed import Undisturbed

from fluidmol.values.charter import Charter
from fluidmol_drop.client import HttpMailbox
from fluidmol_drop.identity import Identity
from fluidmol_drop.server import listen  # noqa: F401 - loaded once, not by each server anew
from fluidmol_drop.server.audit_log import verify
from fluidmol_drop.server.founding import found
from fluidmol_drop.server.service import Service
from fluidmol_drop.server.settings import Limits, Settings

LIMITS = Limits(chunk=1 << 16, rate=1000, burst=1000)
QUESTION = "0" * 12
BLOBS, LARGEST = 4, 3_000_000


class Drop:
    """A drop in a process of its own, always at the same address."""

    def __init__(self, toy: Toy, root: Path) -> None:
        charter = Charter.from_toml(toy.charter.read_text(), "charter")
        self.root, self.home = root, root / "home"
        parties = tuple((party.name, party.role) for party in charter.parties)
        ending = live(lambda: _found(self.home, parties, root), root.parent / "founded")
        if ending.code:
            raise RuntimeError(ending.said)
        self.port = _free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self._life: Life | None = None

    def start(self) -> None:
        """Start, and wait until it listens."""
        words = ["serve", "--home", str(self.home), "--listen", f"127.0.0.1:{self.port}", "--enrol-listen", "off"]
        self._life = Life(command([*words, "--quiet"]), self.root / "served")
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"the drop doesn't start: {self.kill().said}")

    def kill(self) -> Ending:
        """Kill -9."""
        assert self._life is not None
        ending, self._life = self._life.kill(), None
        return ending

    def mailbox(self, name: str) -> HttpMailbox:
        """Give what a party sees."""
        return HttpMailbox(self.url, self.root / name)

    def sound(self) -> list[str]:
        """Say what is wrong with its log, or with content that has a name; it mustn't run."""
        log = self.root.parent / "checked"
        ending = live(lambda: _check(self.home), log)
        return [] if ending.code == 0 else [ending.said[-500:]]


def uploads(known: Undisturbed, root: Path, seed: int, count: int) -> Iterator[Callable[[Tally], None]]:
    """Give trials, each of which kills the drop once while three partners upload."""
    (root / "drop").mkdir()
    drop = Drop(known.toy, root / "drop" / "files")
    drop.start()
    try:
        for number in range(count):
            yield partial(_uploading, drop, number, random.Random(f"{seed} uploads {number}"))
    finally:
        drop.kill()
    if flaws := drop.sound():
        raise RuntimeError(f"the drop isn't sound: {flaws}")


def _uploading(drop: Drop, number: int, rng: random.Random, tally: Tally) -> None:
    blobs = {
        name: {
            f"replies/{QUESTION}/{name}-{rng.getrandbits(48):012x}.fluid": rng.randbytes(rng.randrange(LARGEST))
            for _ in range(BLOBS)
        } for name in NAMES
    }  # fmt: skip
    accepted = drop.root.parent / f"accepted-{number}"
    lives = [Life(partial(_upload, drop, name, blobs[name], accepted), drop.root.parent / name) for name in NAMES]
    time.sleep(rng.random() * 0.8)
    drop.kill()
    before = [json.loads(line) for line in accepted.read_text().splitlines()] if accepted.exists() else []
    time.sleep(rng.random() * 0.3)
    drop.start()
    endings = [life.wait() for life in lives]
    tally.notes["uploads accepted before the kill"] += len(before)
    tally.notes["uploads accepted"] += BLOBS * len(NAMES)
    hub = drop.mailbox(HUB)
    wrong = [f"{ending.code}: {ending.said[-300:]}" for ending in endings if ending.code]
    for name, data in ((name, data) for mine in blobs.values() for name, data in mine.items()):
        try:
            same = hub.read(name) == data
        except Exception as problem:  # whatever it is, the blob isn't there
            same = False
            wrong.append(repr(problem))
        if not same:
            tally.lost += name in before
            wrong.append(f"{name} isn't what was sent")
    if wrong:
        tally.wrong += 1
        tally.notes["; ".join(wrong)] += 1
    else:
        tally.equal += 1


def _upload(drop: Drop, name: str, blobs: dict[str, bytes], accepted: Path) -> None:
    mailbox = drop.mailbox(name)
    for blob, data in blobs.items():
        mailbox.write(blob, data)
        with accepted.open("a") as file:
            file.write(json.dumps(blob) + "\n")


def rounds(known: Undisturbed, root: Path, seed: int, count: int) -> Iterator[Callable[[Tally], None]]:
    """Give whole rounds over a drop that is killed once in each step."""
    for number in range(max(1, count // len(STEPS))):
        yield partial(_round, known, root / f"round-{number}", random.Random(f"{seed} round {number}"))


def _round(known: Undisturbed, root: Path, rng: random.Random, tally: Tally) -> None:
    root.mkdir()
    drop, scene = Drop(known.toy, root / "files"), Scene(known.toy, root / "scene")
    known.toy.furnish(scene.homes)
    drop.start()
    wrong, kills = [], 0
    for step, who in enumerate(STEPS):
        expected = AWAITING if who == HUB and step < len(STEPS) - 1 else 0
        identity = ("--identity", drop.root / who)
        words = (
            known.toy.federate(drop.url, *identity) if who == HUB
            else known.toy.answer(drop.url, who, scene.homes, *identity)
        )  # fmt: skip
        life = Life(command(words), scene.said)
        time.sleep(rng.random() * known.endings[step].seconds * 1.5)
        drop.kill()
        kills += 1
        time.sleep(rng.random() * 0.3)
        drop.start()
        ending = life.wait()
        if ending.code != expected:
            tally.notes[f"exit code {ending.code}, then the same command again"] += 1
            ending = live(command(words), scene.said)
        if ending.code != expected:
            served = (drop.root / "served").read_text()[-600:]
            wrong.append(f"step {step}: exit code {ending.code}: {ending.said[-300:]}; the drop: {served}")
    if known.labels not in ending.said:
        wrong.append("other labels")
    drop.kill()
    wrong += drop.sound()
    tally.notes["kills"] += kills
    if wrong or scene.ledgers() != known.ledgers:
        tally.wrong += 1
        tally.notes["; ".join(wrong) or "the ledgers say something else"] += 1
    else:
        tally.equal += 1


def _free_port() -> int:
    """Find a port that the system gives to no client, for one that tries again could else meet itself."""
    for port in range(20_000, 30_000):
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
    raise RuntimeError("no port is free")


def _found(home: Path, parties: tuple[tuple[str, str], ...], root: Path) -> None:
    settings = Settings(home, "toy", parties=parties, hosts=("127.0.0.1",), limits=LIMITS)
    found(settings)
    service = Service.open(settings)
    authority = (home / "ca.pem").read_text()
    for name, role in parties:
        identity = Identity(root / name)
        code = service.members.invite(name, role)
        identity.keep(
            service.members.enrol(service.authority(), name, code, identity.request(name)), authority
        )  # fmt: skip
    service.database.close()


def _check(home: Path) -> None:
    service = Service.open(Settings.load(home))
    verify(service.database)
    from fluidmol_drop.server.access import Member  # noqa: PLC0415

    for item in service.shelf.items(Member(HUB, "coordinator"), most=1_000_000):
        content = b"".join(service.shelf.blobs.pieces(item.digest, 0, item.size + 1))
        if (len(content), hashlib.sha256(content).hexdigest()) != (item.size, item.digest):
            raise RuntimeError(f"{item.name} isn't whole")
    service.database.close()
