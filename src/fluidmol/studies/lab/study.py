"""What a study is: a question, cells, and what they find."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.values.charter import Charter
from fluidmol.values.parts import Scalar

if TYPE_CHECKING:
    from fluidmol.studies.lab.lab import Lab


@attrs.frozen
class Row:
    """One figure; the runner adds study, seed and case.

    Examples
    --------
    >>> Row("student", "student", "", "external", "mcc", 0.5).n_train
    0
    """

    model: str
    """Name of the model, or of what was derived from several."""

    kind: str
    """One of :data:`fluidmol.values.results.KINDS`, or ``derived``."""

    partner: str
    """Whose it is; empty for the consortium's."""

    dataset: str
    """``validation``, ``external``, a partner's name (all its compounds), ..."""

    metric: str
    """Name of the metric."""

    value: float = attrs.field(converter=float)
    """The figure; NaN where it is undefined."""

    low: float = attrs.field(default=math.nan, converter=float)
    """Lower bound of its 95 % interval over molecules; NaN where there is none."""

    high: float = attrs.field(default=math.nan, converter=float)
    """Upper bound."""

    n_train: int = 0
    """Rows that the model learnt from."""

    n_test: int = 0
    """Molecules that it was judged by."""


@attrs.frozen(eq=False)
class CellPredictions:
    """What one model says of one data set, for paired statistics afterwards."""

    model: str
    kind: str
    partner: str
    dataset: str
    inchikeys: tuple[str, ...] = attrs.field(repr=False)
    active: NDArray[Any] = attrs.field(repr=False)
    """The truth: classes, or a regression's values in the units of its scale's transformation."""

    probability: NDArray[np.float64] = attrs.field(repr=False)
    """What was said: probabilities of the active class, or values in these units."""


Finding = Row | CellPredictions
"""What a cell may hand over; rows go into ``results.csv``, predictions into ``predictions/``."""


@attrs.frozen(eq=False)
class Cell:
    """The unit of resumption: it is done, or it isn't."""

    case: dict[str, Scalar]
    """What is special about it: columns of the table, the same names in all cells of a study."""

    run: Callable[[], Sequence[Finding]] = attrs.field(repr=False)
    """Does the work."""


class Study(attrs.AttrsInstance, Protocol):
    """One analysis.

    An attrs class: its fields, all with defaults, are its settings, plain values.
    """

    title: ClassVar[str]
    """A few words."""

    question: ClassVar[str]
    """One sentence that ends with a question mark."""

    over: ClassVar[tuple[str, ...]]
    """Columns of the case that the table at the end averages over; the others each have their lines."""

    def cells(self, lab: Lab) -> Iterable[Cell]:
        """Give the work of one seed; nothing is computed before a cell is run."""


@runtime_checkable
class CheckedStudy(Protocol):
    """A study whose settings can contradict a charter."""

    def check(self, charter: Charter) -> None:
        """Raise a FluidError if they do; called before any file is read."""
