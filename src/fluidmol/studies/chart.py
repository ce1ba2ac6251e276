"""A chart of the chemical space: where partners, transfer set and test sets lie."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from scipy.sparse import vstack

from fluidmol.chem.features import features
from fluidmol.chem.table import LazyFeatures
from fluidmol.learning.seeds import derive_seed
from fluidmol.studies.consortium import Consortium
from fluidmol.values.parts import Part

MOST = {"partners": 2000, "transfer": 1200, "validation": 400, "external": 600}
"""Points drawn of each kind: more would hide one another."""


def chart(consortium: Consortium) -> pa.Table:
    """Project a sample of all molecules onto the two main directions of their fingerprints.

    The directions are the first two principal components (by singular value decomposition of the centred FCFP bits) of
    the sample. They keep a few per cent of the variance: near points may be far apart in truth, far ones are not near.

    Returns
    -------
    Table
        Columns x, y, group (a partner's name, ``transfer``, ``validation``, ``external``) and active (null: unknown).
    """
    from sklearn.decomposition import PCA  # noqa: PLC0415 - heavy
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    rng = np.random.default_rng(derive_seed(consortium.charter.seed, "chart"))
    blocks, group = [], []
    active: list[bool | None] = []
    total = sum(len(assay) for assay in consortium.assays.values())
    for name, assay in (*consortium.assays.items(), *consortium.benchmarks.items()):
        most = MOST[name] if name in MOST else max(5, MOST["partners"] * len(assay) // total)
        rows = np.sort(rng.permutation(len(assay))[:most])
        blocks.append(features(assay.compounds, Part("fcfp"))[rows])
        group += [name] * len(rows)
        active += [None] * len(rows) if assay.scale else [bool(flag) for flag in assay.active[rows]]
    rows = np.sort(rng.permutation(len(consortium.transfer))[: MOST["transfer"]])
    blocks.append(LazyFeatures(consortium.transfer, Part("fcfp"))[rows])
    group += ["transfer"] * len(rows)
    unknown: list[Any] = [None] * len(rows)
    with threadpool_limits(1):
        found = PCA(n_components=2, svd_solver="arpack", random_state=0).fit_transform(vstack(blocks, format="csr"))
    columns = {"x": found[:, 0], "y": found[:, 1], "group": group, "active": pa.array([*active, *unknown], pa.bool_())}
    return pa.table(columns)
