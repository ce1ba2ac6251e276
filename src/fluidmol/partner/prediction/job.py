"""A file of molecules to a file of predictions: piece by piece, so that any size fits and interruptions cost little."""

from __future__ import annotations

import csv
import hashlib
import json
import secrets
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import attrs

from fluidmol.chem.domain import environments
from fluidmol.chem.features import forget
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.parents import Standardised
from fluidmol.chem.intake.rejected import Rejected
from fluidmol.chem.intake.standardise import standardise
from fluidmol.chem.intake.stream import MoleculeEntry, chunks, entries, survey
from fluidmol.errors import InputError, OutputError
from fluidmol.partner.prediction.forms import form_of
from fluidmol.partner.prediction.prediction_table import column_names, rows, value_column_names
from fluidmol.partner.prediction.predictor import Predictor
from fluidmol.values.files import write_whole

CHUNK = 5000
"""Molecules in one piece of work: an interruption loses less than this many."""


@attrs.frozen
class Finished:
    """What became of a job."""

    n: int
    """Molecules in the file."""

    n_problems: int
    """Those that couldn't be used."""

    n_resumed: int
    """Those that an interrupted run had done."""


@attrs.frozen(kw_only=True)
class Job:
    """Predicts all molecules of a file.

    Finished pieces lie in a hidden folder beside the output until all are done. The same job, run again, goes on
    there; another one begins anew.
    """

    source: Path
    """As for :func:`~fluidmol.chem.intake.tables.read_table`."""

    out: Path
    """File to write: CSV, SDF or Parquet, by its ending."""

    smiles_column: str | None = None
    id_column: str | None = None
    sheet: str | None = None
    model: str = ""
    """What tells this model from another, say a digest."""

    cache: StandardCache | None = attrs.field(default=None, repr=False)
    """For standardised structures; None: none are kept."""

    chunk: int = CHUNK

    @property
    def parts(self) -> Path:
        """Folder of the finished pieces."""
        return self.out.with_name(f".{self.out.name}.parts")

    def run(self, predictor: Predictor, progress: Callable[[int, int], None] | None = None) -> Finished:
        """Predict, and write the output whole or not at all.

        Parameters
        ----------
        predictor : Predictor
        progress : callable, optional
            Is told how many molecules are done, and of about how many.

        Raises
        ------
        FluidError
            If the input can't be read, or the output can't be written or has an unknown ending.
        """
        form_of(self.out)
        seen = survey(self.source, smiles_column=self.smiles_column, sheet=self.sheet)
        self._begin(self._identity(seen.sha256, predictor))
        n = n_resumed = 0
        problems: Counter[str] = Counter()
        first: dict[str, Rejected] = {}
        found = entries(
            self.source, smiles_column=self.smiles_column, id_column=self.id_column, sheet=self.sheet, seen=seen
        )
        pieces: list[Path] = []
        for number, asked in enumerate(chunks(found, self.chunk)):
            piece = self.parts / f"{number:08}.csv"
            pieces.append(piece)
            if piece.exists():
                n_resumed += len(asked)
            else:
                self._write(piece, rows(asked, self._standardised(asked), predictor))
                # Of molecules that won't come again.
                forget()
                environments.forget()
            for row in self._problems(asked, piece):
                problems[row.kind] += 1
                first.setdefault(row.kind, row)
            n += len(asked)
            if progress is not None:
                progress(n, max(n, seen.n_lines))
        n_problems = problems.total()
        if n_problems == n:
            shutil.rmtree(self.parts, ignore_errors=True)
            raise self._nothing(first[problems.most_common(1)[0][0]] if n else None)
        self._join(pieces, _columns(predictor))
        return Finished(n, n_problems, n_resumed)

    def _standardised(self, asked: list[MoleculeEntry]) -> list[Standardised]:
        standard = standardise([entry.smiles for entry in asked], cache=self.cache)
        # What is plain already says more than that an empty SMILES is empty.
        return [
            attrs.evolve(item, smiles="", inchikey="", reason=entry.problem) if entry.problem else item
            for entry, item in zip(asked, standard, strict=True)
        ]

    def _problems(self, asked: list[MoleculeEntry], piece: Path) -> list[Rejected]:
        """Read from a finished piece, in its last column, which molecules couldn't be used."""
        with piece.open(newline="", encoding="utf-8") as file:
            reasons = [row[-1] for row in csv.reader(file)]
        return [
            Rejected(self.source.name, entry.line, entry.smiles, reason)
            for entry, reason in zip(asked, reasons, strict=True)
            if reason
        ]

    def _nothing(self, commonest: Rejected | None) -> InputError:
        if commonest is None:
            return InputError(f"{self.source} has no molecule", hint="Expected one molecule a row.")
        return InputError(
            f"no molecule of {self.source} can be predicted, and nothing was written; the commonest reason, first in"
            f" line {commonest.line}: {commonest.reason}",
            hint="`smiles_column` names the column of the SMILES.",
        )

    def _identity(self, sha256: str, predictor: Predictor) -> str:
        settings = (predictor.level, _columns(predictor), self.chunk, self.smiles_column, self.id_column, self.sheet)
        return hashlib.sha256(json.dumps([self.model, sha256, *settings]).encode()).hexdigest()

    def _begin(self, identity: str) -> None:
        mark = self.parts / "job"
        try:
            if self.parts.exists() and (not mark.exists() or mark.read_text() != identity):
                shutil.rmtree(self.parts)
            self.parts.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(mark, identity)
        except OSError as problem:
            raise self._unwritable(problem) from problem

    def _write(self, piece: Path, text: str) -> None:
        try:
            write_whole(piece, text)
        except OSError as problem:
            raise self._unwritable(problem) from problem

    def _join(self, pieces: list[Path], columns: list[str]) -> None:
        """Put the pieces together."""
        whole = self.out.with_name(f".{self.out.name}.{secrets.token_hex(6)}")
        try:
            with whole.open("xb") as target:
                form_of(self.out)(target, columns, pieces)
            whole.replace(self.out)
            shutil.rmtree(self.parts, ignore_errors=True)
        except OSError as problem:
            raise self._unwritable(problem) from problem
        finally:
            whole.unlink(missing_ok=True)

    def _unwritable(self, problem: OSError) -> OutputError:
        return OutputError(
            f"{self.out} can't be written: {problem.strerror or problem}",
            hint="Choose another place with `out`, or make room; the same command goes on.",
        )


def _columns(predictor: Predictor) -> list[str]:
    return (column_names if predictor.scale is None else value_column_names)(predictor.n_evidence)
