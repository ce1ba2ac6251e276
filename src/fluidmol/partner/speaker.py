"""What speaks for a partner: it comes to its teacher, and annotates the transfer set piece by piece."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs
import numpy as np

from fluidmol.chem.features import LARGEST_STORE, forget
from fluidmol.errors import CharterError
from fluidmol.learning.model import Floats
from fluidmol.partner.assay import Assay
from fluidmol.partner.nearness import Nearness
from fluidmol.partner.opinion_folder import OpinionFolder
from fluidmol.partner.teacher import OneClassError
from fluidmol.partner.teachers import Annotator, Recipe, check_values
from fluidmol.partner.teachers.translated import Translated, needs_translation, translated
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.pieces import Pieces

# No number in either: what our policy says is nobody else's business, nor how many compounds we have.
TOO_FEW = "we have too few compounds to say something of them"
"""Why a partner declines whose compounds are fewer than its policy's least number."""

DROWNED = "noise drowns our private model: from about {:,} compounds on it would say something"
"""Why a partner declines whose private model says nothing; how many compounds it would need."""

ONE_CLASS = "our compounds are all of one class, so our teacher has nothing to say"
"""Why a partner declines that has seen one class only."""

ONE_VALUE = "our values are all the same, so our teacher has nothing to say"
"""Why a partner declines that has seen one value only."""


@attrs.define(eq=False)
class Speaker:
    """One partner's opinions under one charter.

    First :meth:`begin`, then any pieces in any order, by one process or several.
    """

    name: str
    """Of the partner; seeds derive from it."""

    assay: Assay | None = attrs.field(repr=False)
    """Private measurements; None if the recipe's teacher learns from none."""

    recipe: Recipe
    """How the partner comes to its teacher."""

    kept: Path | None = None
    """Folder at home in which opinions of pieces are kept, if the transfer set has several; None: nowhere."""

    progress: Callable[[int, int], None] = attrs.field(default=lambda _done, _total: None, repr=False)
    """Is told how many molecules are annotated, and of how many."""

    teacher: Annotator | None = attrs.field(default=None, init=False)
    """What the partner goes on using at home."""

    speaking: Annotator | None = attrs.field(default=None, init=False)
    """Whose opinions leave: the teacher, or its translation."""

    _folder: OpinionFolder | None = attrs.field(default=None, init=False)

    def begin(self, charter: Charter, transfer: Pieces, fewest: int = 0) -> str:
        """Come to a teacher, and to what speaks for it.

        Parameters
        ----------
        charter : Charter
        transfer : Pieces
            Of the charter.
        fewest : int
            Compounds below which the partner says nothing, unless the charter is private: there, whether and why
            nothing is said would be an output of private data as well.

        Returns
        -------
        str
            Why it declines; empty if it speaks.

        Raises
        ------
        CharterError
            If the charter promises privacy, and the recipe makes no private teacher; or asks for values, and it knows
            classes only.
        InputError
            If the teacher can't be used, or isn't the one whose opinions are kept.
        """
        private = charter.privacy is not None
        if private and not self.recipe.makes_private:
            raise CharterError(
                "the charter promises differential privacy, and an own model can't be made private from outside",
                hint="Answer without an own model: fluidmol fits a private teacher to your compounds. Or agree on a"
                " charter of the preset open.",
            )
        check_values(self.recipe, charter)
        if not private and self.assay is not None and len(self.assay) < fewest:
            return TOO_FEW
        try:
            self.teacher = self.recipe.fit(self.assay, charter, self.name)
        except OneClassError:
            return ONE_CLASS if charter.scale is None else ONE_VALUE
        if needed := self.teacher.drowned:
            return DROWNED.format(needed)
        self.teacher.check(transfer)
        self._folder = None
        if self.kept is not None and len(transfer.sizes) > 1:
            self._folder = OpinionFolder.of(self.kept, charter, self.name, self.assay, self.recipe, transfer)
            self._folder.check_same(self.teacher, transfer.piece(0))
        self.speaking = self._translated(self.teacher, charter, transfer)
        return ""

    @property
    def folder(self) -> Path | None:
        """Folder of the opinions that are kept; None if there are none, or before :meth:`begin`."""
        return None if self._folder is None else self._folder.path

    def has(self, transfer: Pieces, place: int) -> bool:
        """Check whether opinions of a piece are kept already, and are sound."""
        return self._known(transfer, place) is not None

    def _known(self, transfer: Pieces, place: int) -> tuple[Floats, Floats] | None:
        return None if self._folder is None else self._folder.find(transfer.name(place), transfer.sizes[place])

    def annotate(self, transfer: Pieces, place: int) -> tuple[Floats, Floats]:
        """Return opinions and weights of one piece, each (n_compounds, 1); what is kept isn't computed again.

        Raises
        ------
        ValueError
            Before :meth:`begin`.
        FluidError
            If the piece can't be read, the teacher can't be asked, or what it says can't be kept.
        """
        known = self._known(transfer, place)
        return self.annotate_piece(transfer.piece(place), len(transfer)) if known is None else known

    def annotate_piece(self, piece: CompoundSet, n_transfer: int) -> tuple[Floats, Floats]:
        """Annotate a piece of a transfer set of so many molecules, whatever is kept; as :meth:`annotate`."""
        if self.speaking is None:
            raise ValueError("nobody speaks yet: expected begin() before")
        value, weight = self.speaking.annotate(piece)
        if self._folder is not None:
            self._folder.keep(piece.digest, value, weight)
        if n_transfer > LARGEST_STORE:
            forget()  # of so many molecules, no features are remembered until they are asked for again
        return value, weight

    def annotate_all(self, transfer: Pieces) -> tuple[Floats, Floats]:
        """Return opinions and weights of all pieces, each (n_compounds, 1); raises as :meth:`annotate`."""
        parts, done = [], 0
        for place, size in enumerate(transfer.sizes):
            parts.append(self.annotate(transfer, place))
            done += size
            self.progress(done, len(transfer))
        values, weights = zip(*parts, strict=True)
        return np.concatenate(values), np.concatenate(weights)

    def _translated(self, teacher: Annotator, charter: Charter, transfer: Pieces) -> Annotator:
        """Translate the teacher, or take the translation that is kept: it takes a look at all pieces."""
        if self.assay is None or not needs_translation(teacher, self.assay, charter):
            return teacher
        known = None if self._folder is None else self._folder.find_translation()
        if known is not None:
            return Translated(teacher, charter, known[0], Nearness.of(self.assay, charter, self.name), known[1])
        found = translated(teacher, self.assay, transfer, charter, self.name)
        if self._folder is not None and isinstance(found, Translated):
            self._folder.keep_translation(found)
        return found
