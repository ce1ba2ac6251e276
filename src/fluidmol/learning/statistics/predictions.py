"""What a method said about molecules whose class is known, seed by seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


def _truth(values: ArrayLike) -> NDArray[Any]:
    given = np.asarray(values)
    # Numbers other than 0 and 1 are values of a regression.
    valued = given.dtype.kind == "f" and not np.isin(given, (0.0, 1.0)).all()
    return given.astype(np.float64 if valued else bool)


def _numbers(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _names(values: ArrayLike | None) -> NDArray[Any] | None:
    return None if values is None else np.asarray(values)


@attrs.frozen(eq=False)
class Predictions:
    """One model's predictions of one labelled set.

    Raises
    ------
    ValueError
        If lengths differ, there are none, a probability is no finite number or a molecule occurs twice.

    Examples
    --------
    >>> said = Predictions([True, False], [0.9, 0.2], molecules=["a", "b"])
    >>> len(said), said.threshold
    (2, 0.5)
    """

    active: NDArray[Any] = attrs.field(converter=_truth, repr=False)
    """The truth, (n,): classes, or a regression's values."""

    probability: Floats = attrs.field(converter=_numbers, repr=False)
    """What was said, (n,): probabilities of the active class, in [0, 1], or a regression's values."""

    molecules: NDArray[Any] | None = attrs.field(default=None, converter=_names, repr=False)
    """Which molecules these are, (n,), say their InChIKeys: what is the same molecule for two seeds is then drawn for
    both or for neither. Without it, each seed has molecules of its own."""

    threshold: float = 0.5
    """Above it, a compound is predicted active; fixed without a look at these compounds."""

    def __attrs_post_init__(self) -> None:
        columns = (self.active, self.probability, *(() if self.molecules is None else (self.molecules,)))
        if len({column.shape for column in columns}) != 1 or self.active.ndim != 1 or not len(self.active):
            raise ValueError(f"columns of shapes {[column.shape for column in columns]}: expected one length, above 0")
        if not (np.isfinite(self.probability).all() and np.isfinite(self.active).all()):
            raise ValueError("a prediction is no finite number: expected probabilities, or values")
        if self.molecules is not None and len(np.unique(self.molecules)) != len(self.molecules):
            raise ValueError("a molecule occurs twice: expected each once")

    def __len__(self) -> int:
        return len(self.active)

    @property
    def valued(self) -> bool:
        """Whether these are values of a regression."""
        return self.active.dtype.kind == "f"

    @property
    def varied(self) -> bool:
        """Whether the truth differs between molecules, so that models can be told apart."""
        return bool(self.active.min() != self.active.max())


Method = Mapping[int, Predictions | Sequence[Predictions]]
"""A method's predictions by seed. Where a seed has several models (the hybrids of all partners), the method's figure
for that seed is their mean."""


def models_of(method: Method, seed: int) -> tuple[Predictions, ...]:
    """Give a method's models for one seed.

    Raises
    ------
    ValueError
        If there are none.

    Examples
    --------
    >>> len(models_of({1: Predictions([True], [0.9])}, 1))
    1
    """
    found = method[seed]
    models = (found,) if isinstance(found, Predictions) else tuple(found)
    if not models:
        raise ValueError(f"no model for seed {seed}: expected at least one, or leave the seed out")
    return models
