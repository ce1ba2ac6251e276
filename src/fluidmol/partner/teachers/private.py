"""The private teacher: the only one that may speak under a charter with ``[privacy]``.

All that it ever says is computed from one differentially private model, which was released once: whoever asks, however
often, about whatever molecules, learns no more about a compound than the charter's epsilon allows.
"""

from __future__ import annotations

from typing import Protocol

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from fluidmol.chem.features import features
from fluidmol.chem.proximity import PROXIMITIES, OfSum
from fluidmol.errors import CharterError
from fluidmol.learning.model import Floats
from fluidmol.learning.privacy import PRIVACIES
from fluidmol.learning.privacy.accountant import noise_multiplier
from fluidmol.learning.privacy.mechanism import release
from fluidmol.learning.privacy.merging import merged
from fluidmol.learning.privacy.noise import Noise
from fluidmol.learning.privacy.sizes import fewest
from fluidmol.partner.assay import Assay
from fluidmol.partner.budget import Spend
from fluidmol.partner.teachers import Annotator
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.private_model import PrivateModel


class Kept(Protocol):
    """Where the private model of a charter is kept, so that it is made only once."""

    def find(self, charter: Charter, data: str) -> PrivateModel | None:
        """Return the model that was made for a charter from data of this digest; None if none was."""

    def keep(self, charter: Charter, data: str, model: PrivateModel) -> PrivateModel:
        """Keep a model before anybody is shown what it says; return it, or the one that is there already."""


@attrs.frozen(eq=False)
class PrivateTeacher(Annotator):
    """Answers from a private model."""

    charter: Charter = attrs.field(repr=False)
    """The rules it speaks under."""

    model: PrivateModel = attrs.field(repr=False)
    """What was released; it holds nothing else about any compound."""

    @classmethod
    def fit(cls, assay: Assay, charter: Charter, noise: Noise) -> PrivateTeacher:
        """Make a private model of own compounds, those of one skeleton merged.

        Parameters
        ----------
        assay : Assay
        charter : Charter
            With ``[privacy]``.
        noise : Noise
            The partner's own randomness, which nobody else may know.

        Raises
        ------
        CharterError
            If the charter has no privacy, or parts that don't go with it.
        """
        check_private(charter)
        if charter.privacy is None:
            raise CharterError("the charter has no [privacy]", hint="Start from the preset private.")
        rows = features(assay.compounds, charter.featuriser).toarray()
        phi, target = merged(rows, assay.outcome[:, 0], assay.compounds.skeletons)
        return cls(charter, release(phi, target, PRIVACIES.build(charter.privacy), noise))

    @classmethod
    def speaking(cls, charter: Charter, model: PrivateModel) -> PrivateTeacher:
        """Let a model speak that was made before.

        Raises
        ------
        CharterError
            If it has less noise than the charter promises, or the charter has parts that don't go with privacy.
        """
        check_private(charter)
        if charter.privacy is None:
            raise CharterError("the charter has no [privacy]", hint="Start from the preset private.")
        promised = PRIVACIES.build(charter.privacy)
        least = noise_multiplier(promised.epsilon, promised.delta)
        if (model.epsilon, model.delta) != (promised.epsilon, promised.delta) or model.multiplier < least * (1 - 1e-9):
            raise CharterError(
                f"the private model that was kept has epsilon {model.epsilon:g} at delta {model.delta:g}, and the"
                f" charter promises epsilon {promised.epsilon:g} at delta {promised.delta:g}",
                hint="It was made for another charter: give this one a `home` of its own.",
            )
        return cls(charter, model)

    @property
    def drowned(self) -> int:
        """From how many compounds on the model would say something; 0 if it does.

        It is told by the model's noisy count, so that declining for it says no more than the model does.
        """
        if self.charter.privacy is None:
            return 0
        needed = fewest(PRIVACIES.build(self.charter.privacy), self.model.n_columns)
        return needed if self.model.count < needed else 0

    @property
    def n_known(self) -> float:
        """The model's noisy count."""
        return self.model.count

    @property
    def spend(self) -> Spend:
        """What its model costs, however often it is asked."""
        return Spend(self.model.multiplier, self.model.digest)

    def predict(self, compounds: CompoundSet) -> Floats:
        """Probability of the active class, (n_compounds,), in [0, 1]."""
        return self._said(features(compounds, self.charter.featuriser).toarray())

    def annotate(self, compounds: CompoundSet) -> tuple[Floats, Floats]:
        """Give an opinion of each compound, and how much it resembles the noisy sum of one's own.

        Returns
        -------
        value, weight : (n_compounds, 1) float
            Probability of the active class, and weight, both in [0, 1].
        """
        phi = features(compounds, self.charter.featuriser).toarray()
        weight = _proximity_of_sum(self.charter)(self.model.total.astype(np.float64), phi)
        return self._said(phi)[:, None], weight[:, None]

    def _said(self, phi: NDArray[np.float32]) -> Floats:
        return np.asarray(expit(phi @ self.model.opinion[:-1] + self.model.opinion[-1]), dtype=np.float64)


def _proximity_of_sum(charter: Charter) -> OfSum:
    of_sum = PROXIMITIES.build(charter.proximity).of_sum
    if of_sum is None:
        raise CharterError(
            f"a charter with [privacy] has the proximity {charter.proximity.name!r}",
            hint='Only "resemblance" is known to be private: take the preset private.',
        )
    return of_sum


def check_private(charter: Charter) -> None:
    """Check that the parts of a charter with ``[privacy]`` are those that its proof is about.

    Raises
    ------
    CharterError
        Naming the first that isn't, or that is out of range.
    """
    if charter.privacy is None:
        return
    PRIVACIES.build(charter.privacy)
    _proximity_of_sum(charter)
    if charter.featuriser.name != "directions":
        raise CharterError(
            f"a charter with [privacy] has the featuriser {charter.featuriser.name!r}",
            hint='Noise is bearable in few public directions only: expected "directions". Take the preset private.',
        )
    scales = (dict(charter.proximity.options).get("scale"), dict(charter.weighting.options).get("scale"))
    if charter.weighting.name == "resemblance" and scales[0] != scales[1]:
        raise CharterError(
            f"[proximity] has the scale {scales[0]} and [weighting] {scales[1]}",
            hint="They must be the same: what one writes the other reads.",
        )
