r"""By which folds a mixture should choose its own model and boost: random ones, k-means clusters, or scaffolds.

    python benchmarks/mixture_folds.py --source assay.csv --transfer transfer.csv [--external other.csv] \
        [--transfer-size 10000] [--seeds 1,2,3] [--charters open,private,forest] [--folds random,clusters,scaffolds]

Eight k-means partners each hold a fifth of their compounds out, at random, and federate without it (``forest`` is
``open`` with forests of 60 trees as teachers). Each partner's mixture then chooses by each kind of folds in turn, all
else being equal, and is judged by log-loss, MCC and ROC AUC at home (its held-out compounds), on validation and
external set, and on each other partner's compounds under labels that this one had no part in. ``/kind`` takes the kind
of own model by those folds, and boost and home by random ones. Where groups don't make folds with both classes in each
training part, random folds take their place. A line is a mean over partners (and domains), weighted by compounds;
differences of log-loss to random folds, seed by seed, are to its right: below 0 is better.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from joblib import parallel_config
from numpy.typing import NDArray
from sklearn.metrics import matthews_corrcoef, roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from fluidmol.chem.clusters import clusters
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.scaffolds import scaffolds
from fluidmol.learning.model import Floats
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.assay import Assay
from fluidmol.partner.hybrid import distilled
from fluidmol.partner.local_models import OWN, LocalFit, LocalModels, LocalOpinion, enough
from fluidmol.partner.mixture import MixtureModel, MixtureSetting
from fluidmol.progress import Stages
from fluidmol.studies.analyses.folds import folds as dealt
from fluidmol.studies.consortium import Setup
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.store import ArrayStore
from fluidmol.studies.prepare import Sources, prepare
from fluidmol.values.charter import Charter
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.parts import Part

FOLDS, CLUSTERS = 5, 20

Cuts = list[tuple[NDArray[np.int64], NDArray[np.int64]]]
Figures = dict[str, float]
Key = tuple[str, str, str]


def cuts_of(assay: Assay, kind: str, seed: int) -> Cuts:
    """Cut own compounds into folds; into random ones where the groups don't do."""
    empty, state = np.zeros(len(assay)), seed % 2**32
    if kind != "random":
        if kind == "clusters":
            groups = clusters(assay.compounds, min(CLUSTERS, len(assay)), state)
        else:
            groups = np.unique(scaffolds(assay.compounds), return_inverse=True)[1]
        if len(np.unique(groups)) >= FOLDS:
            grouped = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=state)
            found = list(grouped.split(empty, assay.active, groups))
            if all(len(test) and min(np.bincount(assay.active[train], minlength=2)) >= FOLDS for train, test in found):
                return found
        print(f"  random folds in place of {kind}: {len(assay)} compounds")
    return list(StratifiedKFold(FOLDS, shuffle=True, random_state=state).split(empty, assay.active))


def out_of_fold(assay: Assay, charter: Charter, name: str, kind: str) -> LocalOpinion:
    held = LocalOpinion({own: np.empty(len(assay)) for own in OWN}, np.empty(len(assay)), np.empty(len(assay)))
    for train, test in cuts_of(assay, kind, derive_seed(charter.seed, "mixture", name)):
        said = LocalModels.fit(assay.take(train), charter, name).opinion(assay.compounds.take(test.tolist()))
        held.proximity[test], held.near[test] = said.proximity, said.near
        for own in OWN:
            held.value[own][test] = said.value[own]
    return held


def figures(truth: Assay, probability: Floats) -> Figures:
    right = np.clip(np.where(truth.active, probability, 1 - probability), 1e-3, 1)
    return {
        "n": len(truth), "loss": float(-np.log(right).mean()),
        "mcc": float(matthews_corrcoef(truth.active, probability > 0.5)),
        "auc": float(roc_auc_score(truth.active, probability)),
    }  # fmt: skip


