"""Speed of the exact search for nearest neighbours, beside FPSim2 and scikit-learn, in one run.

    python benchmarks/neighbour_search.py POOL [--queries 50000] [--references 6000] [--neighbours 8] [--workers 2]

Reads SMILES from POOL (CSV or SMI, gzipped or not) and searches the nearest references of each query among Morgan bits,
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
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from scipy.sparse import csr_matrix
from sklearn.neighbors import NearestNeighbors

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.transfer import read_molecules
from fluidmol.chem.similarity import nearest_euclidean, nearest_tanimoto, pack_bits

ROUNDS = 3

RADIUS, BITS = 2, 2048

_GENERATOR = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=BITS)


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
        order = np.random.default_rng(1).permutation(n + m)
        vectors = [_GENERATOR.GetFingerprint(Chem.MolFromSmiles(compounds.smiles[i])) for i in order]
        columns = [np.array(list(vector.GetOnBits())) for vector in vectors]
        ends = np.concatenate([[0], np.cumsum([len(each) for each in columns])])
        rows = csr_matrix((np.ones(ends[-1], np.float32), np.concatenate(columns), ends), shape=(n + m, BITS))
        queries, references = rows[:n], rows[n:]
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
    few = n // 20
    said, seconds = of_fpsim2(vectors[:few], [compounds.smiles[i] for i in order[n:]], k, given.workers)
    assert np.allclose(said, nearest_tanimoto(packed[0][:few], packed[1], k), atol=1e-3)
    whole = seconds * n / few
    print(f"  FPSim2, top k           {whole:8.2f} s  {whole / ours:.1f} times ours")


def of_sklearn(queries: Any, references: Any, k: int, metric: str, workers: int) -> tuple[Any, float]:
    search = NearestNeighbors(n_neighbors=k, metric=metric, algorithm="brute", n_jobs=workers).fit(references)
    return search.kneighbors(queries)[0], best(lambda: search.kneighbors(queries))


def of_fpsim2(asked: list[Any], smiles: list[str], k: int, workers: int) -> tuple[Any, float]:
    """Search with its engine of bits in memory, one query after the other, as it wants them."""
    from FPSim2 import FPSim2Engine  # noqa: PLC0415 - isn't installed everywhere
    from FPSim2.io import create_db_file  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "references.h5"))
        rows = [[text, i] for i, text in enumerate(smiles)]
        create_db_file(rows, path, "smiles", "Morgan", {"radius": RADIUS, "fpSize": BITS})
        engine = FPSim2Engine(path)

        def search() -> list[Any]:
            return [engine.top_k(query, k, 0.0, n_workers=workers) for query in asked]

        return [[float(hit[1]) for hit in hits] for hits in search()], best(search)


if __name__ == "__main__":
    sys.exit(main())
