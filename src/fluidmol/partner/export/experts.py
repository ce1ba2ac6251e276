"""Experts as ONNX nodes: matrix products, combined by the consortium's rules."""

from __future__ import annotations

import numpy as np

from fluidmol.errors import InputError
from fluidmol.learning.aggregation import AGGREGATIONS
from fluidmol.learning.experts.asking import SurrogateEnsemble
from fluidmol.learning.weighting import WEIGHTINGS
from fluidmol.partner.export.graph import Graph
from fluidmol.values.charter import Charter


def add_experts(graph: Graph, given: str, model: SurrogateEnsemble) -> str:
    """Add experts that are asked as one: probability, (n, 1).

    Raises
    ------
    InputError
        If the charter combines them in a way that can't be exported.
    """
    power, experts = exponent(model.charter), model.experts
    opinion, proximity = experts.opinion.astype(np.float64), experts.proximity.astype(np.float64)
    logarithm = graph.linear(given, proximity[:, :-1].T.copy(), proximity[:, -1])
    scaled = graph.add("Mul", logarithm, graph.constant(model.sharpness))
    near = graph.add("Exp", graph.add("Min", scaled, graph.constant(0.0)))
    said = graph.add("Sigmoid", graph.linear(given, opinion[:, :-1].T.copy(), opinion[:, -1]))
    # As annotations have them: a weight too small for float32 is none.
    near, said = (graph.cast(graph.cast(name, double=False), double=True) for name in (near, said))
    weight = near if power == 1 else graph.add("Pow", near, graph.constant(power))
    total = graph.summed(weight)
    spoken = graph.add("Greater", total, graph.constant(0.0))
    share = graph.add("Div", weight, graph.add("Where", spoken, total, graph.constant(1.0)))
    # Where nobody claims to know anything, all count the same.
    share = graph.add("Where", spoken, share, graph.constant(1.0))
    trusted = graph.add("Mul", share, graph.constant(np.maximum(experts.trust.astype(np.float64), 1e-30)))
    return graph.add("Div", graph.summed(graph.add("Mul", trusted, said)), graph.summed(trusted))


def exponent(charter: Charter) -> float:
    """Give the power that weights are raised to.

    Raises
    ------
    InputError
        If weights or opinions are combined in another way.
    """
    weighting, aggregation = WEIGHTINGS.build(charter.weighting), AGGREGATIONS.build(charter.aggregation)
    if weighting.exponent is None or not aggregation.of_one_molecule().is_mean:
        raise InputError(
            f"experts combined by {charter.weighting.name} and {charter.aggregation.name} can't be exported",
            hint="Of a mixture, `part` own can be. Weightings as-stated and powered with weighted-mean or reliability"
            " have an ONNX form.",
        )
    return weighting.exponent
