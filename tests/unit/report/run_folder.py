"""Write a small finished run, as the simulation leaves it, with names that would break a careless page."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FIGURES = [
    "mcc", "mcc_low", "mcc_high", "balanced_accuracy", "accuracy", "f1", "sensitivity", "specificity",
    "ppv", "npv", "roc_auc", "pr_auc", "brier", "ece", "mcc_matched",
]  # fmt: skip
NASTY = "<script>alert(1)</script>&\"'.csv"
SKILL = {
    "teacher": 1.0,
    "hybrid": 1.9,
    "student": 1.6,
    "pooled": 2.6,
    "pooled_same_make": 2.5,
    "pooled_hybrid": 2.7,
    "control": 2.3,
}


def write_run(folder, partners=3, n=300, n_points=400, n_rejected=250, external=True, skill=None, seed=7):
    """Write all files of a run into a folder; ``skill`` overrides how good each kind of model is."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    names = [f"partner-{i + 1}" for i in range(partners)]
    models = [("T0", "pooled", ""), ("T0-same-make", "pooled_same_make", "")]
    models += [(f"teacher-{i + 1}", "teacher", name) for i, name in enumerate(names)]
    models += [("student", "student", "")]
    models += [(f"hybrid-{i + 1}", "hybrid", name) for i, name in enumerate(names)]
    models += [("T0-hybrid", "pooled_hybrid", ""), ("ensemble", "control", "")]
    datasets = {"validation": n} | ({"external": n * 2} if external else {})
    _judgements(folder, rng, models, datasets, SKILL | (skill or {}))
    _labels(folder, rng, names, 5 * n)
    _map(folder, rng, names, n_points)
    _lists(folder, names, n_rejected)
    _facts(folder, datasets)
    return folder


def _judgements(folder, rng, models, datasets, skill):
    columns = {"dataset": [], "smiles": [], "inchikey": [], "active": []} | {model: [] for model, _, _ in models}
    rows = []
    for dataset, n in datasets.items():
        active = rng.random(n) < (0.28 if dataset == "external" else 0.44)
        shared = rng.normal(size=n)
        columns["dataset"] += [dataset] * n
        columns["smiles"] += ["c1ccccc1"] * n
        columns["inchikey"] += ["UHOVQNZJYSORNB-UHFFFAOYSA-N"] * n
        columns["active"] += active.tolist()
        for i, (model, kind, partner) in enumerate(models):
            noise = 0.6 * shared + rng.normal(size=n)
            said = 1 / (1 + np.exp(-(skill[kind] + 0.05 * (i % 4)) * (active - 0.5) - noise))
            columns[model] += said.astype(np.float32).tolist()
            figures = _figures(active, said.astype(np.float32))
            rows.append([model, kind, partner, dataset, 5000, n, *("" if math.isnan(v) else v for v in figures)])
    pq.write_table(pa.table(columns), folder / "predictions.parquet")
    with (folder / "metrics.csv").open("w", newline="") as stream:
        head = ["model", "kind", "partner", "dataset", "n_train", "n_test", *FIGURES]
        csv.writer(stream).writerows([head, *rows])


def _figures(active, said):
    called = said > 0.5
    tp, tn = np.sum(called & active), np.sum(~called & ~active)
    fp, fn = np.sum(called & ~active), np.sum(~called & active)
    below = math.sqrt(float(tp + fp) * float(tp + fn) * float(tn + fp) * float(tn + fn))
    mcc = (float(tp * tn) - float(fp * fn)) / below if below else math.nan
    sensitivity, specificity = tp / max(1, tp + fn), tn / max(1, tn + fp)
    ppv = tp / (tp + fp) if tp + fp else math.nan
    npv = tn / (tn + fn) if tn + fn else math.nan
    order = np.argsort(np.argsort(said))
    auc = (order[active].mean() - order[~active].mean()) / len(said) + 0.5
    half = 1.2 / math.sqrt(len(said))
    accuracy = (tp + tn) / len(said)
    brier, error = np.mean((said - active) ** 2), abs(said.mean() - active.mean())
    f1 = 2 * tp / max(1, 2 * tp + fp + fn)
    balanced = (sensitivity + specificity) / 2
    every = (mcc, mcc - half, mcc + half, balanced, accuracy, f1, sensitivity, specificity, ppv, npv)
    return [float(v) for v in (*every, auc, auc - 0.05, brier, error, 0.9 * mcc)]


