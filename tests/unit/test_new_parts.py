"""A new part is one file and one line: one of each of three kinds, from modules of their own, in a small consortium."""

import re
import sys
from pathlib import Path

import attrs
import numpy as np
import pytest

from fluidmol.chem.featurisers import FEATURISERS
from fluidmol.coordinator.federate import federate
from fluidmol.errors import OutputError
from fluidmol.exchange.local import LocalChannel
from fluidmol.learning.aggregation import AGGREGATIONS
from fluidmol.learning.estimators import ESTIMATORS, STUDENTS
from fluidmol.partner.kept.array_bundle import ArrayBundle
from fluidmol.partner.kept.estimators import keep_estimator
from fluidmol.partner.partner import Partner
from fluidmol.values.messages import Scorecard
from fluidmol.values.parts import Part

GUIDE = Path(__file__).parents[2] / "CONTRIBUTING.md"

ESTIMATOR = '''
import attrs
import numpy as np
from scipy.sparse import csr_matrix

from fluidmol.learning.estimators import Estimator
from fluidmol.learning.model import Model


@attrs.frozen
class Centroids(Estimator[csr_matrix]):
    """Whether a row is nearer to the mean active or to the mean inactive row."""

    steepness: float = 4.0

    def fit(self, rows, target, weight, seed):
        active, inactive = (np.asarray(rows.T @ part) / part.sum() for part in (weight * target, weight * (1 - target)))
        return Axis(self.steepness * (active - inactive), (active + inactive) / 2)


@attrs.frozen(eq=False)
class Axis(Model[csr_matrix]):
    direction: np.ndarray
    middle: np.ndarray

    def predict(self, rows):
        return 1 / (1 + np.exp(self.middle @ self.direction - rows @ self.direction))
'''

FEATURISER = '''
import attrs
import numpy as np

from fluidmol.chem.featurisers import Featuriser


@attrs.frozen
class Elements(Featuriser):
    """How often each of the first elements occurs."""

    elements: int = 20

    @property
    def blocks(self):
        return (self,)

    @property
    def width(self):
        return self.elements

    def row(self, molecule):
        numbers = [atom.GetAtomicNum() for atom in molecule.GetAtoms()]
        columns, counts = np.unique([n for n in numbers if n < self.elements], return_counts=True)
        return columns.astype(np.int32), counts.astype(np.float32)
'''


@pytest.fixture
def added(tmp_path, monkeypatch):
    """Add a part: its file, and its line."""
    monkeypatch.syspath_prepend(tmp_path)

    def add(catalogues, text, line):
        name, module, cls = re.fullmatch(r'\s*"(.+)": "(.+):(.+)",\s*', line).groups()
        module = f"new_part_{module.rpartition('.')[2]}"
        (tmp_path / f"{module}.py").write_text(text)
        for catalogue in catalogues:
            monkeypatch.setitem(catalogue._places, name, f"{module}:{cls}")
        monkeypatch.delitem(sys.modules, module, raising=False)
        return name

    return add


def round_of(charter, assays, transfer, benchmark):
    partners = [Partner(n, assays[n], transfer, benchmarks={"public": benchmark}) for n in ("ada", "bob")]
    return partners, federate(charter, transfer, LocalChannel(partners))


@pytest.fixture
def run(quick_charter, assays, transfer, benchmark_assay):
    def run(**parts):
        partners, outcome = round_of(attrs.evolve(quick_charter, **parts), assays, transfer, benchmark_assay)
        assert len(outcome.scorecards) == 2
        assert not outcome.declined
        assert all(isinstance(card, Scorecard) and card.scores for card in outcome.scorecards)
        said = outcome.student.predict(benchmark_assay.compounds)
        assert said.shape == (len(benchmark_assay),)
        assert 0 <= said.min() < said.max() <= 1
        return partners, outcome

    return run


def test_the_guides_aggregation(added, run):
    text, line = re.findall(r"```(?:python|text)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    name = added([AGGREGATIONS], text, line)
    _, outcome = run(aggregation=Part(name, {"near": 1.0}))
    largest = outcome.labels.contribution.max(axis=0)
    assert np.mean(largest == 1) > 0.9, "one opinion makes a label, but for ties"


def test_an_estimator_is_teacher_student_and_hybrid(added, run):
    name = added([ESTIMATORS, STUDENTS], ESTIMATOR, '"centroids": "centroids:Centroids",')
    partners, outcome = run(**dict.fromkeys(("teacher", "student", "hybrid"), Part(name, {"steepness": 2.0})))
    assert {type(one.hybrid.model.model).__name__ for one in partners} == {"Axis"}
    assert type(outcome.student.model).__name__ == "Axis"


def test_a_model_of_a_new_kind_is_refused_where_it_has_no_form_on_disk(added):
    name = added([ESTIMATORS], ESTIMATOR, '"centroids": "centroids:Centroids",')
    rows = np.array([[0.0, 1.0], [1.0, 0.0]])
    model = ESTIMATORS.build(Part(name)).fit(rows, np.array([1.0, 0.0]), np.ones(2), 1)
    with pytest.raises(OutputError, match="models of type Axis can't be kept on disk"):
        keep_estimator(model, "model", ArrayBundle())


def test_a_featuriser(added, run):
    name = added([FEATURISERS], FEATURISER, '"elements": "elements:Elements",')
    partners, _ = run(featuriser=Part(name, {"elements": 18}))
    assert partners[0].teacher.model.n_columns == 18
