"""Clusters of similar molecules."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.features import features
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part


def clusters(compounds: CompoundSet, n_clusters: int, seed: int) -> NDArray[np.int64]:
    """Cluster molecules by k-means on their feature-Morgan bits (radius 2).

    Where there are fewer different fingerprints than clusters, some clusters stay empty.

    Parameters
    ----------
    compounds : CompoundSet
        At least as many as clusters.
    n_clusters : int
    seed : int

    Returns
    -------
    (n_compounds,) int64
        Number of each molecule's cluster, from 0.

    Examples
    --------
    >>> phenol = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
    >>> clusters(phenol, 1, seed=1).tolist()
    [0]
    """
    from sklearn.cluster import KMeans  # noqa: PLC0415 - heavy
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    bits = features(compounds, Part("fcfp"))
    # One thread sums in one order: the same clusters on any machine size. Sparse rows make up for it.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = KMeans(n_clusters=n_clusters, n_init=1, random_state=seed).fit(bits).labels_
    return np.asarray(found, dtype=np.int64)
