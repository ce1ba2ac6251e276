"""All kinds of trials, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import clocks
import corruption
import disks
import kills
import server
from scene import HUB, STEPS
from tally import Tally
from undisturbed import Undisturbed

Trial = Callable[[Tally], None]

_OPINIONS = [step for step, who in enumerate(STEPS) if who != HUB and 4 < step < 8]
_VISITS = [step for step, who in enumerate(STEPS) if who != HUB]
_ROUNDS = [step for step, who in enumerate(STEPS) if who == HUB]

KINDS: dict[str, Callable[[Undisturbed, Path, int, int], Iterator[Trial]]] = {
    "kill-partner": partial(kills.trials, steps=_OPINIONS * 2 + _VISITS),
    "kill-coordinator": partial(kills.trials, steps=[8, 12, *_ROUNDS]),
    "kill-server-uploads": server.uploads,
    "kill-server-rounds": server.rounds,
    "disk-full": disks.trials,
    "clock-skew": clocks.trials,
    "clock-skew-faketime": clocks.real_trials,
} | {f"corrupt {files}": partial(corruption.trials, files=files) for files in corruption.FILES}
