"""How a file of measurements was understood, in one line and in facts for provenance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from fluidmol.chem.intake.measurements.companions import UnusedColumn
from fluidmol.chem.intake.rejected import Rejected


@attrs.frozen
class Reading:
    """What was taken for what in one file.

    Examples
    --------
    >>> reading = Reading("standard_value", units={"nM": 400}, unit_source="column standard_units",
    ...                   relations="standard_relation", threshold="at or below 10 uM", n_usable=400, n_active=255)
    >>> reading.line
    'standard_value in nM (column standard_units), relations from standard_relation, active at or below 10 uM: 255 of
    400 usable rows, 0 rejected'
    """

    column: str
    """Column of the classes or values."""

    units: Mapping[str, int] = attrs.field(factory=dict)
    """Rows with a number by its unit; empty for classes."""

    unit_source: str = ""
    """Where the unit is stated."""

    relations: str = ""
    """Where relations are stated: a column, ``the cells``, or empty for nowhere."""

    policy: str = "judge"
    """``judge`` limits that lie on one side of the threshold, or ``exclude`` them all."""

    threshold: str = ""
    """Where active begins, in words; empty for classes."""

    scale: str = ""
    """From where to where the scale of a regression goes, in words; empty for classes."""

    types: Mapping[str, int] = attrs.field(factory=dict)
    """Rows by what the column of types calls the measurement."""

    unused: tuple[tuple[str, UnusedColumn], ...] = ()
    """Columns that look as if they belonged to the values, and aren't used, each behind the title of its role."""

    cautions: tuple[str, ...] = ()
    """What a person should look at before the classes are believed."""

    n_usable: int = 0
    """Rows that have a class and a structure."""

    n_active: int = 0
    """Usable rows that are active."""

    rejected: Mapping[str, int] = attrs.field(factory=dict)
    """Rows that can't be used, by kind of reason."""

    @property
    def line(self) -> str:
        """One line that shows how the file was read."""
        usable = f"{self.n_usable:,} usable rows"
        counts = usable if self.scale else f"{self.n_active:,} of {usable}"
        counts += f", {sum(self.rejected.values()):,} rejected"
        reasons = ", ".join(f"{kind} ({n:,})" for kind, n in self.rejected.items())
        return f"{self.understood}: {counts}{f': {reasons}' if reasons else ''}"

    @property
    def understood(self) -> str:
        """What was taken for what, without counts."""
        if not self.threshold and not self.scale:
            return f"classes from {self.column}, active"
        by_count = sorted(self.units.items(), key=lambda item: -item[1])
        named = [("-log10(M)" if unit == "p" else unit, n) for unit, n in by_count]
        listed = " and ".join(unit if len(named) == 1 else f"{unit} ({n:,})" for unit, n in named)
        relations = f"relations from {self.relations}" if self.relations else "no relations"
        excluded = ", limits left out" if self.policy == "exclude" else ""
        unit = f" in {listed}" if listed else ""
        meant = f"values from {self.scale}" if self.scale else f"active {self.threshold}"
        return f"{self.column}{unit} ({self.unit_source}), {relations}{excluded}, {meant}"

    def counted(self, active: Iterable[bool], rejected: Iterable[Rejected]) -> Reading:
        """Return it with the counts of the rows."""
        classes = list(active)
        kinds = Counter(row.kind for row in rejected)
        ordered = dict(sorted(kinds.items(), key=lambda item: (-item[1], item[0])))
        return attrs.evolve(self, n_usable=len(classes), n_active=sum(classes), rejected=ordered)

    @property
    def doubts(self) -> tuple[str, ...]:
        """What the counts alone make doubtful."""
        n_rejected = sum(self.rejected.values())
        found = []
        if self.n_usable and not self.scale and self.n_active in (0, self.n_usable):
            found.append(f"all usable rows are {'active' if self.n_active else 'inactive'}")
        if n_rejected > self.n_usable:
            found.append("more rows are rejected than are usable")
        return tuple(found)

    def facts(self) -> dict[str, Any]:
        """Return plain values for provenance."""
        plain = attrs.asdict(self, recurse=True)
        unused = [f"{column.name} ({title})" for title, column in self.unused]
        return {**plain, "unused": unused, "cautions": list(self.cautions), "line": self.line}
