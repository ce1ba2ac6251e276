"""Confident labels that are spread over the chemistry."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.learning.selection.halves import Rows, Sized, halves
from fluidmol.learning.table_rows import FeatureTable


@attrs.frozen
class ConfidentDiverse(Sized):
    """From the most confident of each class, the most confident of each chemical neighbourhood in turn.

    The paper names this selection and its proof of concept leaves it out (flaw 5 in the method). Here: take ``breadth``
    times as many as are wanted by confidence, sort them into neighbourhoods by k-means on the features, and deal round
    by round the most confident of each neighbourhood.

    Examples
    --------
    >>> from scipy.sparse import csr_matrix
    >>> features = csr_matrix([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=float)
    >>> labels = np.array([0.01, 0.02, 0.3, 0.9])
    >>> ConfidentDiverse(size=4, breadth=2.0)(labels, features, np.random.default_rng(1)).tolist()
    [0, 2, 3]
    """

    breadth: float = attrs.field(
        default=3.0, converter=float, validator=[attrs.validators.ge(1), attrs.validators.le(1000)]
    )
    """How many times as many confident molecules are considered as are chosen, at most 1000."""

    neighbourhoods: int = attrs.field(default=200, validator=[attrs.validators.ge(2), attrs.validators.le(2000)])
    """Most chemical neighbourhoods a class, at most 2000."""

    def __call__(
        self, label: NDArray[np.float64], features: FeatureTable, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Positions of the chosen molecules, ascending."""
        return halves(label, self.size, lambda rows, n: self._spread(rows, n, label, features, rng))

    def _spread(
        self, rows: Rows, n: int, label: NDArray[np.float64], features: FeatureTable, rng: np.random.Generator
    ) -> Rows:
        ranked = rows[np.argsort(-np.abs(label[rows] - 0.5), kind="stable")][: int(self.breadth * n)]
        # As many are wanted as there are, or so few that neighbourhoods mean nothing.
        if n == len(rows) or n < 2:
            return ranked[:n]
        from sklearn.cluster import MiniBatchKMeans  # noqa: PLC0415 - heavy, and only this selection needs it
        from threadpoolctl import threadpool_limits  # noqa: PLC0415

        k = min(self.neighbourhoods, n)
        with threadpool_limits(1):  # one thread: sums in one order, so the same clusters everywhere
            means = MiniBatchKMeans(n_clusters=k, n_init=1, random_state=int(rng.integers(2**31)))
            group = means.fit_predict(features[ranked].astype(np.float64))
        turn = np.empty(len(ranked), dtype=np.int64)
        for name in np.unique(group):
            members = np.flatnonzero(group == name)
            turn[members] = np.arange(len(members))
        return ranked[np.argsort(turn, kind="stable")[:n]]
