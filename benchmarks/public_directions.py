"""Public directions of molecules for :mod:`private_release`, made without any partner's data.

Principal directions of the transfer set, and beside them the hidden layers of a network that learns many public
labelled tables at once, with numpy and scipy only. Left out are the cardiac calcium channel of the same source as the
hERG files (``cav12``), any table of hERG, and every compound whose skeleton (first block of the InChIKey) is in either
hERG file: nothing of what the benchmark judges is learnt here. (That is for an honest judgement. Where the data are
really private, nobody may remove private compounds from public tables: what is missing would tell.)
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import csr_matrix
from scipy.special import expit

from fluidmol.values.compounds import CompoundSet

Floats = NDArray[np.float32]

LEFT_OUT = ("cav12", "herg", "chembl240_", "manifest")
"""Parts of the names of files that aren't read; CHEMBL240 is hERG."""

DIRECTIONS = 512
"""Principal directions of the transfer set; hardly matters above that."""

LAYERS = (512, 192)
EPOCHS = 4
BATCH = 1024
DROPOUT = 0.2
RATE = 2e-3
"""Of learning, falling linearly to a hundredth."""

DECAY = 0.01
LENGTH = 5.0
"""Of the rows that go in."""


@attrs.frozen(eq=False)
class Endpoints:
    """Public compounds, and what is known of each."""

    compounds: CompoundSet
    """Structures as the tables state them, one for each InChIKey."""

    values: Floats
    """(n_compounds, n_tables): class or standardised value, NaN where the table lacks the compound."""

    classes: NDArray[np.bool_]
    """Which tables hold classes, (n_tables,)."""


@attrs.frozen(eq=False)
class Network:
    """Weights and biases of three layers."""

    weights: Sequence[Floats]
    """W1, b1, W2, b2, W3, b3."""

    columns: Floats
    """What each column is multiplied with first."""

    def hidden(self, rows: csr_matrix) -> tuple[Floats, Floats]:
        """Compute the activations of both hidden layers."""
        w1, b1, w2, b2 = self.weights[:4]
        first: Floats = np.maximum(scaled(rows, self.columns) @ w1 + b1, 0)
        last: Floats = np.maximum(first @ w2 + b2, 0)
        return first, last


# The network.


def read_endpoints(folder: Path, excluded: Collection[str]) -> Endpoints:
    """Read all tables of a folder, without the compounds of excluded skeletons."""
    smiles: dict[str, str] = {}
    paths = [path for path in sorted(folder.glob("*.csv.gz")) if not any(part in path.name for part in LEFT_OUT)]
    tables = [_table(path, excluded, smiles) for path in paths]
    place = {key: i for i, key in enumerate(smiles)}
    values = np.full((len(place), len(tables)), np.nan, dtype=np.float32)
    for column, (is_class, table) in enumerate(tables):
        known = np.array(list(table.values()))
        if not is_class:
            known = np.clip(known, *np.quantile(known, [0.01, 0.99]))
            known = (known - known.mean()) / known.std()
        values[[place[key] for key in table], column] = known
    return Endpoints(
        CompoundSet(tuple(smiles.values()), tuple(smiles)), values, np.array([is_class for is_class, _ in tables])
    )


def _table(path: Path, excluded: Collection[str], smiles: dict[str, str]) -> tuple[bool, Mapping[str, float]]:
    """Read one table: whether it holds classes, and its values by InChIKey. New structures are added to ``smiles``."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        column = "active" if "active" in (rows.fieldnames or ()) else "value"
        kept = {}
        for row in rows:
            key = row["inchikey"]
            if key[:14] not in excluded and row[column] not in ("", "nan"):
                kept[key] = float(row[column])
                smiles.setdefault(key, row["smiles"])
    return column == "active", kept


def rare(rows: csr_matrix) -> Floats:
    """Compute each column's inverse frequency, log 1 / (share + .001)."""
    share = rows.getnnz(axis=0) / rows.shape[0]
    result: Floats = np.log(1 / (share + 1e-3)).astype(np.float32)
    return result


def scaled(rows: csr_matrix, columns: Floats) -> csr_matrix:
    """Weigh the columns, then bring the rows to one length."""
    weighted = rows.multiply(columns[None]).tocsr()
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    return weighted.multiply((LENGTH / np.maximum(length, 1e-9))[:, None]).tocsr().astype(np.float32)


