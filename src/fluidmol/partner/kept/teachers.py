"""What a partner would use without the consortium, as facts and arrays, and back.

A scikit-learn estimator is kept by `skops <https://skops.readthedocs.io>`_, which runs nothing when it reads: only
types of well-known libraries, and of the module that the estimator came from, are made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from fluidmol.chem.representation.underlying import underlying
from fluidmol.errors import InputError, OutputError
from fluidmol.partner.kept.array_bundle import ArrayBundle
from fluidmol.partner.kept.estimators import Facts, keep_estimator, recall_estimator
from fluidmol.partner.nearness import Nearness
from fluidmol.partner.own_model import Remembered
from fluidmol.partner.teacher import Teacher
from fluidmol.partner.teachers import Annotator
from fluidmol.partner.teachers.estimator import Fitted, FittedRegressor
from fluidmol.partner.teachers.loading import load_estimator
from fluidmol.partner.teachers.predicted import read_predicted
from fluidmol.partner.teachers.predictions import FromPredictions, Looked
from fluidmol.partner.teachers.program import FromProgram, ProgramTeacher
from fluidmol.values.charter import Charter

KNOWN_PACKAGES = ("sklearn", "numpy", "scipy", "lightgbm", "xgboost", "catboost", "collections", "builtins")
"""Packages whose types an estimator may be made of, besides those of the module that it came from."""

_NEVER = ("builtins.eval", "builtins.exec", "builtins.compile", "builtins.open", "builtins.__import__")


def keep_teacher(model: Annotator, shelf: ArrayBundle) -> Facts:
    """Put a partner's own model on a shelf, and say what it is.

    Raises
    ------
    OutputError
        If it has no form on disk.
    """
    if isinstance(model, Remembered):
        return keep_teacher(model.model, shelf)
    for kind, form in _FORMS.items():
        if type(model) in form.types:
            return {"kind": kind, **form.write(model, shelf)}
    raise OutputError(f"own models of type {type(model).__name__} can't be kept on disk", hint="Fit it each time.")


def recall_teacher(facts: Mapping[str, Any], charter: Charter, shelf: ArrayBundle) -> Annotator:
    """Make a partner's own model from what is on a shelf.

    Raises
    ------
    InputError
        If it is of an unknown kind, incomplete, or what it is made of isn't there any more.
    """
    form = _FORMS.get(str(facts.get("kind")))
    if form is None:
        raise InputError(f"the own model is of kind {facts.get('kind')!r}", hint=f"Known: {', '.join(_FORMS)}.")
    found: Annotator = form.read(facts, charter, shelf)
    return found


@attrs.frozen
class _TeacherForm:
    types: tuple[type, ...]
    write: Callable[[Any, ArrayBundle], Facts]
    read: Callable[[Mapping[str, Any], Charter, ArrayBundle], Any]


def _keep_charters(model: Teacher, shelf: ArrayBundle) -> Facts:
    near = _keep_nearness(model.nearness, shelf)
    return {"model": keep_estimator(model.model, "teacher", shelf), "n_train": model.n_train, **near}


def _recall_charters(facts: Mapping[str, Any], charter: Charter, shelf: ArrayBundle) -> Teacher:
    model, near = recall_estimator(facts["model"], "teacher", shelf), _recall_nearness(facts, charter, shelf)
    return Teacher(charter, model, underlying(charter.featuriser), near, int(facts["n_train"]))


def _keep_fitted(model: Fitted, shelf: ArrayBundle) -> Facts:
    from skops.io import dumps, get_untrusted_types  # noqa: PLC0415 - heavy

    try:
        data = dumps(model.model)
        foreign = _foreign(get_untrusted_types(data=data), model.place)
    except Exception as problem:  # whatever an estimator's parts raise when they are written
        raise _unkept(model.place, f"{type(problem).__name__}: {problem}") from problem
    if foreign:
        raise _unkept(model.place, f"it holds {', '.join(foreign)}")
    shelf.put("teacher.estimator", np.frombuffer(data, dtype=np.uint8))
    return {"place": model.place, "takes": model.takes, **_keep_nearness(model.nearness, shelf)}


def _recall_fitted(facts: Mapping[str, Any], charter: Charter, shelf: ArrayBundle) -> Fitted:
    from skops.io import get_untrusted_types, loads  # noqa: PLC0415 - heavy

    place, data = str(facts["place"]), shelf.array("teacher.estimator").tobytes()
    load_estimator(place, regressor=True)  # its module must be there, and says so where it isn't
    try:
        types = get_untrusted_types(data=data)
        if foreign := _foreign(types, place):
            raise InputError(f"the own model {place} holds {', '.join(foreign)}", hint="Fit the hybrid again.")
        model = loads(data, trusted=types)
    except InputError:
        raise
    except Exception as problem:  # another version of a library, or damage
        raise InputError(
            f"the own model {place} can't be read: {type(problem).__name__}: {problem}", hint="Fit the hybrid again."
        ) from problem
    kind = Fitted if charter.scale is None else FittedRegressor
    return kind(charter, model, str(facts["takes"]), place, _recall_nearness(facts, charter, shelf))


def _foreign(types: list[str], place: str) -> list[str]:
    """List types that are neither of a well-known library nor of the estimator's own package."""
    known = {*KNOWN_PACKAGES, place.partition(":")[0].partition(".")[0]}
    return [each for each in types if each.partition(".")[0] not in known or each in _NEVER]


