"""Read hostile files, texts and requests, and see that nothing but a refusal comes of it.

The target ``measurements`` is of another kind: tables with known truth, of which no row may be read wrongly.

    python benchmarks/fuzz [--seed N] [--cases N] [--only TARGET ...] [--case N]

Each target has its own number of cases, scaled by ``--cases``; ``--case`` runs one of them alone, with its traceback.
Exit code 0 if there was no crash, no hang, no other error than ours, and nothing was written or believed that mustn't
be; else 1.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
import warnings
from functools import partial
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
warnings.filterwarnings("ignore")

import bombs  # noqa: E402
import hypotheses  # noqa: E402
import measurements  # noqa: E402
import places  # noqa: E402
import reading  # noqa: E402
import wires  # noqa: E402
from corpus import corpus  # noqa: E402
from worker import HEAD, run  # noqa: E402

ALL = 100_000
FOLDERS = {"folder": (places.folder, 2_500), "folder: names": (places.names, 1_500)}
TARGETS = reading.CASES | measurements.CASES | FOLDERS | hypotheses.CASES | wires.CASES
THREADS = 8


def main() -> int:
    asked = argparse.ArgumentParser(prog="fuzz")
    asked.add_argument("--seed", type=int, default=2025)
    asked.add_argument("--cases", type=int, default=ALL, help="of the hostile ones; tables come on top")
    asked.add_argument("--only", nargs="*", choices=[*TARGETS, "bombs"], default=[*TARGETS, "bombs"])
    asked.add_argument("--case", type=int, help="run this one alone")
    chosen = asked.parse_args()
    corpus()
    if chosen.case is not None:
        (name,) = chosen.only
        TARGETS[name][0](random.Random(f"{chosen.seed} {name} {chosen.case}"))
        return 0
    begun, counts = time.monotonic(), []
    print(f"seed {chosen.seed}\n\n{HEAD}", flush=True)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        tempfile.tempdir = folder  # whatever is left by those that died goes with it
        log = Path(folder, "log")
        for name in chosen.only:
            if name == "bombs":
                continue
            case, share = TARGETS[name]
            worth = hypotheses.EXAMPLES if name in hypotheses.CASES else 1
            if name in wires.CASES:
                wires.drop()  # the parent's, so that it can look at it afterwards
            cases = max(1, share * chosen.cases // ALL // worth)
            threads = THREADS if name in wires.CASES else 1
            counts.append(run(name, case, cases, chosen.seed, log, threads=threads, worth=worth))
            print(counts[-1].line(), flush=True)
        for name in bombs.BOMBS if "bombs" in chosen.only else ():
            counts.append(run(name, partial(bombs.case, bombs.BOMBS[name]()), 1, chosen.seed, log))
            print(counts[-1].line(), flush=True)
        harm = wires.drop().unharmed() if set(chosen.only) & set(wires.CASES) else []
    print("\n".join(["", *(f"the drop: {what}" for what in harm)]))
    failed = sum(len(count.failures) for count in counts) + len(harm)
    done = sum(count.done for count in counts)
    print(f"{done:,} cases, {failed} failures, {time.monotonic() - begun:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
