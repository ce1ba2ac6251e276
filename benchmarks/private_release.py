"""A release that is private by proof: what eight partners of the hERG files can learn from it, at a stated epsilon.

    python benchmarks/private_release.py [--seeds 1..2] [--epsilon 4|1|inf] [--draws 2] [--no-network]

Public directions phi with |phi(x)| <= 1, made without any partner (:mod:`public_directions`): principal directions of
the transfer set, and the hidden layers of a network of public endpoints (80 tables, none of hERG or of the cardiac
calcium channel, no compound whose skeleton is in either hERG file). Each partner then releases, once:

1. S = sum u(x) + N(0, s^2 / (1 - rt)), u = [sqrt(.95) phi, sqrt(.05)]: a noisy sum t of phi, and a noisy count n.
2. c, the noisy mean t/n shrunk by what its noise explains; psi(x) = phi(x) - c, brought to length 1.
3. w, by T noisy steps of logistic regression: w += eta (sum clip(y - p, -.5, .5) psi + N(0, (.5 s)^2 T/rt) - lam w).

Anyone can then combine the releases (t, n, w): each counts as far as its noisy sum resembles the molecule.

Sensitivity: one compound more or less (a skeleton: the files hold one row of each) changes S by at most |u| <= 1. c is
a function of S. Given S and the steps before, psi is a fixed map, and one compound changes a step's sum by at most .5.
So all of them compose to mu^2 = (1 - rt)/s^2 + T rt/(T s^2) = 1/s^2: one Gaussian mechanism of multiplier s, whatever T
and rt are. No quantity uses the true count, a norm over private rows, or when to stop. s comes from the exact formula
of that mechanism (Balle and Wang); the PLD accountant of dp-accounting gives the same (1.0812 for epsilon 4, 3.7307 for
1, delta 1e-5).

The noise is simulated: seeded, in floating point. A real release must draw it from the operating system's randomness,
on a lattice, or the proof doesn't hold. See docs/decisions/0013-private-release.md.

Sources: noisy clipped steps, Abadi et al. 2016, arXiv 1607.00133; composition, Dong et al. 2019, arXiv 1905.02383;
the multiplier, Balle and Wang 2018, arXiv 1805.06530; dp-accounting, github.com/google/differential-privacy.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.sparse import csr_matrix
from scipy.special import expit
from scipy.stats import norm
from scipy.stats import t as student_t
from sklearn.metrics import matthews_corrcoef, roc_auc_score

from fluidmol.chem.features import features
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.labelled import Labelled, read_labelled
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.chem.intake.transfer import read_molecules
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.assay import Assay
from fluidmol.studies.simulate import Setup, divide
from fluidmol.values.parts import Part
from public_directions import DIRECTIONS, directions, read_endpoints, unit
from virtual import DATA

Floats = NDArray[np.float32]

DELTA = 1e-5
FEATURES = Part("additive")
COUNT_SHARE = 0.05
"""Of a row's squared length, for the constant coordinate that counts compounds."""

CLIP = 0.5
"""Of y - p. It is .5 in the first step anyway: clipping at 1 would double the noise for nothing."""


@attrs.frozen
class Settings:
    """Chosen on validation splits of seeds 1 and 2; anything near serves as well."""

    steps: int = 8
    rate: float = 0.15
    penalty: float = 0.5
    steps_share: float = 0.85
    """rt: share of the budget that goes to the steps; the rest goes to the sum."""


SETTINGS = {4.0: Settings(), 1.0: Settings(steps=2, rate=0.1, penalty=4, steps_share=0.7), np.inf: Settings()}


@attrs.frozen(eq=False)
class Release:
    """What leaves a partner."""

    total: Floats
    """t: noisy sum of phi."""

    count: float
    """n: noisy number of compounds, at least 50."""

    weights: Floats
    """w: mean of the last half of the steps."""

    centre: Floats
    """c: a function of the two first, kept for convenience."""

    def log_odds(self, phi: Floats) -> Floats:
        """Predict."""
        result: Floats = unit(phi - self.centre) @ self.weights
        return result


# The budget.


def noise_multiplier(epsilon: float, delta: float = DELTA) -> float:
    """Compute the least noise at which one Gaussian mechanism of sensitivity 1 is (epsilon, delta)-private.

    Examples
    --------
    >>> round(noise_multiplier(4), 3), round(noise_multiplier(1), 3), noise_multiplier(np.inf)
    (1.081, 3.731, 0.0)
    """
    if np.isinf(epsilon):
        return 0.0

    def excess(sigma: float) -> float:
        shift = 1 / (2 * sigma)
        second = np.exp(epsilon + norm.logcdf(-shift - epsilon * sigma))
        return float(norm.cdf(shift - epsilon * sigma) - second - delta)

    return float(brentq(excess, 0.01, 1000, xtol=1e-9))


