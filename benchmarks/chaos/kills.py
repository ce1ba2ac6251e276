"""Kill -9 at random moments, then the same command again until it is done, then the round to its end."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from lives import Death
from scene import HUB, STEPS, Scene
from tally import Tally
from undisturbed import Undisturbed

MOST = 50
"""Most draws until a kill arrives in time: some moments are after the end."""


def trials(
    known: Undisturbed, root: Path, seed: int, count: int, steps: Sequence[int]
) -> Iterator[Callable[[Tally], None]]:
    """Give trials, each of which kills at one of these steps, in turn."""
    for number in range(count):
        rng = random.Random(f"{seed} kill {steps[0]} {number}")
        yield partial(_killed, known, Scene(known.toy, root / "trial"), steps[number % len(steps)], rng)


def _killed(known: Undisturbed, scene: Scene, step: int, rng: random.Random, tally: Tally) -> None:
    scene.lay(known.kept[step])
    who, deaths, found = STEPS[step], 0, []
    replies, ledgers = scene.replies(), scene.ledgers()
    for _ in range(MOST):
        ending = scene.live(who, Death.drawn(rng, known.endings[step]))
        if ending.killed:
            deaths += 1
            found += scene.flaws()
        elif deaths:
            break  # done: the last draw came too late
        else:
            scene.lay(known.kept[step])
            continue
        lost = [name for name, digest in replies.items() if scene.replies().get(name) != digest]
        lost += [name for name, before in ledgers.items() if scene.ledgers().get(name, [])[: len(before)] != before]
        if lost:
            tally.lost += 1
            tally.notes[f"lost: {lost}"] += 1
            return
        replies, ledgers = scene.replies(), scene.ledgers()
        if rng.random() < 0.7:
            break
    tally.notes[f"killed while {'federating' if who == HUB else 'answering'}"] += deaths
    try:
        scene.go_on(step)
    except RuntimeError as problem:
        found.append(str(problem))
    found += known.amiss(scene)
    if found or not deaths:
        tally.wrong += 1
        tally.notes[f"step {step}: {'; '.join(found) or 'never killed'}"] += 1
    else:
        tally.equal += 1
