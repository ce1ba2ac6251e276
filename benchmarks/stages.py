"""Times each stage of the paper's benchmark against its own limit and against the paper's proof of concept.

python benchmarks/stages.py [--cold]

The limit of a stage is what the same library or kernel reaches here when it does nothing else: RDKit's own rate on one
core times the cores, popcounts of words in the first cache, dependent loads from an array as large as the forest.
With --cold, standardised structures are not taken from the cache.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from joblib import parallel_config
from numba import njit
from rdkit import Chem

from fluidmol.chem.features import features, forget
from fluidmol.chem.featurisers.morgan import Fcfp
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.similarity import nearest_euclidean, pack_bits
from fluidmol.cli.run import run_simulation
from fluidmol.cli.workers import cores
from fluidmol.engines.engine import Engine
from fluidmol.exchange.local import LocalChannel
from fluidmol.learning.estimators.random_forest import RandomForest
from fluidmol.partner.partner import Partner
from fluidmol.progress import Stages
from fluidmol.studies.consortium import Consortium, Setup
from fluidmol.studies.prepare import Sources, prepare
from fluidmol.studies.simulation import plan_of
from fluidmol.values.charter import Charter
from fluidmol.values.messages import Annotate
from fluidmol.values.parts import Part
from virtual import DATA

PROOF_OF_CONCEPT = {"whole benchmark": 571.0, "annotation, 8 partners": 69.0}
"""Seconds that the paper's own code took for the same work on such a machine."""


def main() -> None:
    if not DATA.is_dir():
        sys.exit(f"{DATA} isn't there: this needs the real hERG files.")
    sources = Sources(
        source=DATA / "herg_train.csv.gz", external=DATA / "herg_test.csv.gz",
        transfer=DATA / "transfer.csv.gz", transfer_size=50_000,
    )  # fmt: skip
    charter = Charter.from_preset("paper-2025")
    cold = "--cold" in sys.argv
    with tempfile.TemporaryDirectory() as folder, parallel_config(n_jobs=cores()):
        cache = StandardCache(Path(folder) / "cache") if cold else StandardCache()
        begun = time.perf_counter()
        consortium = prepare(sources, charter, Setup(), cache, Stages()).consortium
        row("read and standardise" + (" (cold)" if cold else ", first time or warm"), time.perf_counter() - begun)
        kernels(consortium)
        begun = time.perf_counter()
        run_simulation(
            plan_of(sources, charter, Setup(), "none"), Path(folder) / "run",
            engine=Engine(workers=cores()), cached=True, overwrite=False, title="benchmark", quiet=True,
        )  # fmt: skip
        row("whole benchmark", time.perf_counter() - begun, aim=40)


def kernels(consortium: Consortium) -> None:
    """Time parsing, fingerprints, search, forests and annotation, each with its limit."""
    smiles = consortium.transfer.smiles
    sample = [str(text) for text in smiles[:3000]]
    molecules: list[Any] = []
    parse = best(lambda: molecules.__setitem__(slice(None), [Chem.MolFromSmiles(text) for text in sample]))
    block = Fcfp()
    print_rate = best(lambda: [block.row(molecule) for molecule in molecules])
    limit = (parse + print_rate) / len(sample) * len(smiles) / cores()
    forget()
    row("parse and fingerprint 50 000", timed(lambda: features(consortium.transfer, Part("fcfp"))), limit)

    pooled = consortium.pooled
    known = pack_bits(features(pooled.compounds, Part("fcfp")))[:6000]
    queries = pack_bits(features(consortium.transfer, Part("fcfp")))
    nearest_euclidean(queries[:10], known, 8)
    limit = words_limit(len(queries) * len(known) * queries.shape[1])
    row("search 50 000 x 6 000, k = 8", timed(lambda: nearest_euclidean(queries, known, 8)), limit)

    rows = features(pooled.compounds, Part("fcfp"))
    recipe = RandomForest(150, 15)
    fit = lambda: recipe.fit(rows, pooled.outcome[:, 0], np.ones(len(pooled)), 1)  # noqa: E731
    fit()
    row(f"grow a forest on {len(pooled):,} compounds", timed(fit))
    forest = fit()
    transfer = features(consortium.transfer, Part("fcfp"))
    forest.predict(transfer[:10])
    visits = len(smiles) * 150 * 13
    row("forest predicts 50 000", timed(lambda: forest.predict(transfer)), loads_limit(visits, len(forest.column)))

    forget()
    agreed = attrs.evolve(consortium.charter)
    partners = [Partner(name, assay, consortium.transfer) for name, assay in consortium.assays.items()]

    def annotate() -> None:
        for compounds in (consortium.transfer, *(assay.compounds for assay in consortium.assays.values())):
            features(compounds, Part("fcfp"))
        LocalChannel(partners).ask(Annotate(agreed))

    row("annotation, 8 partners (fingerprints, teachers, proximity)", timed(annotate), aim=12)


def row(name: str, seconds: float, limit: float = 0.0, aim: float = 0.0) -> None:
    """Print one stage."""
    known = PROOF_OF_CONCEPT.get(name.partition(" (")[0], 0.0)
    notes = [
        f"limit {limit:6.2f} s, {seconds / limit:4.1f} x" if limit else "",
        f"aim {aim:.0f} s" if aim else "",
        f"proof of concept {known:.0f} s, {known / seconds:.0f} x faster" if known else "",
    ]
    print(f"{name:60}{seconds:8.2f} s   {'; '.join(note for note in notes if note)}", flush=True)


def timed(work: Callable[[], Any]) -> float:
    """Seconds that some work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def best(work: Callable[[], Any]) -> float:
    """Least of three times: what the work takes when nothing disturbs it."""
    return min(timed(work) for _ in range(3))


def words_limit(n_words: int) -> float:
    """Seconds to count the common bits of so many pairs of words, all in the first cache, on all cores."""
    block = np.random.default_rng(1).integers(0, 2**63, size=(2, 1024), dtype=np.uint64)
    _popcounts(block, 1)
    rounds = 20_000
    return best(lambda: _popcounts(block, rounds)) / (rounds * 1024) * n_words / cores()


def loads_limit(n_loads: int, size: int) -> float:
    """Seconds for so many dependent loads from an array of this size, on all cores."""
    chain = np.random.default_rng(1).permutation(size).astype(np.int32)
    _chase(chain, 10)
    steps = 5_000_000
    return best(lambda: _chase(chain, steps)) / steps * n_loads / cores()


@njit
def _popcounts(block, rounds):  # type: ignore[no-untyped-def]
    total = np.uint64(0)
    for r in range(rounds):
        salt = np.uint64(r)
        for i in range(block.shape[1]):
            word = block[0, i] & (block[1, i] ^ salt)
            word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
            word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
            word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
            total += (word * np.uint64(0x0101010101010101)) >> np.uint64(56)
    return total


@njit
def _chase(chain, steps):  # type: ignore[no-untyped-def]
    place = 0
    for _ in range(steps):
        place = chain[place]
    return place


if __name__ == "__main__":
    main()
