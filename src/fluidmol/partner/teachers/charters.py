"""The charter's own teacher, as a recipe."""

from __future__ import annotations

from typing import ClassVar

import attrs

from fluidmol.learning.privacy.noise import Noise, SystemNoise
from fluidmol.partner.assay import Assay
from fluidmol.partner.teacher import Teacher
from fluidmol.partner.teachers import Annotator, Recipe
from fluidmol.partner.teachers.private import Kept, PrivateTeacher
from fluidmol.values.charter import Charter


@attrs.frozen
class Charters(Recipe):
    """Fits the teacher that the charter asks for: what a partner has who brings no model of its own.

    Under a charter with ``[privacy]`` it is a private one, made once and kept; otherwise the charter's estimator.

    Examples
    --------
    >>> Charters().learns
    True
    """

    makes_private: ClassVar[bool] = True
    """It does."""

    of_values: ClassVar[bool] = True
    """It does: estimators are fitted to positions on the scale as to classes."""

    noise: Noise = attrs.field(factory=SystemNoise, repr=False)
    """Of a private teacher: the operating system's randomness, which only a simulation may replace."""

    kept: Kept | None = attrs.field(default=None, repr=False)
    """Where the private model of a charter is kept; nowhere in a simulation."""

    @property
    def learns(self) -> bool:
        """It learns from the partner's compounds."""
        return True

    def fit(self, assay: Assay | None, charter: Charter, name: str) -> Annotator:
        """Fit to private measurements; see :meth:`fluidmol.partner.teacher.Teacher.fit`.

        Raises
        ------
        ValueError
            If there are no compounds.
        OneClassError
            If all compounds are of one class.
        """
        if assay is None:
            raise ValueError("the charter's teacher learns from compounds: expected an assay")
        if charter.privacy is None:
            return Teacher.fit(assay, charter, name)
        if self.kept is None:
            return PrivateTeacher.fit(assay, charter, self.noise)
        known = self.kept.find(charter, assay.digest)
        if known is None:
            # Before anybody sees it: who could draw again until the noise pleases would undo the proof.
            known = self.kept.keep(charter, assay.digest, PrivateTeacher.fit(assay, charter, self.noise).model)
        return PrivateTeacher.speaking(charter, known)
