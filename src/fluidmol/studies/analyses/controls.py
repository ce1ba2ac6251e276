"""Labels that aren't the consortium's, for the same molecules: controls that tell why a student is as good as it is."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.featurising import CHUNK
from fluidmol.learning.selection import SELECTIONS
from fluidmol.parallel import on_backend
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.store import Arrays
from fluidmol.values.arrays import digest_of
from fluidmol.values.charter import Charter
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.parts import Part

Rows = NDArray[np.int64]

LABELS = Part("labels")
"""Controls are students of labels: experts would know better than the labels that were changed."""


def fixed_rows(charter: Charter, distillation: Part = LABELS) -> Charter:
    """Give a charter that takes all labels there are, hard or soft as before: which rows is decided by the labels."""
    hard = bool(SELECTIONS.build(charter.selection).hard)
    return attrs.evolve(charter, selection=Part("all", {"hard": hard}), distillation=distillation)


def only(labels: FederatedLabels, rows: Rows) -> FederatedLabels:
    """Keep the labels of these molecules, as if nobody had spoken about the others, and no experts."""
    value, spread = np.full_like(labels.value, np.nan), np.zeros_like(labels.spread)
    share = np.zeros_like(labels.contribution)
    value[rows], spread[rows], share[:, rows] = labels.value[rows], labels.spread[rows], labels.contribution[:, rows]
    return attrs.evolve(labels, value=value, spread=spread, contribution=share, experts=None)


def shuffled(labels: FederatedLabels, rows: Rows, rng: np.random.Generator) -> FederatedLabels:
    """Deal the labels of these molecules among them at random: nothing is left but how many are active."""
    return _rearranged(labels, rows, rng.permutation(rows))


def ranked(labels: FederatedLabels, rows: Rows, score: NDArray[np.float64]) -> FederatedLabels:
    """Give the molecule with the largest score the largest label, and so on: the same labels, another target.

    Parameters
    ----------
    labels : FederatedLabels
    rows : (n_rows,) int64
        Positions in the transfer set; labels of others are dropped.
    score : (n_rows,) float
        Of these molecules, in any unit; equal ones are taken in order.
    """
    source = np.empty_like(rows)
    source[np.argsort(score, kind="stable")] = rows[np.argsort(labels.value[rows, 0], kind="stable")]
    return _rearranged(labels, rows, source)


def logp(lab: Lab, rows: Rows) -> NDArray[np.float64]:
    """Give Crippen's logP of transfer molecules: a target that needs no partner at all."""
    smiles = [lab.transfer.smiles[int(row)] for row in rows]

    def compute() -> Arrays:
        chunks = [smiles[start : start + CHUNK] for start in range(0, len(smiles), CHUNK)]
        found = on_backend(_logp, ((chunk,) for chunk in chunks), 1 if len(chunks) <= 1 else None)
        return {"logp": np.concatenate([np.empty(0), *found])}

    return lab.store.arrays({"role": "logp", "smiles": digest_of("smiles", smiles)}, compute)["logp"]


def _logp(smiles: list[str]) -> NDArray[np.float64]:
    from rdkit import Chem  # noqa: PLC0415 - heavy
    from rdkit.Chem import rdMolDescriptors  # noqa: PLC0415

    return np.array([rdMolDescriptors.CalcCrippenDescriptors(Chem.MolFromSmiles(text))[0] for text in smiles])


def _rearranged(labels: FederatedLabels, rows: Rows, source: Rows) -> FederatedLabels:
    kept = only(labels, rows)
    value, spread, share = kept.value.copy(), kept.spread.copy(), kept.contribution.copy()
    value[rows], spread[rows] = labels.value[source], labels.spread[source]
    share[:, rows] = labels.contribution[:, source]
    return attrs.evolve(kept, value=value, spread=spread, contribution=share)
