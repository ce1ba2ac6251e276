"""Canaries: they come near to what the mechanism claims, never beyond it, and find mechanisms that are broken."""

import math

import attrs
import numpy as np
import pytest

from fluidmol.learning.privacy import mechanism
from fluidmol.learning.privacy.accountant import noise_multiplier
from fluidmol.learning.privacy.bounds import told_apart
from fluidmol.learning.privacy.canaries import Statistic, distinguish, one_run
from fluidmol.learning.privacy.mechanism import IDENTITY, release
from fluidmol.learning.privacy.noise import SimulatedNoise, SystemNoise
from fluidmol.learning.privacy.settings import Gaussian

CLAIM = 1 / noise_multiplier(4, 1e-5)
"""Largest mu of the default settings."""


def others(n=40, d=39):
    rng = np.random.default_rng(1)
    phi = rng.normal(0, 0.15, (n, d))
    return phi, (phi[:, 0] > 0).astype(float)


def honest(setting, seed):
    source = SimulatedNoise(seed)
    return lambda rows, target: release(rows, target, setting, source)


class Scaled:
    """Noise that is too small, from some draw of a release on."""

    hides = True

    def __init__(self, seed, factor, spared=(), draws=9):
        self.source, self.factor, self.spared, self.draws, self.drawn = SimulatedNoise(seed), factor, spared, draws, -1

    def draw(self, deviation, size):
        self.drawn = (self.drawn + 1) % self.draws
        factor = 1 if self.drawn in self.spared else self.factor
        return self.source.draw(max(1, round(deviation * factor)), size)


def half_the_noise(rows, target):
    return release(rows, target, Gaussian(), half_the_noise.source)


def too_little_in_steps(rows, target):
    """As if the budget of the steps had been given to each of them."""
    return release(rows, target, Gaussian(), too_little_in_steps.source)


def none_in_the_sum(rows, target):
    return release(rows, target, Gaussian(), none_in_the_sum.source)


def a_seed_that_is_known(rows, target):
    """The attacker can draw the same noise, and it is the same in every run."""
    return release(rows, target, Gaussian(), SimulatedNoise(7))


def true_count(rows, target):
    """Whoever knows the others' number is told the canary's presence: here where the statistic looks."""
    model = release(rows, target, Gaussian(), true_count.source)
    return attrs.evolve(model, total=[*model.total[:-1], 100.0 * len(rows)])


@pytest.fixture
def _broken():
    half_the_noise.source = Scaled(1, 0.5)
    too_little_in_steps.source = Scaled(2, 1 / math.sqrt(8), spared=(0,))
    none_in_the_sum.source = Scaled(3, 1e-6, spared=range(1, 9))
    true_count.source = SimulatedNoise(4)


class TestManyRuns:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_the_claim_is_not_exceeded(self, seed):
        found = distinguish(honest(Gaussian(), seed), others(), Gaussian(), 400)
        assert 0.25 * CLAIM < found.mu < CLAIM
        assert found.epsilon < 4

    def test_nor_by_exact_noise(self):
        # Never twice the same, so that it is judged more strictly: it fails by chance once in 10 000 times at most.
        setting = Gaussian(epsilon=16.0, steps=4, rate=0.05)
        found = distinguish(
            lambda rows, target: release(rows, target, setting, SystemNoise()), others(20, 9), setting, 300,
            confidence=0.9999,
        )  # fmt: skip
        assert 0.3 < found.mu * noise_multiplier(16, 1e-5) < 1

    def test_nor_by_linear_regression(self):
        source = SimulatedNoise(8)
        found = distinguish(
            lambda rows, target: release(rows, target, Gaussian(), source, IDENTITY), others(), Gaussian(), 400
        )
        assert 0 < found.mu < CLAIM

    def test_nor_by_a_long_row(self):
        found = distinguish(honest(Gaussian(), 4), others(), Gaussian(), 300, length=50.0)
        assert 0 < found.mu < CLAIM

    def test_other_settings(self):
        setting = Gaussian(epsilon=16.0, steps=3, steps_share=0.5, rate=0.05)
        found = distinguish(honest(setting, 5), others(), setting, 300)
        assert 0.6 < found.mu * noise_multiplier(16, 1e-5) < 1
        assert found.epsilon < 16

    @pytest.mark.usefixtures("_broken")
    @pytest.mark.parametrize(
        "broken", [half_the_noise, too_little_in_steps, none_in_the_sum, a_seed_that_is_known, true_count]
    )
    def test_broken_mechanisms_are_found(self, broken):
        assert distinguish(broken, others(), Gaussian(), 300).mu > CLAIM

    @pytest.mark.usefixtures("_broken")
    def test_where_nothing_is_left_epsilon_shows_it_without_assumptions(self):
        assert distinguish(a_seed_that_is_known, others(), Gaussian(), 600).epsilon > 4

    def test_rows_that_are_not_cut_are_found(self, monkeypatch):
        monkeypatch.setattr(mechanism, "shortened", lambda rows, length: rows)
        monkeypatch.setattr(mechanism, "on_lattice", lambda rows, bound: np.trunc(rows * (1 << 20)).astype(np.int64))
        found = distinguish(honest(Gaussian(), 6), others(), Gaussian(), 300, length=4.0)
        assert found.mu > CLAIM


