"""Files of molecules to chunks of usable ones: a stream on all cores, which goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import attrs

from fluidmol.chem.intake.cache import StandardCache, standardiser_version
from fluidmol.chem.intake.standardise import Progress
from fluidmol.chem.intake.stream import Survey, chunks, entries, survey
from fluidmol.chem.pool.chunk_file import FORMAT, ChunkFacts, PoolRow, facts_of, make_chunk
from fluidmol.chem.pool.expanding import PoolFile
from fluidmol.chem.pool.limits import PoolLimits
from fluidmol.errors import FluidError, InputError
from fluidmol.parallel import on_backend
from fluidmol.values.files import write_whole

CHUNK = 10_000
"""Rows in one piece of work: some ten seconds of a core, and half a gigabyte of fingerprints for a million rows."""

Note = Callable[[str], None]


@attrs.frozen
class FileFacts:
    """What became of the rows of one file."""

    name: str
    """As it was given."""

    sha256: str
    """Of the file as it lies on disk."""

    chunks: tuple[ChunkFacts, ...] = attrs.field(repr=False)

    @property
    def n_rows(self) -> int:
        """Rows of the file."""
        return sum(chunk.n_rows for chunk in self.chunks)

    @property
    def n_usable(self) -> int:
        """Molecules that are usable and within the limits, repeated ones included."""
        return sum(chunk.n_usable for chunk in self.chunks)

    @property
    def left_out(self) -> dict[str, int]:
        """Rows by kind of reason, the most frequent first."""
        total: Counter[str] = Counter()
        for chunk in self.chunks:
            total.update(chunk.left_out)
        return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


@attrs.frozen
class PreparedPool:
    """All chunks of a pool, on disk."""

    paths: tuple[Path, ...] = attrs.field(repr=False)
    """Files of the chunks."""

    files: tuple[FileFacts, ...]
    """Files that were read."""

    unusable: tuple[tuple[str, str], ...]
    """Files that weren't, each with the reason."""

    @property
    def n_rows(self) -> int:
        """Rows of all files."""
        return sum(file.n_rows for file in self.files)


def prepare(
    files: Sequence[PoolFile],
    limits: PoolLimits,
    folder: Path,
    *,
    smiles_column: str | None = None,
    cache: StandardCache | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
    note: Note = lambda _text: None,
) -> PreparedPool:
    """Standardise and filter all files; what is in the folder from an earlier, perhaps interrupted run is taken.

    A file that is empty, unreadable or broken is left out as a whole and named; so is one with the bytes of another.

    Parameters
    ----------
    files : sequence of PoolFile
    limits : PoolLimits
    folder : Path
        For the chunks; made if it isn't there. Some 150 bytes a molecule.
    smiles_column, cache, n_jobs
        As for :func:`~fluidmol.chem.intake.tables.read_table` and
        :func:`~fluidmol.chem.intake.standardise.standardise`.
    progress : callable, optional
        Called with the number of rows that are done, and of about all.
    note : callable
        Called with what the user should know.

    Raises
    ------
    InputError
        If no file can be used.
    """
    work = _Preparation(limits, folder, smiles_column, cache, note)
    folder.mkdir(parents=True, exist_ok=True)
    surveyed = work.survey(files)
    total = sum(seen.n_lines for _, seen in surveyed)
    tasks = work.tasks(surveyed)
    done = 0
    for place, number, facts in on_backend(_worked, tasks, n_jobs):
        work.found.setdefault(place, {})[number] = facts
        done += facts.n_rows
        if progress is not None:
            progress(done, max(done, total))
    return work.finished(surveyed)


@attrs.define
class _Preparation:
    limits: PoolLimits
    folder: Path
    smiles_column: str | None
    cache: StandardCache | None
    note: Note
    unusable: list[tuple[str, str]] = attrs.Factory(list)
    found: dict[int, dict[int, ChunkFacts]] = attrs.Factory(dict)
    """Facts by file and chunk."""
    broken: set[int] = attrs.Factory(set)

    def survey(self, files: Sequence[PoolFile]) -> list[tuple[PoolFile, Survey]]:
        seen: dict[str, str] = {}
        usable = []
        for file in files:
            try:
                found = survey(file.path, smiles_column=self.smiles_column)
            except FluidError as problem:
                self._leave_out(file, problem)
                continue
            if found.sha256 in seen:
                self.unusable.append((file.name, f"the same bytes as {seen[found.sha256]}"))
                self.note(f"{file.name} is left out: it has the same bytes as {seen[found.sha256]}.")
                continue
            seen[found.sha256] = file.name
            usable.append((file, found))
        return usable

    def tasks(self, files: Sequence[tuple[PoolFile, Survey]]) -> Iterator[tuple[object, ...]]:
        """Yield the chunks to be made. Another thread may ask for them; errors must not reach it."""
        for place, (file, seen) in enumerate(files):
            known = self._known(seen)
            if known is not None:
                self.found[place] = known
                continue
            try:
                rows = entries(file.path, smiles_column=self.smiles_column, seen=seen)
                for number, chunk in enumerate(chunks(rows, CHUNK)):
                    given: list[PoolRow] = [(entry.line, entry.smiles, entry.problem) for entry in chunk]
                    yield place, number, self._path(seen, number), given, self.limits, self.cache
            except FluidError as problem:
                self.broken.add(place)
                self._leave_out(file, problem)

    def finished(self, files: Sequence[tuple[PoolFile, Survey]]) -> PreparedPool:
        paths: list[Path] = []
        read = []
        for place, (file, seen) in enumerate(files):
            if place in self.broken:
                continue
            facts = self.found.get(place, {})
            ordered = tuple(facts[number] for number in range(len(facts)))
            write_whole(self._marker(seen), json.dumps({"chunks": len(ordered)}))
            read.append(FileFacts(file.name, seen.sha256, ordered))
            paths += [self._path(seen, number) for number in range(len(ordered))]
        if not read:
            reasons = "; ".join(f"{name}: {why}" for name, why in self.unusable[:5])
            raise InputError(f"none of the files can be used: {reasons}", hint="Expected files of molecules.")
        return PreparedPool(tuple(paths), tuple(read), tuple(self.unusable))

    def _leave_out(self, file: PoolFile, problem: FluidError) -> None:
        self.unusable.append((file.name, problem.message))
        self.note(f"{file.name} is left out: {problem.message}.")

    def _known(self, seen: Survey) -> dict[int, ChunkFacts] | None:
        """Read the facts of a file that was prepared before, whole."""
        try:
            n = int(json.loads(self._marker(seen).read_bytes())["chunks"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        found = {number: facts_of(self._path(seen, number)) for number in range(n)}
        whole = {number: facts for number, facts in found.items() if facts is not None}
        return whole if len(whole) == n else None

    def _stem(self, seen: Survey) -> str:
        # Whatever the content of a chunk depends on.
        rules = repr((FORMAT, CHUNK, standardiser_version(), self.limits, self.smiles_column))
        return hashlib.sha256(f"{rules} {seen.sha256}".encode()).hexdigest()[:24]

    def _path(self, seen: Survey, number: int) -> Path:
        return self.folder / f"{self._stem(seen)}-{number:06}.parquet"

    def _marker(self, seen: Survey) -> Path:
        return self.folder / f"{self._stem(seen)}.json"


def _worked(
    place: int, number: int, path: Path, rows: list[PoolRow], limits: PoolLimits, cache: StandardCache | None
) -> tuple[int, int, ChunkFacts]:
    return place, number, make_chunk(path, rows, limits, cache)
