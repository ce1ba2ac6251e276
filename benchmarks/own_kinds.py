r"""What a consortium keeps of teachers of many kinds: one round for each of several consortia, on the same compounds.

    python benchmarks/own_kinds.py --source herg_train.csv.gz --external herg_test.csv.gz --transfer transfer.csv.gz \
        [--transfer-size 50000] [--seeds 1,2] [--only linear,forest,mixed] [--translation 3000] [--trees 300]

``linear``: all partners have the preset's teacher. ``forest``: all have a random forest. ``mixed``: forest, boosting, a
support vector machine, nearest neighbours and a linear model, in turn, and the last partner gives a file of predictions
and no compounds. Prints MCC and ROC AUC of the teachers' mean, the student and the best pooled model of several kinds,
which its own cross-validation on the pooled training compounds chooses, and the seconds that a round took: from fitting
the teachers to the student, features being known.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from joblib import parallel_config
from lightgbm import LGBMClassifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import matthews_corrcoef, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from fluidmol.chem.features import features
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.coordinator.federate import check_quorum, distil, federated, heard
from fluidmol.exchange.local import LocalChannel
from fluidmol.partner.nearness import Nearness, compared
from fluidmol.partner.partner import Partner
from fluidmol.partner.teachers import Recipe
from fluidmol.partner.teachers.charters import Charters
from fluidmol.partner.teachers.estimator import FromEstimator
from fluidmol.partner.teachers.predictions import FromPredictions, Looked
from fluidmol.progress import Stages
from fluidmol.studies.consortium import Consortium, Setup
from fluidmol.studies.prepare import Sources, prepare
from fluidmol.values.charter import Charter
from fluidmol.values.messages import Annotate
from fluidmol.values.parts import Part


def estimators(trees: int) -> dict[str, Any]:
    return {
        "forest": RandomForestClassifier(trees, class_weight="balanced", n_jobs=1),
        "boosting": LGBMClassifier(n_estimators=300, learning_rate=0.05, num_leaves=31, colsample_bytree=0.3,
                                   n_jobs=1, verbose=-1),
        "svm": CalibratedClassifierCV(SVC(C=3.0, class_weight="balanced"), ensemble=False),
        "neighbours": KNeighborsClassifier(7, metric="cosine", weights="distance", algorithm="brute"),
    }  # fmt: skip


def pooled(consortium: Consortium, charter: Charter, trees: int) -> tuple[str, Any]:
    """Choose the best pooled model by ROC AUC in its own cross-validation; nothing else is looked at."""
    whole = consortium.pooled
    rows = features(whole.compounds, charter.featuriser)
    kinds = {name: attrs_of for name, attrs_of in estimators(trees).items() if name in ("forest", "boosting")}
    kinds["linear"] = LogisticRegression(C=0.05, solver="liblinear", max_iter=1000)
    found = {}
    for name, estimator in kinds.items():
        said = cross_val_predict(
            estimator,
            rows,
            whole.active,
            cv=StratifiedKFold(3, shuffle=True, random_state=1),
            n_jobs=2,
            method="predict_proba",
        )[:, 1]
        found[name] = roc_auc_score(whole.active, said)
    best = max(found, key=lambda name: found[name])
    print("  pooled, cross-validated AUC:", ", ".join(f"{n} {v:.3f}" for n, v in found.items()), flush=True)
    return best, kinds[best].fit(rows, whole.active)


def recipes(kind: str, consortium: Consortium, charter: Charter, trees: int, folder: Path) -> dict[str, Recipe]:
    made = {name: FromEstimator(model, name, "features") for name, model in estimators(trees).items()}
    names = list(consortium.assays)
    if kind == "linear":
        return {name: Charters() for name in names}
    if kind == "forest":
        return dict.fromkeys(names, made["forest"])
    kinds: list[Recipe] = [*made.values(), Charters()]
    found = {name: kinds[i % len(kinds)] for i, name in enumerate(names)}
    last = names[-1]  # a file that it made elsewhere, with a forest; its confidence is nearness
    teacher = made["forest"].fit(consortium.assays[last], charter, last)
    value, near = teacher.predict(consortium.transfer), Nearness.of(consortium.assays[last], charter, last)
    path = folder / "predictions.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["inchikey", "probability", "confidence"])
        writer.writerows(zip(consortium.transfer.inchikeys, value, near(consortium.transfer), strict=True))
    return found | {last: FromPredictions(path=path, of="active")}


def figures(consortium: Consortium, said: dict[str, Any]) -> dict[str, tuple[float, float]]:
    found = {}
    for name, assay in consortium.benchmarks.items():
        probability = said[name]
        found[name] = matthews_corrcoef(assay.active, probability > 0.5), roc_auc_score(assay.active, probability)
    return found


def shown(words: str, found: dict[str, tuple[float, float]], more: str = "") -> None:
    print(f"  {words:<28}", "  ".join(f"{n} MCC {m:.3f} AUC {a:.3f}" for n, (m, a) in found.items()), more, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("source", "external", "transfer"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--transfer-size", type=int, default=50_000)
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--only", default="linear,forest,mixed")
    parser.add_argument("--translation", type=int, default=3000)
    parser.add_argument("--trees", type=int, default=300)
    given = parser.parse_args()
    recovery: dict[tuple[str, str], list[float]] = {}
    for seed in map(int, given.seeds.split(",")):
        one_seed(given, seed, recovery)
    print("Recovery: how far the student is of the way from the teachers' mean MCC to the best pooled model's")
    for (kind, dataset), values in recovery.items():
        print(f"  {kind:<10} {dataset:<12} mean {np.mean(values):.2f}  seeds {', '.join(f'{v:.2f}' for v in values)}")


def one_seed(given: argparse.Namespace, seed: int, recovery: dict[tuple[str, str], list[float]]) -> None:
    options = {"translation": given.translation, "sharpness": 2.0, "smoothing": 30.0}
    charter = attrs.evolve(Charter.from_preset("open"), seed=seed, distillation=Part("experts", options))
    sources = Sources(source=given.source, external=given.external, transfer=given.transfer,
                      transfer_size=given.transfer_size)  # fmt: skip
    with parallel_config(n_jobs=2), tempfile.TemporaryDirectory() as folder:
        consortium = prepare(sources, charter, Setup(), StandardCache(), Stages()).consortium
        charter = consortium.charter
        sets = [assay.compounds for assay in (consortium.pooled, *consortium.benchmarks.values())]
        for compounds in (*sets, consortium.transfer):
            for part in (charter.featuriser, compared(charter)):
                features(compounds, part)
        print(f"seed {seed}: {len(consortium.pooled):,} compounds, {len(consortium.transfer):,} transfer molecules")
        best, model = pooled(consortium, charter, given.trees)
        said = {
            name: model.predict_proba(features(assay.compounds, charter.featuriser))[:, 1]
            for name, assay in consortium.benchmarks.items()
        }
        top = figures(consortium, said)
        shown(f"best pooled: {best}", top)
        first = 0.0
        for kind in given.only.split(","):
            mine = recipes(kind, consortium, charter, given.trees, Path(folder))
            partners = [
                Partner(name, None if isinstance(recipe, FromPredictions) else consortium.assays[name],
                        consortium.transfer, recipe=recipe)
                for name, recipe in mine.items()
            ]  # fmt: skip
            begun = time.perf_counter()
            opinions, declined = heard(LocalChannel(partners).ask(Annotate(charter)), charter)
            check_quorum(opinions, declined, charter)
            labels = federated(opinions, consortium.transfer, charter)
            student = distil(labels, consortium.transfer, charter)
            took = time.perf_counter() - begun
            first = first or took
            alone = [partner.teacher for partner in partners if partner.teacher is not None and partner.name in mine]
            judged = [figures(consortium, {n: teacher.predict(a.compounds) for n, a in consortium.benchmarks.items()})
                      for teacher in alone if not isinstance(teacher, Looked)]  # fmt: skip
            mean = {n: tuple(np.mean([one[n] for one in judged], axis=0)) for n in consortium.benchmarks}
            found = figures(consortium, {n: student.predict(a.compounds) for n, a in consortium.benchmarks.items()})
            shown(f"{kind}: teachers' mean", mean)
            shown(f"{kind}: student", found, f"round {took:.0f} s, {took / first:.1f} of the first")
            fidelity = labels.experts.fidelity if labels.experts is not None else np.array([np.nan])
            print(f"  {kind}: experts explain {np.min(fidelity):.3f} or more of what each partner says", flush=True)
            for name in consortium.benchmarks:
                way = (found[name][0] - mean[name][0]) / (top[name][0] - mean[name][0])
                recovery.setdefault((kind, name), []).append(way)


if __name__ == "__main__":
    sys.exit(main())