def transcript(monkeypatch, source, rows, target):
    """The noisy sum and all noisy steps along the last column: what an attacker sees who is shown everything."""
    seen, summed = [], mechanism._summed

    def noted(*args):
        found = summed(*args)
        seen.append(found)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(mechanism, "_summed", noted)
        release(rows, target, Gaussian(), source)
    total, *steps = seen
    last = rows.shape[1] - 1  # behind it comes the constant
    return total[last], [step[last] for step in steps]


def test_the_whole_transcript_is_covered_by_the_claim(monkeypatch):
    """The proof allows for every noisy step being published; with the best statistic the bound comes near the claim."""
    phi, target = others(150, 9)  # enough for the constant to be short
    without = np.append(phi, np.zeros((150, 1)), axis=1)
    within = np.vstack([without, np.eye(1, 10, 9)])
    source, scores = SimulatedNoise(8), []
    for rows, known in ((without, target), (within, np.append(target, 1))):
        found = [transcript(monkeypatch, source, rows, known) for _ in range(900)]
        # Each step moves by .5 with noise of .5 s sqrt(T/f), the sum by sqrt(.95) with noise of s / sqrt(1 - f).
        scores.append([math.sqrt(0.95) * 0.15 * total + 0.85 / 8 * 2 * sum(steps) for total, steps in found])
    bound = told_apart(*scores, 1e-5)  # type: ignore[call-arg]
    assert 0.5 * CLAIM < bound.mu < CLAIM
    exact = (np.mean(scores[1]) - np.mean(scores[0])) / np.std(scores[0])
    assert 0.75 < exact / CLAIM < 1.1  # most of what is allowed is used: noise isn't wasted


class TestOneRun:
    @pytest.mark.parametrize("seed", [1, 2, 3, 4])
    def test_the_claim_is_not_exceeded(self, seed):
        found = one_run(honest(Gaussian(), seed), others(), Gaussian(), seed=seed)
        assert 0 < found < 4

    def test_gross_faults_are_found(self):
        source = Scaled(5, 0.05)
        found = one_run(lambda *data: release(*data, Gaussian(), source), others(), Gaussian(), 400, 200)  # type: ignore[call-arg]
        assert found > 4

    def test_a_seed_that_is_known(self):
        def without_its_noise(rows, target):
            model, nobody = (release(*data, Gaussian(), SimulatedNoise(7)) for data in (  # type: ignore[call-arg]
                (rows, target), (np.zeros((0, rows.shape[1])), []),
            ))  # fmt: skip
            return attrs.evolve(model, total=model.total - nobody.total, opinion=model.opinion - nobody.opinion)

        assert one_run(without_its_noise, others(), Gaussian(), 400, 200) > 4

    def test_half_the_noise_is_beyond_it(self):
        # What one run can't find, so that nobody relies on it: the other game does.
        source = Scaled(6, 0.5)
        assert one_run(lambda *data: release(*data, Gaussian(), source), others(), Gaussian()) < 4  # type: ignore[call-arg]


class TestStatistic:
    def test_it_moves_as_it_says(self):
        # Small steps, in which pulls stay near .5; larger ones learn the canary, and then it pulls less.
        setting = Gaussian(rate=0.01)
        phi, target = others(20, 9)
        without = np.append(phi, np.zeros((20, 1)), axis=1)
        canary = np.eye(1, 10, 9)
        statistic, source = Statistic.of(setting), SimulatedNoise(9)
        sides = []
        for rows, known in ((without, target), (np.vstack([without, canary]), np.append(target, 1))):
            sides.append([statistic.along(release(rows, known, setting, source), canary)[0, 0] for _ in range(500)])
        moved = (np.mean(sides[1]) - np.mean(sides[0])) / np.std(sides[0])
        assert moved == pytest.approx(statistic.mu, abs=0.2)

    @pytest.mark.parametrize("setting", [Gaussian(), Gaussian(steps=1), Gaussian(epsilon=1.0, steps=20, penalty=4.0)])
    def test_it_never_claims_more_than_there_is(self, setting):
        multiplier = noise_multiplier(setting.epsilon, setting.delta)
        assert 0.5 < Statistic.of(setting).mu * multiplier < 1
