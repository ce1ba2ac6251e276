"""A byte changed in a file: never other labels; named, then set aside or refused; and the round comes to its end."""

from __future__ import annotations

import contextlib
import io
import random
import re
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from scene import AWAITING, HUB, Scene
from tally import Tally
from toy import NAMES
from undisturbed import Undisturbed

from fluidmol.cli.main import main

TURNS = 4
"""How often everybody types before a file is restored from a backup, and once more after that."""

FILES: dict[str, tuple[str, tuple[int, ...]]] = {
    "charter": (r"place/charter\.toml", (1, 4, 5, 8, 9, 13)),
    "transfer set": (r"place/transfer\.fluid", (1, 5, 8, 9, 13)),
    "agreements": (r"place/agreements/.*", (2, 4, 5, 8)),
    "questions": (r"place/requests/1-annotate-[0-9a-f]*\.fluid", (5, 8, 9, 12)),
    "labels, as asked": (r"place/requests/2-learn-[0-9a-f]*\.fluid\.age", (9, 12, 13)),
    "labels, as outcome": (r"place/outcome/.*", (9, 12, 13)),
    "closings": (r"place/requests/.*\.closed\.json", (5, 8, 9, 13)),
    "replies": (r"place/replies/.*", (8, 12, 13)),
    "releases at home": (r"homes/.*/(releases|prepared)/.*", (6, 8, 10, 12, 13)),
    "other files at home": (r"homes/[^/]*/[^/]*", (5, 9, 13)),
    "ledgers": (r"homes/[^/]*\.jsonl", (8, 9, 12, 13)),
}
"""By kind: whose path, and before which steps of the undisturbed round."""


def trials(known: Undisturbed, root: Path, seed: int, count: int, files: str) -> Iterator[Callable[[Tally], None]]:
    """Give trials, each of which changes a byte of such a file."""
    for number in range(count):
        rng = random.Random(f"{seed} corrupt {files} {number}")
        yield partial(_corrupted, known, Scene(known.toy, root / "trial"), files, rng)


def _corrupted(known: Undisturbed, scene: Scene, files: str, rng: random.Random, tally: Tally) -> None:
    pattern, steps = FILES[files]
    found: list[Path] = []
    while not found:
        scene.lay(known.kept[rng.choice(steps)])
        everything = sorted(path for path in scene.root.rglob("*") if path.is_file())
        found = [p for p in everything if re.fullmatch(pattern, p.relative_to(scene.root).as_posix())]
    path = rng.choice(found)
    before = path.read_bytes()
    changed = bytearray(before)
    changed[rng.randrange(len(changed))] ^= rng.randrange(1, 256)
    path.write_bytes(changed)
    finished, said = _turns(scene)
    flaws = said & {70}
    if not finished and scene.labels() not in ("", known.labels, "unreadable"):
        flaws.add(-1)
    restored = not finished
    if restored:
        # What a person does who is told that a file is damaged.
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(before)
        finished, more = _turns(scene)
        flaws |= more & {70}
    if not finished or flaws or scene.labels() != known.labels:
        tally.wrong += 1
        where = f"{path.relative_to(scene.root)}, byte {next(i for i, b in enumerate(before) if b != changed[i])}"
        tally.notes[f"{where}: codes {sorted(said)}, labels {scene.labels()[:20]}, finished {finished}"] += 1
    elif _lost(scene, known):
        tally.lost += 1
        tally.notes[f"{path.relative_to(scene.root)}: a reply is missing"] += 1
    else:
        tally.refused += restored
        tally.equal += not restored


def _turns(scene: Scene) -> tuple[bool, set[int]]:
    """Let everybody type in turn, hub first; say whether the round came to its end, and the exit codes."""
    codes = set()
    for _ in range(TURNS):
        said = [typed(scene, who) for who in (HUB, *NAMES)]
        codes |= set(said)
        if set(said) == {0}:
            return True, codes
        if set(said) <= {0, AWAITING}:
            continue
    return False, codes


def typed(scene: Scene, who: str) -> int:
    """Run somebody's command in this process; give its exit code."""
    words = io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(words), contextlib.redirect_stderr(words):
        try:
            main(scene.words(who))
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else 0
    return 0


def _lost(scene: Scene, known: Undisturbed) -> bool:
    """Say whether a reply that counts isn't there any more."""
    there = {name.removesuffix(".age") for name in scene.replies()}
    return not {name.removesuffix(".age") for name in known.names if name.startswith("replies/")} <= there
