"""How networks of chemprop learn and are asked: torch's part, imported by nobody who doesn't want it.

The loop is our own. Lightning's trainer, which chemprop's command line uses, would report, log and write checkpoints.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from chemprop import data, featurizers, models, nn
from chemprop.schedulers import build_NoamLike_LRSched
from torch.nn.functional import binary_cross_entropy_with_logits

from fluidmol.learning.model import Floats

if TYPE_CHECKING:
    from fluidmol.learning.estimators.chemprop import Chemprop

FEWEST = 50
"""Molecules from which a tenth is set aside; a tenth of fewer says nothing."""

WARM_UP = 2
"""Passes in which the step grows, as in chemprop's own training."""

RATES = (1e-4, 1e-3, 1e-4)
"""Learning rate at first, at most and in the end; chemprop's own."""

ASKED = 500
"""Molecules that are asked about at once: some 10 MB of graphs."""

_lock = RLock()
"""torch's generator and its number of threads are the whole process's: one network at a time."""


@contextmanager
def _alone(seed: int) -> Iterator[None]:
    """Seed torch, on one thread: sums in one order. Both are as they were afterwards."""
    with _lock, torch.random.fork_rng(devices=[]):
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        torch.manual_seed(seed)
        try:
            yield
        finally:
            torch.set_num_threads(threads)


def graphs_of(smiles: Sequence[str]) -> list[Any]:
    """Turn SMILES into molecular graphs, some 12 kB each.

    Raises
    ------
    ValueError
        If one can't be read.
    """
    graph = featurizers.SimpleMoleculeMolGraphFeaturizer()
    try:
        return [graph(data.MoleculeDatapoint.from_smi(text).mol) for text in smiles]
    except RuntimeError as problem:
        raise ValueError(f"chemprop can't read a structure: {problem}") from problem


def trained(graphs: Sequence[Any], target: Floats, weight: Floats, recipe: Chemprop, seed: int) -> Any:
    """Fit one network.

    Parameters
    ----------
    graphs : sequence of MolGraph
    target, weight : (n_graphs,) float
        Probability of the active class, and how much each counts, above 0.
    recipe : Chemprop
    seed : int
        Of the network's first weights, the order of the molecules, dropout, and the tenth set aside.

    Returns
    -------
    chemprop.models.MPNN
        In evaluation mode.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(graphs))
    n_held = len(graphs) // 10 if recipe.patience and len(graphs) >= FEWEST else 0
    held, rows = np.sort(order[:n_held]), np.sort(order[n_held:])
    share = weight / weight.mean()
    with _alone(seed):
        network = _network(recipe)
        optimiser = torch.optim.Adam(network.parameters(), lr=RATES[0])
        steps = -(-len(rows) // recipe.batch)
        schedule = build_NoamLike_LRSched(
            optimiser, WARM_UP * steps, max(1, recipe.epochs - WARM_UP) * steps, *RATES
        )  # fmt: skip
        best, kept, waited = np.inf, None, 0
        for _ in range(recipe.epochs):
            network.train()
            for chosen in np.array_split(rng.permutation(rows), steps):
                optimiser.zero_grad()
                _loss(network, graphs, target, share, chosen).backward()
                optimiser.step()
                schedule.step()
            if not n_held:
                continue
            reached = _held_out(network, graphs, target, share, held)
            if reached < best:
                best, kept, waited = reached, copy.deepcopy(network.state_dict()), 0
            else:
                waited += 1
            if waited >= recipe.patience:
                break
        if kept is not None:
            network.load_state_dict(kept)
        return network.eval()


def said_by(members: Sequence[Any], smiles: Sequence[str]) -> Floats:
    """Mean of the members' probabilities, (n_compounds,), in [0, 1]; a few graphs at a time.

    Raises
    ------
    ValueError
        If a SMILES can't be read.
    """
    said = np.zeros(len(smiles))
    with _alone(0), torch.inference_mode():
        for start in range(0, len(smiles), ASKED):
            batch = data.BatchMolGraph(graphs_of(smiles[start : start + ASKED]))
            answers = [member(batch)[:, 0].numpy().astype(np.float64) for member in members]
            said[start : start + ASKED] = np.mean(answers, axis=0)
    return said


def _network(recipe: Chemprop) -> Any:
    messages = nn.BondMessagePassing(d_h=recipe.hidden, depth=recipe.depth, dropout=recipe.dropout)
    head = nn.BinaryClassificationFFN(
        input_dim=messages.output_dim, hidden_dim=recipe.hidden, n_layers=1, dropout=recipe.dropout
    )
    return models.MPNN(messages, nn.NormAggregation(), head)


def _loss(network: Any, graphs: Sequence[Any], target: Floats, share: Floats, rows: Any) -> Any:
    """Weighted cross-entropy of the rows; a soft target counts for both classes in proportion."""
    batch = data.BatchMolGraph([graphs[row] for row in rows])
    odds = network.predictor.train_step(network.fingerprint(batch))[:, 0]
    wanted, counts = (torch.from_numpy(values[rows]).to(odds.dtype) for values in (target, share))
    return binary_cross_entropy_with_logits(odds, wanted, weight=counts)


def _held_out(network: Any, graphs: Sequence[Any], target: Floats, share: Floats, held: Any) -> float:
    network.eval()
    with torch.inference_mode():
        parts = [held[start : start + ASKED] for start in range(0, len(held), ASKED)]
        return sum(float(_loss(network, graphs, target, share, part)) * len(part) for part in parts) / len(held)
