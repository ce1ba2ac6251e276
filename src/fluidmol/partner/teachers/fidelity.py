"""How true a translation is to the teacher it speaks for, on own compounds that neither has seen."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from fluidmol.learning.model import Floats
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.assay import Assay
from fluidmol.partner.teachers import Recipe
from fluidmol.partner.teachers.translated import Translated, translated
from fluidmol.values.charter import Charter
from fluidmol.values.pieces import Pieces

FOLDS = 3
"""Parts of the own compounds; each is held out once, and teacher and translation are made anew of the others."""

FEWEST_HELD = 2 * FOLDS
"""Fewest compounds of each class with which parts can be held out."""


@attrs.frozen(kw_only=True)
class Fidelity:
    """Teacher and translation on own compounds that were held out. It is for the partner alone."""

    held: int
    """Own compounds that were held out, and that the teacher had an opinion of; 0 where nothing can be compared."""

    taught: int
    """Public molecules that the translation has the teacher's opinion of."""

    agreement: float = 0.0
    """Share of these compounds that both call alike, active or inactive, 0 to 1."""

    own_auc: float = 0.0
    """ROC AUC of the teacher; 0 where nothing is compared."""

    translated_auc: float = 0.0
    """ROC AUC of the translation; 0 where nothing is compared."""

    unseen: bool = True
    """Whether the teacher was made without the compounds that were held out; one that is fitted elsewhere can't be."""

    unknown: ClassVar[str] = "can't be said: too few compounds of either class, or yours says nothing of them"
    """Why nothing is compared, where that is so."""


class ValueFidelity(Fidelity):
    """Of a regression."""

    unknown: ClassVar[str] = "isn't compared for values"
    """So it is."""


def fidelity(
    recipe: Recipe, speaking: Translated, assay: Assay, transfer: Pieces, charter: Charter, name: str
) -> Fidelity:
    """Compare a teacher with its translation on held-out own compounds.

    Parameters
    ----------
    recipe : Recipe
        Makes the teacher.
    speaking : Translated
        Of all own compounds.
    assay : Assay
        The partner's compounds.
    transfer : Pieces
        The public molecules.
    charter : Charter
    name : str
        Of the partner; seeds derive from it.

    Returns
    -------
    Fidelity
        Of no compound where fewer than six of a class are known, the teacher has no opinion of both classes, or the
        endpoint is a regression.
    """
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415 - heavy

    if assay.scale is not None:
        return ValueFidelity(held=0, taught=speaking.n_taught)
    if min(assay.n_active, len(assay) - assay.n_active) < FEWEST_HELD:
        return Fidelity(held=0, taught=speaking.n_taught)
    seed = derive_seed(charter.seed, "fidelity", name)
    own, spoken = np.full((2, len(assay)), np.nan)
    splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=seed % 2**32)
    for train, test in splitter.split(np.zeros(len(assay)), assay.active):
        known, held = assay.take(train), assay.compounds.take(test.tolist())
        teacher = recipe.fit(known, charter, name) if recipe.learns else speaking.own
        own[test] = teacher.predict(held)
        spoken[test] = translated(teacher, known, transfer, charter, name).predict(held)
    return _compared(own, spoken, assay, speaking, unseen=recipe.learns)


def _compared(own: Floats, spoken: Floats, assay: Assay, speaking: Translated, *, unseen: bool) -> Fidelity:
    said = ~np.isnan(own)
    truth = assay.active[said]
    if not 0 < truth.sum() < len(truth):
        return Fidelity(held=0, taught=speaking.n_taught)
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - heavy

    return Fidelity(
        held=int(said.sum()),
        taught=speaking.n_taught,
        agreement=float(((own[said] > 0.5) == (spoken[said] > 0.5)).mean()),
        own_auc=float(roc_auc_score(truth, own[said])),
        translated_auc=float(roc_auc_score(truth, spoken[said])),
        unseen=unseen,
    )
