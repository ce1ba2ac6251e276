"""A consortium: its place and its companies' homes at one moment, kept, laid again, looked at, gone on with."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import attrs
from lives import Death, Ending, command, live
from toy import NAMES, Toy

from fluidmol.errors import FluidError
from fluidmol.exchange.closing import read_closing
from fluidmol.exchange.contents import read_charter, read_request
from fluidmol.exchange.folder import FolderMailbox
from fluidmol.exchange.layout import LABELS, parsed_reply
from fluidmol.exchange.mailbox import CHARTER, TRANSFER
from fluidmol.partner.ledger_lines import read_lines
from fluidmol.rounds.partner.home import PSEUDONYMS
from fluidmol.rounds.public import read_transfer
from fluidmol.trust.agreement import check
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.sealing import is_sealed
from fluidmol.trust.signed import opened
from fluidmol.values.charter import Charter
from fluidmol.values.codec import unpack

HUB = "hub"
STEPS = (HUB, *NAMES) * 3 + (HUB,)
"""Who types, in this order: signatures, opinions, scorecards, the end."""

AWAITING = 75
TRIES = 6


@attrs.frozen
class Scene:
    """Where a trial is played."""

    toy: Toy
    root: Path

    @property
    def place(self) -> Path:
        """The consortium's folder."""
        return self.root / "place"

    @property
    def homes(self) -> Path:
        """The companies' folders and ledgers."""
        return self.root / "homes"

    def words(self, who: str, *more: object) -> list[str]:
        """Give somebody's command line."""
        if who == HUB:
            return self.toy.federate(str(self.place), *more)
        return self.toy.answer(str(self.place), who, self.homes, *more)

    @property
    def said(self) -> Path:
        """Where commands write what they say: beside the scene, whose disk may be full."""
        return self.root.parent / "said"

    def live(self, who: str, death: Death | None = None) -> Ending:
        """Let somebody type once."""
        return live(command(self.words(who)), self.said, death)

    def go_on(self, step: int = 0) -> list[Ending]:
        """Play from a step to the end; raise if somebody's command fails."""
        endings = []
        for number, who in enumerate(STEPS[step:], step):
            endings.append(self.done(who, number))
        return endings

    def done(self, who: str, step: int) -> Ending:
        """Let somebody type until the command has done its part."""
        expected = AWAITING if who == HUB and step < len(STEPS) - 1 else 0
        ending = self.live(who)
        if ending.code != expected:
            raise RuntimeError(f"{who} at step {step}: exit code {ending.code}: {ending.said[-500:]}")
        return ending

    def lay(self, kept: Path) -> None:
        """Begin anew from what was kept."""
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(kept, self.root)

    def labels(self) -> str:
        """Digest of the labels that are published; empty if there are none, and a word if they aren't the hub's."""
        path = self.place / LABELS
        if not path.is_file():
            return ""
        charter = Charter.from_toml(self.toy.charter.read_text(), "charter")
        try:
            data = PrivateKeys.load(self.toy.root / "hub.key", None).unseal(path.read_bytes())
            return str(opened(data, [charter.coordinator]).value.digest)
        except FluidError:
            return "unreadable"

    def replies(self) -> dict[str, str]:
        """Digests of the replies that are there, by name."""
        return {
            name: hashlib.sha256((self.place / name).read_bytes()).hexdigest()
            for name in FolderMailbox(self.place).names("replies")
        } if self.place.is_dir() else {}  # fmt: skip

    def ledgers(self) -> dict[str, list[tuple[str, str]]]:
        """Kind and question of each entry, by ledger."""
        return {
            path.name: [(entry.kind, entry.digest) for entry in read_lines(path.read_bytes()).entries]
            for path in sorted(self.homes.glob("*.jsonl"))
        }

    def flaws(self) -> list[str]:
        """Name whatever is half-written under a proper name, or has left without an entry in a ledger."""
        return [*self._place_flaws(), *self._home_flaws()] if self.place.is_dir() else []

    def _place_flaws(self) -> Iterator[str]:
        mailbox = FolderMailbox(self.place, patience=0)
        names = mailbox.names()
        if CHARTER not in names:
            if names:
                yield f"{names[0]} without a charter"
            return
        try:
            charter = read_charter(mailbox)
        except FluidError as problem:
            yield f"{CHARTER}: {problem}"
            return
        keys = PrivateKeys.load(self.toy.root / "hub.key", None)
        noted = {digest for entries in self.ledgers().values() for _, digest in entries}
        for name in names:
            try:
                digest = _read(mailbox, name, charter, keys)
            except (FluidError, ValueError) as problem:
                yield f"{name}: {problem}"
                continue
            if parsed_reply(name) and digest not in noted:
                yield f"{name} isn't in its ledger"

    def _home_flaws(self) -> Iterator[str]:
        for path in sorted(self.homes.rglob("*")):
            if not path.is_file() or path.name.startswith(".") or path.suffix in (".key", ".sha256"):
                continue
            try:
                if path.suffix == ".jsonl":
                    reading = read_lines(path.read_bytes())
                    if reading.fault or reading.torn:
                        yield f"{path.name}: {reading.fault or 'torn'}"
                elif path.name == CHARTER:
                    Charter.from_toml(path.read_text(), path.name)
                elif path.suffix == ".json":
                    json.loads(path.read_text())
                elif path.name == PSEUDONYMS:
                    if not re.fullmatch(r"(anon-[0-9a-f]{16}\n)+", path.read_text()):
                        yield f"{path.name}: {path.read_text()!r}"
                elif path.suffix == ".age":
                    _opened_reply(path.read_bytes(), self.toy)
                else:
                    unpack(path.read_bytes())
            except (FluidError, ValueError) as problem:
                yield f"{path.relative_to(self.homes)}: {problem}"


def _read(mailbox: FolderMailbox, name: str, charter: Charter, keys: PrivateKeys) -> str:
    """Read a blob by what its name says it is; give its value's digest, if it has one."""
    if name == CHARTER:
        return charter.digest
    if name == TRANSFER:
        return read_transfer(mailbox, charter).digest
    data = mailbox.read(name)
    if name.endswith(".closed.json"):
        read_closing(data.decode(), charter)
    elif name.startswith("agreements/"):
        check(data.decode(), charter)
    elif name.startswith("requests/"):
        return read_request(mailbox, name, charter, keys).digest
    elif name.startswith(("replies/", "outcome/")) and name.endswith((".fluid", ".age")):
        data = keys.unseal(data) if is_sealed(data) else data
        return str(opened(data, charter.parties).value.digest)
    elif name.endswith(".json"):
        json.loads(data)
    return ""


def _opened_reply(data: bytes, toy: Toy) -> None:
    charter = Charter.from_toml(toy.charter.read_text(), "charter")
    opened(PrivateKeys.load(toy.root / "hub.key", None).unseal(data), charter.parties)