def _labels(folder, rng, names, n):
    value = rng.beta(1.2, 5, size=n).astype(np.float32)
    shares = rng.dirichlet(np.linspace(1, 3, len(names)), size=n).astype(np.float32)
    columns = {"smiles": ["CCO"] * n, "inchikey": ["LFQSCWFLJHTTHZ-UHFFFAOYSA-N"] * n, "value": value}
    columns |= {"spread": value / 3, "hard": value > 0.5, "selected": rng.random(n) < 0.3}
    columns |= {f"contribution_{name}": shares[:, i] for i, name in enumerate(names)}
    pq.write_table(pa.table(columns), folder / "labels.parquet")


def _map(folder, rng, names, n):
    groups = np.array([*names, "transfer", "transfer", "external", "validation"])[rng.integers(len(names) + 4, size=n)]
    centres = {name: (math.cos(i), math.sin(i)) for i, name in enumerate([*names, "external", "validation"])}
    at = np.array([centres.get(group, (0, 0)) for group in groups]).reshape(-1, 2)
    xy = at * 2 + rng.normal(scale=np.where(groups == "transfer", 1.4, 0.5)[:, None], size=(n, 2))
    active = [None if group == "transfer" else bool(rng.random() < 0.4) for group in groups]
    columns = {"x": xy[:, 0], "y": xy[:, 1], "group": groups.tolist(), "active": pa.array(active, pa.bool_())}
    pq.write_table(pa.table(columns), folder / "map.parquet")


def _lists(folder, names, n_rejected):
    with (folder / "partners.csv").open("w", newline="") as stream:
        rows = [[name, 700 + 90 * i, 300 + 31 * i, "answered", ""] for i, name in enumerate(names)]
        rows.append(["partner-x", 41, 2, "declined", "fewer than 50 compounds"])
        csv.writer(stream).writerows([["partner", "n_compounds", "n_active", "status", "reason"], *rows])
    with (folder / "rejected.csv").open("w", newline="") as stream:
        reasons = ("not a molecule", "no value", "mixture")
        rows = [[NASTY, i + 2, "C1CC<b>(", reasons[i % 7 % 3]] for i in range(n_rejected)]
        csv.writer(stream).writerows([["file", "line", "smiles", "reason"], *rows])
    (folder / "charter.toml").write_text('[charter]\nname = "</pre><script>"\nseed = 42\n')


def _facts(folder, datasets):
    entry = {"rows": 14000, "usable": 13943, "rejected": 57, "merged": 12, "sha256": "0f" * 32}
    facts = {
        "fluidmol": "0.1.0", "kind": "simulation", "synthetic": True, "title": "hERG blockade <8 partners>",
        "preset": "open", "seed": 42, "split": "k-means clusters", "started": "2026-01-05T10:11:12+00:00",
        "command": "fluid simulate herg.csv", "python": "3.11.9", "platform": "Linux",
        "libraries": {"rdkit": "2026.3.5"},
        "charter_digest": "sha256:" + "a" * 64, "labels_digest": "sha256:" + "b" * 64,
        "inputs": [
            entry | {"role": "source", "name": NASTY, "removed": {}},
            entry | {"role": "transfer", "name": "t.smi", "removed": {"train": 1204, "external": 61}},
        ],
        "sets": datasets | {"train": 5600, "transfer": 1500},
        "prevalence": {"train": 0.44, "validation": 0.44, "external": 0.28, "labels": 0.11},
        "stages": [{"stage": name, "seconds": s, "peak_mb": 400 + s} for name, s in
                   (("read", 4.2), ("features", 31.0), ("teachers", 58.4), ("annotate", 22.9), ("map", 9.1))],
        "seconds": 125.6, "peak_mb": 801, "workers": 2,
    }  # fmt: skip
    (folder / "provenance.json").write_text(json.dumps(facts))
