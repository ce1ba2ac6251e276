"""Hybrids and what they are made of as facts, arrays and texts, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from fluidmol.chem.representation.underlying import underlying
from fluidmol.errors import InputError, OutputError
from fluidmol.learning.experts.asking import SurrogateEnsemble
from fluidmol.learning.model import Model
from fluidmol.partner.hybrid import OnMolecules
from fluidmol.partner.kept.array_bundle import ArrayBundle
from fluidmol.partner.kept.estimators import Facts, keep_estimator, recall_estimator
from fluidmol.partner.kept.teachers import keep_teacher, recall_teacher
from fluidmol.partner.local_models import LocalModels, at_home
from fluidmol.partner.mixture import MixtureModel, MixtureSetting
from fluidmol.partner.nearness import Nearness
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.experts import Experts

_EXPERTS = ("opinion", "proximity", "fidelity", "trust")
_NEAR = "own.near"


def keep_model(model: Model[CompoundSet], shelf: ArrayBundle) -> Facts:
    """Put a hybrid's model on a shelf, and say what it is.

    Raises
    ------
    OutputError
        If it has no form on disk: a model of structures, or of an unknown kind.
    """
    for kind, form in _FORMS.items():
        if type(model) is form.type:
            return {"kind": kind, **form.write(model, shelf)}
    raise OutputError(
        f"models of type {type(model).__name__} can't be kept on disk", hint="It has no form there: fit it each time."
    )


def recall_model(facts: Mapping[str, Any], charter: Charter, shelf: ArrayBundle) -> Model[CompoundSet]:
    """Make a hybrid's model from what is on a shelf.

    Raises
    ------
    InputError
        If it is of an unknown kind, or incomplete.
    """
    try:
        form = _FORMS.get(facts["kind"])
        found: Model[CompoundSet] | None = None if form is None else form.read(facts, charter, shelf)
    except (KeyError, TypeError, ValueError) as problem:
        raise InputError(f"the model is incomplete: {problem}", hint="Fit it again.") from problem
    if found is None:
        raise InputError(f"the model is of kind {facts['kind']!r}", hint="A newer version of fluidmol may read it.")
    return found


@attrs.frozen
class _ModelForm:
    type: type
    write: Callable[[Any, ArrayBundle], Facts]
    read: Callable[[Mapping[str, Any], Charter, ArrayBundle], Any]


def _keep_on_features(model: OnMolecules, shelf: ArrayBundle) -> Facts:
    if model.structures:
        raise OutputError(
            "a student that reads structures can't be kept on disk",
            hint="It is made again from the labels each time: fluid predict `model` student.",
        )
    if isinstance(model.model, SurrogateEnsemble):
        return {"experts": _keep_experts(model.model.experts, shelf), "sharpness": model.model.sharpness}
    return {"model": keep_estimator(model.model, "model", shelf)}


def _recall_on_features(facts: Mapping[str, Any], charter: Charter, shelf: ArrayBundle) -> OnMolecules:
    if "experts" in facts:
        experts = _recall_experts(facts["experts"], shelf)
        return OnMolecules(SurrogateEnsemble(experts, charter, float(facts["sharpness"])), charter.featuriser)
    return OnMolecules(recall_estimator(facts["model"], "model", shelf), charter.featuriser)


def _keep_mixture(model: MixtureModel, shelf: ArrayBundle) -> Facts:
    return {
        "own_model": model.choice.own,
        "boost": model.choice.boost,
        "home": model.choice.home,
        "own": None if model.own is None else _keep_own(model.own, shelf),
        "others": None if model.others is None else _keep_experts(model.others, shelf),
    }


def _recall_mixture(facts: Mapping[str, Any], charter: Charter, shelf: ArrayBundle) -> MixtureModel:
    own = None if facts["own"] is None else _recall_own(facts["own"], charter, shelf)
    others = None if facts["others"] is None else _recall_experts(facts["others"], shelf)
    # Hybrids that were kept by versions before boosted everywhere, and go on so.
    setting = MixtureSetting(facts["own_model"], float(facts["boost"]), float(facts.get("home", 0.0)))
    return MixtureModel(charter, own, others, setting)


def _keep_own(own: LocalModels, shelf: ArrayBundle) -> Facts:
    if own.near is not None:
        shelf.put_sparse(_NEAR, own.near.known)
    return {
        "teacher": keep_teacher(own.teacher, shelf),
        "other": keep_estimator(own.other, "other", shelf),
        "near": None if own.near is None else own.near.seed,
    }


def _recall_own(facts: Mapping[str, Any], charter: Charter, shelf: ArrayBundle) -> LocalModels:
    teacher = recall_teacher(facts["teacher"], charter, shelf)
    other = recall_estimator(facts["other"], "other", shelf)
    # Hybrids that were kept by versions before have none, and go on by the charter's proximity.
    seed = facts.get("near")
    near = None if seed is None else Nearness(at_home(charter), shelf.sparse(_NEAR), int(seed))
    return LocalModels(teacher, underlying(charter.featuriser), other, near)


def _keep_experts(experts: Experts, shelf: ArrayBundle) -> Facts:
    for part in _EXPERTS:
        shelf.put(f"others.{part}", getattr(experts, part))
    return {"partners": list(experts.partners), "digest": experts.digest}


def _recall_experts(facts: Mapping[str, Any], shelf: ArrayBundle) -> Experts:
    return Experts(facts["partners"], *(shelf.array(f"others.{part}") for part in _EXPERTS))


_FORMS = {
    "on-features": _ModelForm(OnMolecules, _keep_on_features, _recall_on_features),
    "mixture": _ModelForm(MixtureModel, _keep_mixture, _recall_mixture),
}
