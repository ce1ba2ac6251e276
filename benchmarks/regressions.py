r"""What docs and decision 20 say of regressions, measured on public tables with a column ``value``.

    python benchmarks/regressions.py models TABLE...     positions by cross-entropy against ridge regression of values
    python benchmarks/regressions.py intervals TABLE...  coverage of a partner's intervals, after a round of three
    python benchmarks/regressions.py shifts TABLE...     who is named where one of six partners is off by a unit
    ... [--transfer public.csv] [--seeds 0,1] [--lowest L --highest H]

The scale goes a little beyond a table's values unless its ends are given.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import numpy as np
from joblib import parallel_config
from sklearn.linear_model import Ridge

from fluidmol import Assay, Charter, LocalChannel, Partner, federate
from fluidmol.chem.features import features
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.learning.estimators import ESTIMATORS
from fluidmol.learning.model import Floats
from fluidmol.learning.value_shifts import value_shifts
from fluidmol.partner.kept.fitting import fit_hybrid
from fluidmol.partner.measurements import read_measurements
from fluidmol.partner.prediction.predictor import Predictor
from fluidmol.partner.teacher import Teacher
from fluidmol.progress import Stages
from fluidmol.studies.consortium import Setup
from fluidmol.studies.prepare import Sources, prepare
from fluidmol.values.annotations import Annotations
from fluidmol.values.parts import Part
from fluidmol.values.publication import Publication
from fluidmol.values.scale import Scale

COLUMNS = OutcomeColumns(value_column="value")
STRENGTHS, PENALTIES = (0.02, 0.05, 0.2, 0.5, 2.0), (5.0, 20.0, 80.0)


def main() -> None:
    """Measure, and print a line a table and seed."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("what", choices=("models", "intervals", "shifts"))
    options.add_argument("tables", nargs="+", type=Path)
    options.add_argument("--transfer", type=Path, help="of shifts")
    options.add_argument("--seeds", default="0")
    options.add_argument("--lowest", type=float)
    options.add_argument("--highest", type=float)
    given = options.parse_args()
    with parallel_config(n_jobs=1):
        for table in given.tables:
            ends = (given.lowest, given.highest)
            scale = Scale("value", *ends) if None not in ends else _scale_of(table)
            for seed in map(int, given.seeds.split(",")):
                for line in MEASURED[given.what](table, scale, seed, given.transfer):
                    print(table.name, seed, line, flush=True)


