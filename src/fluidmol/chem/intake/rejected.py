"""Rows that can't be used, each with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import attrs


@attrs.frozen
class Rejected:
    """One row that was left out.

    Examples
    --------
    >>> Rejected("assay.csv", 7, "C1CC", "unreadable SMILES: a ring is not closed").kind
    'unreadable SMILES'
    """

    file: str
    """Name of the file, without its folder."""

    line: int
    """Line of the (uncompressed) file where the row starts, or row of the sheet; the first is 1."""

    smiles: str
    """The SMILES as it stands in the file; may be empty."""

    reason: str
    """Why, as ``kind`` or ``kind: detail``."""

    record: int | None = None
    """Number of the record, from 1; SDF only."""

    @property
    def kind(self) -> str:
        """The reason without its details, to count by."""
        return self.reason.partition(":")[0]


def counts_by_reason(rejected: Iterable[Rejected]) -> str:
    """Count rejected rows by kind of reason, in words, the most frequent first.

    Examples
    --------
    >>> rows = [Rejected("a.smi", 1, "", "empty SMILES"), Rejected("a.smi", 4, "", "empty SMILES")]
    >>> counts_by_reason(rows)
    'empty SMILES (2)'
    """
    counts = Counter(row.kind for row in rejected)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{kind} ({n})" for kind, n in ordered)


def commonest(rejected: Iterable[Rejected]) -> str:
    """Name the commonest kind of reason with the row that has it first, in words; there must be a row.

    Examples
    --------
    >>> commonest([Rejected("a.smi", 1, "C1", "unreadable SMILES: syntax error"), Rejected("a.smi", 4, "", "empty")])
    'the commonest reason, first in line 1: unreadable SMILES: syntax error'
    """
    rows = list(rejected)
    kind = Counter(row.kind for row in rows).most_common(1)[0][0]
    first = next(row for row in rows if row.kind == kind)
    where = f"line {first.line}" if first.record is None else f"record {first.record}"
    return f"the commonest reason, first in {where}: {first.reason}"
