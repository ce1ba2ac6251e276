"""Asking experts: at any molecule, the consortium's rules combine them as they combine teachers."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import expit

from fluidmol.errors import CharterError
from fluidmol.learning.aggregation import AGGREGATIONS
from fluidmol.learning.federation import weigh
from fluidmol.learning.model import Floats, Model
from fluidmol.learning.weighting import WEIGHTINGS
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.experts import Experts


def asked(experts: Experts, features: csr_matrix, charter: Charter, sharpness: float) -> list[Annotations]:
    """Give what the experts say about molecules, in the form of annotations.

    Parameters
    ----------
    experts : Experts
    features : (n_compounds, n_columns) csr_matrix
    charter : Charter
        Names the annotations.
    sharpness : float
        Exponent of the weights. A regression's estimates lie closer together than what they estimate: an exponent above
        1 undoes it.

    Returns
    -------
    list of Annotations
        One a partner; weights are estimates of what the partner would state, to the power of sharpness.

    Raises
    ------
    CharterError
        If the experts are of other features.
    """
    if features.shape[1] != experts.n_columns:
        raise CharterError(
            f"the experts have {experts.n_columns} columns, the charter's features {features.shape[1]}",
            hint="Labels and charter don't belong together: ask the coordinator for both again.",
        )
    said = expit(_linear(experts.opinion, features))
    near = np.exp(np.minimum(sharpness * _linear(experts.proximity, features), 0))
    return [Annotations(charter.digest, name, said[:, [i]], near[:, [i]]) for i, name in enumerate(experts.partners)]


def combined(opinions: list[Annotations], trust: Floats, charter: Charter) -> Floats:
    """Combine opinions of any molecules by the consortium's rules: labels, (n_compounds,), in [0, 1].

    Trust, (n_partners,) or (n_partners, n_compounds) in the order of the opinions, stands for all that rules learn over
    a whole transfer set: what comes out for a molecule doesn't depend on which others are asked about.
    """
    weighed = weigh(opinions, charter)
    # Never quite nothing, where nobody else knows anything. Much less than weights can differ by: to the power of 12, a
    # liar who claims to know everything weighs a billion times as much as the honest.
    order = sorted(range(len(opinions)), key=lambda i: opinions[i].partner)  # that of what is weighed
    aggregation = AGGREGATIONS.build(charter.aggregation).of_one_molecule()
    share = weighed.share * np.maximum(trust[order], 1e-30).reshape(len(order), -1, 1)
    return np.asarray(aggregation(weighed.value, share)[:, 0], dtype=np.float64)


def trusts(value: Floats, share: Floats, charter: Charter) -> Floats:
    """Give how far the charter's aggregation believes each partner, (n_partners,), in [0, 1]."""
    return np.asarray(AGGREGATIONS.build(charter.aggregation).trust(value, share)[:, 0], dtype=np.float64)


def check_pointwise(charter: Charter) -> None:
    """Refuse a weighting with which experts can't be asked about a single molecule.

    Raises
    ------
    CharterError
        Saying which would do.
    """
    if charter.distillation.name == "experts" and WEIGHTINGS.build(charter.weighting).over_all_molecules:
        raise CharterError(
            f"the weighting {charter.weighting.name!r} looks at all molecules at once: experts are asked one by one",
            hint='Take the weighting "powered" or "as-stated", or the distillation "labels".',
        )


def _linear(coefficients: NDArray[np.float32], features: csr_matrix) -> Floats:
    return np.asarray(features @ coefficients[:, :-1].T.astype(np.float64) + coefficients[:, -1], dtype=np.float64)


@attrs.frozen(eq=False)
class SurrogateEnsemble(Model[csr_matrix]):
    """Experts as a model."""

    experts: Experts
    """Whom to ask."""

    charter: Charter = attrs.field(repr=False)
    """By whose rules."""

    sharpness: float
    """See :func:`asked`."""

    def predict(self, features: csr_matrix) -> Floats:
        """Probability of the active class, (n_compounds,), in [0, 1]."""
        if not features.shape[0]:
            return np.empty(0)
        opinions = asked(self.experts, features, self.charter, self.sharpness)
        return combined(opinions, self.experts.trust.astype(np.float64), self.charter)
