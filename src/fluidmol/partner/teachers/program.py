"""An external program as a teacher: SMILES in, probabilities out, one a line."""

from __future__ import annotations

import hashlib
import logging
import shlex
from collections.abc import Callable
from pathlib import Path

import attrs
import numpy as np

from fluidmol.errors import InputError, OutputError
from fluidmol.partner.assay import Assay
from fluidmol.partner.teachers import LEVEL, Annotates, Floats, columns
from fluidmol.partner.teachers.answers import AnswerError, read_answers
from fluidmol.partner.teachers.child import ChildError, run
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.files import write_whole

logger = logging.getLogger(__name__)


def _words(command: str | tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command)) if isinstance(command, str) else tuple(command)
    except ValueError as problem:
        raise ValueError(f"the command {command!r} can't be read: {problem}") from problem


@attrs.frozen(kw_only=True)
class FromProgram:
    """Asks a program that is run once a batch, without a shell. It learns nothing here and needs no compounds.

    Raises
    ------
    ValueError
        If the command is empty or a number is out of range.

    Examples
    --------
    >>> FromProgram(command="python3 'my model.py' --fast").command
    ('python3', 'my model.py', '--fast')
    """

    command: tuple[str, ...] = attrs.field(converter=_words, validator=attrs.validators.min_len(1))
    """Program and arguments; a text is split as a shell would, and nothing else of a shell happens."""

    batch: int = attrs.field(default=10_000, validator=attrs.validators.ge(1))
    """Molecules that one run of the program gets."""

    limit_s: float = attrs.field(default=3600.0, converter=float, validator=attrs.validators.gt(0))
    """Seconds that one batch may take."""

    level: float = attrs.field(
        default=LEVEL, converter=float, validator=[attrs.validators.ge(0), attrs.validators.le(1)]
    )
    """Weight where the program states no confidence."""

    cache: Path | None = None
    """Folder where answers to finished batches are kept, so that a repeated command goes on; None: nowhere."""

    progress: Callable[[int, int], None] | None = attrs.field(default=None, repr=False, eq=False)
    """Is told how many molecules are done, and of how many."""

    @property
    def learns(self) -> bool:
        """It learns nothing here."""
        return False

    def fit(self, assay: Assay | None, charter: Charter, name: str) -> Annotates:  # noqa: ARG002
        """Give the teacher; nothing is fitted, and no compound of the partner's is shown to the program."""
        return Asked(self)


@attrs.frozen(eq=False)
class Asked:
    """A program that is asked, batch by batch."""

    recipe: FromProgram

    def predict(self, compounds: CompoundSet) -> Floats:
        """Probability of the active class, (n_compounds,), in [0, 1]; NaN where the program abstains."""
        return self._ask(compounds)[0]

    def annotate(self, compounds: CompoundSet) -> tuple[Floats, Floats]:
        """Give opinions with the program's own confidence, or a uniform weight, each (n_compounds, 1).

        Raises
        ------
        InputError
            If the program fails or answers something else; the message names batch and line.
        """
        value, confidence = self._ask(compounds)
        return columns(value, np.where(np.isnan(confidence), self.recipe.level, confidence))

    def _ask(self, compounds: CompoundSet) -> tuple[Floats, Floats]:
        n, size = len(compounds), self.recipe.batch
        tell = self.recipe.progress or (lambda _done, _total: None)
        parts: list[tuple[Floats, Floats]] = []
        for start in range(0, n, size):
            tell(start, n)
            batch = compounds.smiles[start : start + size]
            parts.append(self._known(batch) or self._run(batch, start // size + 1, -(-n // size)))
        tell(n, n)
        value, confidence = (np.concatenate([part[i] for part in parts] or [np.empty(0)]) for i in (0, 1))
        return value, confidence

    def _run(self, batch: tuple[str, ...], number: int, batches: int) -> tuple[Floats, Floats]:
        program = shlex.join(self.recipe.command)
        which = f"in batch {number} of {batches} ({len(batch):,} molecules)"
        try:
            done = run(self.recipe.command, batch, self.recipe.limit_s)
            answers = read_answers(done.out, batch)
        except ChildError as problem:
            kept = self.recipe.cache is not None and number > 1
            hint = f"Mend it and repeat the command.{' Finished batches are kept.' if kept else ''}"
            raise InputError(f"the program {program}, {which}, {problem}", hint=hint) from None
        except AnswerError as problem:
            raise InputError(
                f"the program {program}, {which}, answered {problem}",
                hint="Expected one line a molecule: a probability in [0, 1], or probability, tab, confidence; an empty"
                " line or nan where it has no opinion.",
            ) from None
        logger.info("%s answered %d molecules in %.1f s", self.recipe.command[0], len(batch), done.seconds)
        self._keep(batch, done.out)
        return answers

    def _known(self, batch: tuple[str, ...]) -> tuple[Floats, Floats] | None:
        path = self._path(batch)
        try:
            return None if path is None else read_answers(path.read_text(encoding="utf-8"), batch)
        except (OSError, ValueError):
            return None  # not there, or damaged: it is asked again

    def _keep(self, batch: tuple[str, ...], text: str) -> None:
        path = self._path(batch)
        if path is None:
            return
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(path, text)
        except OSError as problem:
            raise OutputError(
                f"{path.parent} can't be written: {problem.strerror or problem}", hint="Make room, or choose another."
            ) from problem

    def _path(self, batch: tuple[str, ...]) -> Path | None:
        if self.recipe.cache is None:
            return None
        known = hashlib.sha256()
        for word in (*map(_with_state, self.recipe.command), *batch):
            known.update(word.encode("utf-8", "surrogatepass") + b"\0")
        return self.recipe.cache / f"{known.hexdigest()}.tsv"


def _with_state(word: str) -> str:
    """Give a word of the command, with size and time of the file that it names: another model gives other answers."""
    try:
        state = Path(word).stat()
    except (OSError, ValueError):
        return word
    return f"{word}\0{state.st_size}\0{state.st_mtime_ns}"
