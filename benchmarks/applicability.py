"""Measure what tells where a hybrid errs: how near a molecule is to what is known, unknown fragments, or sureness.

fluid simulate --source herg_train.csv.gz --external herg_test.csv.gz --transfer transfer.csv.gz --transfer-size 20000 \
    --preset open --seed 1 --out RUN
python benchmarks/applicability.py RUN --source herg_train.csv.gz [--seed 1]

Means over the hybrids of a run: AUC of telling right from wrong predictions (.5: nothing is told), and the share of
wrong ones among the 70 % of molecules with the highest measure, and among the others. Fragments
are environments by pharmacophoric role or by element that occur in so many of own and transfer molecules or more; the
measure is the share of known ones. Of many molecules all are known (the measure is 1), so that more than 70 % may be
inside.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from fluidmol.chem.domain.environments import environments
from fluidmol.chem.domain.fragments import FragmentDomain
from fluidmol.chem.features import features
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.chem.intake.read import read_labelled
from fluidmol.chem.similarity import nearest_tanimoto, pack_bits
from fluidmol.learning.experts.asking import asked
from fluidmol.partner.assay import Assay
from fluidmol.studies.consortium import Setup, divide
from fluidmol.values.charter import Charter
from fluidmol.values.codec import unpack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part

COVERAGE = 0.7
FINGERPRINT = Part("fcfp", {"radius": 2, "bits": 2048})


def packed(compounds: CompoundSet) -> Any:
    """Return packed fingerprints."""
    return pack_bits(features(compounds, FINGERPRINT))


def fared(score: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, ...]:
    """Return the AUC of telling right from wrong, shares at 1 and inside, and of wrong ones inside and outside."""
    inside = score >= np.quantile(score, 1 - COVERAGE)
    shares = (score >= 1).mean(), inside.mean(), 1 - right[inside].mean(), 1 - right[~inside].mean()
    return roc_auc_score(right, score), *shares


def fragments(learnt: Sequence[CompoundSet], radius: int, least: int, *, by_element: bool) -> FragmentDomain:
    """Return the domain of environments that occur in so many of the compounds at least."""
    found = [environments(compounds, radius, by_element=by_element).identifiers for compounds in learnt]
    known, times = np.unique(np.concatenate(found), return_counts=True)
    return FragmentDomain(known[times >= least], radius, by_element)


def main() -> None:
    """Print a table for each data set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    read = read_labelled(given.source, OutcomeColumns())
    partners, _ = divide(Assay(read.compounds, read.active), Setup(), given.seed)
    told = pq.read_table(given.run / "predictions.parquet").to_pydict()
    public = pq.read_table(given.run / "labels.parquet").to_pydict()
    charter = Charter.from_toml((given.run / "charter.toml").read_text())
    labels: Any = unpack((given.run / "labels.fluid").read_bytes())
    molecules = CompoundSet(public["smiles"], public["inchikey"])
    transfer = packed(molecules)
    for dataset in ("validation", "external"):
        rows = np.flatnonzero(np.array(told["dataset"]) == dataset)
        compounds = CompoundSet([told["smiles"][i] for i in rows], [told["inchikey"][i] for i in rows])
        bits, active = packed(compounds), np.array(told["active"])[rows]
        near_public = nearest_tanimoto(bits, transfer, 1)[:, 0].astype(float)
        experts = asked(labels.experts, features(compounds, charter.featuriser), charter, 1.0)
        found: dict[str, list[tuple[float, ...]]] = {}
        for number, (name, assay) in enumerate(partners.items(), start=1):
            near_own = nearest_tanimoto(bits, packed(assay.compounds), 1)[:, 0].astype(float)
            claims = np.max([e.weight[:, 0] for e in experts if e.partner != name], axis=0).astype(float)
            said = np.array(told[f"hybrid-{number}"])[rows]
            right = (said > 0.5) == active
            measures = {
                "nearest own compound": near_own, "nearest public molecule": near_public,
                "nearer of both": np.maximum(near_own, near_public), "what the others claim to know": claims,
                "how sure the hybrid is": np.abs(said - 0.5),
            } | {
                f"fragments by {('role', 'element')[by_element]}, radius {radius}, in {least}": fragments(
                    (assay.compounds, molecules), radius, least, by_element=by_element
                ).score(compounds)
                for by_element, radius, least in product((False, True), (1, 2), (1, 3, 10))
            }  # fmt: skip
            for measure, score in measures.items():
                found.setdefault(measure, []).append(fared(score, right))
        print(f"{dataset:<40}{'AUC':>6}{'at 1':>8}{'inside':>8}{'wrong inside':>14}{'outside':>9}")
        for measure, each in found.items():
            auc, *shares, outside = np.mean(each, axis=0)
            print(f"{measure:<40}{auc:>6.3f}{shares[0]:>8.1%}{shares[1]:>8.1%}{shares[2]:>14.1%}{outside:>9.1%}")


if __name__ == "__main__":
    main()
