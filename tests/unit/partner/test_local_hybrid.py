"""A hybrid may learn from labels near one's own chemistry."""

import attrs
import numpy as np
import pytest
from scipy.sparse import csr_matrix

from fluidmol.errors import CharterError
from fluidmol.learning.union import UNIONS, TrainingSet
from fluidmol.learning.union.local import Local
from fluidmol.partner.hybrid import Hybrid
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.parts import Part


def lesson(weight):
    return TrainingSet(csr_matrix((len(weight), 1)), np.ones(len(weight)), np.array(weight))


def weights(**options):
    return Local(**options)(lesson([1.0]), lesson([0.0, 0.3, 0.6, 1.0]), np.random.default_rng(1)).weight


def test_nearer_labels_count_more_but_none_counts_nothing():
    np.testing.assert_allclose(weights(power=2, floor=0.05, own_weight=3), [0.05, 0.09, 0.36, 1, 3])


def test_power_0_counts_all_alike():
    np.testing.assert_allclose(weights(power=0), 1)


@pytest.mark.parametrize("options", [{"power": -1}, {"floor": 0}, {"floor": 2}, {"own_weight": 0}])
def test_refused(options):
    with pytest.raises(CharterError, match="local"):
        UNIONS.build(Part("local", options))


@pytest.fixture
def fitted(monkeypatch, assays, transfer, quick_charter):
    """Fit a hybrid, and give the weights that its estimator saw."""
    seen = []

    class Watched(Local):
        def __call__(self, own, federated, rng):
            seen.append(federated.weight)
            return Local.__call__(self, own, federated, rng)

    monkeypatch.setattr(UNIONS, "build", lambda _part: Watched())
    n = len(transfer)
    value = np.linspace(0, 1, n)[:, None]
    value[0] = np.nan
    shares = (~np.isnan(value)).astype(float)[None]
    labels = FederatedLabels(quick_charter.digest, ("a",), value, np.zeros((n, 1)), shares)
    charter = attrs.evolve(quick_charter, union=Part("local"))
    hybrid = Hybrid.fit(assays["ada"], labels, transfer, charter, "ada")
    return hybrid, seen[0]


def test_labels_weigh_what_their_molecules_are_near(fitted, assays, transfer):
    hybrid, weight = fitted
    assert len(weight) == len(transfer) - 1, "of those that have a label"
    assert ((weight >= 0) & (weight <= 1)).all()
    assert len(np.unique(weight)) > 5
    assert hybrid.n_train == len(weight) + len(assays["ada"])
