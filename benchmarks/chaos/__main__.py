"""Disturb a tiny consortium in every way that there is, and see that it comes to the labels of an undisturbed one.

    python benchmarks/chaos [--seed N] [--trials N] [--only KIND ...]

Exit code 0 if nothing was lost and nothing came out wrong, else 1.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # before anything loads: threads don't survive a fork
warnings.filterwarnings("ignore")

import kinds  # noqa: E402
from lives import load_all  # noqa: E402
from tally import counted, head  # noqa: E402
from toy import make  # noqa: E402
from undisturbed import play  # noqa: E402


def main() -> int:
    asked = argparse.ArgumentParser(prog="chaos", description="See the documentation of this file.")
    asked.add_argument("--seed", type=int, default=2025)
    asked.add_argument("--trials", type=int, default=100, help="trials of each kind")
    asked.add_argument("--only", nargs="*", choices=list(kinds.KINDS), default=list(kinds.KINDS))
    chosen = asked.parse_args()
    begun = time.monotonic()
    load_all()
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        root = Path(folder)
        with contextlib.redirect_stdout(io.StringIO()):
            toy = make(root / "toy", chosen.seed)
        known = play(toy, root)
        print(f"seed {chosen.seed}, labels {known.labels}\n\n{head()}", flush=True)
        tallies = [counted(name, kinds.KINDS[name](known, root, chosen.seed, chosen.trials)) for name in chosen.only]
    bad = [tally.kind for tally in tallies if not tally.good]
    print(f"\n{time.monotonic() - begun:.0f} s; {'all well' if not bad else 'NOT WELL: ' + ', '.join(bad)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
