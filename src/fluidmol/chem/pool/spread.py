"""What was picked beside its pool and a random draw: coverage, properties, nearness to given sets, a map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from fluidmol.chem.pool.chunk_file import PROPERTIES, read_columns
from fluidmol.chem.pool.comparing import Pool
from fluidmol.chem.pool.known_sets import KnownSet
from fluidmol.chem.pool.ordering import Places, drawn
from fluidmol.chem.similarity import Packed
from fluidmol.parallel import one_blas_thread

EDGES = {
    "heavy atoms": np.arange(0, 81, 4.0), "weight": np.arange(0, 1001, 50.0), "logP": np.arange(-6, 13, 1.0),
    "TPSA": np.arange(0, 321, 20.0), "rings": np.arange(0, 13, 1.0), "fraction sp3": np.linspace(0, 1, 11),
}  # fmt: skip
"""Bounds of the bins in which properties are counted; what is beyond is counted in the last bin."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MAPPED = 1500
"""Molecules of pool and pick on the map."""


def random_rows(pool: Pool, size: int, seed: int) -> Places:
    """Draw at random with the next seed: what a pick is compared with. Nothing that was picked decides it."""
    draws = drawn(pool.order.skeletons, seed + 1)
    return np.sort(np.argpartition(draws, size - 1)[:size]) if size else np.empty(0, np.int64)


def spread(pool: Pool, chosen: Places, random: Places, near: Sequence[KnownSet]) -> dict[str, Any]:
    """Compare what was picked with the pool and with a random draw, as JSON knows it.

    Parameters
    ----------
    pool : Pool
    chosen, random : (n,) int64
        Places in the pool's order.
    near : sequence of KnownSet
        Given sets, for the map.
    """
    return {
        "coverage": {
            "tiles": _coverage(pool.tiles, chosen, random),
            "scaffolds": _coverage(pool.scaffolds, chosen, random),
        },
        "properties": _properties(pool, chosen, random),
        "nearness": {
            name: {
                "chosen": _quantiles(scores[chosen]), "random": _quantiles(scores[random]),
                "pool": _quantiles(scores), "partner": i >= len(near),
            }
            for i, (name, scores) in enumerate(zip(pool.names, pool.scores, strict=True))
        },
        "map": _map(pool, chosen, near),
    }  # fmt: skip


def _coverage(tiles: NDArray[Any], chosen: Places, random: Places) -> dict[str, int]:
    return {
        "occupied": len(np.unique(tiles)), "chosen": len(np.unique(tiles[chosen])),
        "random": len(np.unique(tiles[random])),
    }  # fmt: skip


def _quantiles(values: NDArray[np.float32]) -> dict[str, float]:
    found = np.quantile(values.astype(np.float64), QUANTILES)
    named = {f"{q:g}": round(float(v), 4) for q, v in zip(QUANTILES, found, strict=True)}
    return {"mean": round(float(values.mean(dtype=np.float64)), 4), **named}


@attrs.define
class _Histograms:
    counts: dict[str, NDArray[np.int64]]
    sums: dict[str, float]
    n: int = 0

    @classmethod
    def empty(cls) -> _Histograms:
        return cls({name: np.zeros(len(edges) - 1, np.int64) for name, edges in EDGES.items()},
                   dict.fromkeys(EDGES, 0.0))  # fmt: skip

    def add(self, columns: dict[str, NDArray[np.float32]], rows: NDArray[np.bool_]) -> None:
        self.n += int(rows.sum())
        for name, edges in EDGES.items():
            values = columns[name][rows].astype(np.float64)
            inside = np.clip(values, edges[0], np.nextafter(edges[-1], -np.inf))
            self.counts[name] += np.histogram(inside, edges)[0]
            self.sums[name] += float(values.sum())

    def as_table(self) -> dict[str, Any]:
        return {
            name: {"counts": self.counts[name].tolist(), "mean": round(self.sums[name] / max(self.n, 1), 3)}
            for name in EDGES
        }


def _properties(pool: Pool, chosen: Places, random: Places) -> dict[str, Any]:
    order = pool.order
    of_all, of_chosen, of_random = (np.zeros(int(order.starts[-1]), np.bool_) for _ in range(3))
    of_all[order.places] = True
    of_chosen[order.places[chosen]] = True
    of_random[order.places[random]] = True
    found = [_Histograms.empty() for _ in range(3)]
    for chunk, path in enumerate(order.paths):
        part = slice(*order.starts[chunk : chunk + 2])
        columns = read_columns(path, PROPERTIES)
        for histograms, rows in zip(found, (of_all, of_chosen, of_random), strict=True):
            histograms.add(columns, rows[part])
    edges = {name: edges.tolist() for name, edges in EDGES.items()}
    return {"edges": edges} | dict(zip(("pool", "chosen", "random"), (one.as_table() for one in found), strict=True))


def _map(pool: Pool, chosen: Places, near: Sequence[KnownSet]) -> dict[str, Any]:
    """Compute the first two principal directions of the pool's fingerprints, and where molecules lie on them."""
    sample = np.arange(min(MAPPED, len(pool)))
    rows = _bits(pool.fingerprints(sample))
    if len(rows) < 3:
        return {}
    middle = rows.mean(axis=0)
    with one_blas_thread():
        directions = _principal(rows - middle)
        # A direction and its opposite are the same one.
        directions *= np.sign(directions[np.arange(2), np.abs(directions).argmax(axis=1)])[:, None]

        def placed(bits: Packed) -> list[list[float]]:
            return np.round((_bits(bits) - middle) @ directions.T, 2).tolist()  # type: ignore[no-any-return]

        every = max(1, len(chosen) // MAPPED)
        shown = chosen[::every][:MAPPED]
        # A pool's names begin with those of the given sets.
        sets = {name: placed(known.fingerprints[:: max(1, len(known.fingerprints) // 500)][:500])
                for name, known in zip(pool.names, near, strict=False)}  # fmt: skip
        return {"pool": placed(pool.fingerprints(sample)), "chosen": placed(pool.fingerprints(shown)), "sets": sets}


def _principal(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute the first two principal directions of centred rows, (2, n_columns), of length 1."""
    # By the products of rows, which are fewer than the columns.
    products = rows @ rows.T
    found = rows.T @ eigh(products, subset_by_index=[len(rows) - 2, len(rows) - 1])[1]
    made: NDArray[np.float64] = (found / np.maximum(np.linalg.norm(found, axis=0), 1e-9)).T[::-1]
    return made.copy()


def _bits(rows: Packed) -> NDArray[np.float64]:
    # The bytes of a row, the lowest bit first.
    return np.unpackbits(rows.astype("<u8").view(np.uint8), axis=1, bitorder="little").astype(np.float64)
