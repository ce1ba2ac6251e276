"""Models whose applicability is studied: what each predicts, what it learnt from, and how a partner calibrates it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property, partial

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.domain.fragments import FragmentDomain
from fluidmol.learning.conformal import Conformal, out_of_fold
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.assay import Assay
from fluidmol.studies.analyses.folds import folds
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.predictor import CachedPredictor
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels

POOLED = "pooled"
"""Name of the one partner that has everybody's compounds."""


@attrs.frozen(eq=False)
class FederatedModel:
    """One model of a federation."""

    who: CachedPredictor
    """The model."""

    lab: Lab
    """Where its data sets are."""

    own: tuple[Assay, ...]
    """Measured compounds that it learnt from; none for a student."""

    federated: bool
    """Whether it learnt from the chosen transfer molecules too."""

    datasets: tuple[str, ...]
    """Which data sets it is asked about."""

    calibrate: Callable[[], Conformal] | None = None
    """How its owner calibrates it; without it, it has no conformal sets."""


class Federation:
    """The models of one lab, all of one label set.

    Parameters
    ----------
    lab : Lab
    """

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self._fragments: dict[str, FragmentDomain] = {}

    @cached_property
    def labels(self) -> FederatedLabels:
        """The federated labels."""
        return self.lab.labels()

    @cached_property
    def chosen(self) -> CompoundSet:
        """Transfer molecules that student and hybrids learn from."""
        return self.lab.transfer.take([int(row) for row in self.lab.chosen(self.labels)])

    def fragments(self, compounds: CompoundSet) -> FragmentDomain:
        """Give the strict domain of some compounds; found once."""
        if compounds.digest not in self._fragments:
            self._fragments[compounds.digest] = FragmentDomain.fit(compounds)
        return self._fragments[compounds.digest]

    def candidates(self) -> Iterator[FederatedModel]:
        """Teachers, hybrids, student, T0-same-make and T0's hybrid, each on all benchmarks."""
        lab, asked = self.lab, self.lab.benchmarks
        for name in lab.partners:
            yield FederatedModel(lab.teacher(name), lab, (lab.assays[name],), False, asked)
            yield FederatedModel(lab.hybrid(name, self.labels), lab, (lab.assays[name],), True, asked)
        everybody = tuple(lab.assays.values())
        yield FederatedModel(lab.student(self.labels), lab, (), True, asked)
        yield FederatedModel(lab.pooled(), lab, everybody, False, asked)
        yield FederatedModel(lab.pooled_hybrid(self.labels), lab, everybody, True, asked)


class HeldOutFederation(Federation):
    """A federation without one fold of each partner's compounds: neither teachers nor labels know them.

    Each partner judges on its own held-out compounds, and calibrates on the others.

    Parameters
    ----------
    lab : Lab
        Of all compounds.
    n_folds : int
        Into how many folds they are dealt; the first is held out.
    calibration_folds, hybrid_folds : int
        Folds of the calibration of teachers and T0-same-make, and of hybrids; 0: these aren't calibrated.
    """

    def __init__(self, lab: Lab, n_folds: int, calibration_folds: int, hybrid_folds: int) -> None:
        inside: dict[str, Assay] = {}
        rest: dict[str, Assay] = {}
        for name, assay in lab.assays.items():
            held = folds(assay.compounds, n_folds, lab.charter.seed, name) == 0
            rest[name] = assay.take(np.flatnonzero(~held))
            if held.any():
                inside[_held_out(name)] = assay.take(np.flatnonzero(held))
        benchmarks = inside | lab.consortium.benchmarks
        super().__init__(Lab(attrs.evolve(lab.consortium, assays=rest, benchmarks=benchmarks), lab.store, lab.policy))
        self._public = lab.benchmarks
        self._folds, self._hybrid_folds = calibration_folds, hybrid_folds

    def candidates(self) -> Iterator[FederatedModel]:
        """Teacher, hybrid and student as each partner calibrates them; T0-same-make and its hybrid, on everybody's."""
        lab = self.lab
        for name in lab.partners:
            own = lab.assays[name]
            asked = tuple(s for s in (_held_out(name), *self._public) if s in lab.benchmarks)
            others = [partner for partner in lab.partners if partner != name]
            teacher, student = lab.teacher(name), lab.student(lab.labels(others) if others else self.labels)
            yield FederatedModel(
                teacher, lab, (own,), False, asked, partial(self._calibrated, name, own, self._teacher)
            )
            calibrate = partial(self._calibrated, name, own, self._hybrid) if self._hybrid_folds else None
            yield FederatedModel(lab.hybrid(name, self.labels), lab, (own,), True, asked, calibrate)
            # Without oneself: the whole student knows the compounds of the calibration through one's own teacher.
            named = student.named(partner=name)
            yield FederatedModel(named, lab, (), True, asked, partial(_on_own, student, own))
        everybody, whole = tuple(lab.assays.values()), lab.everything
        calibrate = partial(self._calibrated, POOLED, whole, self._teacher)
        yield FederatedModel(lab.pooled(), lab, everybody, False, lab.benchmarks, calibrate)
        calibrate = partial(self._calibrated, POOLED, whole, self._hybrid) if self._hybrid_folds else None
        yield FederatedModel(lab.pooled_hybrid(self.labels), lab, everybody, True, lab.benchmarks, calibrate)

    def _teacher(self, name: str, part: Assay) -> CachedPredictor:
        return self.lab.pooled(assay=part) if name == POOLED else self.lab.teacher_of(part, name)

    def _hybrid(self, name: str, part: Assay) -> CachedPredictor:
        lab = self.lab
        alone = Lab(attrs.evolve(lab.consortium, assays={name: part}), lab.store, lab.policy)
        return alone.pooled_hybrid(self.labels) if name == POOLED else alone.hybrid(name, self.labels)

    def _calibrated(self, name: str, own: Assay, make: Callable[[str, Assay], CachedPredictor]) -> Conformal:
        def fit_predict(train: NDArray[np.int64], test: NDArray[np.int64]) -> NDArray[np.float64]:
            return make(name, own.take(train)).predict(own.take(test).compounds)

        seed = derive_seed(self.lab.charter.seed, "calibration", name)
        n_folds = self._hybrid_folds if make == self._hybrid else self._folds
        said = out_of_fold(own.active, fit_predict, seed, n_folds, own.compounds.skeletons)
        return Conformal.calibrated(own.active, said)


def _on_own(student: CachedPredictor, own: Assay) -> Conformal:
    return Conformal.calibrated(own.active, student.predict(own.compounds))


def _held_out(name: str) -> str:
    return f"held-out-{name}"
