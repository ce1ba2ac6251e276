"""Translation inside the wall: a teacher of any kind teaches a linear one at home, and that one speaks.

What a forest says of public molecules far from its own tells little of what it knows, and whoever learns from it gets
half. At home, where the private compounds are, its linear stand-in learns from what was measured, and from what the
teacher says of the public molecules nearest to them; what a linear model says can be understood in full.
"""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from fluidmol.chem.features import features, remember
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.estimators import ESTIMATORS
from fluidmol.learning.estimators.logistic import Linear
from fluidmol.learning.model import Floats, Model
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.assay import Assay
from fluidmol.partner.nearness import Nearness, compared
from fluidmol.partner.own_model import Remembered
from fluidmol.partner.teacher import Teacher
from fluidmol.partner.teachers import Annotator, columns
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part
from fluidmol.values.pieces import Pieces


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
        remember(compounds, self.charter.featuriser, compared(self.charter))
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


_UNKNOWN = np.empty((0, 1))


def needs_translation(teacher: Annotator, assay: Assay | None, charter: Charter) -> bool:
    """Check whether another speaks for a teacher: the charter asks for it, and it isn't linear already.

    Without compounds, or where they are of one class, there is nothing to translate into, and it speaks for itself.
    """
    if assay is None or assay.uniform:
        return False
    return translates(charter) and not (isinstance(teacher, Teacher) and isinstance(teacher.model, Linear))


def translated(teacher: Annotator, assay: Assay | None, transfer: Pieces, charter: Charter, name: str) -> Annotator:
    """Translate a teacher, where that is needed.

    Parameters
    ----------
    teacher : Annotator
        Of any kind. Where it abstains, nothing is learnt from it, and nothing is said.
    assay : Assay or None
        The partner's compounds.
    transfer : Pieces
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
        If the teacher can't be asked.
    """
    if assay is None or not needs_translation(teacher, assay, charter):
        return teacher
    distillation = DISTILLATIONS.build(charter.distillation)
    nearness = Nearness.of(assay, charter, name)
    near = np.concatenate([nearness(piece) for piece in transfer])
    # Ties keep the transfer set's order, so that every machine asks about the same molecules.
    nearest = np.argsort(-near, kind="stable")
    asked, value, weight = _ask(teacher, transfer, nearest, distillation.translation)
    if teacher.abstains:
        teacher = Remembered.of(teacher, asked, value, weight)  # a program takes long to ask
    spoken = np.flatnonzero(~np.isnan(value[:, 0]))[: distillation.translation]
    taught = spoken[np.argsort(nearest[spoken])]  # in the transfer set's order
    public, said = asked.take(taught.tolist()), value[taught, 0]
    rows = [features(known, charter.featuriser) for known in (assay.compounds, public)]
    target = np.concatenate([assay.outcome[:, 0], said])
    counts = np.repeat([1.0, distillation.translation_weight], [len(assay), len(public)])
    part = charter.teacher if ESTIMATORS.build(charter.teacher).linear else Part("logistic")
    seed = derive_seed(charter.seed, "translation", name)
    model = ESTIMATORS.build(part).fit(vstack(rows, format="csr"), target, counts, seed)
    return Translated(teacher, charter, model, nearness, len(public))


def _ask(
    teacher: Annotator, transfer: Pieces, nearest: NDArray[np.int64], wanted: int
) -> tuple[CompoundSet, Floats, Floats]:
    """Ask a teacher about the nearest molecules until it has spoken of as many as are wanted, or there are no more.

    Returns
    -------
    asked : CompoundSet
        The nearest first.
    value, weight : (n_asked, 1) float
        Its opinions of them, NaN where it abstains; no weights if it never does.
    """
    start, stop, parts = 0, wanted, []
    while True:
        asked = transfer.take(nearest[start:stop])
        said = teacher.annotate(asked) if teacher.abstains else (teacher.predict(asked)[:, None], _UNKNOWN)
        parts.append((asked, *said))
        n_spoken = sum(int((~np.isnan(value)).sum()) for _, value, _ in parts)
        if stop >= len(nearest) or n_spoken >= wanted:
            break
        start, stop = stop, 2 * stop
    sets, values, weights = zip(*parts, strict=True)
    smiles, keys = ([text for each in sets for text in getattr(each, what)] for what in ("smiles", "inchikeys"))
    return CompoundSet(smiles, keys), np.concatenate(values), np.concatenate(weights)
