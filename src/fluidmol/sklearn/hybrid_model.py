"""A partner's hybrid as a scikit-learn estimator: what classifier and regressor have in common."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import attrs
import pandas as pd

from fluidmol.charters.feasible import check_parts
from fluidmol.chem.intake.labelled import Labelled, merged, understand_table
from fluidmol.chem.intake.outcomes import OutcomeColumns, Outcomes
from fluidmol.chem.intake.table import RawTable
from fluidmol.errors import OutputError, UsageError
from fluidmol.learning.conformal import FOLDS
from fluidmol.learning.union import UNIONS
from fluidmol.partner.assay import Assay
from fluidmol.partner.kept.fitting import fit_hybrid
from fluidmol.partner.kept.saved_hybrid import KeptHybrid
from fluidmol.partner.measurements import checked_against, wanted_by
from fluidmol.partner.own_model import OwnModel
from fluidmol.partner.teachers.estimator import FromEstimator
from fluidmol.partner.teachers.loading import load_estimator
from fluidmol.sklearn.molecule_column import MoleculeColumn, refuse_rows
from fluidmol.sklearn.molecule_model import MoleculeModel
from fluidmol.sklearn.publications import Place, called_in, publication_of
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.parts import Part
from fluidmol.values.publication import Publication

Choice = str | Mapping[str, Any] | Part
"""A part by its name, or as a table with its options."""


class HybridModel(MoleculeModel):
    """A partner's hybrid; subclasses read classes or values.

    Its parameters are documented where users meet them, in :class:`~fluidmol.sklearn.FluidClassifier`.
    """

    _KIND: ClassVar[str] = "hybrid"

    rejected_: pd.DataFrame
    cautions_: tuple[str, ...]

    def __init__(
        self,
        labels: Place | FederatedLabels | Publication | None = None,
        *,
        charter: Place | Charter | None = None,
        transfer: Place | CompoundSet | None = None,
        name: str | None = None,
        newcomer: bool = False,
        hybrid: Choice | None = None,
        union: Choice | None = None,
        own_model: Any = None,
        folds: int = FOLDS,
        confidence: float = 0.8,
        n_evidence: int = 3,
        on_error: str = "raise",
        smiles_column: str | None = None,
        cache: bool = True,
    ) -> None:
        self.labels = labels
        self.charter = charter
        self.transfer = transfer
        self.name = name
        self.newcomer = newcomer
        self.hybrid = hybrid
        self.union = union
        self.own_model = own_model
        self.folds = folds
        self.confidence = confidence
        self.n_evidence = n_evidence
        self.on_error = on_error
        self.smiles_column = smiles_column
        self.cache = cache

    def fit(self, X: Any, y: Any) -> Self:
        """Fit the hybrid, and calibrate it.

        Rows of one compound that agree count once.

        Parameters
        ----------
        X : list, array, Series or DataFrame
            SMILES, length n.
        y : list, array, Series or DataFrame
            What was measured, length n: for a classifier classes (0 and 1, False and True, or words such as inactive
            and active), for a regressor values in the unit of the charter's scale.

        Raises
        ------
        UsageError
            If it isn't said what was published, or who you are, or a parameter is out of range.
        InputError
            If rows can't be used, or y doesn't state what is wanted.
        CharterError
            If a chosen part is unknown, or doesn't go with the charter.
        FluidError
            If a file can't be used.
        """
        folds = int(self.folds)
        if folds != self.folds or folds < 0 or folds == 1:
            raise UsageError(f"`folds` is {self.folds}", hint="Expected 2 or more, or 0 for no calibration.")
        public = publication_of(self.labels, self.charter, self.transfer, cache=self.cache, kind=self._OF)
        own_as = called_in(public.labels, self.labels, self.name, newcomer=self.newcomer)
        rules = self._rules(public.charter)
        asked = MoleculeColumn.of(X, self.smiles_column)
        read, told = self._read(asked, y, public.charter)
        made = fit_hybrid(
            Assay.of(read), public, self.name or "", own_as=own_as, folds=folds,
            own=self._own(), charter=rules,
        )  # fmt: skip
        facts = {
            **made.kept.facts, "n_rejected": len(read.rejected), "reading": read.reading.facts(),
            **told, "hybrid": rules.hybrid.as_table(), "union": rules.union.as_table(),
        }  # fmt: skip
        self.cautions_ = (
            *read.reading.cautions,
            *(made.cautions if folds else ()),
            *_known_already(rules, own_as),
        )
        for caution in self.cautions_:
            warnings.warn(caution, stacklevel=2)
        rows = [row.line for row in read.rejected]
        self.rejected_ = pd.DataFrame(
            {"row": rows, "smiles": [row.smiles for row in read.rejected], "reason": [r.reason for r in read.rejected]},
            index=asked.index[rows],
        )
        return self._made(attrs.evolve(made.kept, facts=facts), told, asked.name)

    def save(self, folder: str | Path, *, overwrite: bool = False) -> None:
        """Save it for :meth:`load` and for ``fluid predict``; it is private, and the folder says so.

        Raises
        ------
        OutputError
            If the folder holds something else, can't be written, or the model has no form on disk.
        """
        if self.own_model is not None and not isinstance(self.own_model, str):
            raise OutputError(
                "a hybrid whose own model is an object can't be saved: whoever loads it must know where it comes from",
                hint="Give its place as `own_model`: 'module:object'.",
            )
        super().save(folder, overwrite=overwrite)

    def _rules(self, charter: Charter) -> Charter:
        """Return the charter with what the partner has chosen for itself."""
        if self.hybrid is self.union is None:
            return charter
        rules = attrs.evolve(
            charter,
            hybrid=_part(self.hybrid, "hybrid", charter.hybrid),
            union=_part(self.union, "union", charter.union),
        )
        check_parts(rules)
        return rules

    def _own(self) -> OwnModel:
        if self.own_model is None:
            return OwnModel()
        if isinstance(self.own_model, str):
            return OwnModel(FromEstimator(load_estimator(self.own_model), self.own_model))
        return OwnModel(FromEstimator(self.own_model, type(self.own_model).__name__))

    def _read(self, asked: MoleculeColumn, y: Any, charter: Charter) -> tuple[Labelled, dict[str, Any]]:
        """Read molecules and what was measured, and what of it a saved model must know."""
        raise NotImplementedError

    def _made(self, model: KeptHybrid, told: Mapping[str, Any], column: str) -> Self:  # noqa: ARG002 - classifiers look
        """Become a model that was fitted."""
        return self._remembered(model, column)

    def _understood(
        self, asked: MoleculeColumn, table: RawTable, wanted: OutcomeColumns, charter: Charter
    ) -> tuple[Labelled, Outcomes]:
        """Read molecules and outcomes as those of a file are read."""
        said = wanted_by(charter, wanted)
        found = understand_table(table, said.columns, cache=self._cache())
        if self._strict():
            refuse_rows([(i, reason) for i, reason in enumerate(found.reasons) if reason], asked)
        read = merged(found)
        cautions = (*read.reading.cautions, *checked_against(charter, read.reading, said))
        return attrs.evolve(read, reading=attrs.evolve(read.reading, cautions=cautions)), found.outcomes


def _known_already(charter: Charter, own_as: str) -> tuple[str, ...]:
    if not own_as or UNIONS.build(charter.union).needs_experts:
        return ()
    return (
        "The labels that this hybrid learns from hold what your own teacher, which knows your compounds, has said: by"
        " cross-validation on these it seems better than it is. fluid hybrid tune leaves your part out.",
    )


def _part(choice: Choice | None, where: str, agreed: Part) -> Part:
    if choice is None or isinstance(choice, Part):
        return choice or agreed
    return Part.from_table({"name": choice} if isinstance(choice, str) else choice, where)