def train(rows: csr_matrix, endpoints: Endpoints, columns: Floats, seed: int) -> Network:
    """Train by AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101)."""
    rng = np.random.default_rng(seed)
    inputs = scaled(rows, columns)
    known = ~np.isnan(endpoints.values)
    # Small tables count for more than their compounds, large ones for less.
    weight = known * np.clip(np.sqrt(3000 / known.sum(axis=0)), 0.3, 1.7).astype(np.float32)
    targets = np.nan_to_num(endpoints.values)
    weights = _initial(inputs.shape[1], len(endpoints.classes), rng)
    mean, square = ([np.zeros_like(part) for part in weights] for _ in range(2))
    n_steps = EPOCHS * (inputs.shape[0] // BATCH)
    for step, batch in enumerate(_batches(inputs.shape[0], rng), start=1):
        slopes = _slopes(weights, inputs[batch], targets[batch], weight[batch], endpoints.classes, rng)
        rate = RATE * (1 - step / n_steps) + RATE / 100
        for i, slope in enumerate(slopes):
            mean[i] += 0.1 * (slope - mean[i])
            square[i] += 0.001 * (slope * slope - square[i])
            move = mean[i] / (1 - 0.9**step) / (np.sqrt(square[i] / (1 - 0.999**step)) + 1e-8)
            weights[i] -= np.float32(rate) * (move + DECAY * weights[i] * (slope.ndim == 2))  # biases don't decay
    return Network(weights, columns)


def _initial(n_columns: int, n_outputs: int, rng: np.random.Generator) -> list[Floats]:
    first, last = LAYERS
    drawn = (
        0.05 * rng.normal(size=(n_columns, first)), np.zeros(first),
        np.sqrt(2 / first) * rng.normal(size=(first, last)), np.zeros(last),
        np.zeros((last, n_outputs)), np.zeros(n_outputs),
    )  # fmt: skip
    return [part.astype(np.float32) for part in drawn]


def _batches(n_rows: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    for _ in range(EPOCHS):
        order = rng.permutation(n_rows)
        for start in range(0, n_rows - BATCH + 1, BATCH):
            yield order[start : start + BATCH]


def _slopes(
    weights: Sequence[Floats], rows: csr_matrix, targets: Floats, weight: Floats, classes: NDArray[np.bool_],
    rng: np.random.Generator,
) -> tuple[Floats, ...]:  # fmt: skip
    """Compute the gradient of the masked loss: logistic for classes, squared for values."""
    w1, b1, w2, b2, w3, b3 = weights
    first = np.maximum(rows @ w1 + b1, 0)
    kept_first = _kept(first, rng)
    first = first * kept_first
    last = np.maximum(first @ w2 + b2, 0)
    kept_last = _kept(last, rng)
    last = last * kept_last
    out = last @ w3 + b3
    on_out = (np.where(classes, expit(out), out) - targets) * weight / np.float32(len(out))
    on_last = (on_out @ w3.T) * kept_last * (last > 0)
    on_first = (on_last @ w2.T) * kept_first * (first > 0)
    return (
        np.asarray(rows.T @ on_first), on_first.sum(axis=0), first.T @ on_last, on_last.sum(axis=0),
        last.T @ on_out, on_out.sum(axis=0),
    )  # fmt: skip


def _kept(layer: Floats, rng: np.random.Generator) -> Floats:
    """Draw which units stay, scaled so that the mean stays."""
    stays = rng.random(layer.shape, dtype=np.float32) > DROPOUT
    return stays.astype(np.float32) / np.float32(1 - DROPOUT)


# Directions.


def unit(rows: Floats) -> Floats:
    """Bring rows to length 1; rows of zeros stay."""
    result: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return result


def principal(transfer: csr_matrix) -> Callable[[csr_matrix], Floats]:
    """Make the map onto the transfer set's principal directions, each times eigenvalue^-.4, rows of length 1."""
    mean = np.asarray(transfer.mean(axis=0)).ravel()
    width = transfer.shape[1]
    covariance = np.empty((width, width))
    columns = transfer.astype(np.float64).tocsc()
    for start in range(0, width, 512):  # in blocks: the whole product as a sparse matrix is too large
        block = slice(start, start + 512)
        covariance[block] = (columns[:, block].T @ columns).toarray() / transfer.shape[0] - np.outer(mean[block], mean)
    values, vectors = eigh(covariance, subset_by_index=[width - DIRECTIONS, width - 1], overwrite_a=True)
    onto = (vectors * values**-0.4).astype(np.float32)
    shift = (mean @ onto).astype(np.float32)
    return lambda rows: unit(rows @ onto - shift)


def whitened(transfer: Floats) -> Callable[[Floats], Floats]:
    """Make the map that rotates a layer onto its own principal directions, each times eigenvalue^-.25."""
    mean = transfer.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov((transfer - mean).T.astype(np.float64)))
    kept = values > 1e-3 * values[-1]
    onto = (vectors[:, kept] * values[kept] ** -0.25).astype(np.float32)
    return lambda layer: unit((layer - mean) @ onto)


def directions(
    transfer: csr_matrix, public: tuple[csr_matrix, Endpoints] | None, note: Callable[[str], None]
) -> Callable[[csr_matrix], Floats]:
    """Make phi: principal directions alone, or half of them, and a quarter of each hidden layer."""
    main = principal(transfer)
    note("principal directions of the transfer set")
    if public is None:
        return main
    network = train(public[0], public[1], rare(transfer), seed=11)
    note("network of public endpoints")
    maps = [whitened(layer) for layer in network.hidden(transfer)]

    def phi(rows: csr_matrix) -> Floats:
        layers = [onto(layer) for onto, layer in zip(maps, network.hidden(rows), strict=True)]
        # The principal directions come first: resemblance is judged by them.
        return np.hstack([np.sqrt(0.5) * main(rows), *(0.5 * layer for layer in layers)]).astype(np.float32)

    return phi
