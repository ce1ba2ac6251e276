"""Which kind of pooled model T0 is, and by which figures it was chosen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import attrs
import numpy as np

from fluidmol.report.parts import as_float
from fluidmol.report.style import figure
from fluidmol.values.results import CV_AUC, CV_RMSE, POOLED_KINDS, SAME_MAKE, TAKEN

_DECIDES = {CV_AUC: "ROC AUC", CV_RMSE: "RMSE"}


@attrs.frozen
class CeilingChoice:
    """How T0 was chosen, once or in several seeds."""

    taken: Mapping[str, int]
    """How often each kind was taken; kinds that never were aren't there. The most frequent first."""

    areas: Mapping[str, float]
    """By kind: mean ROC AUC in cross-validation, or the root mean squared error of a regression; NaN where it is
    undefined."""

    metric: str = "ROC AUC"
    """What decided: ``ROC AUC`` or ``RMSE``."""

    @property
    def kind(self) -> str:
        """Name of the kind, in the words of people; of several kinds, how often each was taken."""
        of = sum(self.taken.values())
        names = [(POOLED_KINDS.get(kind, kind), n) for kind, n in self.taken.items()]
        return names[0][0] if len(names) == 1 else ", ".join(f"{name} {n} of {of} times" for name, n in names)

    @property
    def competed(self) -> bool:
        """Whether several kinds were tried."""
        return len(self.areas) > 1

    @property
    def note(self) -> str:
        """The kind, and whether it is the best of several."""
        return f"{self.kind}, the best of {len(self.areas)} kinds" if self.competed else self.kind

    @property
    def of_same_make(self) -> bool:
        """Whether T0 is the pooled model of the teachers' make throughout."""
        return list(self.taken) == [SAME_MAKE]

    def brief(self) -> str:
        """Describe one choice, in a line of a terminal.

        Examples
        --------
        >>> CeilingChoice({"lightgbm": 1}, {"same-make": 0.86, "lightgbm": 0.877}).brief()
        'T0: gradient boosting, best of 2 kinds by cross-validation (AUC 0.877).'
        """
        if not self.competed:
            return f"T0: {self.kind}; no other kind of pooled model was tried."
        area = figure(self.areas[next(iter(self.taken))])
        word = self.metric.removeprefix("ROC ")
        return f"T0: {self.kind}, best of {len(self.areas)} kinds by cross-validation ({word} {area})."

    def sentence(self) -> str:
        """Describe which kind it is, and by which figures.

        Examples
        --------
        >>> told = CeilingChoice({"lightgbm": 1}, {"same-make": 0.86, "lightgbm": 0.877}).sentence()
        >>> told.partition(": ")[2]
        'gradient boosting (gradient boosting 0.877, same make as teachers 0.860).'
        """
        if not self.competed:
            return "T0 is the pooled model of the teachers' make; no other kind was tried."
        sign = 1 if self.metric == "RMSE" else -1
        ordered = sorted(self.areas, key=lambda kind: math.inf if math.isnan(a := self.areas[kind]) else sign * a)
        told = ", ".join(f"{POOLED_KINDS.get(kind, kind)} {figure(self.areas[kind])}" for kind in ordered)
        return (
            f"T0 is the best of {len(self.areas)} kinds of pooled models by {self.metric} in cross-validation over all "
            f"training compounds: {self.kind} ({told})."
        )


def ceiling_choice(figures: Iterable[tuple[str, str, float]]) -> CeilingChoice | None:
    """Gather how T0 was chosen.

    Parameters
    ----------
    figures : iterable of (str, str, float)
        Kind, metric and value, as results hold them for the data set ``training``; other metrics are passed over.

    Returns
    -------
    CeilingChoice or None
        None where the results are older than the choice: their T0 is of the teachers' make.
    """
    taken: dict[str, int] = {}
    areas: dict[str, list[float]] = {}
    decided = "ROC AUC"
    for kind, metric, value in figures:
        if metric == TAKEN and value == 1:
            taken[kind] = taken.get(kind, 0) + 1
        elif metric in _DECIDES:
            decided = _DECIDES[metric]
            areas.setdefault(kind, []).append(value)
    if not taken:
        return None
    means = {kind: float(np.mean(areas.get(kind, [math.nan]))) for kind in (*areas, *taken)}
    return CeilingChoice(dict(sorted(taken.items(), key=lambda item: -item[1])), means, decided)


def of_facts(entries: Iterable[Mapping[str, object]]) -> CeilingChoice | None:
    """Gather it from what a simulation's provenance tells."""
    return ceiling_choice(
        (str(entry.get("kind")), metric, as_float(entry.get(metric)))
        for entry in entries
        for metric in (TAKEN, *_DECIDES)
        if metric in entry
    )
