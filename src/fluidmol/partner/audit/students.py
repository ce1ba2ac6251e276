"""What a student of the labels says of one partner's compounds, where it is the only thing that somebody gets.

Distillation doesn't keep membership from passing from teacher to student (Jagielski et al. 2023, arXiv 2303.03446). A
partner can't know what the others will say, so the worst is assumed: nobody else says anything, and the student is
one of its own annotations alone, made as the charter says. Where a charter makes experts, its student is a mixture of
them, and the expert stands for it.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from scipy.special import logit

from fluidmol.chem.table import LazyFeatures
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.federation import aggregate
from fluidmol.partner.audit.observations import Floats, Observations
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet

LIMIT = 1e-4
"""Probabilities are cut at this distance from 0 and 1."""


def students(
    public: Sequence[Annotations], asked: CompoundSet, base: Observations, charter: Charter
) -> Observations | None:
    """Predict the candidates by a student of each draw's annotations.

    Parameters
    ----------
    public : sequence of Annotations
        What leaves of each draw about the transfer molecules.
    asked : CompoundSet
        These molecules.
    base : Observations
        Of who holds the annotations.
    charter : Charter

    Returns
    -------
    Observations or None
        None if the charter's student is made of experts or reads structures, or labels of some draw are of one class.

    Raises
    ------
    CharterError
        If the charter has unknown parts.
    """
    distillation = DISTILLATIONS.build(charter.distillation)
    # One that reads structures would take hours for all draws.
    if distillation.makes_experts or base.rows is None or distillation.reads_structures(charter):
        return None
    table = LazyFeatures(asked, charter.featuriser)
    said: list[Floats] = []
    for one in public:
        try:
            model, _ = distillation.student(aggregate([one], charter), table, charter)
        except ValueError:  # all labels of one class: there is no student
            return None
        said.append(logit(np.clip(model.predict(base.rows), LIMIT, 1 - LIMIT)))
    opinion = np.array(said)
    return attrs.evolve(base, opinion=opinion, weight=np.ones_like(opinion), decimals=0)
