"""The round that nothing disturbs: what every other one must come to, and where each step begins."""

from __future__ import annotations

import shutil
from pathlib import Path

import attrs
from lives import Ending
from scene import STEPS, Scene
from toy import Toy


@attrs.frozen
class Undisturbed:
    """What came out, and what was there before each step."""

    toy: Toy
    kept: tuple[Path, ...] = attrs.field(repr=False)
    """Copies of the scene, one before each step and one after the last."""

    endings: tuple[Ending, ...] = attrs.field(repr=False)
    """How each step ended."""

    labels: str
    """Digest of the labels."""

    names: frozenset[str] = attrs.field(repr=False)
    """Names in the place at the end."""

    ledgers: dict[str, list[tuple[str, str]]] = attrs.field(repr=False)
    """What the ledgers say at the end."""

    def amiss(self, scene: Scene) -> list[str]:
        """Say in what a finished scene differs."""
        found = scene.flaws()
        if (labels := scene.labels()) != self.labels:
            found.append(f"labels {labels or 'missing'}")
        if (names := _names(scene)) != self.names:
            found.append(f"other files: {sorted(names ^ self.names)}")
        if scene.ledgers() != self.ledgers:
            found.append("the ledgers say something else")
        return found


def play(toy: Toy, root: Path) -> Undisturbed:
    """Play a round, and keep what is there before each step."""
    scene = Scene(toy, root / "undisturbed")
    toy.furnish(scene.homes)
    kept, endings = [], []
    for step, who in enumerate(STEPS):
        kept.append(root / "kept" / f"{step:02d}")
        shutil.copytree(scene.root, kept[-1])
        endings.append(scene.done(who, step))
    kept.append(root / "kept" / "end")
    shutil.copytree(scene.root, kept[-1])
    if flaws := scene.flaws():
        raise RuntimeError(f"the undisturbed round has flaws: {flaws}")
    return Undisturbed(toy, tuple(kept), tuple(endings), scene.labels(), _names(scene), scene.ledgers())


def _names(scene: Scene) -> frozenset[str]:
    """Names of what isn't hidden, in the place."""
    found = (path.relative_to(scene.place) for path in scene.place.rglob("*") if path.is_file())
    return frozenset(path.as_posix() for path in found if not path.name.startswith("."))
