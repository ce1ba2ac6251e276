"""Random forest: grown on packed bits where all features are bits, by scikit-learn otherwise."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix, vstack

from fluidmol.learning.estimators import Floats
from fluidmol.learning.estimators.bits import grow_forest, is_binary
from fluidmol.learning.estimators.trees import Trees
from fluidmol.parallel import jobs


@attrs.frozen
class RandomForest:
    """Random forest of classification trees.

    Source: Breiman 2001, doi 10.1023/A:1010933404324.

    Examples
    --------
    >>> features = csr_matrix([[0, 1], [1, 0], [0, 1], [1, 0]], dtype="float32")
    >>> model = RandomForest(trees=50).fit(features, np.array([1.0, 0, 1, 0]), np.ones(4), seed=1)
    >>> (model.predict(features) > 0.5).tolist()
    [True, False, True, False]
    """

    trees: int = attrs.field(default=150, validator=attrs.validators.ge(1))
    """Number of trees."""

    depth: int = attrs.field(default=0, validator=attrs.validators.ge(0))
    """Deepest level; 0: as deep as the data allow."""

    leaf: int = attrs.field(default=1, validator=attrs.validators.ge(1))
    """Fewest rows in a leaf."""

    balanced: bool = attrs.field(default=True, validator=attrs.validators.instance_of(bool))
    """Whether both classes weigh the same in total."""

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
        return self._from_sklearn(rows, active, share, seed)

    def _from_sklearn(self, rows: csr_matrix, active: NDArray[np.bool_], share: Floats, seed: int) -> Trees:
        # Imported here, because it takes a second that bits needn't wait for.
        from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415

        forest = RandomForestClassifier(
            n_estimators=self.trees,
            max_depth=self.depth or None,
            min_samples_leaf=self.leaf,
            random_state=seed,
            n_jobs=jobs(),
        )
        # Sparse columns: most values are zero, and the splitter skips them; a third of the time of a dense fit.
        forest.fit(csc_matrix(rows), active, sample_weight=share)
        return Trees.from_forest(forest)


def _as_classes(features: csr_matrix, target: Floats, weight: Floats) -> tuple[csr_matrix, NDArray[np.bool_], Floats]:
    """Turn soft targets into two weighted rows each; hard ones stay as they are."""
    soft = (target > 0) & (target < 1)
    if not soft.any():
        return features, target > 0.5, weight
    rows = vstack([features, features[soft]], format="csr")
    active = np.concatenate([target > 0, np.zeros(int(soft.sum()), dtype=bool)])
    share = np.concatenate([np.where(soft, target, 1.0) * weight, ((1 - target) * weight)[soft]])
    return rows, active, share
