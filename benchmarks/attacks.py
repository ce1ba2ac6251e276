"""What messages give away about single compounds: membership attacks on the real hERG files.

    python benchmarks/attacks.py [--quick] [--seed 1]

Eight k-means clusters of the hERG compounds are the chemistries of eight partners. In each, a random half (whole
skeletons) belongs to the partner: the *members*; the rest are *strangers* of the same chemistry. The attacker has a
list of both and tells which are which; it knows the charter, and fits shadow models to other random halves. Each figure
is a mean over partners and over several draws of the halves: ROC AUC, and the share of members that are found when 1 %
of the strangers are taken for members.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix, hstack
from scipy.special import expit, logit
from sklearn.metrics import roc_auc_score

from fluidmol.chem.features import features
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.proximity import PROXIMITIES
from fluidmol.learning.estimators import ESTIMATORS
from fluidmol.learning.experts.understanding import SurrogateFitter
from fluidmol.learning.model import Model
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.assay import Assay
from fluidmol.progress import Stages
from fluidmol.studies.consortium import Consortium, Setup
from fluidmol.studies.prepare import Sources, prepare
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from virtual import DATA

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

FALSE_ONES = 0.01
"""Share of strangers that may be taken for members."""

PENALTIES = (1e-6, 1e-4, 1e-3, 1e-2, 1e-1)
"""Of the decoding, as shares of a candidate's squared length; the attacker chooses by a partner that it made up."""


@attrs.frozen(eq=False)
class Chemistry:
    """A partner's cluster, and what would leave for each draw of its members."""

    assay: Assay
    rows: csr_matrix
    """Features of all compounds."""

    owned: Mask
    """Who is a member, (n_draws, n_compounds): the first draws are attacked, the others are shadows as well."""

    models: Sequence[Model]
    """The teacher of each draw."""

    def opinions(self, decimals: int) -> Floats:
        """Log-odds that each teacher states of each compound, (n_draws, n_compounds)."""
        stated = np.round([model.predict(self.rows) for model in self.models], decimals)
        return logit(np.clip(stated, 10.0**-decimals / 2, 1 - 10.0**-decimals / 2))

    def weights(self, charter: Charter, decimals: int) -> Floats:
        """Weight that each partner states of each compound that lies within the transfer set, as opinions."""
        proximity = PROXIMITIES.build(charter.proximity)
        prints = features(self.assay.compounds, proximity.fingerprint)
        return np.round([proximity(prints, prints[own], seed) for seed, own in enumerate(self.owned)], decimals)


# The attacks. Each gives a score for each compound: the higher, the likelier a member.


def threshold(said: Floats, active: Mask, target: int) -> Floats:
    """Confidence in the true class (Yeom et al. 2018, doi 10.1109/CSF.2018.00027)."""
    return np.where(active, said[target], -said[target])


def lira(said: Floats, owned: Mask, target: int) -> Floats:
    """Likelihood ratio from shadows, online, with one variance for all (Carlini et al. 2022, arXiv 2112.03570)."""
    shadow = np.arange(len(said)) != target
    ratio = np.zeros(said.shape[1])
    for sign, which in ((1, owned[shadow]), (-1, ~owned[shadow])):
        seen = np.ma.MaskedArray(said[shadow], mask=~which)
        mean = seen.mean(axis=0).filled(float(seen.mean()))
        variance = float(((seen - mean) ** 2).mean()) + 1e-12
        ratio -= sign * ((said[target] - mean) ** 2 / variance + np.log(variance)) / 2
    return ratio


def contributions(models: Floats, rows: csr_matrix, strength: float) -> Floats:
    """Decode linear models: what each candidate contributes to each, for each penalty, (n_penalties, n_models, n_rows).

    L2 logistic regression is w = C sum_i (y_i - p_i) x_i, a linear equation in what compounds contribute: y - p for
    members, nothing for others (reconstruction from convex models: Balle et al. 2022, arXiv 2201.04845). The intercept
    is one column more. Ridge regression solves it.
    """
    candidates = with_constant(rows)
    gram = (candidates @ candidates.T).toarray()
    answer = candidates @ models.T / strength
    found = []
    for penalty in PENALTIES:
        shifted = gram + np.diag(np.full(len(gram), penalty * np.trace(gram) / len(gram)))
        found.append(cho_solve(cho_factor(shifted, lower=True, overwrite_a=True), answer).T)
    return np.array(found)


