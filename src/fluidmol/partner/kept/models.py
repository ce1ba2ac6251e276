"""Hybrids and what they are made of as facts, arrays and texts, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fluidmol.chem.representation.underlying import underlying
from fluidmol.errors import InputError, OutputError
from fluidmol.partner.hybrid import OnFeatures, OnStructures, Predicts
from fluidmol.partner.kept.estimators import Facts, keep_estimator, recall_estimator
from fluidmol.partner.kept.shelf import Shelf
from fluidmol.partner.mixture import Choice, Mixed
from fluidmol.partner.nearness import Nearness
from fluidmol.partner.own import Own
from fluidmol.partner.teacher import Teacher
from fluidmol.values.charter import Charter
from fluidmol.values.experts import Experts

_EXPERTS = ("opinion", "proximity", "fidelity", "trust")


def keep_model(model: Predicts, shelf: Shelf) -> Facts:
    """Put a hybrid's model on a shelf, and say what it is.

    Raises
    ------
    OutputError
        If it is a model of structures: there is no form on disk for these.
    TypeError
        If it is of an unknown kind.
    """
    if isinstance(model, OnStructures):
        raise OutputError(
            "a student that reads structures can't be kept on disk",
            hint="It is made again from the labels each time: fluid predict --model student.",
        )
    if isinstance(model, OnFeatures):
        return {"kind": "on-features", "model": keep_estimator(model.model, "model", shelf)}
    if isinstance(model, Mixed):
        return {
            "kind": "mixture",
            "own_model": model.choice.own,
            "boost": model.choice.boost,
            "own": None if model.own is None else _keep_own(model.own, shelf),
            "others": None if model.others is None else _keep_experts(model.others, shelf),
        }
    raise TypeError(f"a {type(model).__name__} can't be kept")


def recall_model(facts: Mapping[str, Any], charter: Charter, shelf: Shelf) -> Predicts:
    """Make a hybrid's model from what is on a shelf.

    Raises
    ------
    InputError
        If it is of an unknown kind, or incomplete.
    """
    try:
        if facts["kind"] == "on-features":
            return OnFeatures(recall_estimator(facts["model"], "model", shelf), charter.featuriser)
        if facts["kind"] == "mixture":
            own = None if facts["own"] is None else _recall_own(facts["own"], charter, shelf)
            others = None if facts["others"] is None else _recall_experts(facts["others"], shelf)
            return Mixed(charter, own, others, Choice(facts["own_model"], float(facts["boost"])))
    except (KeyError, TypeError, ValueError) as problem:
        raise InputError(f"the model is incomplete: {problem}", hint="Fit it again.") from problem
    raise InputError(f"the model is of kind {facts['kind']!r}", hint="A newer version of fluidmol may read it.")


def _keep_own(own: Own, shelf: Shelf) -> Facts:
    teacher = own.teacher
    shelf.put_sparse("teacher.known", teacher.nearness.known)
    return {
        "teacher": keep_estimator(teacher.model, "teacher", shelf),
        "seed": teacher.nearness.seed,
        "n_train": teacher.n_train,
        "other": keep_estimator(own.other, "other", shelf),
    }


def _recall_own(facts: Mapping[str, Any], charter: Charter, shelf: Shelf) -> Own:
    model = recall_estimator(facts["teacher"], "teacher", shelf)
    nearness = Nearness(charter, shelf.sparse("teacher.known"), int(facts["seed"]))
    teacher = Teacher(charter, model, underlying(charter.featuriser), nearness, int(facts["n_train"]))
    return Own(teacher, recall_estimator(facts["other"], "other", shelf))


def _keep_experts(experts: Experts, shelf: Shelf) -> Facts:
    for part in _EXPERTS:
        shelf.put(f"others.{part}", getattr(experts, part))
    return {"partners": list(experts.partners), "digest": experts.digest}


def _recall_experts(facts: Mapping[str, Any], shelf: Shelf) -> Experts:
    return Experts(facts["partners"], *(shelf.array(f"others.{part}") for part in _EXPERTS))
