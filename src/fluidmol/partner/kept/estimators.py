"""Fitted estimators as facts, arrays and texts, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import numpy as np
from scipy.sparse import csr_matrix

from fluidmol.errors import InputError, OutputError
from fluidmol.learning.estimators.lightgbm import Booster
from fluidmol.learning.estimators.logistic import Linear
from fluidmol.learning.estimators.trees import Trees
from fluidmol.learning.model import Model
from fluidmol.partner.kept.array_bundle import ArrayBundle

Facts = dict[str, Any]
"""What JSON can say."""


def keep_estimator(model: Model[csr_matrix], name: str, shelf: ArrayBundle) -> Facts:
    """Put a fitted estimator on a shelf, and say what it is.

    Raises
    ------
    OutputError
        If it is of a kind that has no form on disk.

    Examples
    --------
    >>> shelf = ArrayBundle()
    >>> facts = keep_estimator(Linear(np.array([2.0, -1.0]), 0.5), "own", shelf)
    >>> recall_estimator(facts, "own", shelf)
    Linear(intercept=0.5)
    """
    for kind, form in _FORMS.items():
        if type(model) is form.type:
            return {"kind": kind, **form.write(model, name, shelf)}
    raise OutputError(
        f"models of type {type(model).__name__} can't be kept on disk", hint="It has no form there: fit it each time."
    )


def recall_estimator(facts: Mapping[str, Any], name: str, shelf: ArrayBundle) -> Model[csr_matrix]:
    """Make a fitted estimator from what is on a shelf.

    Raises
    ------
    InputError
        If it is of an unknown kind, or incomplete.
    """
    form = _FORMS.get(str(facts.get("kind")))
    if form is None:
        raise InputError(f"the model {name} is of kind {facts.get('kind')!r}", hint=f"Known: {', '.join(_FORMS)}.")
    found: Model[csr_matrix] = form.read(facts, name, shelf)
    return found


@attrs.frozen
class _EstimatorForm:
    type: type
    write: Callable[[Any, str, ArrayBundle], Facts]
    read: Callable[[Mapping[str, Any], str, ArrayBundle], Any]


_FLAT = ("roots", "column", "threshold", "left", "right", "active")


def _write_trees(model: Trees, name: str, shelf: ArrayBundle) -> Facts:
    for part in _FLAT:
        shelf.put(f"{name}.{part}", getattr(model, part))
    return {"n_columns": model.n_columns}


def _read_trees(facts: Mapping[str, Any], name: str, shelf: ArrayBundle) -> Trees:
    return Trees(**{part: shelf.array(f"{name}.{part}") for part in _FLAT}, n_columns=int(facts["n_columns"]))


def _write_linear(model: Linear, name: str, shelf: ArrayBundle) -> Facts:
    shelf.put(f"{name}.coefficients", model.coefficients)
    return {"intercept": model.intercept}


def _read_linear(facts: Mapping[str, Any], name: str, shelf: ArrayBundle) -> Linear:
    return Linear(np.asarray(shelf.array(f"{name}.coefficients"), dtype=np.float64), float(facts["intercept"]))


def _write_booster(model: Booster, name: str, shelf: ArrayBundle) -> Facts:
    shelf.texts[name] = model.booster.model_to_string()
    return {}


def _read_booster(_facts: Mapping[str, Any], name: str, shelf: ArrayBundle) -> Booster:
    import lightgbm  # noqa: PLC0415 - heavy

    try:
        return Booster(lightgbm.Booster(model_str=shelf.text(name)))
    except lightgbm.basic.LightGBMError as problem:
        raise InputError(f"LightGBM can't read the model {name}: {problem}", hint="Fit it again.") from problem


_FORMS = {
    "lightgbm": _EstimatorForm(Booster, _write_booster, _read_booster),
    "linear": _EstimatorForm(Linear, _write_linear, _read_linear),
    "trees": _EstimatorForm(Trees, _write_trees, _read_trees),
}
