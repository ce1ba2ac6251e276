"""Rate and memory of annotating a large transfer set, beside what its parts allow, in one run.

    python benchmarks/annotation.py TRANSFER DATA [--compounds 10000] [--preset open] [--pieces 0] [--workers 2]

TRANSFER is a folder of ``fluid transfer build``; DATA are labelled molecules of one partner, of which the first are
taken. First each part is measured alone over the same two shards, the better of two: reading, features of the model,
those that proximities compare, proximity, prediction, keeping. Then all of it runs, as ``fluid annotate`` does, over
all shards or as many as --pieces says, with the most memory that this process and its workers had at any time.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import attrs
import numpy as np

from fluidmol.chem.features import features, forget
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.chem.pool.shards import BuiltSet
from fluidmol.engines.engine import Engine
from fluidmol.partner.assay import Assay
from fluidmol.partner.measurements import read_measurements
from fluidmol.partner.nearness import compared
from fluidmol.partner.opinion_folder import OpinionFolder
from fluidmol.partner.speaker import Speaker
from fluidmol.partner.teacher import Teacher
from fluidmol.partner.teachers.charters import Charters
from fluidmol.progress import Stages
from fluidmol.values.charter import Charter

MEASURED = 2


def timed(task: Callable[[int], object], places: range) -> float:
    """Return seconds of a task over some shards, the better of two."""
    found = []
    for _ in range(2):
        forget()
        begun = time.perf_counter()
        for place in places:
            task(place)
            forget()
        found.append(time.perf_counter() - begun)
    return min(found)


def parts(teacher: Teacher, transfer: BuiltSet, folder: Path) -> dict[str, float]:
    """Return seconds of each part alone, over the first shards."""
    places = range(min(MEASURED, len(transfer.sizes)))
    charter, pieces = teacher.charter, [transfer.piece(place) for place in places]
    rows = [features(piece, charter.featuriser) for piece in pieces]
    bits = [features(piece, compared(charter)) for piece in pieces]
    near = teacher.nearness
    kept = OpinionFolder(folder)
    said = np.zeros((transfer.sizes[0], 1))
    from fluidmol.chem.proximity import PROXIMITIES  # noqa: PLC0415

    proximity = PROXIMITIES.build(charter.proximity)
    return {
        "reading": timed(transfer.piece, places),
        "features": timed(lambda place: features(pieces[place], charter.featuriser), places),
        "bits compared": timed(lambda place: features(pieces[place], compared(charter)), places),
        "proximity": timed(lambda place: proximity(bits[place], near.known, near.seed), places),
        "prediction": timed(lambda place: teacher.model.predict(rows[place]), places),
        "keeping": timed(lambda place: kept.keep(transfer.name(place), said, said), places),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("transfer", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--compounds", type=int, default=10_000)
    parser.add_argument("--preset", default="open")
    parser.add_argument("--pieces", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    transfer = BuiltSet.open(given.transfer)
    charter = attrs.evolve(
        Charter.from_preset(given.preset), transfer_digest=transfer.digest, transfer_size=len(transfer)
    )
    stages = Stages()
    with Engine(workers=given.workers).running(None), tempfile.TemporaryDirectory() as folder:
        read = read_measurements(given.data, OutcomeColumns(), charter, cache=StandardCache())
        assay = Assay(read.compounds, read.active).take(np.arange(min(given.compounds, len(read.active))))
        speaker = Speaker("ada", assay, Charters(), Path(folder) / "pieces")
        with stages.stage("teacher"):
            speaker.begin(charter, transfer)
        teacher = speaker.teacher
        if not isinstance(teacher, Teacher):
            raise SystemExit("expected a charter whose own teacher speaks")
        alone = parts(teacher, transfer, Path(folder) / "alone")
        n_parts = sum(transfer.sizes[: len(range(min(MEASURED, len(transfer.sizes))))])
        forget()
        places = range(len(transfer.sizes))[: given.pieces or None]
        begun = time.perf_counter()
        with stages.stage("all"):
            for place in places:
                speaker.annotate(transfer, place)
        seconds = time.perf_counter() - begun
    n = sum(transfer.sizes[place] for place in places)
    for name, took in alone.items():
        print(f"{name:16}{took:8.2f} s  {n_parts / took:12,.0f} a second")
    allowed = n_parts / sum(alone.values())
    print(f"{'these together':16}{sum(alone.values()):8.2f} s  {allowed:12,.0f} a second")
    print(
        f"{'annotated':16}{seconds:8.2f} s  {n / seconds:12,.0f} a second: {n / seconds / allowed:.0%}; {n:,} molecules"
    )
    print(f"most memory: {stages.finished[-1].peak_mb:,.0f} MB, this process and its workers")


if __name__ == "__main__":
    main()
