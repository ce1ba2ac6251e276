"""The partner: answers questions, and lets nothing else out."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import attrs
import numpy as np

from fluidmol.errors import CharterError
from fluidmol.learning.metrics import judge
from fluidmol.partner.assay import Assay
from fluidmol.partner.gate import Gate
from fluidmol.partner.hybrid import Hybrid
from fluidmol.partner.release import Errand, Release
from fluidmol.partner.teacher import OneClassError
from fluidmol.partner.teachers import Annotator, Recipe, named
from fluidmol.partner.teachers.charters import Charters
from fluidmol.partner.teachers.fidelity import Fidelity, fidelity
from fluidmol.partner.teachers.translated import Translated, translated
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.messages import Annotate, Declined, Learn, Reply, Request, Score, Scorecard

logger = logging.getLogger(__name__)

# No number in either: what our policy says is nobody else's business, nor how many compounds we have.
TOO_FEW = "we have too few compounds to say something of them"
"""Why a partner declines whose compounds are fewer than its policy's least number."""

DROWNED = "noise drowns our private model: from about {:,} compounds on it would say something"
"""Why a partner declines whose private model says nothing; how many compounds it would need."""

ONE_CLASS = "our compounds are all of one class, so our teacher has nothing to say"
"""Why a partner declines that has seen one class only."""


