"""Times the work of many molecules on this machine's cores, and on clusters of Dask and Ray with as many cores.

python benchmarks/engines.py FILE [--scheduler ADDRESS] [--address ADDRESS] [--molecules N] [--repeats N]

FILE is a table with structures. The clusters run already: docs/cluster.md says how to start each on one machine.
Engines take turns, nothing is taken from a cache, and a digest of all that was computed is shown: it must be the same.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import time
from pathlib import Path

from fluidmol.chem.features import features, forget
from fluidmol.chem.intake.standardise import standardise
from fluidmol.chem.intake.tables import read_table
from fluidmol.cli.workers import cores
from fluidmol.engines.engine import Engine
from fluidmol.parallel import on_backend
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part

EMPTY = 200
"""Tasks that do nothing: what they take is what the engine itself takes."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--scheduler")
    parser.add_argument("--address")
    parser.add_argument("--molecules", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    smiles = list(dict.fromkeys(read_table(given.file).smiles))[: given.molecules]
    engines = [Engine(workers=cores())]
    if given.scheduler:
        engines.append(Engine("dask", given.scheduler, cores()))
    if given.address:
        engines.append(Engine("ray", given.address, cores()))
    warm_up(smiles)
    rows = [(engine.kind, *timed(engine, smiles)) for _ in range(given.repeats) for engine in engines]
    print(f"{len(smiles):,} molecules, {cores()} cores, {given.repeats} times, medians in seconds")
    print(f"{'engine':8}{'connect':>9}{f'{EMPTY} tasks':>11}{'standardise':>13}{'features':>10}   digest")
    for engine in engines:
        own = [row for row in rows if row[0] == engine.kind]
        times = [statistics.median(row[place] for row in own) for place in range(1, 5)]
        digests = ", ".join(sorted({row[5] for row in own}))
        print(f"{engine.kind:8}{times[0]:9.2f}{times[1]:11.2f}{times[2]:13.2f}{times[3]:10.2f}   {digests}")


def warm_up(smiles: list[str]) -> None:
    """Start joblib's processes, which stay; a cluster's run already."""
    with Engine(workers=cores()).running():
        standardise(smiles[:2000])


def timed(engine: Engine, smiles: list[str]) -> tuple[float, float, float, float, str]:
    """Time reaching an engine, tasks that do nothing, standardisation and features; give a digest, too."""
    forget()
    begun = time.perf_counter()
    with engine.running():
        connected = time.perf_counter()
        list(on_backend(divmod, [(1, 1)] * EMPTY))
        dispatched = time.perf_counter()
        found = {item.inchikey: item.smiles for item in standardise(smiles) if not item.reason}
        standardised = time.perf_counter()
        rows = features(CompoundSet(list(found.values()), list(found)), Part("fcfp"))
        done = time.perf_counter()
    state = hashlib.sha256("\n".join(f"{key} {text}" for key, text in found.items()).encode())
    for array in (rows.indptr, rows.indices, rows.data):
        state.update(array.tobytes())
    waited = (connected - begun, dispatched - connected, standardised - dispatched)
    return *waited, done - standardised, state.hexdigest()[:12]


if __name__ == "__main__":
    main()