# What a partner does.


def release(
    phi: Floats, active: NDArray[np.bool_], sigma: float, settings: Settings, rng: np.random.Generator
) -> Release:  # fmt: skip
    """Release a partner's knowledge once."""
    total, count = noisy_sum(phi, sigma / np.sqrt(1 - settings.steps_share), rng)
    centre = shrunken_mean(total, count, sigma / np.sqrt(1 - settings.steps_share))
    weights = noisy_steps(unit(phi - centre), active, sigma / np.sqrt(settings.steps_share), settings, rng)
    return Release(total, count, weights, centre)


def noisy_sum(phi: Floats, sigma: float, rng: np.random.Generator) -> tuple[Floats, float]:
    """Sum [sqrt(.95) phi, sqrt(.05)], add noise, and divide the scales out again."""
    rows = phi / np.maximum(np.linalg.norm(phi, axis=1, keepdims=True), 1)  # rounding may leave 1 + 1e-7
    found = np.append(np.sqrt(1 - COUNT_SHARE) * rows.sum(axis=0), np.sqrt(COUNT_SHARE) * len(rows))
    found += sigma * rng.normal(size=len(found))
    total = (found[:-1] / np.sqrt(1 - COUNT_SHARE)).astype(np.float32)
    return total, max(50.0, float(found[-1] / np.sqrt(COUNT_SHARE)))


def shrunken_mean(total: Floats, count: float, sigma: float) -> Floats:
    """Shrink the noisy mean by the share of its squared length that noise explains (James-Stein)."""
    explained = len(total) * sigma**2 / (1 - COUNT_SHARE) / float(total @ total)
    return total * np.float32(max(0.0, 1 - explained) / count)


