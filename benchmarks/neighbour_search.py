"""Speed of the exact search for nearest neighbours, beside FPSim2 and scikit-learn, in one run.

    python benchmarks/neighbour_search.py POOL [--queries 50000] [--references 6000] [--neighbours 8] [--workers 2]

Reads SMILES from POOL (CSV or SMI, gzipped or not) and searches the nearest references of each query among FCFP bits,
2 048 wide. scikit-learn searches by brute force in two ways: by Euclidean distance, which is products of matrices and
its fastest, and by Jaccard distance. It and FPSim2 (``pip install FPSim2``) are asked for a part of the queries, and
their times are multiplied; all give the same neighbours, and each time is the best of three.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from joblib import parallel_config
from rdkit import DataStructs
from sklearn.neighbors import NearestNeighbors

from fluidmol.chem.features import features
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.transfer import read_molecules
from fluidmol.chem.similarity import nearest_euclidean, nearest_tanimoto, pack_bits
from fluidmol.values.parts import Part

ROUNDS = 3


def best(task: Callable[[], object]) -> float:
    found = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        task()
        found.append(time.perf_counter() - begun)
    return min(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pool", type=Path)
    parser.add_argument("--queries", type=int, default=50_000)
    parser.add_argument("--references", type=int, default=6_000)
    parser.add_argument("--neighbours", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    n, m, k = given.queries, given.references, given.neighbours
    with parallel_config(n_jobs=given.workers):
        compounds = read_molecules(given.pool, size=n + m, seed=1, cache=StandardCache()).compounds
        rows = features(compounds, Part("fcfp", {"bits": 2048}))
        order = np.random.default_rng(1).permutation(n + m)
        queries, references = rows[order[:n]], rows[order[n:]]
        packed = pack_bits(queries), pack_bits(references)
        nearest_tanimoto(packed[0][:100], packed[1], k)  # compiled before the clock starts
        ours = best(lambda: nearest_tanimoto(*packed, k))
        packing = best(lambda: (pack_bits(queries), pack_bits(references)))
    print(f"{n:,} queries, {m:,} references, {k} neighbours, {given.workers} workers")
    print(f"  fluidmol              {ours:8.2f} s  (packing {packing:.2f} s more)")
    for metric, part, kind in (("euclidean", 20, np.float32), ("jaccard", 1000, np.bool_)):
        few = queries[: max(1, n // part)].toarray().astype(kind)
        found, seconds = of_sklearn(few, references.toarray().astype(kind), k, metric, given.workers)
        search = nearest_euclidean if metric == "euclidean" else nearest_tanimoto
        ours_few = search(packed[0][: len(few)], packed[1], k)
        assert np.allclose(found if metric == "euclidean" else 1 - found, ours_few, atol=1e-3)
        whole = seconds * n / len(few)
        print(f"  scikit-learn, {metric:<10}{whole:8.2f} s  {whole / ours:.1f} times ours")
    try:
        import FPSim2  # noqa: F401, PLC0415 - isn't installed everywhere
    except ImportError:
        print("  FPSim2 isn't installed: left out")
        return
    found_s, seconds = of_fpsim2(queries[: n // 10], references, k, given.workers)
    ours_few = nearest_tanimoto(packed[0][: n // 10], packed[1], k)
    assert np.allclose(found_s, ours_few[: len(found_s)], atol=1e-3)
    print(f"  FPSim2, top k         {seconds * 10:8.2f} s  {seconds * 10 / ours:.0f} times ours")


def of_sklearn(queries: Any, references: Any, k: int, metric: str, workers: int) -> tuple[Any, float]:
    search = NearestNeighbors(n_neighbors=k, metric=metric, algorithm="brute", n_jobs=workers).fit(references)
    return search.kneighbors(queries)[0], best(lambda: search.kneighbors(queries))


def of_fpsim2(queries: Any, references: Any, k: int, workers: int) -> tuple[Any, float]:
    """Search with its engine of bits in memory, one query after the other, as it wants them."""
    from FPSim2 import FPSim2Engine  # noqa: PLC0415 - isn't installed everywhere
    from FPSim2.io import create_db_file  # noqa: PLC0415

    def vectors(rows: Any) -> list[Any]:
        made = []
        for i in range(rows.shape[0]):
            bits = DataStructs.ExplicitBitVect(rows.shape[1])
            bits.SetBitsFromList([int(j) for j in rows.indices[rows.indptr[i] : rows.indptr[i + 1]]])
            made.append(bits)
        return made

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "references.h5"))
        create_db_file([(bits, i) for i, bits in enumerate(vectors(references))], path, None, "External",
                       {"fpSize": references.shape[1]})  # fmt: skip
        engine = FPSim2Engine(path)
        asked = vectors(queries)

        def search() -> list[Any]:
            return [engine.top_k(query, k, 0.0, n_workers=workers) for query in asked]

        found = search()
        return np.array([[float(hit[1]) for hit in hits] for hits in found if len(hits) == k]), best(search)


if __name__ == "__main__":
    sys.exit(main())