def judged(lab: Lab, inside: dict[str, Assay], kinds: list[str]) -> Iterator[tuple[str, Key, Figures]]:
    """Give variant, domain, partner, left-out partner and figures of each student and hybrid."""
    labels = {name: lab.labels([other for other in lab.partners if other != name]) for name in lab.partners}
    labels[""] = lab.labels()
    students = {left_out: distilled(known, lab.transfer, lab.charter) for left_out, known in labels.items()}
    for name in lab.partners:
        if not enough(lab.assays[name], FOLDS):
            continue
        own = LocalModels.fit(lab.assays[name], lab.charter, name)
        held = {kind: out_of_fold(lab.assays[name], lab.charter, name, kind) for kind in kinds}
        sets = {("home", ""): inside[name]} | {(d, ""): lab.dataset(d) for d in lab.benchmarks}
        sets |= {("left-out", other): lab.assays[other] for other in lab.partners if other != name}
        models = {
            left_out: chosen(lab, name, known, own, held) for left_out, known in labels.items() if left_out != name
        }
        for (domain, left_out), truth in sets.items():
            if not 0 < truth.n_active < len(truth):
                continue
            key = (domain, name, left_out)
            yield "student", key, figures(truth, students[left_out].predict(truth.compounds))
            for variant, model in models[left_out].items():
                yield variant, key, figures(truth, model.predict(truth.compounds))


def chosen(
    lab: Lab, name: str, labels: FederatedLabels, own: LocalModels, held: dict[str, LocalOpinion]
) -> dict[str, MixtureModel]:
    assay, charter = lab.assays[name], lab.charter
    found = {
        kind: MixtureModel.fit(assay, labels.experts, charter, name, FOLDS, lambda _, said=said: LocalFit(own, said))
        for kind, said in held.items()
    }
    for kind in [kind for kind in found if kind != "random"]:
        # All kinds of own model say what this one says, so that random folds choose the boost alone.
        preferred, by_random = found[kind].choice.own, held["random"]
        alike = attrs.evolve(by_random, value=dict.fromkeys(OWN, by_random.value[preferred]))
        mixed = MixtureModel.fit(assay, labels.experts, charter, name, FOLDS, lambda _, said=alike: LocalFit(own, said))
        choice = MixtureSetting(preferred, mixed.choice.boost, mixed.choice.home)
        found[f"{kind}/kind"] = attrs.evolve(mixed, choice=choice)
    return found


def charter_of(name: str, seed: int) -> Charter:
    charter = attrs.evolve(Charter.from_preset("private" if name == "private" else "open"), seed=seed)
    return attrs.evolve(charter, teacher=Part("random-forest", {"trees": 60})) if name == "forest" else charter


def shown(found: dict[str, dict[str, dict[tuple[int, Key], Figures]]]) -> None:
    for domain, variants in found.items():
        base = variants["random"]
        print(f"  {domain}: {len(base)} pairs")
        for variant, rows in variants.items():
            weight = [row["n"] for row in rows.values()]
            mean = {
                name: np.average([row[name] for row in rows.values()], weights=weight)
                for name in ("loss", "mcc", "auc")
            }
            by_seed = []
            for seed in sorted({seed for seed, _ in rows}):
                keys = [key for key in rows if key[0] == seed]
                less = [rows[key]["loss"] - base[key]["loss"] for key in keys]
                by_seed.append(f"{np.average(less, weights=[rows[key]['n'] for key in keys]):+.4f}")
            said = f"log-loss {mean['loss']:.4f}  MCC {mean['mcc']:.3f}  AUC {mean['auc']:.3f}"
            print(f"    {variant:<16} {said}  {' '.join(by_seed)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, needed in (("source", True), ("transfer", True), ("external", False)):
        parser.add_argument(f"--{name}", type=Path, required=needed)
    parser.add_argument("--transfer-size", type=int, default=10_000)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--charters", default="open,private,forest")
    parser.add_argument("--folds", default="random,clusters,scaffolds")
    given = parser.parse_args()
    sources = Sources(source=given.source, external=given.external, transfer=given.transfer,
                      transfer_size=given.transfer_size)  # fmt: skip
    for name in given.charters.split(","):
        found: dict[str, dict[str, dict[Any, Figures]]] = {}
        for seed in map(int, given.seeds.split(",")):
            with parallel_config(n_jobs=1), tempfile.TemporaryDirectory() as folder:
                made = prepare(sources, charter_of(name, seed), Setup(), StandardCache(), Stages()).consortium
                rest, inside = {}, {}
                for partner, assay in made.assays.items():
                    out = dealt(assay.compounds, 5, seed, partner) == 0
                    rest[partner], inside[partner] = (assay.take(np.flatnonzero(side)) for side in (~out, out))
                lab = Lab(attrs.evolve(made, assays=rest), ArrayStore(Path(folder)))
                for variant, key, row in judged(lab, inside, given.folds.split(",")):
                    found.setdefault(key[0], {}).setdefault(variant, {})[seed, key] = row
        print(name)
        shown(found)


if __name__ == "__main__":
    sys.exit(main())