def likeliest(contribution: Floats, model: Floats, rows: csr_matrix) -> tuple[Floats, Floats]:
    """Score candidates as inactive and as active members: the likelihood ratio of y - p against 0, in equal noise."""
    active = expit(with_constant(rows) @ model)
    return -active * (contribution + active / 2), (1 - active) * (contribution - (1 - active) / 2)


# How they are run.


@attrs.frozen
class Size:
    """How much is computed."""

    transfer: int
    draws: int
    attacked: int
    decimals: int


def main() -> None:
    """Attack both presets, and print one table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--quick", action="store_true", help="fewer shadows, 10 000 transfer molecules, a few minutes")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--decimals", type=int, default=4, help="to which the gates round; a new policy has 4")
    given = options.parse_args()
    if not DATA.is_dir():
        sys.exit(f"{DATA} isn't there: this needs the real hERG files.")
    size = Size(*((10_000, 13, 2) if given.quick else (50_000, 27, 3)), given.decimals)
    table = Table()
    charter = attrs.evolve(Charter.from_preset("open"), seed=given.seed)
    consortium = virtual(charter, size)
    table.note("structures read")
    found = [chemistry(assay, name, charter, size) for name, assay in consortium.assays.items()]
    table.note("teachers fitted")
    published = experts(found, consortium, charter, size)
    table.note("experts fitted")
    for place, one in enumerate(found):
        attack(table, "open", one, charter, size)
        said = with_constant(one.rows) @ published[place].T
        for target in range(size.attacked):
            table.add("open", "LiRA, opinions", "published experts", lira(said.T, one.owned, target), one, target)
        own = np.array([np.append(model.coefficients, model.intercept) for model in one.models])  # type: ignore[attr-defined]
        strength = float(dict(charter.teacher.options)["strength"])
        for share in (1.0, 0.5, 0.25):
            decode(
                table, one, {"the teacher itself": own, "the published expert": published[place]}, strength, share, size
            )
        table.note(f"open: partner {place + 1} of {len(found)} attacked")
    charter = attrs.evolve(Charter.from_preset("paper-2025"), seed=given.seed)
    for place, (name, assay) in enumerate(consortium.assays.items()):
        attack(table, "paper-2025", chemistry(assay, name, charter, size), charter, size)
        table.note(f"paper-2025: partner {place + 1} of {len(found)} attacked")
    table.show(found, size)


def virtual(charter: Charter, size: Size) -> Consortium:
    """Divide nearly all hERG compounds by clusters; one in a hundred is the least that may be held out."""
    sources = Sources(source=DATA / "herg_train.csv.gz", transfer=DATA / "transfer.csv.gz", transfer_size=size.transfer)
    return prepare(sources, charter, Setup(validation_fraction=0.01), StandardCache(), Stages()).consortium


def chemistry(assay: Assay, name: str, charter: Charter, size: Size) -> Chemistry:
    """Draw halves of a cluster, and fit a teacher to each."""
    rng = np.random.default_rng(derive_seed(charter.seed, "members", name))
    skeletons, group = np.unique(assay.compounds.skeletons, return_inverse=True)
    order = np.array([rng.permutation(len(skeletons)) for _ in range(size.draws)])
    owned = (order < len(skeletons) / 2)[:, group]
    rows = features(assay.compounds, charter.featuriser)
    estimator = ESTIMATORS.build(charter.teacher)
    models = [
        estimator.fit(rows[own], assay.outcome[own, 0], np.ones(own.sum()), seed) for seed, own in enumerate(owned)
    ]
    return Chemistry(assay, rows, owned, models)


def experts(found: Sequence[Chemistry], consortium: Consortium, charter: Charter, size: Size) -> Floats:
    """Fit what a coordinator would publish of each teacher, (n_partners, n_draws, n_columns + 1)."""
    rows = features(consortium.transfer, charter.featuriser)
    even = np.full((rows.shape[0], 1), 0.5)  # of the experts, only those of opinions are attacked here
    said = [
        Annotations(
            charter.digest, f"{place:03}-{draw:03}", np.round(model.predict(rows), size.decimals)[:, None], even
        )
        for place, one in enumerate(found)
        for draw, model in enumerate(one.models)
    ]
    fitted = SurrogateFitter()(said, rows, derive_seed(charter.seed, "experts"))
    if fitted is None:
        raise RuntimeError("no experts: too few transfer molecules")
    return fitted.opinion.astype(np.float64).reshape(len(found), len(found[0].models), -1)


def attack(table: Table, preset: str, one: Chemistry, charter: Charter, size: Size) -> None:
    """Attack what a partner states of compounds that lie within the transfer set."""
    opinions, weights = one.opinions(size.decimals), one.weights(charter, size.decimals)
    for target in range(size.attacked):
        table.add(preset, "threshold", "opinions", threshold(opinions, one.assay.active, target), one, target)
        table.add(preset, "LiRA, opinions", "opinions", lira(opinions, one.owned, target), one, target)
        table.add(preset, "LiRA, weights", "stated weights", lira(weights, one.owned, target), one, target)


def decode(
    table: Table, one: Chemistry, held: dict[str, Floats], strength: float, share: float, size: Size
) -> None:  # fmt: skip
    """Decode models over a pool that holds a share of the members, and as many strangers.

    The penalty is the one that serves best for the draw after those attacked: a partner that the attacker made up.
    """
    best: dict[str, int] = {}
    draws = (size.attacked, *range(size.attacked))
    models = np.array([[held[what][draw] for what in held] for draw in draws])
    # All compounds are the same list for every draw: it is taken apart once.
    whole = contributions(models.reshape(-1, models.shape[-1]), one.rows, strength) if share == 1 else None
    for step, draw in enumerate(draws):
        pool = pooled(one, draw, share)
        first = step * len(held)
        parts = contributions(models[step], one.rows[pool], strength) if whole is None else whole[:, first:]
        active, member = one.assay.active[pool], one.owned[draw][pool]
        for place, what in enumerate(held):
            scores = [likeliest(part[place], models[step, place], one.rows[pool]) for part in parts]
            if draw == size.attacked:
                tried = [roc_auc_score(member, np.where(active, yes, no)) for no, yes in scores]
                best[what] = int(np.argmax(tried))
                continue
            no, yes = scores[best[what]]
            name = f"decoding, list of {share:.0%} of the members"
            table.add("open", name, what, np.where(active, yes, no), one, draw, pool)
            right = float(((yes > no) == active)[member].mean())
            table.add("open", f"{name}, no classes", what, np.maximum(no, yes), one, draw, pool, right)


def pooled(one: Chemistry, draw: int, share: float) -> NDArray[np.int64]:
    """Draw the attacker's list: a share of the members, and as many strangers; all compounds where it is 1."""
    if share == 1:
        return np.arange(len(one.assay))
    rng = np.random.default_rng(draw)
    sides = [np.flatnonzero(one.owned[draw] == member) for member in (True, False)]
    number = min(int(share * len(sides[0])), len(sides[1]))
    return np.sort(np.concatenate([rng.permutation(side)[:number] for side in sides]))


