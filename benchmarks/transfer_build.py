"""What picking a transfer set costs and gives: times and memory a stage, coverage, and nearness to given sets.

    python benchmarks/transfer_build.py --pool POOL.smi.gz --near DOMAIN.csv --exclude TEST.csv [--size 350000]

Builds in processes of their own, one after another: *cold* (nothing is known), *cache* (standardised molecules are in
the cache), and from prepared molecules (``--work``) by each method; the last of them again with one worker: its digest
must be the same. ``--work`` and ``--cache`` name folders to go on from; what they hold already isn't cold any more.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


def main() -> None:
    """Print a table of stages a build, then coverage and nearness."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--pool", nargs="+", required=True)
    options.add_argument("--near", nargs="*", default=[])
    options.add_argument("--exclude", nargs="*", default=[])
    options.add_argument("--size", type=int, default=350_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--work", type=Path, help="folder of prepared molecules; a temporary one by default")
    options.add_argument("--cache", type=Path, help="folder of the cache; a temporary one by default")
    options.add_argument("--skip", nargs="*", default=[], choices=["cold", "cache", "one"], help="builds to leave out")
    given = options.parse_args()
    sets = [word for name in ("near", "exclude") for file in getattr(given, name) for word in (f"--{name}", file)]
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        work, cache = given.work or folder / "work", given.cache or folder / "cache"
        base = [*given.pool, "--size", str(given.size), "--seed", str(given.seed), *sets]
        builds: list[tuple[str, str, list[str]]] = []
        if "cold" not in given.skip:
            builds.append(("cold", "random", ["--work", str(work)]))
        if "cache" not in given.skip:
            builds.append(("cache", "random", []))
        methods = ["random", "tiling", *(["near"] if given.near else [])]
        builds += [("prepared", method, ["--work", str(work)]) for method in methods]
        if "one" not in given.skip:
            builds.append(("one worker", methods[-1], ["--work", str(work), "--workers", "1"]))
        digests: dict[str, set[str]] = {}
        for number, (state, method, words) in enumerate(builds):
            out = folder / f"set-{number}"
            took = built([*base, *words, "--method", method, "--out", str(out)], cache)
            manifest = json.loads((out / "manifest.json").read_text())
            digests.setdefault(method, set()).add(manifest["digest"])
            shown(state, method, took, manifest, out)
        different = [method for method, found in digests.items() if len(found) > 1]
        sys.exit(f"different digests: {', '.join(different)}" if different else 0)


def built(words: list[str], cache: Path) -> float:
    """Build a set in a process of its own; give its wall-clock time in s."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "fluidmol", "transfer", "build", *words]
    subprocess.run(command, check=True, env={**os.environ, "FLUID_CACHE": str(cache)}, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def shown(state: str, method: str, took: float, manifest: dict[str, Any], out: Path) -> None:
    """Print what one build took and gave."""
    print(f"\n{state}, {method}: {took:.0f} s, {manifest['size']:,} of {manifest['made']['counts']}")
    print(f"  {manifest['digest']}")
    for stage in json.loads((out / "times.json").read_text()):
        print(f"  {stage['stage']:<22}{stage['seconds']:>8.1f} s  {stage['peak_mb']:>6,} MB")
    for known in manifest["made"]["excluded"]:
        print(f"  excluded {known['name']}: {known['n_same']:,} by key, {known['n_near']:,} near duplicates")
    spread = json.loads((out / "spread.json").read_text())
    for name, found in spread["coverage"].items():
        print(f"  {name}: {found['chosen']:,} of {found['occupied']:,}, at random {found['random']:,}"
              f" ({found['chosen'] / found['random'] - 1:+.1%})")  # fmt: skip
    for name, found in spread["nearness"].items():
        print(f"  nearness to {name}: mean {found['chosen']['mean']:.3f}, at random {found['random']['mean']:.3f}")


if __name__ == "__main__":
    main()
