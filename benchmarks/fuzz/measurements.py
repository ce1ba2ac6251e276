"""Tables of measurements in random layouts, with known truth: each row is read right or refused, never wrong."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from fluidmol.errors import InputError

sys.path.append(str(Path(__file__).parents[2] / "tests" / "helpers"))

from layouts import draw, judge


def tables(rng: random.Random) -> None:
    """Read a table with known truth."""
    case = draw(rng)
    with TemporaryDirectory() as folder:
        judged = judge(case, Path(folder))
    if judged.refusal:
        raise InputError(judged.refusal)


CASES = {"measurements": (tables, 20_000)}
"""With how many of them there are in a run of all targets: these come on top of the 100 000 hostile ones."""
