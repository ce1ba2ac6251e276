"""The release: what one compound changes in every sum, how much noise there is, and what is learnt."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from fluidmol.errors import InputError
from fluidmol.learning.privacy import mechanism
from fluidmol.learning.privacy.accountant import composed, noise_multiplier
from fluidmol.learning.privacy.lattice import PER_UNIT
from fluidmol.learning.privacy.mechanism import FEWEST, IDENTITY, LOGISTIC, release, shrunken_mean, within_range
from fluidmol.learning.privacy.noise import NoNoise, SimulatedNoise, SystemNoise
from fluidmol.learning.privacy.settings import Gaussian
from fluidmol.values.private_model import LARGEST


def data(n=800, d=30, seed=1):
    rng = np.random.default_rng(seed)
    phi = rng.normal(0, 0.15, (n, d)) + 0.05
    return (phi / np.maximum(np.linalg.norm(phi, axis=1, keepdims=True), 1)).astype(np.float32), phi[:, 0] > 0.05


class Recorded:
    """Notes what noise is asked for, and the exact sums; adds a fixed vector for noise, the same whatever the sums."""

    hides = True

    def __init__(self, seed=1):
        self.asked, self.source = [], SimulatedNoise(seed)

    def draw(self, deviation, size):
        self.asked.append((deviation, size))
        return self.source.draw(deviation, size)


def sums(monkeypatch, phi, target, setting, seed=1):
    """All integer sums of a release before their noise, in order."""
    found, honest = [], mechanism.on_lattice

    def noted(rows, bound):
        points = honest(rows, bound)
        found.append(points.sum(axis=0))
        return points

    with monkeypatch.context() as patched:
        patched.setattr(mechanism, "on_lattice", noted)
        model = release(phi, target, setting, SimulatedNoise(seed))
    return found, model


@pytest.mark.parametrize("row", ["ordinary", "long", "opposite"])
@pytest.mark.parametrize("outcome", [0, 1, 0.5])
def test_one_compound_changes_a_sum_by_its_bound_at_most(monkeypatch, row, outcome):
    # The first sum: nothing has been released yet. (Later ones are of other rows once the first noisy sum differs,
    # which is what composition is for; the next test holds what was released fixed.)
    phi, target = data(60, 12)
    more = {"ordinary": phi[3] * 1.1, "long": np.full(12, 9.0), "opposite": -phi[:50].sum(axis=0)}[row]
    without, _ = sums(monkeypatch, phi, target, Gaussian())
    within, _ = sums(monkeypatch, np.vstack([phi, more]), np.append(target, outcome), Gaussian())
    difference = [int(x) for x in within[0] - without[0]]
    assert sum(x**2 for x in difference) <= PER_UNIT**2
    assert sum(x**2 for x in difference) > 0.05 * PER_UNIT**2  # it does count


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 39), st.floats(0, 1), st.sampled_from([LOGISTIC, IDENTITY]))
def test_given_what_was_released_one_compound_changes_a_step_by_half_at_most(seed, gone, outcome, link):
    rng = np.random.default_rng(seed)
    rows, target = rng.normal(0, rng.choice([0.1, 1.0, 100.0]), (40, 15)), rng.random(40)
    target[gone] = outcome
    centre, known = rng.normal(0, 0.3, 15), rng.normal(0, 3, (4, 16))

    class Forced:
        """Noise that makes every step end where the others' release has: the same history for both data sets."""

        hides = True

        def __init__(self):
            self.sums, self.step, self.weights = [], 0, np.zeros(16)

        def draw(self, deviation, size):
            return Pretended(self)

    class Pretended:
        __array_priority__ = 1000
        __array_ufunc__ = None

        def __init__(self, source):
            self.source = source

        def __radd__(self, total):
            source = self.source
            source.sums.append(total)
            slope = (known[source.step] - source.weights) / 0.15 + 0.5 * source.weights
            source.weights, source.step = known[source.step], source.step + 1
            return slope * PER_UNIT

    found = []
    for kept in (np.arange(40), np.delete(np.arange(40), gone), [gone]):
        source = Forced()
        mechanism.noisy_steps(rows[kept], target[kept], centre, 0.2, 1.0, Gaussian(steps=4), source, link)
        found.append(source.sums)
    for within, without, alone in zip(*found, strict=True):
        assert (within - without == alone).all()  # to the last bit: what the others add doesn't depend on it
        assert sum(int(x) ** 2 for x in within - without) <= (PER_UNIT // 2) ** 2


@pytest.mark.parametrize(
    "setting", [Gaussian(), Gaussian(epsilon=1.0, steps=3, steps_share=0.6), Gaussian(steps=1, delta=1e-9)]
)
def test_the_noise_is_what_the_proof_asks_for(setting):
    phi, target = data(100, 20)
    noise = Recorded()
    model = release(phi, target, setting, noise)
    (first, size), *steps = noise.asked
    assert size == 21
    assert [size for _, size in steps] == [21] * setting.steps  # the constant too
    multipliers = [first / PER_UNIT, *(deviation / (PER_UNIT / 2) for deviation, _ in steps)]
    assert composed(multipliers) >= noise_multiplier(setting.epsilon, setting.delta)
    assert composed(multipliers) == pytest.approx(model.multiplier, rel=1e-5)
    assert (model.epsilon, model.delta) == (setting.epsilon, setting.delta)


def test_how_much_noise_is_drawn_does_not_depend_on_the_compounds():
    asked = []
    for n in (1, 100, 700):
        noise = Recorded()
        release(*data(n, 20, seed=n), Gaussian(), noise)  # type: ignore[call-arg]
        asked.append(noise.asked)
    assert asked[0] == asked[1] == asked[2]


def test_without_noise_it_is_logistic_regression_by_gradients():
    phi, target = data(300, 10)
    setting = Gaussian(steps=6)
    model = release(phi, target, setting, NoNoise())
    centre = phi.mean(axis=0).astype(float)
    constant = math.sqrt(5 / 300)
    moved = np.append(phi - centre, np.full((300, 1), constant), axis=1)
    psi = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1)
    weights, kept = np.zeros(11), []
    for _ in range(6):
        residual = np.clip(target - expit(psi @ weights), -0.5, 0.5)
        weights = weights + 0.15 * (residual @ psi - 0.5 * weights)
        kept.append(weights)
    *expected, level = np.mean(kept[3:], axis=0)
    np.testing.assert_allclose(model.opinion[:-1], expected, atol=1e-3)
    assert model.opinion[-1] == pytest.approx(level * constant - expected @ centre, abs=1e-3)
    np.testing.assert_allclose(model.total, phi.sum(axis=0), atol=1e-2)
    assert model.count == pytest.approx(300, abs=0.01)
    assert (model.epsilon, model.multiplier, model.protects) == (math.inf, 0, False)


