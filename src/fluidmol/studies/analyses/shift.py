"""How models fare where the chemistry or the laboratory is another than the partners'."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from typing import ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.overlap import nearest_similarity
from fluidmol.errors import QuorumError, UsageError
from fluidmol.learning.seeds import derive_seed
from fluidmol.learning.statistics.paired import concluded
from fluidmol.learning.statistics.predictions import Method, Predictions
from fluidmol.learning.statistics.resampling import resample
from fluidmol.partner.assay import Assay
from fluidmol.studies.analyses.external_groups import EXTERNAL, band_names, edges_of, members
from fluidmol.studies.analyses.left_out_sources import leaving_out, sources_of
from fluidmol.studies.analyses.losses import losses
from fluidmol.studies.lab.ceiling import USUAL, best_pooled, check_kinds, pooled_kinds
from fluidmol.studies.lab.judgement import figures_of
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.study import Cell, CellPredictions, Finding, Row
from fluidmol.values.charter import Charter
from fluidmol.values.results import ACTIVES, BY_ORIGIN, BY_SIMILARITY, LEFT_OUT, MEANS, TOO_SMALL, UNDIVIDED

DIFFERENCES = {
    "student-less-T0": ("student", "T0"),
    "hybrids-less-T0": (MEANS["hybrid"], "T0"),
    "student-less-teachers": ("student", MEANS["teacher"]),
    "T0-less-teachers": ("T0", MEANS["teacher"]),
}
"""What is compared on each group: rows' names with the two methods."""

_DRAWS = 1000


@attrs.frozen
class Shift:
    """T0, T0-same-make, teachers, student, hybrids and ensemble on each source of the external file, and by distance.

    All models are those of the benchmark; nothing is fitted for a group. Column ``by`` says what divides the external
    set: ``all`` (nothing), ``origin`` (the sources that the file's column names; a compound of several counts in each
    of them, and one without any in none), or ``similarity`` (Tanimoto similarity of ECFP4 to the nearest of all
    partners' training compounds). Column ``group`` is the name of the source, or the band.

    With ``left_out`` each source of the training compounds is the external set in turn (``by`` is ``left-out``): all
    partners do without its compounds, and without any that share a skeleton with one of them, and federate; T0 is
    chosen and fitted without them, too. A compound of several sources is left out with each of them.

    Rows of kind ``derived``: ``recovery`` of each group, as in the benchmark; ``student-less-T0``, ``hybrids-less-T0``,
    ``student-less-teachers`` and ``T0-less-teachers``, whose ``low`` and ``high`` are the 95 % interval of the paired
    bootstrap over the group's compounds (means over partners first); ``actives`` of the group. A group that is too
    small has one row, ``too_small``, with the number of its compounds; so has a source without which too few partners
    have something to say.
    """

    title: ClassVar[str] = "Shift"
    question: ClassVar[str] = (
        "How do teachers, student, hybrids and T0 fare on each source of the external file, and far from what is known?"
    )
    over: ClassVar[tuple[str, ...]] = ()

    fewest: int = attrs.field(default=50, validator=[attrs.validators.instance_of(int), attrs.validators.ge(2)])
    """How many compounds a group must have to be judged."""

    of_each_class: int = attrs.field(default=10, validator=[attrs.validators.instance_of(int), attrs.validators.ge(1)])
    """How many actives, and how many inactives."""

    bands: str = attrs.field(default="0.4,0.6", validator=attrs.validators.instance_of(str))
    """Similarities at which one band ends and the next begins, separated by commas, ascending, between 0 and 1."""

    ceiling: str = attrs.field(default=USUAL, validator=attrs.validators.instance_of(str))
    """Kinds of pooled models, separated by commas, that compete with the teachers' make to be T0; ``none``: T0 is of
    the teachers' make."""

    left_out: bool = attrs.field(default=False, validator=attrs.validators.instance_of(bool))
    """Whether each source that the source file names is left out of training in turn: a federation each."""

    def __attrs_post_init__(self) -> None:
        pooled_kinds(self.ceiling)
        edges_of(self.bands)

    def check(self, charter: Charter) -> None:
        """Make sure that all kinds of pooled models can be made here.

        Raises
        ------
        UnavailableError
            If one needs what isn't installed.
        """
        check_kinds(charter, pooled_kinds(self.ceiling))

    def cells(self, lab: Lab) -> Iterator[Cell]:
        """One cell a group; the whole external set comes first, sources that are left out come last.

        Raises
        ------
        UsageError
            If there is no external set and no source is left out, or fewer than two are named that could be.
        QuorumError
            If too few partners have something to say.
        """
        if EXTERNAL not in lab.benchmarks and not self.left_out:
            raise UsageError(
                "the study of shift divides an external set, and there is none",
                hint="Give labelled molecules of another origin as `external`, or set left_out=true: each source that"
                " the source file names is left out of training in turn.",
            )
        sources = sources_of(lab) if self.left_out else ()
        lab.check_quorum()
        if EXTERNAL in lab.benchmarks:
            yield from self._divided(lab)
        for name in sources:
            yield Cell({"by": LEFT_OUT, "group": name}, partial(self._without, lab, name))

    def _divided(self, lab: Lab) -> Iterator[Cell]:
        judged = _Judged(lab, pooled_kinds(self.ceiling))
        yield Cell({"by": UNDIVIDED, "group": UNDIVIDED}, judged.undivided)
        groups = members(lab.consortium.origins or ())
        if lab.consortium.origins is None:
            lab.stages.note("The external file has no column that names sources: it is divided by similarity alone.")
        for name, rows in groups.items():
            yield Cell({"by": BY_ORIGIN, "group": name}, partial(self._group, judged, name, rows))
        edges = edges_of(self.bands)
        for place, name in enumerate(band_names(edges)):
            yield Cell({"by": BY_SIMILARITY, "group": name}, partial(self._band, judged, name, edges, place))

    def _band(self, judged: _Judged, name: str, edges: Sequence[float], place: int) -> list[Finding]:
        return self._group(judged, name, np.flatnonzero(np.digitize(judged.similarity, edges) == place))

    def _group(self, judged: _Judged, name: str, rows: NDArray[np.int64]) -> list[Finding]:
        truth = judged.truth.take(rows)
        return judged.group(rows) if self._large(truth) else _too_small(name, truth)

    def _large(self, truth: Assay) -> bool:
        of_each = min(truth.n_active, len(truth) - truth.n_active)
        return len(truth) >= self.fewest and of_each >= self.of_each_class

    def _without(self, lab: Lab, name: str) -> list[Finding]:
        without = leaving_out(lab, name)
        truth = without.dataset(EXTERNAL)
        if not self._large(truth):
            return _too_small(name, truth)
        try:
            without.check_quorum()
        except QuorumError as problem:
            lab.stages.note(f"Without {name}: {problem}")
            return _too_small(name, truth)
        return _Judged(without, pooled_kinds(self.ceiling)).undivided()


