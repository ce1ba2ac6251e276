"""Write a small folder of studies as ``fluid study paper`` leaves it, with made-up figures that are known."""

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ARMS = ("paper-2025", "open")
SETS = ("validation", "external")
NASTY = "<b>A&Co</b>"
PARTNERS = (NASTY, "partner-2", "partner-3")
MCC = {
    "T0": 0.5,
    "T0-same-make": 0.48,
    "student": 0.4,
    "ensemble": 0.45,
    "T0-hybrid": 0.55,
    "teacher": 0.2,
    "hybrid": 0.48,
}
FIELDS = ("model", "kind", "partner", "dataset", "metric", "value", "low", "high", "n_train", "n_test")
COMPARED = (
    "family", "study", "dataset", "metric", "seed", "partner", "first_arm", "first", "second_arm", "second",
    "difference", "low", "high", "p", "p_holm", "p_t", "n_seeds", "n_molecules",
)  # fmt: skip
SAME_MAKE = ("T0-same-make", "pooled_same_make")
ASKED = (("student", "student"), ("ensemble", "control"))
METRICS = ("mcc", "mcc_matched", "roc_auc", "pr_auc", "brier", "ece")


def write_studies(folder, arms=ARMS, seeds=(1, 2, 3), without=(), lift=0.05, p=0.01, gain=0.02):
    """Write all files; ``lift`` is what the second arm has over the first, ``p`` the corrected p of all comparisons."""
    folder = Path(folder)
    for place, arm in enumerate(arms):
        for study, rows in _studies(seeds, place * lift, gain).items():
            if study not in without:
                _study(folder / arm, study, rows, seeds)
        if "benchmark" not in without:
            _predictions(folder / arm / "benchmark", seeds)
    facts = {
        "kind": "paper", "arms": [{"name": arm} for arm in arms], "seeds": list(seeds), "quick": False,
        "studies": [{"name": name, "title": name.title()} for name in (*_studies(seeds, 0, gain), "ablation")],
        "left_out": [{"arm": arms[0], "study": "ablation", "reason": "nothing is varied"}],
        "written": "2026-01-02T03:04:05+00:00",
    }  # fmt: skip
    (folder / "paper.json").write_text(json.dumps(facts))
    _table(folder / "comparisons.csv", COMPARED, _comparisons(arms, seeds, lift, p, gain))
    columns = ("arm", "seed", "model", "kind", "partner", "dataset", "threshold", "n_fixed", "mcc")
    fixed = [(a, s, "student", "student", "", d, 0.4, 90, 0.41) for a in arms for s in seeds for d in SETS]
    _table(folder / "thresholds.csv", columns, fixed)
    return folder


def _models():
    yield from (("T0", "pooled", ""), (*SAME_MAKE, ""), ("T0-hybrid", "pooled_hybrid", ""))
    yield from (("student", "student", ""), ("ensemble", "control", ""))
    for place, partner in enumerate(PARTNERS):
        yield f"teacher-{place + 1}", "teacher", partner
        yield f"hybrid-{place + 1}", "hybrid", partner


def _value(model, kind, seed, plus):
    if kind in MCC:
        return MCC[kind] + (plus + 0.01 * (seed - 2)) * (kind == "student")
    return MCC[model] + 0.01 * (seed - 2)


def _row(case, seed, model, kind, partner, dataset, metric, value, low="", high="", n_train=500):
    return {
        **case,
        "seed": seed,
        **dict(zip(FIELDS, (model, kind, partner, dataset, metric, value, low, high, n_train, 200), strict=True)),
    }


def _derived(case, seed, model, dataset, metric, value, partner="", low="", high=""):
    return _row(case, seed, model, "derived", partner, dataset, metric, value, low, high)