def with_constant(rows: csr_matrix) -> csr_matrix:
    """Append a column of ones."""
    return csr_matrix(hstack([rows, np.ones((rows.shape[0], 1))]), dtype=np.float64)


class Table:
    """Collects figures, and prints them."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()
        self._rows: dict[tuple[str, str, str], list[tuple[float, float, float]]] = {}

    def add(
        self, preset: str, name: str, holds: str, score: Floats, one: Chemistry, draw: int,
        pool: NDArray[np.int64] | slice = slice(None), right: float = np.nan,
    ) -> None:  # fmt: skip
        """Judge one attack on one partner."""
        member = one.owned[draw][pool]
        strangers = np.sort(score[~member])[::-1]
        found = float((score[member] > strangers[int(FALSE_ONES * len(strangers))]).mean())
        self._rows.setdefault((preset, name, holds), []).append((float(roc_auc_score(member, score)), found, right))

    def note(self, text: str) -> None:
        """Print the progress so far."""
        print(f"{time.perf_counter() - self._begun:6.0f} s  {text}", file=sys.stderr, flush=True)

    def show(self, found: Sequence[Chemistry], size: Size) -> None:
        """Print means."""
        members = sorted(int(one.owned[0].sum()) for one in found)
        print(
            f"{len(found)} partners of {members[0]} to {members[-1]} compounds, {size.attacked} draws each,"
            f" {size.draws - 1} shadows, {size.transfer:,} transfer molecules, {size.decimals} decimals"
        )
        print(f"{'preset':12}{'attack':52}{'attacker holds':26}{'AUC':>6}{'found at 1 %':>14}{'class right':>13}")
        for (preset, name, holds), figures in self._rows.items():
            auc, tpr, right = np.mean(figures, axis=0)
            classes = "" if np.isnan(right) else f"{right:.0%}"
            print(f"{preset:12}{name:52}{holds:26}{auc:6.2f}{tpr:14.2f}{classes:>13}")
        print("AUC .5 and .01 found are guessing.")


if __name__ == "__main__":
    main()