def _too_small(name: str, truth: Assay) -> list[Finding]:
    return [Row(name, "derived", "", EXTERNAL, TOO_SMALL, len(truth), n_test=len(truth))]


class _Judged:
    """What all models say of the external set, asked once for all groups."""

    def __init__(self, lab: Lab, kinds: Sequence[str]) -> None:
        self.lab = lab
        self.truth: Assay = lab.dataset(EXTERNAL)
        self._kinds = kinds

    @cached_property
    def _found(self) -> tuple[list[Finding], list[Row]]:
        lab = self.lab
        with lab.stages.stage("federated labels"):
            labels = lab.labels()
        with lab.stages.stage("choice of T0"):
            ceiling, chosen = best_pooled(lab, self._kinds)
        models = [
            lab.student(labels),
            ceiling,
            lab.pooled(),
            *(lab.hybrid(name, labels) for name in lab.partners),
            *(lab.teacher(name) for name in lab.partners),
            lab.ensemble(),
        ]
        with lab.stages.stage("models and judgement"):
            return lab.judge(models, [EXTERNAL]), chosen

    @cached_property
    def similarity(self) -> NDArray[np.float64]:
        """Similarity of each external compound to the nearest training compound of any partner."""
        return nearest_similarity(self.truth.compounds, self.lab.everything.compounds)

    def undivided(self) -> list[Finding]:
        found, chosen = self._found
        return [*self._derived(found), *chosen]

    def group(self, rows: NDArray[np.int64]) -> list[Finding]:
        """Judge all models on some of the external compounds."""
        whole, _ = self._found
        part = self.truth.take(rows)
        n_train = {(row.model, row.partner): row.n_train for row in whole if isinstance(row, Row)}
        found: list[Finding] = []
        for said in whole:
            if isinstance(said, CellPredictions):
                learnt = n_train[said.model, said.partner]
                found += figures_of(said, EXTERNAL, part, said.probability[rows], learnt, self.lab.charter.seed)
        return self._derived(found)

    def _derived(self, found: list[Finding]) -> list[Finding]:
        """Add what follows from several models."""
        said = [item for item in found if isinstance(item, CellPredictions)]
        n_active = int(said[0].active.sum())
        actives = Row("actives", "derived", "", EXTERNAL, ACTIVES, n_active, n_test=len(said[0].active))
        recovery = [row for row in losses(found, [EXTERNAL]) if row.model == "recovery"]
        return [*found, actives, *recovery, *differences(said, self.lab.charter.seed)]


def differences(said: Sequence[CellPredictions], seed: int) -> list[Row]:
    """Compare methods on the same compounds, in MCC and ROC AUC, with intervals of the paired bootstrap.

    Parameters
    ----------
    said : sequence of CellPredictions
        Of one data set. Teachers and hybrids are compared by the mean of their figures over partners.
    seed : int
        Of the draws, which all methods share.

    Returns
    -------
    list of Row
        See :data:`DIFFERENCES`; those of which a method is missing are left out.

    Examples
    --------
    >>> truth, right, wrong = np.array([True, False] * 40), np.tile([0.9, 0.1], 40), np.tile([0.1, 0.9], 40)
    >>> keys = tuple(map(str, range(80)))
    >>> said = [CellPredictions("student", "student", "", "external", keys, truth, right),
    ...         CellPredictions("T0", "pooled", "", "external", keys, truth, wrong)]
    >>> [(row.model, row.metric, row.value) for row in differences(said, 1)]
    [('student-less-T0', 'mcc', 2.0), ('student-less-T0', 'roc_auc', 1.0)]
    """
    models: dict[str, list[Predictions]] = {}
    for item in said:
        models.setdefault(MEANS.get(item.kind, item.model), []).append(Predictions(item.active, item.probability))
    wanted = {name: pair for name, pair in DIFFERENCES.items() if set(pair) <= set(models)}
    methods: dict[str, Method] = {who: {seed: models[who]} for pair in wanted.values() for who in pair}
    if not methods:
        return []
    draw = derive_seed(seed, "shift")
    drawn = {metric: resample(methods, metric, draw, _DRAWS) for metric in ("mcc", "roc_auc")}
    rows = []
    for name, (first, second) in wanted.items():
        for metric, resampled in drawn.items():
            found = concluded(resampled[first].minus(resampled[second]), draw, 0.95)
            figures = (found.difference, found.low, found.high)
            rows.append(Row(name, "derived", "", said[0].dataset, metric, *figures, n_test=found.n_molecules))
    return rows
