"""A release that is private by proof: what eight partners of the hERG files can learn from it, at a stated epsilon.

    python benchmarks/private_release.py [--seeds 1..2] [--epsilon 4|1|inf] [--draws 2] [--no-network]

Public directions phi with |phi(x)| <= 1, made without any partner (``chem/representation``): principal directions of
the transfer set, and the hidden layers of a network of public endpoints (80 tables, none of hERG or of the cardiac
calcium channel, no compound whose skeleton is in either hERG file). Each partner then releases once what
:mod:`fluidmol.learning.privacy.mechanism` says, which has the recipe and the proof. Anyone can combine the releases:
each counts as far as its noisy sum resembles the molecule.

The noise is simulated, with a seed, so that nothing is private here. See docs/decisions/0013-private-release.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student_t
from sklearn.metrics import matthews_corrcoef, roc_auc_score

from fluidmol.chem.features import features
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.labelled import Labelled, read_labelled
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.chem.intake.transfer import read_molecules
from fluidmol.chem.representation.build import build
from fluidmol.chem.representation.project import projected
from fluidmol.learning.privacy.accountant import noise_multiplier
from fluidmol.learning.privacy.mechanism import release
from fluidmol.learning.privacy.noise import NoNoise, SimulatedNoise
from fluidmol.learning.privacy.settings import Gaussian
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.assay import Assay
from fluidmol.studies.consortium import Setup, divide
from fluidmol.values.parts import Part
from fluidmol.values.private_model import PrivateModel
from fluidmol.values.representation import Representation
from virtual import DATA

Floats = NDArray[np.float32]

LEFT_OUT = ("cav12", "herg", "chembl240_", "manifest")
"""Parts of the names of public tables that aren't read: of hERG (CHEMBL240) or of what goes with it."""

DIRECTIONS = 512
"""Principal directions, by which resemblance is told."""

SETTINGS = {4.0: Gaussian(), 1.0: Gaussian(epsilon=1.0, steps=2, rate=0.1, penalty=4.0, steps_share=0.7)}
"""Chosen on validation splits of seeds 1 and 2; anything near serves as well."""


# What anybody can do with the releases.


def log_odds(model: PrivateModel, phi: Floats) -> Floats:
    """Predict."""
    result: Floats = phi @ model.opinion[:-1] + model.opinion[-1]
    return result


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
    options.add_argument("--epsilon", type=float, default=4.0, choices=(1.0, 4.0, np.inf))
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

    source, external, made = prepared(network=not given.no_network, note=note)
    whole, beyond = judged(source, made), judged(external, made)
    gate = min(DIRECTIONS, whole.phi.shape[1])
    rows = [
        np.mean([scores(source, whole, beyond, gate, given.epsilon, seed, draw) for draw in range(draws)], axis=0)
        for seed in seeds
    ]
    note(f"{len(seeds)} seeds judged")
    show(np.array(rows), given.epsilon, seeds, draws, whole.phi.shape[1])


def prepared(network: bool, note: Callable[[str], None]) -> tuple[Assay, Assay, Representation]:
    """Read the hERG files, the transfer set of seed 1, and the public tables; make public directions."""
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
    tables = [
        path
        for path in sorted((DATA / "endpoints").glob("*.csv.gz"))
        if network and not any(part in path.name for part in LEFT_OUT)
    ]
    maker = Part("endpoints" if tables else "principal")
    made = build(maker, transfer.compounds, tables, exclude=known if tables else (), note=note)
    return source, external, made


def judged(assay: Assay, made: Representation) -> Judged:
    """Compute phi of labelled compounds."""
    keys = {key: place for place, key in enumerate(assay.compounds.inchikeys)}
    return Judged(keys, projected(made, features(assay.compounds, made.featuriser)), assay.active)


def scores(source: Assay, whole: Judged, external: Judged, gate: int, epsilon: float, seed: int, draw: int) -> Floats:
    """Divide, release and judge once: MCC and AUC of each row of the table."""
    assays, validation = divide(source, Setup(), seed)
    parts = [whole.take(assay) for assay in assays.values()]
    noise = NoNoise() if np.isinf(epsilon) else SimulatedNoise(derive_seed(seed, "noise", str(draw)))
    held = [release(*part, SETTINGS.get(epsilon, Gaussian()), noise) for part in parts]

    def answers(phi: Floats, asked: Sequence[PrivateModel]) -> tuple[Floats, Floats]:
        each = np.array([log_odds(one, phi) for one in asked])
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
    delta = SETTINGS.get(epsilon, Gaussian()).delta
    multiplier = 0.0 if np.isinf(epsilon) else noise_multiplier(epsilon, delta)
    print(
        f"epsilon {epsilon:g}, delta {delta:g}, noise multiplier {multiplier:.4f}, {width} directions,"
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
