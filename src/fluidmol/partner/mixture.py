"""Hybrids that ask: the others' experts, and a model of one's own compounds in place of one's own expert."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from fluidmol.chem.features import features
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.distillation.from_experts import FromExperts
from fluidmol.learning.estimators import ESTIMATORS, Model
from fluidmol.learning.experts.asking import asked, combined
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.assay import Assay
from fluidmol.partner.teacher import Teacher
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.experts import Experts

Floats = NDArray[np.float64]

OWN = ("teacher", "hybrid", "both")
"""Own models that are tried: the charter's teacher, its hybrid's estimator, and the mean of their log-odds."""

BOOSTS = (1.0, 4.0, 16.0, 1e6, 1e30)
"""How much more the own model may count than its proximity says; the last silences the others.

1e6 doesn't: weights are powers of similarities, and strangers who claim to know everything can weigh more than that.
"""

SUREST = 1e-6
"""Probabilities are cut at this distance from 0 and 1 before their log-odds are taken."""


@attrs.frozen
class Choice:
    """What a partner's own cross-validation preferred."""

    own: str = "teacher"
    """One of :data:`OWN`."""

    boost: float = 1.0
    """One of :data:`BOOSTS`."""


@attrs.frozen(eq=False)
class Own:
    """Everything that a partner knows by itself."""

    teacher: Teacher = attrs.field(repr=False)
    """Also says how near a molecule is to the partner's compounds."""

    other: Model = attrs.field(repr=False)
    """The hybrid's estimator, fitted to the same compounds."""

    @classmethod
    def fit(cls, assay: Assay, charter: Charter, name: str) -> Own:
        """Fit both models to the partner's compounds.

        Raises
        ------
        OneClassError
            If all compounds are of one class.
        """
        teacher = Teacher.fit(assay, charter, name)
        seed = derive_seed(charter.seed, "hybrid", name)
        rows = features(assay.compounds, charter.featuriser)
        model = ESTIMATORS.build(charter.hybrid).fit(rows, assay.outcome[:, 0], np.ones(len(assay)), seed)
        return cls(teacher, model)

    def annotate(self, compounds: CompoundSet) -> tuple[dict[str, Floats], Floats]:
        """Give the opinions of all of :data:`OWN`, and the proximity, each (n_compounds,)."""
        value, weight = self.teacher.annotate(compounds)
        other = self.other.predict(features(compounds, self.teacher.charter.featuriser))
        both = expit((_log_odds(value[:, 0]) + _log_odds(other)) / 2)
        return dict(zip(OWN, (value[:, 0], other, both), strict=True)), weight[:, 0]


@attrs.frozen(eq=False)
class Mixed:
    """The others' experts and an own model, combined by the consortium's rules.

    The partner's own cross-validation chooses the own model with the smallest log-loss, and then the smallest boost
    that is no worse than the best beyond noise (one standard error of the paired difference). One of the boosts
    silences the others: who gains nothing on its own chemistry keeps its own model there. Nothing of the choice leaves.
    """

    charter: Charter = attrs.field(repr=False)
    """By whose rules."""

    own: Own | None = attrs.field(repr=False)
    """What the partner knows by itself; None if its compounds are of one class."""

    others: Experts | None = attrs.field(repr=False)
    """The others' experts; None if there are none."""

    choice: Choice
    """What its own cross-validation preferred."""

    @classmethod
    def fit(cls, assay: Assay, experts: Experts | None, charter: Charter, name: str, folds: int) -> Mixed:
        """Choose by cross-validation, then fit to all own compounds.

        Raises
        ------
        ValueError
            If there is neither an own model nor an expert.
        """
        others = None if experts is None else experts.without(name)
        if assay.n_active in (0, len(assay)):
            if others is None:
                raise ValueError("all own compounds are of one class, and there are no experts")
            return cls(charter, None, others, Choice())
        draft = cls(charter, Own.fit(assay, charter, name), others, Choice())
        return attrs.evolve(draft, choice=draft._chosen(assay, name, folds))

    def predict(self, compounds: CompoundSet) -> Floats:
        """Probability of the active class, (n_compounds,), in [0, 1]."""
        if not len(compounds):
            return np.empty(0)
        said = None if self.own is None else self.own.annotate(compounds)
        return self._mixed(said, self._ask(compounds), self.choice)

    def _ask(self, compounds: CompoundSet) -> list[Annotations]:
        if self.others is None:
            return []
        return asked(self.others, features(compounds, self.charter.featuriser), self.charter, self._sharpness)

    @property
    def _sharpness(self) -> float:
        distillation = DISTILLATIONS.build(self.charter.distillation)
        return distillation.sharpness if isinstance(distillation, FromExperts) else 1.0

    def _mixed(
        self, said: tuple[dict[str, Floats], Floats] | None, strangers: list[Annotations], choice: Choice
    ) -> Floats:
        if said is None:
            return combined(strangers, self._trust(strangers), self.charter)
        value, proximity = said[0][choice.own], said[1] ** self._sharpness
        # Opinions are combined in alphabetical order, and nothing sorts before an empty name.
        mine = Annotations(self.charter.digest, "", value[:, None], proximity[:, None])
        trust = np.concatenate([[choice.boost], self._trust(strangers)])
        return combined([mine, *strangers], trust, self.charter)

    def _trust(self, strangers: list[Annotations]) -> Floats:
        return self.others.trust.astype(np.float64) if self.others is not None and strangers else np.empty(0)

    def _chosen(self, assay: Assay, name: str, folds: int) -> Choice:
        smaller = min(assay.n_active, len(assay) - assay.n_active)
        if self.others is None or smaller < 2 * folds:
            return Choice(OWN[0] if smaller < 2 * folds else OWN[-1])
        truth = assay.active
        strangers = self._ask(assay.compounds)
        said: dict[str, Floats] = {own: np.empty(len(assay)) for own in OWN}
        proximity = np.empty(len(assay))
        for train, test in _folds(truth, folds, derive_seed(self.charter.seed, "mixture", name)):
            values, near = Own.fit(assay.take(train), self.charter, name).annotate(assay.compounds.take(test.tolist()))
            proximity[test] = near
            for own in OWN:
                said[own][test] = values[own]
        losses = {
            (own, boost): _losses(self._mixed((said, proximity), strangers, Choice(own, boost)), truth)
            for own in OWN
            for boost in BOOSTS
        }
        best = min(losses, key=lambda key: losses[key].mean())
        for boost in BOOSTS:
            worse = losses[best[0], boost] - losses[best]
            if worse.mean() <= worse.std() / np.sqrt(len(worse)):
                return Choice(best[0], boost)
        return Choice(*best)


def _folds(truth: NDArray[np.bool_], folds: int, seed: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415 - heavy

    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed % 2**32)
    yield from splitter.split(np.zeros(len(truth)), truth)


def _losses(probability: Floats, truth: NDArray[np.bool_]) -> Floats:
    return np.asarray(-np.log(np.clip(np.where(truth, probability, 1 - probability), 1e-3, 1)))


def _log_odds(probability: Floats) -> Floats:
    return np.asarray(logit(np.clip(probability, SUREST, 1 - SUREST)))
