"""How like all of a teacher's compounds together a molecule is."""

from __future__ import annotations

import attrs
import numpy as np
from attrs import validators
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fluidmol.chem.proximity import OfSum, Proximity


@attrs.frozen
class Resemblance(Proximity):
    """Product of a molecule's row with the sum of all known rows, on a logarithmic scale: exp(product / scale - 1).

    It looks at no single compound: what it says follows from the sum, which a partner may state with noise. The
    product is cut at the scale on both sides, so that the result is in [e^-2, 1]; a stranger's is 1/e.

    Examples
    --------
    >>> known = csr_matrix([[0.5, 0.5], [0.5, 0.0]])
    >>> Resemblance(columns=1, scale=1)(csr_matrix([[1.0, 1], [0, 1], [-0.5, 0]]), known, 0).round(3).tolist()
    [1.0, 0.368, 0.223]
    """

    columns: int = attrs.field(default=512, validator=[validators.ge(1), validators.le(1 << 16)])
    """How many of the first columns are looked at: of public directions the principal ones."""

    scale: float = attrs.field(default=2000.0, converter=float, validator=[validators.gt(0), validators.le(1e9)])
    """Product beyond which all molecules are alike."""

    @property
    def fingerprint(self) -> None:
        """None: it compares the charter's own features."""
        return

    @property
    def of_sum(self) -> OfSum:
        """The proximity from a sum of rows, which may be a noisy one."""

        def proximity(total: NDArray[np.float64], queries: NDArray[np.float32]) -> NDArray[np.float64]:
            rows, sums = np.asarray(queries, dtype=np.float64), np.asarray(total, dtype=np.float64)
            return self._proximity(rows[:, : self.columns] @ sums[: self.columns])

        return proximity

    def __call__(self, queries: csr_matrix, known: csr_matrix, seed: int) -> NDArray[np.float64]:  # noqa: ARG002
        """Proximity of each query, (n_queries,), in [e^-2, 1]; the seed isn't used."""
        total = np.asarray(known.T @ np.ones(known.shape[0]))
        total[self.columns :] = 0
        return self._proximity(np.asarray(queries @ total))

    def _proximity(self, product: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.exp(np.clip(product / self.scale, -1, 1) - 1)
