"""Clocks that are a day wrong, each party's in a way of its own; with faketime the whole process believes it."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from lives import live
from scene import AWAITING, HUB, STEPS, Scene
from tally import Tally
from toy import NAMES
from undisturbed import Undisturbed

DAY = 86400


def trials(known: Undisturbed, root: Path, seed: int, count: int) -> Iterator[Callable[[Tally], None]]:
    """Give trials of a whole round each: the clock of this process's forks is set, and the times of what they write."""
    for number in range(max(1, count // 5)):
        yield partial(_skewed, known, Scene(known.toy, root / "trial"), random.Random(f"{seed} clock {number}"))


def real_trials(known: Undisturbed, root: Path, seed: int, count: int) -> Iterator[Callable[[Tally], None]]:
    """Give a few trials in processes of their own, under faketime; none where it isn't installed."""
    for number in range(max(1, count // 25) if shutil.which("faketime") else 0):
        rng = random.Random(f"{seed} real clock {number}")
        yield partial(_skewed, known, Scene(known.toy, root / "trial"), rng, real=True)


def _skewed(known: Undisturbed, scene: Scene, rng: random.Random, tally: Tally, *, real: bool = False) -> None:
    scene.lay(known.kept[0])
    skew = {who: rng.choice((-DAY, 0, DAY)) for who in (HUB, *NAMES)}
    found = []
    for step, who in enumerate(STEPS):
        code = (_faked if real else _forked)(scene, who, skew[who])
        if code != (AWAITING if who == HUB and step < len(STEPS) - 1 else 0):
            found.append(f"{who} at step {step}: exit code {code}")
            break
    found += known.amiss(scene)
    tally.notes[f"{sum(map(bool, skew.values()))} of 4 clocks wrong"] += 1
    if found:
        tally.wrong += 1
        tally.notes[f"{skew}: {'; '.join(found)}"] += 1
    else:
        tally.equal += 1


def _forked(scene: Scene, who: str, skew: int) -> int:
    def act() -> None:
        right = time.time
        time.time = lambda: right() + skew
        from fluidmol.cli.main import main  # noqa: PLC0415 - loaded before

        main(scene.words(who))

    before = _times(scene)
    code = live(act, scene.said).code
    for path, moment in _times(scene).items():
        if before.get(path) != moment:
            os.utime(path, (moment + skew, moment + skew))
    return code


def _times(scene: Scene) -> dict[Path, float]:
    return {path: path.lstat().st_mtime for path in scene.root.rglob("*") if path.is_file()}


def _faked(scene: Scene, who: str, skew: int) -> int:
    program = "import sys; from fluidmol.cli.main import main; main(sys.argv[1:])"
    clock = ["faketime", "-f", f"{skew:+d}s"] if skew else []
    return subprocess.run(
        [*clock, sys.executable, "-c", program, *scene.words(who)], capture_output=True, check=False
    ).returncode  # fmt: skip
