"""Where each model is at home: domains of what it learnt from, with what is shared computed once."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.domain import DOMAINS
from fluidmol.chem.domain.fragments import FragmentDomain
from fluidmol.learning.conformal import Conformal, sets_at
from fluidmol.studies.analyses.candidates import FederatedModel, Federation
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@attrs.frozen(eq=False)
class DomainAnswer:
    """What a domain says of one data set."""

    score: Floats = attrs.field(repr=False)
    """Higher = more inside, (n_compounds,)."""

    inside: Flags = attrs.field(repr=False)
    """Whether each molecule is inside, (n_compounds,)."""

    p_values: Floats | None = attrs.field(default=None, repr=False)
    """Of both classes, (n_compounds, 2), if the domain is conformal."""


Ask = Callable[[CompoundSet, Floats], DomainAnswer]
"""Asks a domain about compounds and what the model says of them."""


def asked_domain(name: str, federation: Federation, candidate: FederatedModel, level: float) -> Ask | None:
    """Find a candidate's domain.

    Parameters
    ----------
    name : str
        One of :data:`fluidmol.chem.domain.DOMAINS`, or ``conformal``.
    federation : Federation
        That of the candidate.
    candidate : FederatedModel
    level : float
        At which a conformal set of exactly one class counts as inside.

    Returns
    -------
    callable or None
        None if the domain is conformal and the candidate isn't calibrated.

    Raises
    ------
    ValueError
        If there are too few compounds to find it.
    """
    if name == "conformal":
        return None if candidate.calibrate is None else _conformal(candidate.calibrate(), level)
    if name == "fragments":
        domain = fragments_of(federation, candidate)
        # The strict domain is a line at 1 through the share of known fragments.
        return lambda compounds, _: DomainAnswer(score := domain.score(compounds), score >= 1.0)
    learnt = [part.compounds for part in candidate.own] + [federation.chosen] * candidate.federated
    found = DOMAINS.build(Part(name)).fit(_joined(learnt))
    return lambda compounds, p: DomainAnswer(found.score(compounds, p), found.covers(compounds, p))


def fragments_of(federation: Federation, candidate: FederatedModel, *, own_only: bool = False) -> FragmentDomain:
    """Give the strict domain of all that a candidate learnt from, or of its own compounds alone."""
    domain = FragmentDomain(np.empty(0, np.int64))
    for part in candidate.own:
        domain = domain | federation.fragments(part.compounds)
    return domain | federation.fragments(federation.chosen) if candidate.federated and not own_only else domain


def _conformal(conformal: Conformal, level: float) -> Ask:
    def ask(_: CompoundSet, probability: Floats) -> DomainAnswer:
        p_values = conformal.p_values(probability)
        # Confidence: how sure the less usual class can be ruled out.
        return DomainAnswer(1.0 - p_values.min(axis=1), sets_at(p_values, level).sum(axis=1) == 1, p_values)

    return ask


def _joined(sets: list[CompoundSet]) -> CompoundSet:
    smiles = {k: s for part in sets for k, s in zip(part.inchikeys, part.smiles, strict=True)}
    return CompoundSet(tuple(smiles.values()), tuple(smiles))
