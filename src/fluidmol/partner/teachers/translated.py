"""Translation inside the wall: a teacher of any kind teaches a linear one at home, and that one speaks.

What a forest says of public molecules far from its own tells little of what it knows, and whoever learns from it gets
half. At home, where the private compounds are, its linear stand-in learns from what was measured, and from what the
teacher says of the public molecules nearest to them; what a linear model says can be understood in full.
"""

from __future__ import annotations

import attrs
import numpy as np
from scipy.sparse import csr_matrix, vstack

from fluidmol.chem.features import features
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.estimators import ESTIMATORS
from fluidmol.learning.estimators.logistic import Linear
from fluidmol.learning.model import Floats, Model
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.assay import Assay
from fluidmol.partner.nearness import Nearness
from fluidmol.partner.own_model import Remembered
from fluidmol.partner.teacher import Teacher
from fluidmol.partner.teachers import Annotator, columns
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part


@attrs.frozen(eq=False)
class Translated(Annotator):
    """A linear model that speaks for a teacher. It never leaves the partner; what it says does."""

    own: Annotator = attrs.field(repr=False)
    """The teacher, which the partner goes on using at home."""

    charter: Charter = attrs.field(repr=False)
    """The rules it was fitted under."""

    model: Model[csr_matrix] = attrs.field(repr=False)
    """Linear; predicts from the charter's features."""

    nearness: Nearness = attrs.field(repr=False)
    """Says how near a molecule is to the partner's compounds."""

    n_taught: int
    """Number of public molecules that it has the teacher's opinion of."""

    def predict(self, compounds: CompoundSet) -> Floats:
        """Probability of the active class, (n_compounds,), in [0, 1]; NaN where the teacher abstains."""
        said = self.model.predict(features(compounds, self.charter.featuriser))
        return np.where(np.isnan(self.own.predict(compounds)), np.nan, said) if self.own.abstains else said

    def annotate(self, compounds: CompoundSet) -> tuple[Floats, Floats]:
        """Return opinions, and the charter's proximity to the partner's compounds as weights, each (n_compounds, 1)."""
        return columns(self.predict(compounds), self.nearness(compounds))


def translates(charter: Charter) -> bool:
    """Check whether teachers that aren't linear are translated under a charter.

    Never under ``[privacy]``, where no other teacher speaks than the private one, which is linear.

    Examples
    --------
    >>> translates(Charter.from_preset("open")), translates(Charter.from_preset("paper-2025"))
    (True, False)
    """
    return charter.privacy is None and DISTILLATIONS.build(charter.distillation).translation > 0


def translated(
    teacher: Annotator, assay: Assay | None, transfer: CompoundSet, charter: Charter, name: str
) -> Annotator:
    """Translate a teacher, where the charter asks for it and it isn't linear already.

    Parameters
    ----------
    teacher : Annotator
        Of any kind. Where it abstains, nothing is learnt from it, and nothing is said.
    assay : Assay or None
        The partner's compounds; without them, or where they are of one class, there is nothing to translate into, and
        the teacher speaks for itself.
    transfer : CompoundSet
        The public molecules, of which the teacher is asked about the nearest.
    charter : Charter
    name : str
        Of the partner; seeds derive from it.

    Returns
    -------
    Annotator
        A :class:`Translated`, or the teacher itself.

    Raises
    ------
    InputError
        If the teacher can't be asked, or says too little of the transfer set.
    """
    if not translates(charter) or _is_linear(teacher) or assay is None or assay.n_active in (0, len(assay)):
        return teacher
    distillation = DISTILLATIONS.build(charter.distillation)
    nearness = Nearness.of(assay, charter, name)
    # Annotating checks what predicting doesn't: whether a file covers enough of the transfer set.
    said = None
    if teacher.abstains:
        value, weight = teacher.annotate(transfer)
        said = value[:, 0]
        teacher = Remembered.of(teacher, transfer, value, weight)  # a program takes long to ask
    spoken = np.arange(len(transfer)) if said is None else np.flatnonzero(~np.isnan(said))
    # Ties keep the transfer set's order, so that every machine asks about the same molecules.
    nearest = np.argsort(-nearness(transfer)[spoken], kind="stable")[: distillation.translation]
    taught = np.sort(spoken[nearest])
    public = transfer.take(taught.tolist())
    said = teacher.predict(public) if said is None else said[taught]
    rows = [features(known, charter.featuriser) for known in (assay.compounds, public)]
    target = np.concatenate([assay.outcome[:, 0], said])
    weight = np.repeat([1.0, distillation.translation_weight], [len(assay), len(public)])
    part = charter.teacher if ESTIMATORS.build(charter.teacher).linear else Part("logistic")
    seed = derive_seed(charter.seed, "translation", name)
    model = ESTIMATORS.build(part).fit(vstack(rows, format="csr"), target, weight, seed)
    return Translated(teacher, charter, model, nearness, len(public))


def _is_linear(teacher: Annotator) -> bool:
    return isinstance(teacher, Teacher) and isinstance(teacher.model, Linear)