def _studies(seeds, plus, gain):
    return {
        "benchmark": list(_benchmark(seeds, plus)),
        "overlap": [
            _derived({}, s, f"in {b}", a, m, 0.03)
            for s in seeds for a in ("training", *SETS) for b in ("training", *SETS) if a != b
            for m in ("share_near", "share_same")
        ],
        "own-domain": list(_own(seeds, gain)),
        "cross-domain": list(_cross(seeds, plus)),
        "teacher-cv": [
            _row({}, s, f"teacher-{i}", "teacher", p, p, "mcc", 0.47) for s in seeds for i, p in enumerate(PARTNERS)
        ],
        "leave-one-out": [
            _row({"left_out": out}, s, m, k, "", d, "mcc", 0.4)
            for s in seeds for out in ("", *PARTNERS) for m, k in ASKED for d in SETS
        ],
        "teacher-count": [
            _row({"order": 1, "teachers": n}, s, m, k, "", d, "mcc", 0.1 * n + 0.01 * s)
            for s in seeds for n in (1, 2, 3) for m, k in ASKED for d in SETS
        ],
        "student-size": [
            _row({"size": size}, s, m, k, "", d, "mcc", 0.3 + 0.01 * s, n_train=size or 700)
            for s in seeds for size in (100, 300, 0) for m, k in (ASKED[0], SAME_MAKE) for d in SETS
        ],
        "selection": [
            _row({"selection": mode, "labels": labels}, s, "student", "student", "", d, "mcc", 0.3)
            for s in seeds for mode in ("random", "all") for labels in ("hard", "soft") for d in SETS
        ],
        "domain": list(_domain(seeds)),
        "contribution": [
            _derived({"measure": "shapley"}, s, "labels", d, "shapley_mcc", 0.1, p, 0.05, 0.15)
            for s in seeds for p in PARTNERS for d in SETS
        ] + [
            _derived({"measure": f"without {p}"}, s, m, d, "leave_one_out_mcc", 0.02, p)
            for s in seeds for p in PARTNERS for d in SETS for m in ("student", "labels", "hybrid-2")
        ],
        "malicious": list(_malicious(seeds)),
    }  # fmt: skip


def _benchmark(seeds, plus):
    arm = {"arm": "federation"}
    for seed in seeds:
        for dataset in SETS:
            for model, kind, partner in _models():
                for metric in METRICS:
                    value = _value(model, kind, seed, plus)
                    yield _row(arm, seed, model, kind, partner, dataset, metric, value)
            losses = {"teacher-loss": 0.3, "total-loss": 0.1, "learner-loss": 0.02, "federation-loss": 0.03}
            losses["distillation-loss"] = 0.05
            for name, value in {**losses, "recovery": 2 / 3 + plus, "recovery-same-make": 0.7}.items():
                yield _derived(arm, seed, name, dataset, "mcc", value)
        for kind, area in (("same-make", 0.86), ("random-forest", 0.88)):
            for metric, value in (("cv_roc_auc", area), ("cv_mcc", 0.5), ("taken", float(area > 0.87))):
                yield _derived(arm, seed, kind, "training", metric, value)
            for case, model in (("shuffled-labels", "student-shuffled"), ("pooled-restricted", "T0-restricted")):
                yield _row({"arm": case}, seed, model, "control", "", dataset, "mcc", 0.01)


def _own(seeds, gain):
    for seed in seeds:
        for place, partner in enumerate(PARTNERS):
            dataset = f"held-out-{partner}"
            for model, kind, whose in ((f"teacher-{place}", "teacher", partner), (f"hybrid-{place}", "hybrid", partner),
                                       ("student", "student", ""), ("T0", "pooled", "")):  # fmt: skip
                yield _row({"fold": 1}, seed, model, kind, whose, dataset, "mcc", 0.5)
            yield _derived({"fold": 1}, seed, "gain", dataset, "mcc", gain + 0.01 * seed)


def _cross(seeds, plus):
    for seed in seeds:
        for partner in PARTNERS:
            case = {"left_out": partner}
            for model, kind, value in (("teacher-9", "teacher", 0.1), ("student", "student", 0.15 + plus),
                                       ("hybrid-9", "hybrid", 0.16 + plus), ("ensemble", "control", 0.15)):  # fmt: skip
                yield _row(case, seed, model, kind, "", partner, "mcc", value)
            for name, value in (("student-gain", 0.05 + plus), ("hybrids-gain", 0.06 + plus)):
                yield _derived(case, seed, name, partner, "mcc", value)


def _domain(seeds):
    for seed in seeds:
        for arm, sets in (("federation", SETS), ("held-out", (*SETS, *(f"held-out-{p}" for p in PARTNERS)))):
            for domain in ("fragments", "probability", *(("conformal",) if arm == "held-out" else ())):
                for model, kind, partner in _models():
                    for dataset in sets:
                        case = {"arm": arm, "domain": domain}
                        figures = {
                            "coverage": 0.3,
                            "mcc_inside": 0.5,
                            "mcc_outside": 0.4,
                            "mcc_at_50": 0.6,
                            "aurc": 0.2,
                        }
                        if domain == "conformal":
                            figures = {"set_coverage_80": 0.81, "set_coverage_90": 0.89, "efficiency_80": 0.7}
                        if domain == "fragments" and "hybrid" in kind:
                            figures |= {"brought_in": 0.2, "mcc_brought_in": 0.45, "teacher_mcc_brought_in": 0.25}
                        for metric, value in figures.items():
                            yield _row(case, seed, model, kind, partner, dataset, metric, value)


