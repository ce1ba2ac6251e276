"""A file with its truth, what a user would say about it, and how a reader's answer is judged."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs

from fluidmol.chem.intake.check import check_file
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.errors import FluidError
from layouts.truth import Limit, Measured
from layouts.writers import Columns, Text, Written, write_excel, write_parquet, write_sdf


@attrs.frozen
class Case:
    """A file, what the user says about it, and what is true."""

    layout: str
    suffix: str
    data: bytes
    wanted: dict[str, Any]
    """Fields of OutcomeColumns."""

    truth: dict[int, tuple[str, bool | None]]
    """By row: the compound, and its class or None where the file doesn't tell."""

    plain: bool
    """Whether anybody who looks at the file knows how to read it, so that a reader should."""

    @property
    def decidable(self) -> set[int]:
        """Rows that have a class, and whose compound has no other one elsewhere."""
        classes: dict[str, set[bool | None]] = {}
        for smiles, state in self.truth.values():
            classes.setdefault(smiles, set()).add(state)
        return {
            row for row, (smiles, state) in self.truth.items()
            if state is not None and not {True, False} <= classes[smiles]
        }  # fmt: skip

    def text(self) -> str:
        """Show the file and what the user says, to find a failure by."""
        shown = repr(self.data[:200])
        if self.suffix not in {".xlsx", ".parquet"}:
            wide = self.data.startswith((b"\xff\xfe", b"\xfe\xff"))
            shown = self.data.decode("utf-16" if wide else "utf-8", "replace")
        if self.suffix == ".sdf":
            shown = re.sub(r"(?s)(?<![^\r\n])[^$]*?M  END", "(structure)", shown)
        return f"{self.layout}{'' if self.plain else ' (not plain)'}, {self.wanted}\n{shown[:3000]}"


@attrs.frozen
class Judged:
    """How much of a file was read; that nothing was wrong is asserted before."""

    read: int
    decidable: int
    refusal: str
    """Why the whole file was refused, or empty."""


@attrs.define
class Draft:
    """A table in the making."""

    layout: str
    rng: random.Random
    smiles: list[str]
    classes: list[bool | None]
    wanted: dict[str, Any]
    columns: list[tuple[str, list[str]]] = attrs.field(factory=list)
    plain: bool = True
    stated: bool = True
    """Whether the file states the unit."""

    @classmethod
    def of(cls, layout: str, rng: random.Random, rows: Sequence[Measured], limit: Limit, value: str) -> Draft:
        """Begin a table of measurements with the options that name the column of values and the threshold."""
        wanted = {"value_column": value, "threshold": float(limit.number), "unit": limit.unit}
        return cls(layout, rng, [row.smiles for row in rows], [row.active(limit) for row in rows], wanted)

    def add(self, name: str, cells: Sequence[str]) -> None:
        """Add a column."""
        self.columns.append((name, list(cells)))

    def same(self, name: str, text: str) -> None:
        """Add a column in which all cells are alike."""
        self.add(name, [text] * len(self.smiles))

    def draw(self, name: str, cell: Callable[[random.Random], str]) -> None:
        """Add a column of noise."""
        self.add(name, [cell(self.rng) for _ in self.smiles])

    def shuffle(self) -> None:
        """Bring the columns into any order."""
        self.rng.shuffle(self.columns)

    def finish(self, write: Callable[[Columns], Written]) -> Case:
        """Write the file."""
        written = write(self.columns)
        truth = dict(zip(written.places, zip(self.smiles, self.classes, strict=True), strict=True))
        return Case(
            self.layout, written.suffix, written.data, self.wanted, truth, self.plain
        )  # fmt: skip

    def finish_sdf(self, **options: Any) -> Case:
        """Write an SDF, in which the structures are no column."""
        fields = [(name, cells) for name, cells in self.columns if cells != self.smiles]
        self.wanted.pop("smiles_column", None)
        return self.finish(lambda _: write_sdf(fields, self.smiles, **options))

    def finish_any(self) -> Case:
        """Write the table in a format that doesn't matter to its meaning."""
        kind = self.rng.choices(["csv", "semicolon", "tab", "excel", "parquet", "sdf"], [60, 15, 15, 1, 4, 5])[0]
        if kind == "excel":
            front = self.rng.random() < 0.5
            if front:
                self.wanted["sheet"] = "Data"
            return self.finish(lambda columns: write_excel(columns, front=front, typed=self.rng.random() < 0.8))
        if kind == "parquet":
            binary, typed = self.rng.random() < 0.3, self.rng.random() < 0.7
            return self.finish(lambda columns: write_parquet(columns, binary=binary, typed=typed))
        if kind == "sdf":
            return self.finish_sdf(
                newline=self.rng.choice(["\n", "\r\n"]),
                absent=self.rng.random() < 0.5,
                header=self.rng.choice([">  <{}>", "> <{}>", ">  <{}>  (1)", "> 25 <{}>"]),
            )
        delimiter = {"csv": ",", "semicolon": ";", "tab": "\t"}[kind]
        return self.finish(any_text(self.rng, delimiter).write)


def any_text(rng: random.Random, delimiter: str) -> Text:
    """Draw a kind of delimited text."""
    return Text(
        delimiter,
        rng.choice(["minimal", "minimal", "all"]),
        rng.choice(["\n", "\n", "\r\n"]),
        rng.choices(["utf-8", "utf-8-sig", "utf-16"], [8, 2, 1])[0],
        trailing=rng.choices(["", "rows", "all"], [18, 1, 1])[0],
        gap=rng.choices([0, 2], [19, 1])[0],
        pad=rng.choices(["", " "], [19, 1])[0],
    )


def judge(case: Case, folder: Path, read_file: Callable[..., Any] | None = None) -> Judged:
    """Hold a reader's answer against the truth; the reader is ``check_file`` if no other is given.

    Raises
    ------
    AssertionError
        If a row got another class than the true one, or one that can't be known.
    """
    check = read_file or check_file
    path = folder / f"table{case.suffix}"
    path.write_bytes(case.data)
    decidable = case.decidable
    try:
        found = check(path, OutcomeColumns(**case.wanted))
    except FluidError as refused:
        return Judged(0, len(decidable), str(refused))
    seen = [row.row for row in found.rows]
    assert len(set(seen)) == len(seen), f"a row occurs twice: {seen}\n{case.text()}"
    read = set()
    for row in found.rows:
        assert (row.active is None) == bool(row.reason), f"{row}\n{case.text()}"
        if row.active is None:
            continue
        smiles, state = case.truth.get(row.row, ("no such row", None))
        assert (row.smiles, row.active) == (smiles, state), f"wrong: {row}, is {state}; {found.line}\n{case.text()}"
        read.add(row.row)
    return Judged(len(read & decidable), len(decidable), "")
