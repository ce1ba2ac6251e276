"""The partner: answers questions, and lets nothing else out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs
import numpy as np

from fluidmol.errors import CharterError
from fluidmol.learning.metrics import judge
from fluidmol.learning.model import Floats
from fluidmol.learning.value_metrics import judge_values
from fluidmol.partner.assay import Assay
from fluidmol.partner.gate import Gate
from fluidmol.partner.hybrid import Hybrid
from fluidmol.partner.release import Errand, Release
from fluidmol.partner.speaker import Speaker
from fluidmol.partner.teachers import Annotator, Recipe, named
from fluidmol.partner.teachers.charters import Charters
from fluidmol.partner.teachers.fidelity import Fidelity, fidelity
from fluidmol.partner.teachers.translated import Translated
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.messages import Annotate, Declined, Learn, Reply, Request, Score, Scorecard
from fluidmol.values.pieces import InMemory

logger = logging.getLogger(__name__)


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
    kept : Path, optional
        Folder at home where opinions of parts of a large transfer set are kept, so that it goes on where it stopped.
    progress : callable, optional
        Is told how many molecules are annotated, and of how many.

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
        kept: Path | None = None,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> None:
        self._recipe = recipe or Charters()
        if assay is None and self._recipe.learns:
            raise ValueError("the teacher learns from measurements, and there are none: expected an assay")
        self.name = name
        self.gate = gate or Gate()
        self._assay = assay
        self._transfer = transfer
        self._benchmarks = dict(benchmarks or {})
        self._speaker = Speaker(name, assay, self._recipe, kept, progress)
        self.hybrid: Hybrid | None = None

    @property
    def teacher(self) -> Annotator | None:
        """The teacher that it has come to, if any."""
        return self._speaker.teacher

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
        transfer = InMemory(self._transfer)
        if reason := self._speaker.begin(charter, transfer, self.gate.policy.fewest_compounds):
            return self._decline(charter, reason)
        return Annotations(charter.digest, self.name, *self._speaker.annotate_all(transfer))

    def _fidelity(self, charter: Charter) -> Fidelity | None:
        speaking = self._speaker.speaking
        if self._assay is None or not isinstance(speaking, Translated):
            return None
        return fidelity(self._recipe, speaking, self._assay, InMemory(self._transfer), charter, self.name)

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
                    figures = _judged(benchmark, said)
                    scores += [Score(model, dataset, metric, figure) for metric, figure in figures.items()]
        return scores

    def _decline(self, charter: Charter, reason: str) -> Declined:
        return Declined(charter.digest, self.name, reason)


def _judged(benchmark: Assay, said: Floats) -> dict[str, float]:
    """Compare with what was measured; values in the units of the scale's transformation."""
    if benchmark.scale is None:
        return judge(benchmark.active, said)
    return judge_values(*(benchmark.scale.coordinate(each) for each in (benchmark.outcome[:, 0], said)))