def noisy_steps(
    psi: Floats, active: NDArray[np.bool_], sigma: float, settings: Settings, rng: np.random.Generator
) -> Floats:  # fmt: skip
    """Fit by noisy full-batch gradient steps; each compound's pull on a step is at most .5 long."""
    weights = np.zeros(psi.shape[1], dtype=np.float32)
    iterates = []
    for _ in range(settings.steps):
        pulls = np.clip(active - expit(psi @ weights), -CLIP, CLIP).astype(np.float32)
        slope = psi.T @ pulls + CLIP * sigma * np.sqrt(settings.steps) * rng.normal(size=len(weights))
        weights = (weights + settings.rate * (slope - settings.penalty * weights)).astype(np.float32)
        iterates.append(weights)
    result: Floats = np.mean(iterates[settings.steps // 2 :], axis=0)
    return result


# What anybody can do with the releases.


def combine(log_odds: Floats, resemblance: Floats) -> Floats:
    """Mean over releases (axis 0), by the square of 3 plus the resemblance to the noisy sum."""
    weight = (np.maximum(resemblance, 0) + 3) ** 2
    result: Floats = np.sum(weight * log_odds, axis=0) / weight.sum(axis=0)
    return result


# The benchmark.


@attrs.frozen(eq=False)
class Judged:
    """Labelled compounds in public directions."""

    keys: dict[str, int]
    phi: Floats
    active: NDArray[np.bool_]

    def take(self, assay: Assay) -> tuple[Floats, NDArray[np.bool_]]:
        """Select the compounds of a part."""
        places = [self.keys[key] for key in assay.compounds.inchikeys]
        return self.phi[places], self.active[places]


def main() -> None:
    """Read, make directions, release, judge, and print one table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--seeds", default="1..2", help="of division and noise, such as 1..5 or 1")
    options.add_argument("--epsilon", type=float, default=4.0, choices=sorted(SETTINGS))
    options.add_argument("--draws", type=int, default=2, help="of the noise, for each seed")
    options.add_argument("--no-network", action="store_true", help="principal directions alone; saves some ten minutes")
    given = options.parse_args()
    if not (DATA / "endpoints").is_dir():
        sys.exit(f"{DATA} isn't there, or has no endpoints: this needs the real hERG files and the public tables.")
    first, _, last = given.seeds.partition("..")
    seeds = range(int(first), int(last or first) + 1)
    draws = 1 if np.isinf(given.epsilon) else given.draws
    begun = time.perf_counter()

    def note(text: str) -> None:
        print(f"{time.perf_counter() - begun:6.0f} s  {text}", file=sys.stderr, flush=True)

    source, external, phi = prepared(network=not given.no_network, note=note)
    whole, beyond = judged(source, phi), judged(external, phi)
    gate = min(DIRECTIONS, whole.phi.shape[1])
    rows = [
        np.mean([scores(source, whole, beyond, gate, given.epsilon, seed, draw) for draw in range(draws)], axis=0)
        for seed in seeds
    ]
    note(f"{len(seeds)} seeds judged")
    show(np.array(rows), given.epsilon, seeds, draws, whole.phi.shape[1])


def prepared(network: bool, note: Callable[[str], None]) -> tuple[Assay, Assay, Callable[[csr_matrix], Floats]]:
    """Read the hERG files, the transfer set of seed 1, and the public tables; make phi."""
    cache = StandardCache()
    read: Sequence[Labelled] = [
        read_labelled(DATA / name, OutcomeColumns(), cache=cache) for name in ("herg_train.csv.gz", "herg_test.csv.gz")
    ]
    source, external = (Assay(one.compounds, one.active) for one in read)
    known = set(source.compounds.skeletons)
    external = external.take(np.flatnonzero([key not in known for key in external.compounds.skeletons]))
    known |= set(read[1].compounds.skeletons)
    transfer = read_molecules(
        DATA / "transfer.csv.gz", size=50_000, seed=derive_seed(1, "transfer"), exclude={"hERG": known}, cache=cache
    )
    note("hERG files and transfer set read")
    rows = features(transfer.compounds, FEATURES)
    note("features of the transfer set")
    public = None
    if network:
        endpoints = read_endpoints(DATA / "endpoints", known)
        public = features(endpoints.compounds, FEATURES), endpoints
        note(f"features of {len(endpoints.compounds):,} public compounds of {len(endpoints.classes)} tables")
    return source, external, directions(rows, public, note)


def judged(assay: Assay, phi: Callable[[csr_matrix], Floats]) -> Judged:
    """Compute phi of labelled compounds."""
    keys = {key: place for place, key in enumerate(assay.compounds.inchikeys)}
    return Judged(keys, phi(features(assay.compounds, FEATURES)), assay.active)


def scores(source: Assay, whole: Judged, external: Judged, gate: int, epsilon: float, seed: int, draw: int) -> Floats:
    """Divide, release and judge once: MCC and AUC of each row of the table."""
    assays, validation = divide(source, Setup(), seed)
    parts = [whole.take(assay) for assay in assays.values()]
    rng = np.random.default_rng([seed, draw])
    sigma, settings = noise_multiplier(epsilon), SETTINGS[epsilon]
    held = [release(*part, sigma, settings, rng) for part in parts]

    def answers(phi: Floats, asked: Sequence[Release]) -> tuple[Floats, Floats]:
        each = np.array([one.log_odds(phi) for one in asked])
        return combine(each, np.array([phi[:, :gate] @ one.total[:gate] for one in asked])), each

    found = []
    for phi, active in (whole.take(validation), (external.phi, external.active)):
        found += judge(active, answers(phi, held)[0])
    left_out = []
    for place, (phi, active) in enumerate(parts):
        together, each = answers(phi, [one for other, one in enumerate(held) if other != place])
        alone = np.mean([judge(active, one) for one in each], axis=0)
        left_out.append([*judge(active, together), *alone])
    return np.array([*found, *np.mean(left_out, axis=0)])


def judge(active: NDArray[np.bool_], log_odds: Floats) -> list[float]:
    """Compute MCC at probability .5, and AUC."""
    return [float(matthews_corrcoef(active, log_odds > 0)), float(roc_auc_score(active, log_odds))]


def show(rows: Floats, epsilon: float, seeds: range, draws: int, width: int) -> None:
    """Print means over seeds, with 95 % intervals where there are several."""
    print(
        f"epsilon {epsilon:g}, delta {DELTA:g}, noise multiplier {noise_multiplier(epsilon):.4f}, {width} directions,"
        f" seeds {seeds[0]} to {seeds[-1]}, {draws} draws each"
    )
    print(f"{'judged on':40}{'MCC':>6}{'':16}{'AUC':>6}")
    names = ("validation", "external", "left-out domain", "left-out domain, others' teachers alone")
    for place, name in enumerate(names):
        mcc, auc = rows[:, 2 * place], rows[:, 2 * place + 1]
        wide = ""
        if len(rows) > 1:
            half = student_t.ppf(0.975, len(rows) - 1) * mcc.std(ddof=1) / np.sqrt(len(rows))
            wide = f"[{mcc.mean() - half:.3f}, {mcc.mean() + half:.3f}]"
        print(f"{name:40}{mcc.mean():6.3f}  {wide:14}{auc.mean():6.3f}")


if __name__ == "__main__":
    main()
