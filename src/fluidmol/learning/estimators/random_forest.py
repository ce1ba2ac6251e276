"""Random forest: grown on packed bits where all features are bits, of scikit-learn's trees otherwise."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix, vstack

from fluidmol.learning.estimators import Estimator
from fluidmol.learning.estimators.bits import grow_forest, is_binary
from fluidmol.learning.estimators.trees import Trees
from fluidmol.learning.model import Floats
from fluidmol.parallel import in_threads


@attrs.frozen
class RandomForest(Estimator[csr_matrix]):
    """Random forest of classification trees.

    Source: Breiman 2001, doi 10.1023/A:1010933404324.

    Examples
    --------
    >>> features = csr_matrix([[0, 1], [1, 0], [0, 1], [1, 0]], dtype="float32")
    >>> model = RandomForest(trees=50).fit(features, np.array([1.0, 0, 1, 0]), np.ones(4), seed=1)
    >>> (model.predict(features) > 0.5).tolist()
    [True, False, True, False]
    """

    trees: int = attrs.field(default=150, validator=[attrs.validators.ge(1), attrs.validators.le(5000)])
    """Number of trees, at most 5000."""

    depth: int = attrs.field(default=0, validator=[attrs.validators.ge(0), attrs.validators.le(10000)])
    """Deepest level, at most 10 000; 0: as deep as the data allow."""

    leaf: int = attrs.field(default=1, validator=[attrs.validators.ge(1), attrs.validators.le(1_000_000)])
    """Fewest rows in a leaf, at most 1 000 000."""

    balanced: bool = attrs.field(default=True, validator=attrs.validators.instance_of(bool))
    """Whether both classes weigh the same in total."""

    @property
    def of_classes(self) -> bool:
        """Only where it balances them."""
        return self.balanced

    def fit(self, features: csr_matrix, target: Floats, weight: Floats, seed: int) -> Trees:
        """Fit to targets in [0, 1]; a soft target counts for both classes in proportion.

        Raises
        ------
        ValueError
            If only one class has any weight.
        """
        rows, active, share = _as_classes(features, target, weight)
        totals = np.array([share[~active].sum(), share[active].sum()])
        if not np.all(totals > 0):
            raise ValueError("only one class: expected active and inactive compounds")
        if self.balanced:
            share = share * (totals.sum() / (2 * totals))[active.astype(int)]
        if is_binary(rows):
            return grow_forest(rows, active, share, seed, trees=self.trees, depth=self.depth, leaf=self.leaf)
        return self._of_numbers(rows, active, share, seed)

    def _of_numbers(self, rows: csr_matrix, active: NDArray[np.bool_], share: Floats, seed: int) -> Trees:
        # Imported here, because it takes a second that bits needn't wait for.
        from sklearn.tree import DecisionTreeClassifier  # noqa: PLC0415

        # Sparse columns: most values are zero, and the splitter skips them; a third of the time of a dense fit.
        columns = csc_matrix(rows)

        def grown(number: int) -> Any:
            # Not its RandomForestClassifier: from version 1.9 that draws rows in proportion to their weights and then
            # forgets them, which is another forest than those on bits, and than older versions'.
            rng = np.random.default_rng([seed, number])
            times = np.bincount(rng.integers(len(share), size=len(share)), minlength=len(share))
            tree = DecisionTreeClassifier(
                max_depth=self.depth or None,
                min_samples_leaf=self.leaf,
                max_features="sqrt",
                random_state=int(rng.integers(2**31)),
            )
            return tree.fit(columns, active, sample_weight=times * share)

        return Trees.from_sklearn(list(in_threads(grown, ((number,) for number in range(self.trees)))))


def _as_classes(features: csr_matrix, target: Floats, weight: Floats) -> tuple[csr_matrix, NDArray[np.bool_], Floats]:
    """Turn soft targets into two weighted rows each; hard ones stay as they are."""
    soft = (target > 0) & (target < 1)
    if not soft.any():
        return features, target > 0.5, weight
    rows = vstack([features, features[soft]], format="csr")
    active = np.concatenate([target > 0, np.zeros(int(soft.sum()), dtype=bool)])
    share = np.concatenate([np.where(soft, target, 1.0) * weight, ((1 - target) * weight)[soft]])
    return rows, active, share
