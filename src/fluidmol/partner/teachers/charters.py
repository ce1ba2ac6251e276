"""The charter's own teacher, as a recipe."""

from __future__ import annotations

import attrs

from fluidmol.partner.assay import Assay
from fluidmol.partner.teacher import Teacher
from fluidmol.partner.teachers import Annotates
from fluidmol.values.charter import Charter


@attrs.frozen
class Charters:
    """Fits the estimator that the charter names: what a partner has who brings no model of its own.

    Examples
    --------
    >>> Charters().learns
    True
    """

    @property
    def learns(self) -> bool:
        """It learns from the partner's compounds."""
        return True

    def fit(self, assay: Assay | None, charter: Charter, name: str) -> Annotates:
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
        return Teacher.fit(assay, charter, name)
