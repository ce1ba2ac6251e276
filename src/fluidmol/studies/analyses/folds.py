"""Folds of a partner's own compounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.seeds import derive_seed
from fluidmol.values.compounds import CompoundSet


def folds(compounds: CompoundSet, n_folds: int, seed: int, name: str) -> NDArray[np.int64]:
    """Deal compounds to folds at random; those of one skeleton stay together.

    Parameters
    ----------
    compounds : CompoundSet
    n_folds : int
    seed : int
    name : str
        Of the partner.

    Returns
    -------
    (n_compounds,) int64
        Number of the fold, from 0.

    Examples
    --------
    >>> phenol = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
    >>> folds(phenol, 5, 1, "acme").tolist()
    [0]
    """
    names, group = np.unique(compounds.skeletons, return_inverse=True)
    place = np.random.default_rng(derive_seed(seed, "folds", name)).permutation(len(names))
    return np.asarray((place % n_folds)[group])
