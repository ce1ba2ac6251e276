"""How many federated labels are worth how many measurements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.errors import CharterError
from fluidmol.learning.seeds import derive_seed
from fluidmol.studies.analyses.controls import fixed_rows
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.study import Cell, Finding


@attrs.frozen
class StudentSize:
    """Students of more and more of the rows that the charter selects, beside pooled models of as many compounds.

    These are of the teachers' make, so that rows are compared, not learners.

    Smaller draws are parts of larger ones, and keep the share of active rows. ``n_train`` says how many rows there
    really were. T0-same-make has no figure where the partners have fewer compounds together.

    Source: Hanser et al. 2025, doi 10.1038/s42256-025-00991-2.
    """

    title: ClassVar[str] = "Size of the student"
    question: ClassVar[str] = "How good is a student of so many rows, and a pooled model of as many compounds?"
    over: ClassVar[tuple[str, ...]] = ()

    sizes: str = attrs.field(default="100,300,1000,3000,10000,30000", validator=attrs.validators.instance_of(str))
    """Numbers of rows, separated by commas; all there are come last in any case."""

    def __attrs_post_init__(self) -> None:
        numbers(self.sizes)

    def cells(self, lab: Lab) -> Iterator[Cell]:
        """One cell a size; 0 stands for all."""
        for size in (*numbers(self.sizes), 0):
            yield Cell({"size": size}, partial(_sized, lab, size))


def numbers(sizes: str) -> tuple[int, ...]:
    """Read sizes, ascending.

    Raises
    ------
    CharterError
        If one is no whole number of at least 10.

    Examples
    --------
    >>> numbers("1000, 100")
    (100, 1000)
    """
    words = [word.strip() for word in sizes.split(",")]
    if not all(word.isdecimal() and int(word) >= 10 for word in words):
        raise CharterError(f"sizes are {sizes!r}", hint="Expected numbers of 10 or more: sizes=100,1000,10000.")
    return tuple(sorted({int(word) for word in words}))


def _sized(lab: Lab, size: int) -> Sequence[Finding]:
    labels, seed = lab.labels(), lab.charter.seed
    rows = lab.chosen(labels)
    pool = lab.everything
    models = []
    if not size:
        models = [lab.student(labels), lab.pooled()]
    else:
        if size <= len(rows):
            kept = rows[spread_out(labels.hard[rows, 0], derive_seed(seed, "student size"))[:size]]
            models.append(
                lab.student(lab.labels(rows=np.sort(kept)), fixed_rows(lab.charter, lab.charter.distillation))
            )
        if size <= len(pool):
            order = spread_out(pool.active, derive_seed(seed, "pool size"))
            models.append(lab.pooled(assay=pool.take(np.sort(order[:size]))))
    return lab.judge(models)


def spread_out(active: NDArray[np.bool_], seed: int) -> NDArray[np.int64]:
    """Give a random order of which every beginning has about the same share of active ones.

    Examples
    --------
    >>> flags = np.array([True] * 5 + [False] * 5)
    >>> int(flags[spread_out(flags, 1)][:4].sum())
    2
    """
    rng = np.random.default_rng(seed)
    place = np.empty(len(active))
    for side in (True, False):
        rows = rng.permutation(np.flatnonzero(active == side))
        place[rows] = (np.arange(len(rows)) + 0.5) / max(1, len(rows))
    return np.argsort(place, kind="stable")
