"""A file of predictions as a teacher: whatever made them stays where it is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import attrs
import numpy as np

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.rejected import counts_by_reason
from fluidmol.errors import InputError
from fluidmol.learning.model import Floats
from fluidmol.partner.assay import Assay
from fluidmol.partner.teachers import LEVEL, Annotator, Recipe, columns
from fluidmol.partner.teachers.matching import Matched, PredictionIndex
from fluidmol.partner.teachers.predicted import Predicted, read_predicted
from fluidmol.partner.teachers.predicted_class import OF
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.files import read_bytes


@attrs.frozen(kw_only=True)
class FromPredictions(Recipe):
    """Looks molecules up in a file. It learns nothing here and needs no compounds.

    Raises
    ------
    ValueError
        If a number is out of range.

    Examples
    --------
    >>> FromPredictions(path=Path("predictions.csv")).least_coverage
    0.5
    """

    path: Path
    """CSV or TSV; see :func:`~fluidmol.partner.teachers.predicted.read_predicted`."""

    names: Mapping[str, str] = attrs.field(factory=dict)
    """Names of columns, by what they are; found by usual names otherwise."""

    of: str | None = attrs.field(default=None, validator=attrs.validators.in_((None, *OF)))
    """Whose probability the file states, one of :data:`~fluidmol.partner.teachers.predicted_class.OF`."""

    least_coverage: float = attrs.field(
        default=0.5, converter=float, validator=[attrs.validators.ge(0), attrs.validators.le(1)]
    )
    """Share of the transfer set that the file must cover."""

    level: float = attrs.field(
        default=LEVEL, converter=float, validator=[attrs.validators.ge(0), attrs.validators.le(1)]
    )
    """Weight where the file states no confidence."""

    cache: StandardCache | None = attrs.field(default=None, repr=False)
    """For standardised structures, where the file has no InChIKeys."""

    note: Callable[[str], None] | None = attrs.field(default=None, repr=False, eq=False)
    """Is told how many molecules were found, and how."""

    @property
    def learns(self) -> bool:
        """It learns nothing here."""
        return False

    @property
    def state(self) -> str:
        """The file's content, and how it is read."""
        words = (sorted(self.names.items()), self.of, self.level)
        return f"{hashlib.sha256(read_bytes(self.path)).hexdigest()} {words}"

    def fit(self, assay: Assay | None, charter: Charter, name: str) -> Annotator:  # noqa: ARG002
        """Read the file.

        Raises
        ------
        MissingFileError, InputError
            If it can't be used, or has no usable row.
        """
        found = read_predicted(self.path, self.names, of=self.of, cache=self.cache)
        if not found.rows:
            raise InputError(
                f"{self.path} has no usable prediction: {_why_none(found)}",
                hint="Expected one row a molecule with a probability in [0, 1].",
            )
        return Looked(self, found)


@attrs.frozen(eq=False)
class Looked(Annotator):
    """A file in which molecules are looked up."""

    recipe: FromPredictions
    found: Predicted = attrs.field(repr=False)
    index: PredictionIndex = attrs.field(
        init=False, repr=False, default=attrs.Factory(lambda self: PredictionIndex.of(self.found.rows), takes_self=True)
    )

    def predict(self, compounds: CompoundSet) -> Floats:
        """Probability of the active class, (n_compounds,), in [0, 1]; NaN where the file has none."""
        return self.index.match(compounds).value

    def check(self, pieces: Iterable[CompoundSet]) -> None:
        """Tell how many molecules of a set were found, and how.

        Raises
        ------
        InputError
            If the file covers less than it must.
        """
        match = Matched.joined([self.index.match(piece) for piece in pieces])
        if self.recipe.note is not None:
            self.recipe.note(f"{self.recipe.path}: {match}.")
            if self.found.rejected:
                rejected = self.found.rejected
                self.recipe.note(f"{len(rejected):,} of its rows couldn't be used: {counts_by_reason(rejected)}.")
        if match.coverage < self.recipe.least_coverage:
            raise InputError(
                f"{self.recipe.path} has {match}",
                hint=f"Expected {self.recipe.least_coverage:.0%} or more: predict the rest, or lower `least_coverage`.",
            )

    def annotate(self, compounds: CompoundSet) -> tuple[Floats, Floats]:
        """Return what the file says with its confidence, or a uniform weight, each (n_compounds, 1)."""
        match = self.index.match(compounds)
        return columns(match.value, np.where(np.isnan(match.confidence), self.recipe.level, match.confidence))


def _why_none(found: Predicted) -> str:
    """Return reasons, the commonest first, and the first line of that one."""
    if not found.rejected:
        return f"{found.n_silent:,} rows without a probability" if found.n_silent else "no row"
    counts = counts_by_reason(found.rejected)
    first = next(row for row in found.rejected if counts.startswith(f"{row.kind} ("))
    return f"{counts}; line {first.line}, for instance: {first.reason}"