def _unkept(place: str, why: str) -> OutputError:
    return OutputError(
        f"{place} can't be kept on disk: {why}",
        hint="Give it as a program (`teacher_program`) that predicts with your own file of it.",
    )


def _keep_program(model: ProgramTeacher, _shelf: ArrayBundle) -> Facts:
    recipe = model.recipe
    return {
        "command": list(recipe.command), "batch": recipe.batch, "limit_s": recipe.limit_s, "level": recipe.level,
    }  # fmt: skip


def _recall_program(facts: Mapping[str, Any], _charter: Charter, _shelf: ArrayBundle) -> ProgramTeacher:
    command = tuple(str(word) for word in facts["command"])
    batch, limit_s, level = int(facts["batch"]), float(facts["limit_s"]), float(facts["level"])
    return ProgramTeacher(FromProgram(command=command, batch=batch, limit_s=limit_s, level=level))


def _keep_predictions(model: Looked, _shelf: ArrayBundle) -> Facts:
    recipe = model.recipe
    return {
        "path": str(recipe.path.absolute()), "names": dict(recipe.names), "of": recipe.of, "level": recipe.level,
    }  # fmt: skip


def _recall_predictions(facts: Mapping[str, Any], _charter: Charter, _shelf: ArrayBundle) -> Looked:
    path, names, of = Path(str(facts["path"])), dict(facts["names"]), facts["of"]
    # Whatever is asked about: the file needn't know any of it.
    recipe = FromPredictions(path=path, names=names, of=of, level=float(facts["level"]), least_coverage=0.0)
    return Looked(recipe, read_predicted(path, names, of=of))


def _keep_nearness(nearness: Nearness, shelf: ArrayBundle) -> Facts:
    shelf.put_sparse("teacher.known", nearness.known)
    return {"seed": nearness.seed}


def _recall_nearness(facts: Mapping[str, Any], charter: Charter, shelf: ArrayBundle) -> Nearness:
    return Nearness(charter, shelf.sparse("teacher.known"), int(facts["seed"]))


_FORMS = {
    "charter": _TeacherForm((Teacher,), _keep_charters, _recall_charters),
    "estimator": _TeacherForm((Fitted, FittedRegressor), _keep_fitted, _recall_fitted),
    "program": _TeacherForm((ProgramTeacher,), _keep_program, _recall_program),
    "predictions": _TeacherForm((Looked,), _keep_predictions, _recall_predictions),
}