def _malicious(seeds):
    lies = [("none", "honest"), ("absent", "honest"), ("flipped", "honest"), ("flipped", "inflated")]
    left = {"weighted-mean": (1.0, 0.95, 0.6, -0.3), "reliability": (0.99, 0.95, 0.93, 0.91)}
    for seed in seeds:
        for place, (attack, weights) in enumerate(lies):
            for aggregation, values in left.items():
                case = {"attack": attack, "weights": weights, "aggregation": aggregation}
                for model in ("student", "ensemble"):
                    for dataset in SETS:
                        yield _derived(case, seed, model, dataset, "kept", values[place])
                for partner in PARTNERS:
                    who = "liar" if partner == NASTY and place > 1 else "honest partner"
                    for metric, value in (("disagrees", float(who == "liar")), ("uninformative", 0), ("share", 0.2)):
                        yield _derived(case, seed, who, "transfer", metric, value, partner)


def _comparisons(arms, seeds, lift, p, gain):
    def line(study, dataset, first, second, difference, seed="", partner=""):
        head = (f"{dataset}, mcc", study, dataset, "mcc", seed, partner, *first, *second)
        return (*head, difference, difference - 0.01, difference + 0.01, p / 10, p, p / 2, len(seeds), 400)

    for arm in arms:
        for dataset in SETS:
            yield line("benchmark", dataset, (arm, "student"), (arm, "teachers' mean"), 0.2)
            yield line("benchmark", dataset, (arm, "student"), (arm, "T0"), -0.1)
        own = "own held-out compounds"
        yield line("own-domain", own, (arm, "hybrids' mean"), (arm, "teachers' mean"), gain)
        yield line("cross-domain", "left-out domains", (arm, "hybrids' mean"), (arm, "teachers' mean"), 0.06)
        for seed in seeds:
            for partner in PARTNERS:
                yield line("own-domain", f"held-out-{partner}", (arm, "hybrid"), (arm, "teacher"), gain, seed, partner)
    for arm in arms[1:]:
        for dataset in SETS:
            yield line("benchmark", dataset, (arm, "student"), (arms[0], "student"), lift)


def _study(lab, study, rows, seeds):
    folder = lab / study
    folder.mkdir(parents=True)
    (lab / "lab.json").write_text("{}")
    cases = [name for name in rows[0] if name not in {"seed", *FIELDS}]
    columns = ("study", "seed", *cases, *FIELDS)
    _table(folder / "results.csv", columns, [[study, *(row[name] for name in columns[1:])] for row in rows])
    (folder / "charter.toml").write_text(f'[charter]\npreset = "{lab.name}"\n')
    inputs = [{"role": "source", "name": "a.csv", "sha256": "ab" * 32, "usable": 900}]
    by_seed = {"partners": dict.fromkeys(PARTNERS, 300), "sets": {"validation": 90, "transfer": 700}, "inputs": inputs}
    facts = {
        "fluidmol": "0.1.0", "study": study, "preset": lab.name, "seeds": list(seeds), "cell_seconds": 12.3,
        "settings": {"malicious": 2, "at_least": 0.9}, "by_seed": {str(seed): by_seed for seed in seeds},
        "python": "3.11", "platform": "here", "libraries": {"numpy": "2"}, "finished": "2026-01-02T03:04:05+00:00",
    }  # fmt: skip
    (folder / "study.json").write_text(json.dumps(facts))


def _predictions(folder, seeds, n=300):
    (folder / "predictions").mkdir()
    for seed in seeds:
        rng = np.random.default_rng(seed)
        names = ("arm", "dataset", "inchikey", "active", "model", "kind", "partner", "probability", "seed")
        columns = {name: [] for name in names}
        for dataset in SETS:
            active = rng.random(n) < 0.4
            keys = [f"{seed}-{i}" for i in range(n)]
            for model, kind, partner in _models():
                said = np.clip(rng.normal(0.35 + 0.3 * active, 0.2), 0, 1)
                values = ("federation", dataset, keys, active, model, kind, partner, said, seed)
                for name, value in zip(columns, values, strict=True):
                    columns[name] += [value] * n if isinstance(value, str | int) else list(value)
        pq.write_table(pa.table(columns), folder / "predictions" / f"seed-{seed}.parquet")


def _table(path, columns, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([columns, *rows])