def test_values_are_fitted_by_ridge_regression_where_noise_and_cuts_are_nothing():
    phi, _ = data(2000, 10)
    truth = np.linspace(-0.3, 0.3, 10)
    values = 0.4 + phi @ truth + np.random.default_rng(2).normal(0, 0.02, 2000)
    model = release(phi, values, Gaussian(steps=200, penalty=0.001), NoNoise(), IDENTITY)
    np.testing.assert_allclose(model.opinion[:-1], truth, atol=0.02)
    assert model.opinion[-1] == pytest.approx(0.4, abs=0.01)
    noisy = release(phi, values, Gaussian(), SimulatedNoise(1), IDENTITY)
    said = phi @ noisy.opinion[:-1] + noisy.opinion[-1]
    assert np.corrcoef(said, values)[0, 1] > 0.6


def test_values_need_a_range_that_is_one():
    with pytest.raises(ValueError, match="lower end first"):
        within_range([1.0], 8, 8)


def test_where_few_are_active_few_are_called_so():
    phi, _ = data(2000, 30)
    rare = phi[:, 0] > np.quantile(phi[:, 0], 0.9)
    model = release(phi, rare, Gaussian(), SimulatedNoise(1))
    said = expit(phi @ model.opinion[:-1] + model.opinion[-1])
    assert 0.02 < (said > 0.5).mean() < 0.2
    assert said[rare].mean() > said[~rare].mean() + 0.1


def test_it_learns_and_noise_costs_some():
    phi, target = data(2000, 30)
    other, truth = data(2000, 30, seed=9)

    def right(model):
        return ((other @ model.opinion[:-1] + model.opinion[-1] > 0) == truth).mean()

    found = {
        epsilon: right(release(phi, target, Gaussian(epsilon=epsilon), SimulatedNoise(1))) for epsilon in (0.05, 4)
    }
    exact = right(release(phi, target, Gaussian(), NoNoise()))
    assert exact > 0.9
    assert found[4] > 0.85
    assert found[0.05] < found[4]


