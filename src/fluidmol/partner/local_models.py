"""What a partner knows by itself: models of its compounds, and what they say of compounds that they haven't seen."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import expit, logit

from fluidmol.chem.features import features
from fluidmol.chem.representation.underlying import underlying
from fluidmol.learning.estimators import ESTIMATORS
from fluidmol.learning.model import Floats, Model
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.assay import Assay
from fluidmol.partner.nearness import Nearness
from fluidmol.partner.own_model import OwnModel
from fluidmol.partner.teachers import Annotator
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part

OWN = ("teacher", "hybrid", "both")
"""Own models that are tried: the partner's own (or else the charter's), its hybrid's estimator, their mean log-odds."""

AT_HOME = Part("tanimoto-neighbours")
"""Says which molecules are like own compounds. Nothing of it leaves: it may tell more than a charter's proximity."""

SUREST = 1e-6
"""Probabilities are cut at this distance from 0 and 1 before their log-odds are taken."""


@attrs.frozen(eq=False)
class LocalModels:
    """Everything that a partner knows by itself."""

    teacher: Annotator = attrs.field(repr=False)
    """What the partner would use without the consortium; also says how much it counts."""

    featuriser: Part
    """Makes the features of the other."""

    other: Model[csr_matrix] = attrs.field(repr=False)
    """The hybrid's estimator, fitted to the same compounds."""

    near: Nearness | None = attrs.field(default=None, repr=False)
    """How like own compounds a molecule is; None where the teacher's proximity says so."""

    @classmethod
    def fit(cls, assay: Assay, charter: Charter, name: str, own: OwnModel | None = None) -> LocalModels:
        """Fit both models to the partner's compounds.

        Raises
        ------
        OneClassError
            If all compounds are of one class.
        """
        teacher = (own or OwnModel()).fit(assay, charter, name)
        seed = derive_seed(charter.seed, "hybrid", name)
        featuriser = underlying(charter.featuriser)
        rows = features(assay.compounds, featuriser)
        model = ESTIMATORS.build(charter.hybrid).fit(rows, assay.outcome[:, 0], np.ones(len(assay)), seed)
        if charter.proximity.name == AT_HOME.name:
            return cls(teacher, featuriser, model)
        return cls(teacher, featuriser, model, Nearness.of(assay, at_home(charter), name))

    def annotate(self, compounds: CompoundSet) -> tuple[dict[str, Floats], Floats]:
        """Return the opinions of all of :data:`OWN`, and the proximity, each (n_compounds,).

        Where the partner's model abstains, its opinion is NaN, and proximity is 0.
        """
        value, weight = self.teacher.annotate(compounds)
        other = self.other.predict(features(compounds, self.featuriser))
        mean = expit((_log_odds(value[:, 0]) + _log_odds(other)) / 2)
        both = np.where(np.isnan(value[:, 0]), other, mean)
        return dict(zip(OWN, (value[:, 0], other, both), strict=True)), weight[:, 0]

    def opinion(self, compounds: CompoundSet) -> LocalOpinion:
        """Return what :meth:`annotate` does, and how like own compounds each is."""
        value, proximity = self.annotate(compounds)
        return LocalOpinion(value, proximity, proximity if self.near is None else self.near(compounds))


def at_home(charter: Charter) -> Charter:
    """Return the charter with the proximity by which a partner tells its own chemistry.

    Examples
    --------
    >>> at_home(Charter.from_preset("private")).proximity.name
    'tanimoto-neighbours'
    """
    return attrs.evolve(charter, proximity=AT_HOME)


@attrs.frozen(eq=False)
class LocalOpinion:
    """What a partner says of compounds by itself."""

    value: dict[str, Floats] = attrs.field(repr=False)
    """Opinions of all of :data:`OWN`, each (n_compounds,)."""

    proximity: Floats = attrs.field(repr=False)
    """By the charter: how much the opinions count beside those of others, (n_compounds,), in [0, 1]."""

    near: Floats = attrs.field(repr=False)
    """How like own compounds each is, (n_compounds,), in [0, 1]."""


@attrs.frozen(eq=False)
class LocalFit:
    """A partner before it has heard anybody: the same whatever labels it gets, and most of the work of its hybrid."""

    own: LocalModels | None = attrs.field(repr=False)
    """Models of all its compounds; None if these are of one class."""

    held: LocalOpinion | None = attrs.field(repr=False)
    """Of each own compound by models that were fitted without it; None with too few compounds of a class."""

    @classmethod
    def fit(cls, assay: Assay, charter: Charter, name: str, folds: int, own: OwnModel | None = None) -> LocalFit:
        """Fit and cross-validate.

        Parameters
        ----------
        assay : Assay
            The partner's compounds.
        charter : Charter
        name : str
            Of the partner; its seeds derive from it.
        folds : int
            Of the cross-validation, 2 or more.
        own : OwnModel, optional
            What the partner has without the consortium; the charter's estimator by default.
        """
        if assay.uniform:
            return cls(None, None)
        held = _held(assay, charter, name, folds, own) if enough(assay, folds) else None
        return cls(LocalModels.fit(assay, charter, name, own), held)


def enough(assay: Assay, folds: int) -> bool:
    """Check whether there are compounds enough to choose by: two of each class, or quarter of the values, a fold."""
    return int(np.bincount(assay.strata, minlength=2).min()) >= 2 * folds


def _held(assay: Assay, charter: Charter, name: str, folds: int, own: OwnModel | None) -> LocalOpinion:
    held = LocalOpinion({kind: np.empty(len(assay)) for kind in OWN}, np.empty(len(assay)), np.empty(len(assay)))
    for train, test in _folds(assay.strata, folds, derive_seed(charter.seed, "mixture", name)):
        fitted = LocalModels.fit(assay.take(train), charter, name, own)
        said = fitted.opinion(assay.compounds.take(test.tolist()))
        held.proximity[test], held.near[test] = said.proximity, said.near
        for kind in OWN:
            held.value[kind][test] = said.value[kind]
    return held


def _folds(strata: NDArray[np.int64], folds: int, seed: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415 - heavy

    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed % 2**32)
    yield from splitter.split(np.zeros(len(strata)), strata)


def _log_odds(probability: Floats) -> Floats:
    return np.asarray(logit(np.clip(probability, SUREST, 1 - SUREST)))
