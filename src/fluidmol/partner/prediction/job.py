"""A file of molecules to a file of predictions: piece by piece, so that any size fits and interruptions cost little."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

import attrs

from fluidmol.chem.features import forget
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.standardise import standardise
from fluidmol.chem.intake.stream import chunks, entries, survey
from fluidmol.errors import InputError, OutputError
from fluidmol.partner.prediction.predictor import Predictor
from fluidmol.partner.prediction.table import header, rows
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
    """CSV, TSV, SMI or SDF, gzipped or not."""

    out: Path
    """CSV file to write."""

    smiles_column: str | None = None
    id_column: str | None = None
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
            If the input can't be read, or the output can't be written.
        """
        seen = survey(self.source)
        self._begin(self._identity(seen.sha256, predictor))
        n = n_problems = n_resumed = 0
        found = entries(self.source, smiles_column=self.smiles_column, id_column=self.id_column)
        pieces: list[Path] = []
        for number, asked in enumerate(chunks(found, self.chunk)):
            piece = self.parts / f"{number:08}.csv"
            pieces.append(piece)
            if piece.exists():
                n_resumed += len(asked)
            else:
                standard = standardise([entry.smiles for entry in asked], cache=self.cache)
                # What is plain already says more than that an empty SMILES is empty.
                standard = [
                    attrs.evolve(item, smiles="", inchikey="", reason=entry.problem) if entry.problem else item
                    for entry, item in zip(asked, standard, strict=True)
                ]
                self._write(piece, rows(asked, standard, predictor))
                forget()  # features of molecules that won't come again
            n += len(asked)
            if progress is not None:
                progress(n, max(n, seen.n_lines))
        if not n:
            raise InputError(f"{self.source} has no molecule", hint="Expected one molecule a row.")
        n_problems = self._join(pieces, predictor.n_evidence)
        return Finished(n, n_problems, n_resumed)

    def _identity(self, sha256: str, predictor: Predictor) -> str:
        settings = (predictor.level, predictor.n_evidence, self.chunk, self.smiles_column, self.id_column)
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

    def _join(self, pieces: list[Path], n_evidence: int) -> int:
        """Put the pieces together; count rows with a problem, which stands in the last column."""
        whole = self.out.with_name(f".{self.out.name}.{secrets.token_hex(6)}")
        problems = 0
        try:
            with whole.open("xb") as target:
                target.write(header(n_evidence).encode())
                for piece in pieces:
                    data = piece.read_bytes()
                    target.write(data)
                    problems += data.count(b"\n") - data.count(b",\n")
            whole.replace(self.out)
            shutil.rmtree(self.parts, ignore_errors=True)
        except OSError as problem:
            raise self._unwritable(problem) from problem
        finally:
            whole.unlink(missing_ok=True)
        return problems

    def _unwritable(self, problem: OSError) -> OutputError:
        return OutputError(
            f"{self.out} can't be written: {problem.strerror or problem}",
            hint="Choose another place with --out, or make room; the same command goes on.",
        )
