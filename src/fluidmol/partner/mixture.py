"""Hybrids that ask: the others' experts, and a model of one's own compounds in place of one's own expert."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np

from fluidmol.chem.features import features
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.experts.asking import asked, combined
from fluidmol.learning.model import Floats, Model
from fluidmol.partner.assay import Assay
from fluidmol.partner.local_models import OWN, LocalFit, LocalModels, LocalOpinion, enough
from fluidmol.partner.own_model import OwnModel
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.experts import Experts

BOOSTS = (1.0, 4.0, 16.0, 1e6, 1e30)
"""How much more the own model may count than its proximity says; the last silences the others.

1e6 doesn't: weights are powers of similarities, and strangers who claim to know everything can weigh more than that.
"""

OUTERMOST = 0.05
"""Share of the own compounds, the most remote, that lie outside of what a partner is taken to know."""

FADING = 0.8
"""Part of the likeness from which a boost holds in full, below which it doesn't hold at all."""


@attrs.frozen
class MixtureSetting:
    """What a partner's own cross-validation preferred."""

    own: str = "teacher"
    """One of :data:`OWN`."""

    boost: float = 1.0
    """One of :data:`BOOSTS`."""

    home: float = 0.0
    """Likeness to own compounds from which the boost holds in full, in [0, 1]: 19 in 20 of them are so like the others.
    What was chosen on one's own chemistry says nothing of molecules far from it. 0: it holds everywhere."""


@attrs.frozen(eq=False)
class MixtureModel(Model[CompoundSet]):
    """The others' experts and an own model, combined by the consortium's rules.

    The partner's own cross-validation chooses the own model with the smallest log-loss, and then the smallest boost
    that is no worse than the best beyond noise (one standard error of the paired difference). One of the boosts
    silences the others: who gains nothing on its own chemistry keeps its own model there, and there only: far from it
    the own model counts as its proximity says. Nothing of the choice leaves.
    """

    charter: Charter = attrs.field(repr=False)
    """By whose rules."""

    own: LocalModels | None = attrs.field(repr=False)
    """What the partner knows by itself; None if its compounds are of one class."""

    others: Experts | None = attrs.field(repr=False)
    """The others' experts; None if there are none."""

    choice: MixtureSetting
    """What its own cross-validation preferred."""

    @classmethod
    def fit(
        cls,
        assay: Assay,
        experts: Experts | None,
        charter: Charter,
        name: str,
        folds: int,
        alone: Callable[[int], LocalFit] | None = None,
        own: OwnModel | None = None,
    ) -> MixtureModel:
        """Choose by cross-validation, then fit to all own compounds.

        Parameters
        ----------
        assay : Assay
            The partner's compounds.
        experts : Experts or None
            Of all partners; one's own isn't asked.
        charter : Charter
        name : str
            Of the partner; its seeds derive from it.
        folds : int
            Of the cross-validation.
        alone : callable, optional
            Gives, for a number of folds, what is the same whatever the experts are, where it is known already: several
            hybrids of one partner differ in their labels only.
        own : OwnModel, optional
            What the partner has without the consortium; the charter's estimator by default.

        Raises
        ------
        ValueError
            If there is neither an own model nor an expert.
        """
        others = None if experts is None else experts.without(name)
        if assay.uniform:
            if others is None:
                raise ValueError("all own compounds are of one class, and there are no experts")
            return cls(charter, None, others, MixtureSetting())
        if others is None:
            setting = MixtureSetting(OWN[-1 if enough(assay, folds) else 0])
            return cls(charter, LocalModels.fit(assay, charter, name, own), None, setting)
        known = LocalFit.fit(assay, charter, name, folds, own) if alone is None else alone(folds)
        draft = cls(charter, known.own, others, MixtureSetting())
        return draft if known.held is None else attrs.evolve(draft, choice=draft._chosen(assay, known.held))

    def predict(self, compounds: CompoundSet) -> Floats:
        """Probability of the active class, (n_compounds,), in [0, 1]."""
        if not len(compounds):
            return np.empty(0)
        said = None if self.own is None else self.own.opinion(compounds)
        return self._mixed(said, self._ask(compounds), self.choice)

    def _ask(self, compounds: CompoundSet) -> list[Annotations]:
        if self.others is None:
            return []
        return asked(self.others, features(compounds, self.charter.featuriser), self.charter, self._sharpness)

    @property
    def _sharpness(self) -> float:
        return DISTILLATIONS.build(self.charter.distillation).sharpness

    def _mixed(self, said: LocalOpinion | None, strangers: list[Annotations], choice: MixtureSetting) -> Floats:
        if said is None:
            return combined(strangers, self._trust(strangers), self.charter)
        value, proximity = said.value[choice.own], said.proximity**self._sharpness
        # Opinions are combined in alphabetical order, and nothing sorts before an empty name.
        mine = Annotations(self.charter.digest, "", value[:, None], proximity[:, None])
        others = np.repeat(self._trust(strangers)[:, None], len(value), axis=1)
        trust = np.concatenate([_emphasis(said.near, choice)[None], others])
        return combined([mine, *strangers], trust, self.charter)

    def _trust(self, strangers: list[Annotations]) -> Floats:
        return self.others.trust.astype(np.float64) if self.others is not None and strangers else np.empty(0)

    def _chosen(self, assay: Assay, held: LocalOpinion) -> MixtureSetting:
        truth, strangers = assay.outcome[:, 0], self._ask(assay.compounds)
        losses = {
            (own, boost): _losses(self._mixed(held, strangers, MixtureSetting(own, boost)), truth)
            for own in OWN
            for boost in BOOSTS
        }
        best = min(losses, key=lambda key: losses[key].mean())
        home = float(np.quantile(held.near, OUTERMOST))
        for boost in BOOSTS:
            worse = losses[best[0], boost] - losses[best]
            if worse.mean() <= worse.std() / np.sqrt(len(worse)):
                return MixtureSetting(best[0], boost, home)
        return MixtureSetting(*best, home)


@attrs.frozen(eq=False)
class LocalModel(Model[CompoundSet]):
    """The own model within a mixture, without the others."""

    mixed: MixtureModel

    def predict(self, compounds: CompoundSet) -> Floats:
        """Predict the probability of the active class, (n_compounds,), in [0, 1].

        Raises
        ------
        ValueError
            If the own compounds were of one class.
        """
        if self.mixed.own is None:
            raise ValueError("the mixture has no own model: its compounds are of one class")
        return self.mixed.own.annotate(compounds)[0][self.mixed.choice.own]


def _emphasis(near: Floats, choice: MixtureSetting) -> Floats:
    """How much more the own model counts at each molecule: the boost at home, 1 far from it."""
    if choice.home <= 0:
        return np.full(len(near), choice.boost)
    inside = np.clip((near / choice.home - FADING) / (1 - FADING), 0, 1)
    return np.asarray(choice.boost**inside, dtype=np.float64)


def _losses(said: Floats, truth: Floats) -> Floats:
    """Cross-entropy of what was said with the truth, which may be soft: a position on a scale."""
    yes, no = (np.log(np.clip(part, 1e-3, 1)) for part in (said, 1 - said))
    return np.asarray(-(truth * yes + (1 - truth) * no))
