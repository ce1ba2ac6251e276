"""What probabilities give away by how closely a teacher fits: a membership attack on the real hERG files.

    python benchmarks/strengths.py [--seed 1] [--decimals 4] [--partners 8]

As in ``attacks.py``: clusters of hERG compounds are partners' chemistries, random halves of them the partners'
compounds, and the attacker tells these from the others by the probabilities stated of them. *Likelihood ratio*: it
knows the charter, and has shadows of other halves. *As they are*: it knows the classes, and takes confidence in the
true one for membership. *Of strangers*: AUC of the teacher itself on the compounds that it hasn't learnt from, which is
what a closer fit is to be good for.
"""

from __future__ import annotations

import argparse
import sys

import attrs
import numpy as np
from sklearn.metrics import roc_auc_score

from attacks import FALSE_ONES, Chemistry, Size, chemistry, lira, threshold, virtual
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part
from virtual import DATA

FCFP = Part("fcfp", {"radius": 2, "bits": 2048})
TEACHERS = (
    *(
        ("open", {"teacher": Part("logistic", {"strength": strength})})
        for strength in (0.01, 0.05, 0.2, 0.5, 1, 10, 1e3)
    ),
    *(("paper-2025", {"teacher": Part("random-forest", {"trees": 150, "depth": depth})}) for depth in (8, 15, 0)),
    ("paper-2025", {"teacher": Part("random-forest", {"trees": 1, "depth": 0})}),
    ("open", {"featuriser": FCFP, "teacher": Part("lightgbm")}),
)
"""Presets, and what stands in them instead."""


def main() -> None:
    """Print a line for each teacher: means over the partners and two draws."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--decimals", type=int, default=4, help="to which the gates round; a new policy has 4")
    options.add_argument("--partners", type=int, default=8, help="how many of the eight are attacked")
    given = options.parse_args()
    if not DATA.is_dir():
        sys.exit(f"{DATA} isn't there: this needs the real hERG files.")
    size = Size(transfer=2_000, draws=13, attacked=2, decimals=given.decimals)
    assays = virtual(Charter.from_preset("open"), size).assays
    print(f"{'teacher':62}  likelihood ratio  found  as they are  of strangers")
    for preset, changes in TEACHERS:
        charter = attrs.evolve(Charter.from_preset(preset), seed=given.seed, **changes)
        found = [chemistry(assay, name, charter, size) for name, assay in list(assays.items())[: given.partners]]
        told = [attacked(one, size, target) for one in found for target in range(size.attacked)]
        ratio, rate, plain, worth = np.mean(told, axis=0)
        name = f"{charter.teacher.name} {dict(charter.teacher.options)}"
        print(f"{name:62}  {ratio:>16.3f}  {rate:>5.0%}  {plain:>11.3f}  {worth:>12.3f}", flush=True)


def attacked(one: Chemistry, size: Size, target: int) -> tuple[float, float, float, float]:
    """Attack one draw: AUC of the likelihood ratio, members found at 1 % false ones, of confidence, and the model's."""
    said, owned, active = one.opinions(size.decimals), one.owned[target], one.assay.active
    score = lira(said, one.owned, target)
    found = float((score[owned] > np.quantile(score[~owned], 1 - FALSE_ONES)).mean())
    plain = roc_auc_score(owned, threshold(said, active, target))
    worth = roc_auc_score(active[~owned], said[target][~owned])
    return float(roc_auc_score(owned, score)), found, float(plain), float(worth)


if __name__ == "__main__":
    main()
