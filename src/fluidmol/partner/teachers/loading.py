"""Loading a company's own estimator from its own Python environment."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fluidmol.errors import InputError, UsageError
from fluidmol.values.parts import nearest


def load_estimator(place: str, folder: Path | None = None, *, regressor: bool = False) -> Any:
    """Import an estimator that is named ``module:object``.

    Parameters
    ----------
    place : str
        The object is an estimator or a pipeline, or a class or function that makes one without arguments.
    folder : Path, optional
        Searched for the module as well, before all else; the current folder by default.
    regressor : bool
        Whether a regressor will do as well: who fits it knows what the endpoint is.

    Returns
    -------
    object
        With ``fit`` and ``predict_proba``, or else ``predict``.

    Raises
    ------
    UsageError
        If the name is malformed, or there is no such module or object.
    InputError
        If the module fails, or the object is no classifier.

    Examples
    --------
    >>> load_estimator("sklearn.naive_bayes:BernoulliNB")
    BernoulliNB()
    """
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", place):
        raise UsageError(f"`place` is {place!r}", hint="Expected module:object, say models:pipeline.")
    module, _, name = place.partition(":")
    with _searched(Path.cwd() if folder is None else folder):
        loaded = _imported(module, place)
        if not hasattr(loaded, name):
            there = [word for word in vars(loaded) if not word.startswith("_")]
            raise UsageError(f"the module {module} has no {name}", hint=nearest(name, there))
        found = getattr(loaded, name)
        if isinstance(found, type) or not hasattr(found, "fit"):
            found = _made(found, place)
    if not regressor or not (hasattr(found, "fit") and hasattr(found, "predict")):
        check_classifier(found, place)
    return found


def check_classifier(found: Any, place: str) -> None:
    """Refuse what is no classifier.

    Raises
    ------
    InputError
        Naming what it lacks.
    """
    lacking = [verb for verb in ("fit", "predict_proba") if not hasattr(found, verb)]
    if lacking:
        raise InputError(
            f"{place} is a {type(found).__name__} without {' and '.join(lacking)}",
            hint="Expected a classifier: an object with fit and predict_proba, as scikit-learn has them.",
        )


def check_regressor(found: Any, place: str) -> None:
    """Refuse what is no regressor.

    Raises
    ------
    InputError
        If it is a classifier, or predicts nothing.
    """
    if hasattr(found, "predict_proba") or not (hasattr(found, "fit") and hasattr(found, "predict")):
        raise InputError(
            f"{place} is a {type(found).__name__}, which is no regressor, and the endpoint is a regression",
            hint="Expected an object with fit and predict, as scikit-learn's regressors have them.",
        )


def _imported(module: str, place: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as problem:
        if problem.name is not None and module.startswith(problem.name):
            raise UsageError(
                f"there is no Python module {problem.name!r}",
                hint="It is searched for in the current folder and where Python finds packages.",
            ) from problem
        raise InputError(f"{place} needs {problem.name}", hint="Install it beside fluidmol.") from problem
    except Exception as problem:  # whatever the company's own code raises
        raise _failed(f"the module {module} fails when it is imported", problem) from problem


def _made(maker: Any, place: str) -> Any:
    if not callable(maker):
        raise InputError(f"{place} is a {type(maker).__name__}", hint="Expected an estimator, or what makes one.")
    try:
        return maker()
    except Exception as problem:  # likewise
        raise _failed(f"{place} makes no estimator without arguments", problem) from problem


def _failed(what: str, problem: Exception) -> InputError:
    return InputError(f"{what}: {type(problem).__name__}: {problem}", hint="Mend it, and run the command again.")


@contextmanager
def _searched(folder: Path) -> Iterator[None]:
    # A command, unlike a script, doesn't search the folder that it is called in.
    before = list(sys.path)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path[:] = before
