"""A disk that is full: on a file system of its own where we may mount one, else by the system's limit on files."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from lives import command, live
from scene import AWAITING, STEPS, Scene
from tally import Tally
from undisturbed import Undisturbed

PAGE = 4096
MOST = 9
"""Most pages that are left: a step writes fewer."""

EXPECTED = {0, AWAITING, 73}


def trials(known: Undisturbed, root: Path, seed: int, count: int) -> Iterator[Callable[[Tally], None]]:
    """Give trials, each of which leaves little room for one step."""
    disk = root / "disk"
    disk.mkdir(exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk], capture_output=True, check=False
    ).returncode == 0  # fmt: skip
    try:
        for number in range(count):
            rng = random.Random(f"{seed} disk {number}")
            scene = Scene(known.toy, disk / "trial")
            yield partial(_full, known, scene, number % len(STEPS), rng, mounted=mounted)
    finally:
        if mounted:
            subprocess.run(["umount", "-l", disk], check=True)


def _full(known: Undisturbed, scene: Scene, step: int, rng: random.Random, tally: Tally, *, mounted: bool) -> None:
    scene.lay(known.kept[step])
    who = STEPS[step]
    replies, ledgers = scene.replies(), scene.ledgers()
    if mounted:
        filler = scene.root.parent / "filler"
        room = os.statvfs(scene.root)
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(PAGE, (room.f_bavail - rng.randrange(MOST)) * PAGE))
        ending = live(command(scene.words(who)), known.toy.root / "said")
        filler.unlink()
    else:
        ending = live(_limited(scene.words(who), rng.randrange(PAGE * MOST)), known.toy.root / "said")
    codes = {code for code in (ending.code,) if code not in EXPECTED}
    found = [f"exit code {code}: {ending.said[-300:]}" for code in codes] + scene.flaws()
    tally.notes[f"{'full disk' if mounted else 'limit on files'}: exit code {ending.code}"] += 1
    if any(scene.replies().get(name) != digest for name, digest in replies.items()) or any(
        scene.ledgers().get(name, [])[: len(before)] != before for name, before in ledgers.items()
    ):
        tally.lost += 1
    try:
        scene.go_on(step)
    except RuntimeError as problem:
        found.append(str(problem))
    found += known.amiss(scene)
    if found:
        tally.wrong += 1
        tally.notes[f"step {step}: {'; '.join(found)}"] += 1
    else:
        tally.equal += 1


def _limited(words: list[str], most: int) -> Callable[[], None]:
    def act() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        command(words)()

    return act
