"""Matching predictions with molecules: by InChIKey, or else by connectivity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from fluidmol.learning.model import Floats
from fluidmol.partner.teachers.predicted import PredictionRow
from fluidmol.values.compounds import CompoundSet

ALIKE = 1e-6
"""Probabilities of one compound that differ by no more don't contradict one another."""

_SHOWN = 5


@attrs.frozen(eq=False)
class Matched:
    """Which molecules have a prediction, and how it was found."""

    value: Floats = attrs.field(repr=False)
    """Probability, (n_compounds,); NaN where there is none."""

    confidence: Floats = attrs.field(repr=False)
    """As stated, (n_compounds,); NaN where there is none."""

    n_exact: int
    """Molecules found by their full InChIKey."""

    n_connectivity: int
    """Molecules found by its first block only: the mean over all predictions of that connectivity."""

    conflicts: tuple[str, ...]
    """Compounds left out because rows of the same InChIKey contradict one another, with their lines."""

    @classmethod
    def joined(cls, parts: Sequence[Matched]) -> Matched:
        """Join matches of several pieces of a set, at least one, with the same predictions."""
        return cls(
            np.concatenate([part.value for part in parts]), np.concatenate([part.confidence for part in parts]),
            sum(part.n_exact for part in parts), sum(part.n_connectivity for part in parts), parts[0].conflicts,
        )  # fmt: skip

    @property
    def coverage(self) -> float:
        """Share of the molecules that have a prediction, in [0, 1]; 0 without molecules."""
        return (self.n_exact + self.n_connectivity) / max(1, len(self.value))

    def __str__(self) -> str:
        """Say how many were found, and how."""
        n = len(self.value)
        text = (
            f"predictions for {self.n_exact + self.n_connectivity:,} of {n:,} molecules ({self.coverage:.1%}):"
            f" {self.n_exact:,} by InChIKey, {self.n_connectivity:,} by connectivity"
        )
        if self.conflicts:
            more = f" and {len(self.conflicts) - _SHOWN} more" if len(self.conflicts) > _SHOWN else ""
            text += f"; left out for contradictory rows: {', '.join(self.conflicts[:_SHOWN])}{more}"
        return text


@attrs.frozen(eq=False)
class PredictionIndex:
    """Predictions by InChIKey, and by connectivity.

    Examples
    --------
    >>> index = PredictionIndex.of([PredictionRow(2, "ISWSIDIOOBJBQZ-UHFFFAOYSA-N", 0.8, None)])
    >>> found = index.match(CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",)))
    >>> found.value.tolist(), found.coverage
    ([0.8], 1.0)
    """

    by_key: Mapping[str, Sequence[PredictionRow]] = attrs.field(repr=False)
    """All rows."""

    by_skeleton: Mapping[str, Sequence[PredictionRow]] = attrs.field(repr=False)
    """One row of each InChIKey whose rows agree, by its first block."""

    conflicts: tuple[str, ...]
    """InChIKeys whose rows contradict one another, in order."""

    @classmethod
    def of(cls, rows: Sequence[PredictionRow]) -> PredictionIndex:
        """Sort rows.

        Parameters
        ----------
        rows : sequence of PredictionRow
            Rows of one InChIKey must agree, or the compound is left out, and so is every row of its InChIKey when
            connectivities are compared.
        """
        by_key: dict[str, list[PredictionRow]] = {}
        for row in rows:
            by_key.setdefault(row.inchikey, []).append(row)
        conflicts: list[str] = []
        by_skeleton: dict[str, list[PredictionRow]] = {}
        for key, found in by_key.items():
            if _contradictory(found):
                conflicts.append(key)
            else:
                by_skeleton.setdefault(key[:14], []).append(found[0])
        return cls(by_key, by_skeleton, tuple(sorted(conflicts)))

    def match(self, compounds: CompoundSet) -> Matched:
        """Find each molecule's prediction."""
        value, confidence = np.full(len(compounds), np.nan), np.full(len(compounds), np.nan)
        exact, conflicts = 0, set(self.conflicts)
        for place, key in enumerate(compounds.inchikeys):
            if key in conflicts:
                continue
            same = self.by_key[key][:1] if key in self.by_key else self.by_skeleton.get(key[:14], [])
            if same:
                exact += key in self.by_key
                value[place] = np.mean([row.probability for row in same])
                stated = [row.confidence for row in same if row.confidence is not None]
                confidence[place] = np.mean(stated) if stated else np.nan
        named = tuple(f"{key} (lines {', '.join(str(row.line) for row in self.by_key[key])})" for key in self.conflicts)
        spoken = int((~np.isnan(value)).sum())
        return Matched(value, confidence, exact, spoken - exact, named)


def _contradictory(rows: Sequence[PredictionRow]) -> bool:
    said = [row.probability for row in rows]
    return max(said) - min(said) > ALIKE