def test_order_does_not_matter():
    phi, target = data()
    order = np.random.default_rng(3).permutation(len(phi))
    one = release(phi, target, Gaussian(), SimulatedNoise(1))
    assert one == release(phi[order], target[order], Gaussian(), SimulatedNoise(1))
    assert one == release(phi.astype(float), target.astype(int), Gaussian(), SimulatedNoise(1))
    assert one != release(phi, target, Gaussian(), SimulatedNoise(2))


def test_chunks_do_not_matter(monkeypatch):
    phi, target = data(200, 10)
    whole = release(phi, target, Gaussian(), SimulatedNoise(1))
    monkeypatch.setattr(mechanism, "_CHUNK", 7)
    assert release(phi, target, Gaussian(), SimulatedNoise(1)) == whole


def test_a_real_release_is_never_the_same_twice():
    phi, target = data(50, 5)
    assert len({release(phi, target, Gaussian(), SystemNoise()).digest for _ in range(3)}) == 3


def test_count_and_sum_are_noisy_and_right_on_average():
    phi, target = data(400, 8)
    found = [release(phi, target, Gaussian(), SimulatedNoise(seed)) for seed in range(200)]
    sigma = noise_multiplier(4, 1e-5) / math.sqrt(0.15)
    counts = np.array([model.count for model in found])
    assert counts.mean() == pytest.approx(400, abs=4 * sigma / math.sqrt(0.05 * 200))
    assert counts.std() == pytest.approx(sigma / math.sqrt(0.05), rel=0.2)
    totals = np.array([model.total for model in found]) - phi.sum(axis=0)
    assert totals.std() == pytest.approx(sigma / math.sqrt(0.95), rel=0.08)
    assert abs(totals.mean()) < 4 * sigma / math.sqrt(1600)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_compounds_or_none_are_no_matter(n):
    phi, target = data(10, 5)
    model = release(phi[:n], target[:n], Gaussian(), SimulatedNoise(1))
    assert model.count >= FEWEST
    assert np.isfinite(model.opinion).all()


def test_what_was_spent_is_never_lost_to_a_range():
    # Absurd settings and outcomes: coefficients leave their range, and are cut there.
    phi = np.zeros((200_000, 2))
    phi[:, 0] = 1
    phi[::2] *= -1
    model = release(phi, phi[:, 0] > 0, Gaussian(rate=10.0, penalty=0.0, steps=1), SimulatedNoise(1))
    assert model.opinion[0] == LARGEST
    wild = Gaussian(epsilon=1e-3, delta=1e-12, rate=10.0, penalty=0.1, steps=200, steps_share=0.01)
    assert np.isfinite(release(phi[:10], np.ones(10), wild, SimulatedNoise(1)).opinion).all()


def test_the_centre_is_shrunk_by_what_noise_explains():
    total = np.full(100, 10.0)
    np.testing.assert_allclose(shrunken_mean(total, 50, 0), total / 50)
    assert (shrunken_mean(total, 50, 20.0) == 0).all()
    assert (shrunken_mean(np.zeros(4), 50, 0) == 0).all()
    half = shrunken_mean(total, 50, math.sqrt(0.95 * 50))
    np.testing.assert_allclose(half, total / 100)


PHI, TARGET = data(5, 3)
WRONG = {
    "NaN": (np.where(np.eye(5, 3) == 1, np.nan, PHI), TARGET, "aren't finite"),
    "infinite": (np.where(np.eye(5, 3) == 1, np.inf, PHI), TARGET, "aren't finite"),
    "an outcome too few": (PHI, TARGET[1:], "one outcome"),
    "a vector": (PHI[0], TARGET, "Expected a row of directions"),
    "no columns": (np.empty((5, 0)), TARGET, "Expected a row of directions"),
    "outcome above 1": (PHI, TARGET + 1.0, r"outside of \[0, 1\]"),
    "outcome NaN": (PHI, np.full(5, np.nan), r"outside of \[0, 1\]"),
}


@pytest.mark.parametrize("case", WRONG)
def test_refused_before_any_noise_is_drawn(case):
    phi, target, words = WRONG[case]
    noise = Recorded()
    with pytest.raises(InputError, match=words):
        release(phi, target, Gaussian(), noise)
    assert not noise.asked
