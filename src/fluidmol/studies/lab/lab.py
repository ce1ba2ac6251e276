"""One seed's virtual consortium, with models and labels that are made when they are asked for, and once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any
from weakref import WeakValueDictionary

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.features import features
from fluidmol.chem.proximity import PROXIMITIES
from fluidmol.chem.table import LazyFeatures
from fluidmol.coordinator.federate import check_quorum, federated, too_few_speak
from fluidmol.coordinator.student import Student
from fluidmol.errors import QuorumError
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.distillation.rows import chosen_rows
from fluidmol.learning.estimators import ESTIMATORS
from fluidmol.learning.federation import aggregate
from fluidmol.learning.privacy.noise import NoNoise
from fluidmol.parallel import Once, in_threads
from fluidmol.partner.assay import Assay
from fluidmol.partner.gate import Gate, Policy
from fluidmol.partner.hybrid import Hybrid
from fluidmol.partner.local_models import LocalFit
from fluidmol.partner.speaker import DROWNED, ONE_CLASS, TOO_FEW
from fluidmol.partner.teacher import Teacher
from fluidmol.partner.teachers import Annotator
from fluidmol.partner.teachers.private import PrivateTeacher
from fluidmol.partner.teachers.translated import translated, translates
from fluidmol.progress import Stages
from fluidmol.studies.consortium import Consortium, simulated_noise
from fluidmol.studies.lab.ensemble import Ensemble, Pooled
from fluidmol.studies.lab.judgement import judge_pairs
from fluidmol.studies.lab.predictor import CachedPredictor, Fitted
from fluidmol.studies.lab.store import Arrays, ArrayStore, key_of
from fluidmol.studies.lab.store_keys import assay_digest, labels_digest, rules
from fluidmol.studies.lab.study import Finding
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.experts import Experts
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Declined
from fluidmol.values.parts import Part
from fluidmol.values.pieces import InMemory
from fluidmol.values.results import DECIDING

_TOO_FEW = "Give more compounds, or ask for fewer `n_partners`."

Opinion = tuple[NDArray[np.float32], NDArray[np.float32]]


class Lab:
    """Models, opinions and labels of one virtual consortium.

    Everything goes through the classes of the real thing: :class:`Teacher`, the :class:`Gate`, ``aggregate``,
    :class:`Student`, :class:`Hybrid`. Where a charter is asked for, it is the consortium's unless another is given,
    which must have the same seed and transfer set.

    Parameters
    ----------
    consortium : Consortium
    store : ArrayStore
        Keeps opinions and predictions.
    policy : Policy, optional
        Of all partners' gates.
    noiseless : bool
        Whether private teachers add no noise, to see what noise costs; they aren't private then.
    stages : Stages, optional
        Told what is being made.
    """

    def __init__(
        self,
        consortium: Consortium,
        store: ArrayStore,
        policy: Policy | None = None,
        *,
        noiseless: bool = False,
        stages: Stages | None = None,
    ) -> None:
        self.noiseless = noiseless
        self.stages = stages or Stages()
        self._noise = {"noise": "none"} if noiseless else {}
        self.consortium = consortium
        self.store = store
        self.policy = policy or Policy()
        self.charter: Charter = consortium.charter
        self.transfer: CompoundSet = consortium.transfer
        self.assays: dict[str, Assay] = consortium.assays
        self._digests = {name: assay_digest(assay) for name, assay in self.assays.items()}
        self._memory: dict[str, Opinion] = {}
        self._experts: dict[str, Experts | None] = {}
        self._alones: dict[str, Once[LocalFit]] = {}
        self._private: dict[str, Once[PrivateTeacher]] = {}
        self._translations: dict[str, Once[Annotator]] = {}
        self._kept: dict[str, CachedPredictor] = {}
        self._known: WeakValueDictionary[str, CachedPredictor] = WeakValueDictionary()

    @cached_property
    def declined(self) -> dict[str, str]:
        """Partners that have nothing to say, and why, as they decline in a real round."""
        if self.charter.privacy is not None:
            features(self.everything.compounds, self.charter.featuriser)  # on all cores, as in _ready
        reasons = {name: self._why_silent(name, assay) for name, assay in self.assays.items()}
        return {name: reason for name, reason in reasons.items() if reason}

    def _why_silent(self, name: str, assay: Assay) -> str:
        if self.charter.privacy is not None:
            needed = 0 if self.noiseless else self._private_teacher(name, self.charter).drowned
            return DROWNED.format(needed) if needed else ""
        if len(assay) < self.policy.fewest_compounds:
            return TOO_FEW
        return ONE_CLASS if assay.uniform else ""

    @property
    def partners(self) -> tuple[str, ...]:
        """Partners that have something to say, in order."""
        return tuple(name for name in self.assays if name not in self.declined)

    def check_quorum(self, charter: Charter | None = None) -> None:
        """Make sure that enough partners have something to say; nobody is asked yet.

        Raises
        ------
        QuorumError
            If they are fewer than the charter's quorum; it says who declines, and why.
        """
        agreed = charter or self.charter
        if len(self.partners) < agreed.quorum:
            raise too_few_speak(len(self.partners), len(self.assays), self.declined, agreed)

    def check_partners(self, needed: int, why: str) -> None:
        """Make sure that so many partners have a teacher.

        Raises
        ------
        QuorumError
            If fewer have; it says why they are needed.
        """
        if len(self.partners) < needed:
            raise QuorumError(
                f"{len(self.partners)} of {len(self.assays)} partners have a teacher", hint=f"{why} {_TOO_FEW}"
            )

    @cached_property
    def everything(self) -> Assay:
        """All partners' compounds together."""
        return self.consortium.pooled

    @property
    def metrics(self) -> tuple[str, ...]:
        """Metrics in which models are compared: those of classes, or of values."""
        return DECIDING[self.charter.endpoints[0].kind]

    @property
    def benchmarks(self) -> tuple[str, ...]:
        """Names of the public labelled sets: ``validation``, and ``external`` where there is one."""
        return tuple(self.consortium.benchmarks)

    def dataset(self, name: str) -> Assay:
        """Give a benchmark by name, or all compounds of a partner by the partner's name: its domain."""
        return self.consortium.benchmarks[name] if name in self.consortium.benchmarks else self.assays[name]

    def teacher(self, name: str, charter: Charter | None = None) -> CachedPredictor:
        """Give a partner's teacher."""
        found = self.teacher_of(self.assays[name], name, charter)
        return self._kept.setdefault(found.key, found)  # opinions and judgement both need it

    def teacher_of(self, assay: Assay, name: str, charter: Charter | None = None, model: str = "") -> CachedPredictor:
        """Give a teacher of other compounds than a partner's own, say of a part of them."""
        agreed = charter or self.charter
        facts = {"role": "teacher", "rules": rules(agreed, "teacher"), "name": name, "assay": self._digest(assay)}
        return self._predictor(
            model or _numbered("teacher", name), "teacher", name, facts, lambda: Teacher.fit(assay, agreed, name)
        )

    def pooled(
        self,
        charter: Charter | None = None,
        assay: Assay | None = None,
        model: str = "T0-same-make",
        kind: str = "pooled_same_make",
    ) -> CachedPredictor:
        """Return the teacher of all partners' data, which confidentiality forbids; or of a part of them.

        It is of the teachers' make, and so compares like with like; T0 is the best of several makes, see
        :func:`fluidmol.studies.lab.ceiling.best_pooled`.
        """
        agreed, whole = charter or self.charter, self.everything if assay is None else assay
        facts = {"role": "teacher", "rules": rules(agreed, "teacher"), "name": "pooled", "assay": self._digest(whole)}
        return self._predictor(model, kind, "", facts, lambda: Teacher.fit(whole, agreed, "pooled"))

    def pooled_in_directions(self, model: str = "T0 in directions", strength: float = 10.0) -> CachedPredictor:
        """Give a logistic regression of all partners' data in the charter's features, without noise.

        Where these are public directions, T0 reads what they were made of, and this model what is left of it.
        """
        whole, featuriser = self.everything, self.charter.featuriser
        part = Part("logistic", {"strength": strength})

        def fit() -> Fitted:
            rows = features(whole.compounds, featuriser)
            known = ESTIMATORS.build(part).fit(rows, whole.outcome[:, 0], np.ones(len(whole)), self.charter.seed)
            return Pooled(known, featuriser, n_train=len(whole))

        facts = {
            "role": "in directions", "featuriser": featuriser.as_table(), "strength": strength,
            "assay": self._digest(whole), "seed": self.charter.seed,
        }  # fmt: skip
        return self._predictor(model, "pooled", "", facts, fit)

    def predictor(self, model: str, kind: str, facts: Mapping[str, Any], fit: Callable[[], Fitted]) -> CachedPredictor:
        """Return a model that somebody else knows how to fit, with what it predicts kept as all others' is.

        Parameters
        ----------
        model, kind : str
            As tables call it.
        facts : mapping
            All that it depends on, as plain values.
        fit : callable
            Fits it.
        """
        return self._predictor(model, kind, "", facts, fit)

    def opinion(self, name: str, compounds: CompoundSet, charter: Charter | None = None) -> Opinion:
        """Give what a partner's gate lets out about compounds: value and weight, each (n_compounds, 1) float32."""
        agreed = charter or self.charter
        facts = self._opinion_facts(name, compounds, agreed)
        key = key_of(facts)
        if key not in self._memory:
            found = self.store.arrays(facts, lambda: self._annotate(name, compounds, agreed))
            self._memory[key] = found["value"], found["weight"]
        return self._memory[key]

    def annotations(
        self,
        partners: Iterable[str] | None = None,
        compounds: CompoundSet | None = None,
        charter: Charter | None = None,
    ) -> list[Annotations]:
        """Give the opinions of several partners (all by default), of the transfer set by default.

        Raises
        ------
        QuorumError
            If nobody is asked who has a teacher.
        """
        names, asked = self._names(partners), self.transfer if compounds is None else compounds
        if not names:
            raise QuorumError("nobody who is asked has a teacher", hint=_TOO_FEW)
        agreed = charter or self.charter
        facts = [self._opinion_facts(name, asked, agreed) for name in names]
        if any(key_of(needed) not in self._memory and not self.store.has(needed) for needed in facts):
            self._ready(asked, agreed)
        opinions = in_threads(self.opinion, ((name, asked, agreed) for name in names))
        return [Annotations(agreed.digest, name, *said) for name, said in zip(names, opinions, strict=True)]

    def labels(
        self,
        partners: Iterable[str] | None = None,
        charter: Charter | None = None,
        rows: NDArray[np.int64] | None = None,
    ) -> FederatedLabels:
        """Give the federated labels of some partners (all by default), of some transfer molecules (all by default).

        Elsewhere it is as if nobody had spoken.

        Raises
        ------
        QuorumError
            If all are asked, and fewer have a teacher than the charter's quorum; or nobody is asked who has one.
        """
        agreed = charter or self.charter
        if partners is None:
            self.check_quorum(agreed)
        opinions = self.annotations(partners, charter=agreed)
        if partners is None:
            check_quorum(opinions, [Declined(agreed.digest, *who) for who in self.declined.items()], agreed)
        if rows is not None:
            silent = np.ones(len(self.transfer), dtype=bool)
            silent[rows] = False
            opinions = [_silenced(opinion, silent) for opinion in opinions]
        return self._federated(opinions, agreed, everywhere=rows is None)

    def _federated(self, opinions: Sequence[Annotations], charter: Charter, *, everywhere: bool) -> FederatedLabels:
        # With all molecules each expert depends on its own teacher alone: all are made at once, and any are taken.
        distillation = DISTILLATIONS.build(charter.distillation)
        if not (everywhere and distillation.makes_experts and charter.selection.name == "all"):
            return federated(opinions, self.transfer, charter)
        key = key_of({"rules": self._said_by(charter), "distillation": charter.distillation.as_table()})
        if key not in self._experts:
            whole = federated(self.annotations(charter=charter), self.transfer, charter)
            self._experts[key] = whole.experts
        return distillation.reuse(aggregate(opinions, charter), opinions, self._experts[key], charter)

    def chosen(self, labels: FederatedLabels, charter: Charter | None = None) -> NDArray[np.int64]:
        """Positions of the transfer molecules that the charter selects, ascending."""
        agreed = charter or self.charter
        return chosen_rows(labels, LazyFeatures(self.transfer, agreed.featuriser), agreed)

    def ensemble(
        self, partners: Iterable[str] | None = None, charter: Charter | None = None, model: str = "ensemble"
    ) -> CachedPredictor:
        """Give the teachers asked directly: the labels' own quality, before any distillation."""
        names, agreed = self._names(partners), charter or self.charter
        facts = {
            "role": "ensemble",
            "rules": rules(agreed, "hybrid"),
            "policy": self.policy.digest,
            "partners": {name: self._digests[name] for name in names},
            **self._noise,
        }
        n_train = sum(len(self.assays[name]) for name in names)

        def ask(compounds: CompoundSet) -> FederatedLabels:
            return aggregate(self.annotations(names, compounds, agreed), agreed)

        return self._predictor(model, "control", "", facts, lambda: Ensemble(n_train, ask))

    def student(
        self, labels: FederatedLabels, charter: Charter | None = None, model: str = "student"
    ) -> CachedPredictor:
        """Give the student of labels, the consortium's or any others of the transfer set."""
        agreed = charter or self.charter
        facts = {"role": "student", "rules": rules(agreed, "student"), "labels": labels_digest(labels)}
        return self._predictor(model, "student", "", facts, lambda: Student.distilled(labels, self.transfer, agreed))

    def hybrid(self, name: str, labels: FederatedLabels, charter: Charter | None = None) -> CachedPredictor:
        """Give a partner's hybrid of its own compounds and labels."""
        return self._hybrid(_numbered("hybrid", name), "hybrid", name, self.assays[name], labels, charter)

    def pooled_hybrid(self, labels: FederatedLabels, charter: Charter | None = None) -> CachedPredictor:
        """Give the hybrid of all partners' data and labels."""
        return self._hybrid("T0-hybrid", "pooled_hybrid", "pooled", self.everything, labels, charter)

    def judge(self, predictors: Sequence[CachedPredictor], datasets: Iterable[str] | None = None) -> list[Finding]:
        """Judge every predictor on every data set (the benchmarks by default), side by side.

        One that can't be fitted is left out, with a warning in the log.
        """
        names = self.benchmarks if datasets is None else tuple(datasets)
        return self.judge_pairs([(predictor, names) for predictor in predictors])

    def judge_pairs(self, pairs: Sequence[tuple[CachedPredictor, Sequence[str]]]) -> list[Finding]:
        """Judge each predictor on data sets of its own, see :meth:`judge`."""
        asked = {name for predictor, names in pairs for name in names}
        for compounds in (self.dataset(name).compounds for name in sorted(asked)):
            if not all(predictor.has_predicted(compounds) for predictor, _ in pairs):
                features(compounds, self.charter.featuriser)  # on all cores, as in _ready
        return judge_pairs(pairs, self.dataset, self.charter.seed)

    def _opinion_facts(self, name: str, compounds: CompoundSet, charter: Charter) -> dict[str, Any]:
        return {
            "role": "opinion",
            "rules": self._said_by(charter),
            "name": name,
            "assay": self._digests[name],
            "policy": self.policy.digest,
            "compounds": compounds.digest,
            **self._noise,
        }

    def _said_by(self, charter: Charter) -> dict[str, Any]:
        """Return what of a charter decides opinions: of a translated teacher the transfer set, too."""
        found = rules(charter, "opinion")
        if _translated(charter):
            found |= {"translation": charter.distillation.as_table(), "transfer": charter.transfer_digest}
        return found

    def _ready(self, compounds: CompoundSet, charter: Charter) -> None:
        """Compute features here, on all cores: of several threads one would compute alone, and the others wait."""
        for known in (self.everything.compounds, compounds):
            compared = PROXIMITIES.build(charter.proximity).fingerprint
            for featuriser in (charter.featuriser, compared or charter.featuriser):
                features(known, featuriser)

    def _annotate(self, name: str, compounds: CompoundSet, charter: Charter) -> Arrays:
        teacher = self._speaking(name, charter)
        said = Gate(self.policy).release(Annotations(charter.digest, name, *teacher.annotate(compounds)))
        if not isinstance(said, Annotations):
            raise TypeError(f"the gate of {name} gave a {type(said).__name__}: expected annotations")
        return {"value": said.value, "weight": said.weight}

    def _speaking(self, name: str, charter: Charter) -> Annotator:
        """Give the teacher whose opinions leave: under a charter with privacy it isn't the one that the partner has."""
        if charter.privacy is not None:
            return self._private_teacher(name, charter)
        teacher = self.teacher(name, charter).fitted
        if not isinstance(teacher, Teacher):
            raise TypeError(f"{name} has a {type(teacher).__name__}: expected a teacher")
        if not _translated(charter):
            return teacher
        key = key_of({"rules": self._said_by(charter), "name": name})
        make = partial(translated, teacher, self.assays[name], InMemory(self.transfer), charter, name)
        return self._translations.setdefault(key, Once(make)).get()

    def _private_teacher(self, name: str, charter: Charter) -> PrivateTeacher:
        """Return a partner's private teacher, made once: its noise follows from the charter's seed."""
        noise = NoNoise() if self.noiseless else simulated_noise(charter, name)
        key = key_of({"rules": rules(charter, "opinion"), "name": name})
        make = partial(PrivateTeacher.fit, self.assays[name], charter, noise)
        return self._private.setdefault(key, Once(make)).get()

    def _hybrid(
        self, model: str, kind: str, name: str, assay: Assay, labels: FederatedLabels, charter: Charter | None
    ) -> CachedPredictor:
        agreed = charter or self.charter
        facts = {
            "role": "hybrid",
            "rules": rules(agreed, "hybrid"),
            "name": name,
            "assay": self._digest(assay),
            "labels": labels_digest(labels),
        }
        partner = name if kind == "hybrid" else ""
        return self._predictor(
            model, kind, partner, facts,
            lambda: Hybrid.fit(assay, labels, self.transfer, agreed, name, self._alone(assay, agreed, name)),
        )  # fmt: skip

    def _alone(self, assay: Assay, charter: Charter, name: str) -> Callable[[int], LocalFit] | None:
        """Return what is the same for all mixtures of a partner, made once, by the first that needs it."""
        # A part of a partner's compounds has one hybrid; nobody needs the same again.
        if self.assays.get(name) is not assay:
            return None
        key = key_of({"rules": rules(charter, "alone"), "name": name, "assay": self._digest(assay)})

        def known(folds: int) -> LocalFit:
            return self._alones.setdefault(key, Once(partial(LocalFit.fit, assay, charter, name, folds))).get()

        return known

    def _predictor(
        self, model: str, kind: str, partner: str, facts: Mapping[str, Any], fit: Callable[[], Fitted]
    ) -> CachedPredictor:
        made = CachedPredictor(model, kind, partner, fit=fit, facts=facts, store=self.store)
        known = self._known.setdefault(made.key, made)
        return known if (known.model, known.kind) == (model, kind) else known.named(model, kind)

    def _names(self, partners: Iterable[str] | None) -> tuple[str, ...]:
        return self.partners if partners is None else tuple(sorted(partners))

    def _digest(self, assay: Assay) -> str:
        return next((self._digests[n] for n, own in self.assays.items() if own is assay), "") or assay_digest(assay)


def _translated(charter: Charter) -> bool:
    return translates(charter) and not ESTIMATORS.build(charter.teacher).linear


def _silenced(opinion: Annotations, silent: NDArray[np.bool_]) -> Annotations:
    value, weight = opinion.value.copy(), opinion.weight.copy()
    value[silent], weight[silent] = np.nan, 0
    return attrs.evolve(opinion, value=value, weight=weight)


def _numbered(role: str, partner: str) -> str:
    return f"{role}-{partner.removeprefix('partner-')}"