def models(table: Path, scale: Scale, seed: int, _transfer: Path | None) -> Iterator[str]:
    """Compare RMSE on a held-out third of 1 500 compounds at most; ridge may choose its penalty by that very third."""
    assay, rng = _read(table, scale), np.random.default_rng(seed)
    order = rng.permutation(len(assay))[:1500]
    held, known = np.split(order, [len(order) // 3])
    truth = scale.coordinate(assay.outcome[:, 0])
    part = Charter.from_preset("open").featuriser
    rows, asked = (features(assay.compounds.take(some.tolist()), part) for some in (known, held))

    def rmse(said: Floats) -> float:
        return float(np.sqrt(np.mean((said - truth[held]) ** 2)))

    def fitted(part: Part) -> float:
        model = ESTIMATORS.build(part).fit(rows, assay.outcome[known, 0], np.ones(len(known)), seed)
        return rmse(scale.coordinate(model.predict(asked)))

    mean = truth[known].mean()
    ridge = [rmse(Ridge(a, solver="lsqr").fit(rows, truth[known] - mean).predict(asked) + mean) for a in PENALTIES]
    linear = [f"{strength}: {fitted(Part('logistic', {'strength': strength})):.3f}" for strength in STRENGTHS]
    boosted = fitted(Part("lightgbm", {"rounds": 150, "leaves": 15}))
    yield f"mean {rmse(np.full(len(held), mean)):.3f}; {', '.join(linear)}; ridge {min(ridge):.3f}; trees {boosted:.3f}"


def intervals(table: Path, scale: Scale, seed: int, _transfer: Path | None) -> Iterator[str]:
    """Play a round of three partners with 150 compounds each, and judge the first one's intervals on 500 others."""
    assay = _read(table, scale)
    assay = assay.take(np.random.default_rng(seed).permutation(len(assay))[:1500])
    held, transfer = assay.take(np.arange(450, 950)), assay.compounds.take(list(range(950, len(assay))))
    charter = attrs.evolve(_charter(scale), transfer_digest=transfer.digest, transfer_size=len(transfer))
    own = {f"partner-{k}": assay.take(np.arange(150 * k, 150 * k + 150)) for k in range(3)}
    outcome = federate(charter, transfer, LocalChannel([Partner(name, a, transfer) for name, a in own.items()]))
    public = Publication(charter=charter, transfer=transfer, labels=outcome.labels)
    kept = fit_hybrid(own["partner-0"], public, "partner-0").kept
    truth = held.outcome[:, 0]
    for level in (0.8, 0.9):
        said = Predictor(kept=kept, level=level, n_evidence=0)(held.compounds)
        if said.interval is None or said.own_similarity is None:
            raise SystemExit("the hybrid isn't calibrated")
        inside = (said.interval[:, 0] <= truth) & (truth <= said.interval[:, 1])
        third = np.argsort(np.argsort(said.own_similarity)) * 3 // len(truth)
        by = ", ".join(f"{inside[third == k].mean():.2f}" for k in range(3))
        yield f"at {level}: {inside.mean():.3f} covered; from far to near {by}"


def shifts(table: Path, scale: Scale, seed: int, transfer: Path | None) -> Iterator[str]:
    """Name partners of six k-means ones, all honest, and where the second one is off by a unit or a logarithm."""
    if transfer is None:
        raise SystemExit("shifts need --transfer: public molecules")
    sources = Sources(source=table, transfer=transfer, transfer_size=3000, columns=COLUMNS)
    made = prepare(sources, _charter(scale, seed), Setup(n_partners=6), StandardCache(), Stages()).consortium

    def opinion(name: str, assay: Assay) -> Annotations:
        return Annotations(made.charter.digest, name, *Teacher.fit(assay, made.charter, name).annotate(made.transfer))

    honest = {name: opinion(name, assay) for name, assay in made.assays.items()}
    one = made.assays["partner-2"]
    said = one.outcome[:, 0]
    changed = {
        "honest": said,
        "+.1": said + 0.1,
        "+.15": said + 0.15,
        "x 2.3": said.mean() + 2.3 * (said - said.mean()),
    }
    for how, values in changed.items():
        other = attrs.evolve(one, outcome=np.clip(values, 0, 1))
        opinions = honest if how == "honest" else honest | {"partner-2": opinion("partner-2", other)}
        named = [f"{f.partner} {f.named}" for f in value_shifts(list(opinions.values()), made.charter) if f.named]
        yield f"{how}: {', '.join(named) or 'nobody'}"


def _read(table: Path, scale: Scale) -> Assay:
    return Assay.of(read_measurements(table, COLUMNS, _charter(scale), cache=StandardCache()))


def _scale_of(table: Path) -> Scale:
    wide = Scale("value", -1e6, 1e6)
    values = wide.value(_read(table, wide).outcome[:, 0])
    margin = 0.05 * float(np.ptp(values))
    return Scale("value", float(values.min()) - margin, float(values.max()) + margin)


def _charter(scale: Scale, seed: int = 42) -> Charter:
    open_ = Charter.from_preset("open")
    return attrs.evolve(open_, seed=seed, endpoints=(attrs.evolve(open_.endpoints[0], kind="regression", scale=scale),))


MEASURED: dict[str, Callable[[Path, Scale, int, Path | None], Iterator[str]]] = {
    "models": models, "intervals": intervals, "shifts": shifts,
}  # fmt: skip


if __name__ == "__main__":
    main()
