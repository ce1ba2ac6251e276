"""Which part of a kept model is exported, and as what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
from scipy.sparse import csr_matrix

from fluidmol.chem.features import features
from fluidmol.errors import InputError, UsageError
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.estimators.lightgbm import Booster
from fluidmol.learning.estimators.logistic import Linear
from fluidmol.learning.estimators.trees import Trees
from fluidmol.learning.experts.asking import SurrogateEnsemble
from fluidmol.learning.model import Floats, Model
from fluidmol.partner.export.experts import add_experts
from fluidmol.partner.export.graph import INPUT, Graph
from fluidmol.partner.export.trees import add_booster, add_forest
from fluidmol.partner.hybrid import OnMolecules
from fluidmol.partner.kept.saved_hybrid import KeptHybrid
from fluidmol.partner.local_models import SUREST, LocalModels
from fluidmol.partner.mixture import MixtureModel
from fluidmol.values.compounds import CompoundSet

WHOLE, OWN, OTHERS = "whole", "own", "others"
"""The model as it is; of a mixture, the own model, or what the consortium's other experts say together."""


@attrs.frozen(eq=False)
class ExportPart:
    """What is exported."""

    name: str
    """One of :data:`WHOLE`, :data:`OWN`, :data:`OTHERS`."""

    private: bool
    """Whether it learnt from private compounds."""

    words: str
    """What it is, for people."""

    predict: Callable[[CompoundSet], Floats] = attrs.field(repr=False)
    """What fluidmol itself says."""

    add: Callable[[Graph], str] = attrs.field(repr=False)
    """Adds it to a graph."""


def chosen_part(kept: KeptHybrid, name: str | None) -> ExportPart:
    """Choose what is exported.

    Raises
    ------
    UsageError
        If a mixture is to be exported as a whole, or a part is asked for that isn't there.
    InputError
        If the model has no ONNX form.
    """
    form = _FORMS.get(type(kept.model))
    if form is None:
        raise InputError(f"a {type(kept.model).__name__} has no ONNX form", hint="Use fluid predict.")
    return form(kept, kept.model, name)


def _whole(kept: KeptHybrid, model: OnMolecules, name: str | None) -> ExportPart:
    if model.structures:
        raise InputError("a student that reads structures has no ONNX form", hint="Use fluid predict.")
    if name not in (None, WHOLE):
        raise UsageError(f"`part` is {name}", hint="Only a mixture has parts; this model is exported as a whole.")
    private = kept.near_own is not None
    words = "the hybrid, which learnt from private compounds" if private else "the consortium's student"
    return ExportPart(WHOLE, private, words, model.predict, lambda graph: add_model(graph, model.model))


def _of_mixture(_kept: KeptHybrid, model: MixtureModel, name: str | None) -> ExportPart:
    if name in (None, WHOLE):
        raise UsageError(
            "this hybrid is a mixture: it compares each molecule with your private compounds, and their fingerprints"
            " would be in the file",
            hint="Export a part: `part` own is your own model, `part` others what the others' experts say together.",
        )
    return _own(model) if name == OWN else _others(model)


def _own(model: MixtureModel) -> ExportPart:
    own = model.own
    if own is None:
        raise UsageError("this hybrid has no own model", hint="Its compounds were of one class; try `part` others.")
    words = f"the own model ({model.choice.own}) of a mixture, which learnt from private compounds"
    choice = model.choice.own
    return ExportPart(
        OWN, True, words, lambda asked: own.annotate(asked)[0][choice], lambda graph: _add_own(graph, own, choice)
    )


def _others(model: MixtureModel) -> ExportPart:
    charter, others = model.charter, model.others
    if others is None:
        raise UsageError("this hybrid asks nobody else", hint="Try `part` own.")
    asked = SurrogateEnsemble(others, charter, DISTILLATIONS.build(charter.distillation).sharpness)
    words = "the experts of the other partners, combined by the consortium's rules; no private compound is in it"
    predict = OnMolecules(asked, charter.featuriser).predict
    return ExportPart(OTHERS, False, words, predict, lambda graph: add_experts(graph, INPUT, asked))


def add_model(graph: Graph, model: Model[csr_matrix]) -> str:
    """Add a model of features: probability, (n, 1).

    Raises
    ------
    InputError
        If it has no ONNX form.
    """
    add = _NODES.get(type(model))
    if add is None:
        raise InputError(f"a {type(model).__name__} has no ONNX form", hint="Use fluid predict.")
    return add(graph, INPUT, model)


def _add_linear(graph: Graph, given: str, model: Linear) -> str:
    return graph.add("Sigmoid", graph.linear(given, model.coefficients[:, None], np.array([model.intercept])))


def _add_own(graph: Graph, own: LocalModels, choice: str) -> str:
    said = {"teacher": getattr(own.teacher, "model", own.teacher), "hybrid": own.other}
    if choice in said:
        return add_model(graph, said[choice])
    odds = [_log_odds(graph, add_model(graph, model)) for model in said.values()]
    return graph.add("Sigmoid", graph.add("Mul", graph.add("Add", *odds), graph.constant(0.5)))


def _log_odds(graph: Graph, probability: str) -> str:
    cut = graph.add("Clip", probability, graph.constant(SUREST), graph.constant(1 - SUREST))
    return graph.add("Log", graph.add("Div", cut, graph.add("Sub", graph.constant(1.0), cut)))


def table_of(kept: KeptHybrid, compounds: CompoundSet) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Give the matrix that the exported file takes, (n, n_columns), dense."""
    return np.asarray(features(compounds, kept.public.charter.featuriser).toarray(), dtype=np.float32)


_FORMS: dict[type, Callable[[KeptHybrid, Any, str | None], ExportPart]] = {
    OnMolecules: _whole,
    MixtureModel: _of_mixture,
}

_NODES: dict[type, Callable[[Graph, str, Any], str]] = {
    SurrogateEnsemble: add_experts, Booster: add_booster, Linear: _add_linear, Trees: add_forest,
}  # fmt: skip
