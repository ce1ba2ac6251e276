"""An external program as a teacher: SMILES in, probabilities out, one a line.

Answers that name their molecule are known by it. For others, some molecules are asked twice; see
:mod:`fluidmol.partner.teachers.shift_check`.
"""

from __future__ import annotations

import hashlib
import logging
import shlex
from collections.abc import Callable
from pathlib import Path

import attrs
import numpy as np

from fluidmol.errors import InputError, OutputError
from fluidmol.learning.model import Floats
from fluidmol.partner.assay import Assay
from fluidmol.partner.teachers import LEVEL, Annotator, Recipe, columns
from fluidmol.partner.teachers.answers import AnswerError, cut, names_molecules, read_answers, split
from fluidmol.partner.teachers.child import ChildError, run
from fluidmol.partner.teachers.shift_check import Questions
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.files import write_whole

logger = logging.getLogger(__name__)

_PROTOCOL = "2"
"""Of questions and answers; answers that were kept under another one aren't read."""


def _words(command: str | tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command)) if isinstance(command, str) else tuple(command)
    except ValueError as problem:
        raise ValueError(f"the command {command!r} can't be read: {problem}") from problem


@attrs.frozen(kw_only=True)
class FromProgram(Recipe):
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

    @property
    def state(self) -> str:
        """The command, with size and time of the files that it names."""
        return "\0".join((*map(_with_state, self.command), repr(self.level)))

    def fit(self, assay: Assay | None, charter: Charter, name: str) -> Annotator:  # noqa: ARG002
        """Give the teacher; nothing is fitted, and no compound of the partner's is shown to the program."""
        return ProgramTeacher(self)


@attrs.frozen(eq=False)
class ProgramTeacher(Annotator):
    """A program that is asked, batch by batch."""

    recipe: FromProgram

    @property
    def forgetful(self) -> Annotator:
        """The program as it is now: files that its command doesn't name may have changed since it answered."""
        return ProgramTeacher(attrs.evolve(self.recipe, cache=None, progress=None))

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
        told = [-1]

        def tell(done: int) -> None:
            if done > told[0] and self.recipe.progress is not None:
                told[0] = done
                self.recipe.progress(done, n)

        parts: list[_BatchAnswers] = []
        for start in range(0, n, size):
            tell(start)
            batch = compounds.smiles[start : start + size]
            named = bool(parts) and parts[-1].named
            questions = Questions.plain(batch) if named else Questions.with_repeats(batch)
            number, most = start // size + 1, len(batch)

            def answered(lines: int, start: int = start, most: int = most) -> None:
                tell(start + min(lines, most))

            parts.append(self._known(questions) or self._run(questions, number, -(-n // size), answered))
        tell(n)
        value = np.concatenate([part.value for part in parts] or [np.empty(0)])
        return value, np.concatenate([part.confidence for part in parts] or [np.empty(0)])

    def _run(self, questions: Questions, number: int, batches: int, answered: Callable[[int], None]) -> _BatchAnswers:
        program = shlex.join(self.recipe.command)
        which = f"in batch {number} of {batches} ({len(questions.own):,} molecules)"
        try:
            done = run(self.recipe.command, questions.asked, self.recipe.limit_s, answered)
        except ChildError as problem:
            kept = self.recipe.cache is not None and number > 1
            hint = f"Mend it and repeat the command.{' Finished batches are kept.' if kept else ''}"
            raise InputError(f"the program {program}, {which}, {problem}", hint=hint) from None
        try:
            answers = _read(done.out, questions)
        except AnswerError as problem:
            message = f"the program {program}, {which}, answered {problem}{done.complaint}"
            raise InputError(message, hint=problem.hint) from None
        logger.info("%s answered %d lines in %.1f s", self.recipe.command[0], len(questions.asked), done.seconds)
        self._keep(questions, done.out)
        return answers

    def _known(self, questions: Questions) -> _BatchAnswers | None:
        path = self._path(questions)
        try:
            return None if path is None else _read(path.read_text(encoding="utf-8"), questions)
        except (OSError, ValueError):
            return None  # not there, or damaged: it is asked again

    def _keep(self, questions: Questions, text: str) -> None:
        path = self._path(questions)
        if path is None:
            return
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(path, text)
        except OSError as problem:
            raise OutputError(
                f"{path.parent} can't be written: {problem.strerror or problem}", hint="Make room, or choose another."
            ) from problem

    def _path(self, questions: Questions) -> Path | None:
        if self.recipe.cache is None:
            return None
        known = hashlib.sha256()
        for word in (_PROTOCOL, *map(_with_state, self.recipe.command), *questions.asked):
            known.update(word.encode("utf-8", "surrogatepass") + b"\0")
        return self.recipe.cache / f"{known.hexdigest()}.tsv"


@attrs.frozen(eq=False)
class _BatchAnswers:
    """Answers to one batch."""

    value: Floats = attrs.field(repr=False)
    confidence: Floats = attrs.field(repr=False)
    named: bool
    """Whether each of them names its molecule: later batches need no molecule twice then."""


def _read(text: str, questions: Questions) -> _BatchAnswers:
    value, confidence = read_answers(text, questions.asked)
    lines = split(text)
    named = names_molecules(lines, questions.asked)
    if not named and not len(questions.pairs):
        raise AnswerError(f"without SMILES, which it wrote in earlier batches; the first line is {cut(lines[0])}")
    if not named:
        questions.check(value, confidence, lines)
    return _BatchAnswers(value[questions.own], confidence[questions.own], named)


def _with_state(word: str) -> str:
    """Give a word of the command, with size and time of the file that it names: another model gives other answers."""
    try:
        state = Path(word).stat()
    except (OSError, ValueError):
        return word
    return f"{word}\0{state.st_size}\0{state.st_mtime_ns}"
