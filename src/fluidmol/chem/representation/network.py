"""A network that learns many public endpoints at once, with numpy and scipy only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import expit

from fluidmol.chem.representation import Note

Floats = NDArray[np.float32]


@attrs.frozen
class Training:
    """How the network is trained: by AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101), with dropout."""

    layers: tuple[int, int]
    """Widths of the hidden layers."""

    epochs: int
    batch: int
    rate: float
    """Of learning, falling linearly to a hundredth."""

    decay: float
    """Of weights; biases don't decay."""

    dropout: float
    """Share of hidden units that a step goes without."""

    seed: int


def trained(
    rows: csr_matrix, values: Floats, classes: NDArray[np.bool_], training: Training, note: Note
) -> list[Floats]:
    """Train on all columns at once; what a column lacks counts for nothing.

    Parameters
    ----------
    rows : (n_compounds, n_columns) csr_matrix
        What goes in.
    values : (n_compounds, n_tables) array
        Classes or standardised values, NaN where unknown.
    classes : (n_tables,) array
        Which columns hold classes.
    training : Training
    note : callable
        Is told how each epoch went.

    Returns
    -------
    list of arrays
        Weights and biases of both hidden layers: W1, b1, W2, b2.
    """
    rng = np.random.default_rng(training.seed)
    known = ~np.isnan(values)
    # Small tables count for more than their compounds, large ones for less.
    weight = known * np.clip(np.sqrt(3000 / known.sum(axis=0)), 0.3, 1.7).astype(np.float32)
    targets = np.nan_to_num(values)
    weights = _initial(rows.shape[1], training.layers, len(classes), rng)
    mean, square = ([np.zeros_like(part) for part in weights] for _ in range(2))
    batch = min(training.batch, rows.shape[0])
    per_epoch = rows.shape[0] // batch
    for step, chosen in enumerate(_batches(rows.shape[0], batch, training.epochs, rng), start=1):
        slopes = _slopes(weights, rows[chosen], targets[chosen], weight[chosen], classes, training.dropout, rng)
        rate = np.float32(training.rate * (1 - step / (training.epochs * per_epoch)) + training.rate / 100)
        _move(weights, slopes, mean, square, step, rate, training.decay)
        if step % per_epoch == 0:
            note(f"network: epoch {step // per_epoch} of {training.epochs}")
    return weights[:4]


def _move(
    weights: list[Floats], slopes: Sequence[Floats], mean: list[Floats], square: list[Floats], step: int,
    rate: np.float32, decay: float,
) -> None:  # fmt: skip
    for i, slope in enumerate(slopes):
        mean[i] += np.float32(0.1) * (slope - mean[i])
        square[i] += np.float32(0.001) * (slope * slope - square[i])
        shrunk = np.sqrt(square[i] / np.float32(1 - 0.999**step)) + np.float32(1e-8)
        move = mean[i] / np.float32(1 - 0.9**step) / shrunk
        if slope.ndim == 2:
            move += np.float32(decay) * weights[i]
        weights[i] -= rate * move


def _initial(n_columns: int, layers: tuple[int, int], n_outputs: int, rng: np.random.Generator) -> list[Floats]:
    first, last = layers
    drawn = (
        0.05 * rng.normal(size=(n_columns, first)), np.zeros(first),
        np.sqrt(2 / first) * rng.normal(size=(first, last)), np.zeros(last),
        np.zeros((last, n_outputs)), np.zeros(n_outputs),
    )  # fmt: skip
    return [part.astype(np.float32) for part in drawn]


def _batches(n_rows: int, batch: int, epochs: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    for _ in range(epochs):
        order = rng.permutation(n_rows)
        for start in range(0, n_rows - batch + 1, batch):
            yield order[start : start + batch]


def _slopes(
    weights: Sequence[Floats], rows: csr_matrix, targets: Floats, weight: Floats, classes: NDArray[np.bool_],
    dropout: float, rng: np.random.Generator,
) -> tuple[Floats, ...]:  # fmt: skip
    """Compute the gradient of the masked loss: logistic for classes, squared for values."""
    w1, b1, w2, b2, w3, b3 = weights
    first = np.maximum(rows @ w1 + b1, 0)
    kept_first = _kept(first, dropout, rng)
    first = first * kept_first
    last = np.maximum(first @ w2 + b2, 0)
    kept_last = _kept(last, dropout, rng)
    last = last * kept_last
    out = last @ w3 + b3
    on_out = (np.where(classes, expit(out), out) - targets) * weight / np.float32(len(out))
    on_last = (on_out @ w3.T) * kept_last * (last > 0)
    on_first = (on_last @ w2.T) * kept_first * (first > 0)
    return (
        np.asarray(rows.T @ on_first), on_first.sum(axis=0), first.T @ on_last, on_last.sum(axis=0),
        last.T @ on_out, on_out.sum(axis=0),
    )  # fmt: skip


def _kept(layer: Floats, dropout: float, rng: np.random.Generator) -> Floats:
    """Draw which units stay, scaled so that the mean stays."""
    stays = rng.random(layer.shape, dtype=np.float32) >= dropout
    return stays.astype(np.float32) / np.float32(1 - dropout)
