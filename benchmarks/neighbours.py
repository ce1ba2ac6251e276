"""What weights give away by how many neighbours a proximity averages over: a membership attack on the real hERG files.

    python benchmarks/neighbours.py [--seed 1] [--decimals 4]

As in ``attacks.py``: clusters of hERG compounds are partners' chemistries, random halves of them the partners'
compounds, and the attacker tells these from the others by the weights stated of them. *Likelihood ratio*: it knows the
charter, and has shadows of other halves. *As they are*: it takes the higher weight for a member, and knows nothing.
"""

from __future__ import annotations

import argparse
import sys

import attrs
import numpy as np
from sklearn.metrics import roc_auc_score

from attacks import FALSE_ONES, Chemistry, Size, chemistry, lira, virtual
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part
from virtual import DATA

NEIGHBOURS = (1, 2, 3, 4, 5, 8, 16)


def main() -> None:
    """Print a line for each number of neighbours: means over eight partners and two draws."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--decimals", type=int, default=4, help="to which the gates round; a new policy has 4")
    given = options.parse_args()
    if not DATA.is_dir():
        sys.exit(f"{DATA} isn't there: this needs the real hERG files.")
    size = Size(transfer=2_000, draws=13, attacked=2, decimals=given.decimals)
    charter = attrs.evolve(Charter.from_preset("open"), seed=given.seed)
    found = [chemistry(assay, name, charter, size) for name, assay in virtual(charter, size).assays.items()]
    print("neighbours  likelihood ratio  found  as they are")
    for neighbours in NEIGHBOURS:
        proximity = Part("tanimoto-neighbours", {"neighbours": neighbours})
        told = [attacked(one, attrs.evolve(charter, proximity=proximity), size, target)
                for one in found for target in range(size.attacked)]  # fmt: skip
        ratio, rate, plain = np.mean(told, axis=0)
        print(f"{neighbours:>10}  {ratio:>16.3f}  {rate:>5.0%}  {plain:>11.3f}")


def attacked(one: Chemistry, charter: Charter, size: Size, target: int) -> tuple[float, float, float]:
    """Attack one draw: AUC of the likelihood ratio, members found at 1 % false ones, AUC of the weights themselves."""
    weights, owned = one.weights(charter, size.decimals), one.owned[target]
    score = lira(weights, one.owned, target)
    found = float((score[owned] > np.quantile(score[~owned], 1 - FALSE_ONES)).mean())
    return float(roc_auc_score(owned, score)), found, float(roc_auc_score(owned, weights[target]))


if __name__ == "__main__":
    main()
