"""How much of the sets that a report stands on is known, or nearly known, in the other sets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from fluidmol.report.parts import ReportTable, TableCell, TableColumn, as_float, decimal, text, whole
from fluidmol.report.style import percent

Shares = Mapping[str, Mapping[str, Mapping[str, object]]]
"""Of which set, in which set: ``n``, ``share_near``, ``share_same``; as runs and studies note them."""

_SETS = ("training", "validation", "external", "transfer")


def noted(facts: object) -> tuple[Shares, float] | None:
    """Read what a run or a study has noted; nothing if that was before fluidmol noted it, or is something else."""
    if not isinstance(facts, Mapping) or not isinstance(facts.get("sets"), Mapping):
        return None
    sets = {
        str(one): {str(other): told for other, told in others.items() if isinstance(told, Mapping)}
        for one, others in facts["sets"].items()
        if isinstance(others, Mapping)
    }
    at_least = as_float(facts.get("at_least"))
    return (sets, at_least) if any(sets.values()) and not math.isnan(at_least) else None


def explained(at_least: float) -> str:
    """Say what the table shows."""
    return (
        f"Share of molecules with a near duplicate (Tanimoto similarity of ECFP4 at least {at_least:g}) in another "
        "set, in brackets those with the same connectivity. Repeats between transfer, training and test sets were "
        "taken out before anything was trained."
    )


def near_duplicates(measured: Sequence[Shares]) -> ReportTable:
    """Make the table of one or several seeds, whose mean is shown."""
    there = [name for name in _SETS if any(name in shares for shares in measured)]
    columns = (
        TableColumn("Of the molecules in", number=False),
        TableColumn("Molecules"),
        *(TableColumn(f"in {s}") for s in there),
    )
    rows = []
    for one in there:
        sizes = [as_float(found.get("n")) for shares in measured for found in list(shares.get(one, {}).values())[:1]]
        cells = [_near(measured, one, other) for other in there]
        rows.append((text(one), whole(float(np.mean(sizes)) if sizes else None), *cells))
    return ReportTable("Near duplicates", columns, tuple(rows))


def _near(measured: Sequence[Shares], one: str, other: str) -> TableCell:
    found = [shares[one][other] for shares in measured if other in shares.get(one, {})]
    if not found:
        return decimal(None)
    near, same = (float(np.mean([as_float(told.get(name)) for told in found])) for name in ("share_near", "share_same"))
    return TableCell(f"{percent(near, 1)} ({percent(same, 1)})".replace(" ", "\u00a0"), repr(near), number=True)