class Partner:
    """One company of a consortium.

    Its only way of talking is :meth:`answer`; teacher and hybrid are for the company itself.

    Parameters
    ----------
    name : str
        Name in the consortium.
    assay : Assay or None
        Private measurements; None if the recipe's teacher learns from none. There is no hybrid then.
    transfer : CompoundSet
        The public transfer set, which the charter names by digest.
    benchmarks : mapping of str to Assay, optional
        Public labelled sets that all parties hold; the scorecard tells how teacher and hybrid fare on them.
    gate : Gate, optional
        The way out, with the company's own policy.
    recipe : Recipe, optional
        How it comes to its teacher; by the charter's estimator by default.

    Raises
    ------
    ValueError
        If the recipe's teacher learns from measurements, and there are none.
    """

    def __init__(
        self,
        name: str,
        assay: Assay | None,
        transfer: CompoundSet,
        *,
        benchmarks: Mapping[str, Assay] | None = None,
        gate: Gate | None = None,
        recipe: Recipe | None = None,
    ) -> None:
        self._recipe = recipe or Charters()
        if assay is None and self._recipe.learns:
            raise ValueError("the teacher learns from measurements, and there are none: expected an assay")
        self.name = name
        self.gate = gate or Gate()
        self._assay = assay
        self._transfer = transfer
        self._benchmarks = dict(benchmarks or {})
        self.teacher: Annotator | None = None
        self._speaking: Annotator | None = None
        self.hybrid: Hybrid | None = None

    def answer(self, request: Request) -> Reply:
        """Answer a question of the coordinator; whatever is said passes the gate.

        Raises
        ------
        PolicyError
            If the partner's own policy forbids the answer.
        """
        return self.gate.release(self._compose(request), self.errand(request))

    def examine(self, request: Request, *, sealed: bool = True, judged: bool = True) -> Release:
        """Say what would be answered, and what the policy makes of it; nothing leaves, and nothing is noted.

        ``gate.let_out`` lets it out.

        Parameters
        ----------
        request : Request
            The coordinator's question.
        sealed : bool
            Whether only the coordinator can open the answer.
        judged : bool
            Whether a translation that speaks is compared with the teacher, which takes three more fits of both.

        Raises
        ------
        PolicyError
            If the partner's own policy forbids the answer.
        """
        reply, errand = self._compose(request), self.errand(request, sealed=sealed)
        if judged and isinstance(reply, Annotations):
            errand = attrs.evolve(errand, fidelity=self._fidelity(request.charter))
        return self.gate.examine(reply, errand)

    def errand(self, request: Request, *, sealed: bool = True) -> Errand:
        """Say what a reply to this question is for; inside the wall."""
        teacher = self.teacher
        spend, n_known = (None, None) if teacher is None else (teacher.spend, teacher.n_known)
        return Errand(
            request, sealed=sealed, transfer=self._transfer, assay=self._assay, spend=spend, n_known=n_known,
            teacher=named(self._recipe),
        )  # fmt: skip

    def _compose(self, request: Request) -> Reply:
        charter = request.charter
        if charter.transfer_digest != self._transfer.digest:
            return self._decline(charter, "the charter names another transfer set than the one that we hold")
        if isinstance(request, Annotate):
            return self._annotate(charter)
        return self._learn(request)

    def _annotate(self, charter: Charter) -> Reply:
        if charter.privacy is not None:
            return self._annotate_privately(charter)
        if self._assay is not None and len(self._assay) < self.gate.policy.fewest_compounds:
            return self._decline(charter, TOO_FEW)
        try:
            self.teacher = self._recipe.fit(self._assay, charter, self.name)
        except OneClassError:
            return self._decline(charter, ONE_CLASS)
        self._speaking = translated(self.teacher, self._assay, self._transfer, charter, self.name)
        value, weight = self._speaking.annotate(self._transfer)
        return Annotations(charter.digest, self.name, value, weight)

    def _fidelity(self, charter: Charter) -> Fidelity | None:
        if self._assay is None or not isinstance(self._speaking, Translated):
            return None
        return fidelity(self._recipe, self._speaking, self._assay, self._transfer, charter, self.name)

    def _annotate_privately(self, charter: Charter) -> Reply:
        # Whether and why nothing is said would be an output of private data as well: nothing here depends on them.
        # What the policy says of small sets is between the gate and its owner, who may decline by hand.
        if not self._recipe.makes_private:
            raise CharterError(
                "the charter promises differential privacy, and an own model can't be made private from outside",
                hint="Answer without an own model: fluidmol fits a private teacher to your compounds. Or agree on a"
                " charter of the preset open.",
            )
        self.teacher = self._recipe.fit(self._assay, charter, self.name)
        if needed := self.teacher.drowned:
            return self._decline(charter, DROWNED.format(needed))
        value, weight = self.teacher.annotate(self._transfer)
        return Annotations(charter.digest, self.name, value, weight)

    def _learn(self, request: Learn) -> Reply:
        charter = request.charter
        if request.labels.charter != charter.digest or len(request.labels.value) != len(self._transfer):
            return self._decline(charter, "the labels belong to another charter or transfer set")
        if self._assay is None:
            return self._decline(charter, "our model doesn't learn from compounds, so there is no hybrid")
        try:
            self.hybrid = Hybrid.fit(self._assay, request.labels, self._transfer, charter, self.name)
        except (ValueError, CharterError) as problem:
            logger.warning("%s has no hybrid: %s", self.name, problem)
            if charter.privacy is not None:
                return Scorecard(charter.digest, self.name, ())  # as always: a reason would say something
            return self._decline(charter, "no hybrid could be fitted")
        return Scorecard(charter.digest, self.name, self._scores(charter))

    def _scores(self, charter: Charter) -> list[Score]:
        scores: list[Score] = []
        if charter.privacy is not None or not self.gate.policy.scorecards:
            return scores
        for model, fitted in (("teacher", self.teacher), ("hybrid", self.hybrid)):
            for dataset, benchmark in self._benchmarks.items():
                said = None if fitted is None else fitted.predict(benchmark.compounds)
                # Figures of a part of the set could not be compared with others'.
                if said is not None and not np.isnan(said).any():
                    figures = judge(benchmark.active, said)
                    scores += [Score(model, dataset, metric, figure) for metric, figure in figures.items()]
        return scores

    def _decline(self, charter: Charter, reason: str) -> Declined:
        return Declined(charter.digest, self.name, reason)
