"""Any scikit-learn classifier as a teacher, with seeds set and errors that name it."""

from types import SimpleNamespace

import attrs
import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from fluidmol.errors import InputError, UsageError
from fluidmol.partner.assay import Assay
from fluidmol.partner.teacher import OneClassError, Teacher
from fluidmol.partner.teachers.charters import Charters
from fluidmol.partner.teachers.estimator import FromEstimator
from fluidmol.partner.teachers.loading import load_estimator
from fluidmol.values.endpoint import Endpoint
from fluidmol.values.scale import Scale


def lengths(smiles):
    assert all(isinstance(text, str) for text in smiles)
    return np.array([[len(text), text.count("N")] for text in smiles])


def test_weights_are_those_of_the_charters_own_teacher(assays, quick_charter, transfer):
    own = FromEstimator(BernoulliNB(), "m:o").fit(assays["ada"], quick_charter, "ada")
    agreed = Teacher.fit(assays["ada"], quick_charter, "ada")
    value, weight = own.annotate(transfer)
    assert np.array_equal(weight, agreed.annotate(transfer)[1])
    assert value.shape == (len(transfer), 1)
    assert ((value >= 0) & (value <= 1)).all()


def test_the_charters_teacher_is_a_recipe_too(assays, quick_charter, transfer):
    recipe = Charters().fit(assays["ada"], quick_charter, "ada")
    assert np.array_equal(recipe.predict(transfer), Teacher.fit(assays["ada"], quick_charter, "ada").predict(transfer))


def test_seeds_are_set_and_the_given_estimator_stays_as_it_is(assays, quick_charter, transfer):
    forest = ExtraTreesClassifier(10)
    recipe = FromEstimator(make_pipeline(forest), "m:o")
    one, other = (recipe.fit(assays["ada"], quick_charter, "ada").predict(transfer) for _ in range(2))
    assert np.array_equal(one, other)
    assert forest.random_state is None
    assert not hasattr(forest, "classes_")
    assert not np.array_equal(one, recipe.fit(assays["ada"], quick_charter, "bob").predict(transfer))


def test_a_pipeline_of_smiles(assays, quick_charter, transfer):
    pipeline = make_pipeline(FunctionTransformer(lengths), LogisticRegression())
    given = FromEstimator(pipeline, "m:o", "smiles").fit(assays["ada"], quick_charter, "ada").predict(transfer)
    pipeline.fluid_input = "smiles"
    said = FromEstimator(pipeline, "m:o").fit(assays["ada"], quick_charter, "ada").predict(transfer)
    assert np.array_equal(given, said)
    assert len(set(given)) > 2


def test_who_takes_no_sparse_matrix_gets_a_dense_one(assays, quick_charter, transfer):
    with pytest.raises(InputError, match=r"m:o can't be fitted: TypeError.*`given`"):
        FromEstimator(GaussianNB(), "m:o").fit(assays["ada"], quick_charter, "ada")
    assert len(FromEstimator(GaussianNB(), "m:o", "dense").fit(assays["ada"], quick_charter, "ada").predict(transfer))


def test_an_unknown_input(assays, quick_charter):
    odd = BernoulliNB()
    odd.fluid_input = "graphs"
    with pytest.raises(InputError, match="fluid_input = 'graphs'"):
        FromEstimator(odd, "m:o").fit(assays["ada"], quick_charter, "ada")


@pytest.mark.parametrize(
    ("said", "complaint"),
    [(np.full((40, 3), 0.5), "shape"), (np.full((40, 2), 7.0), "7.0 of"), (np.full((40, 2), np.nan), "nan of")],
)
def test_what_is_no_probability_is_named(said, complaint, assays, quick_charter, transfer, monkeypatch):
    teacher = FromEstimator(BernoulliNB(), "m:o").fit(assays["ada"], quick_charter, "ada")
    monkeypatch.setattr(teacher.model, "predict_proba", lambda _table: said)
    with pytest.raises(InputError, match=complaint):
        teacher.predict(transfer)


def test_one_class_teaches_nothing(chemistry, quick_charter):
    only = chemistry.take(np.flatnonzero(chemistry.active))
    with pytest.raises(OneClassError):
        FromEstimator(BernoulliNB(), "m:o").fit(only, quick_charter, "ada")


class TestLoading:
    @pytest.fixture
    def module(self, tmp_path):
        (tmp_path / "own_models.py").write_text(
            "from sklearn.naive_bayes import BernoulliNB\nready = BernoulliNB(alpha=2)\nnumber = 7\n"
            "def made():\n    return BernoulliNB(alpha=3)\ndef asks(x):\n    return x\nclass Wrong:\n    pass\n"
        )
        (tmp_path / "broken_models.py").write_text("raise RuntimeError('no licence')\n")
        (tmp_path / "needy_models.py").write_text("import no_such_library\n")
        return tmp_path

    @pytest.mark.parametrize(("name", "alpha"), [("ready", 2), ("made", 3), ("BernoulliNB", 1.0)])
    def test_objects_functions_and_classes(self, name, alpha, module):
        assert load_estimator(f"own_models:{name}", module).alpha == alpha

    @pytest.mark.parametrize(
        ("place", "kind", "said"),
        [
            ("own_models", UsageError, "Expected module:object"),
            ("own_models:x y", UsageError, "Expected module:object"),
            ("no_models_here:x", UsageError, "no Python module 'no_models_here'"),
            ("own_models:redy", UsageError, "Did you mean ready"),
            ("own_models:number", InputError, "is a int"),
            ("own_models:Wrong", InputError, "without fit and predict_proba"),
            ("own_models:asks", InputError, "without arguments"),
            ("broken_models:x", InputError, "RuntimeError: no licence"),
            ("needy_models:x", InputError, "needs no_such_library"),
        ],
    )
    def test_refused(self, place, kind, said, module):
        with pytest.raises(kind, match=said):
            load_estimator(place, module)

    def test_a_regressor_will_do_where_that_is_said(self):
        assert isinstance(load_estimator("sklearn.linear_model:Ridge", regressor=True), Ridge)
        with pytest.raises(InputError, match="without fit and predict_proba"):
            load_estimator("pathlib:Path", regressor=True)

    def test_a_regressor_is_refused(self):
        assert not hasattr(Ridge(), "predict_proba")
        with pytest.raises(InputError, match="Ridge without predict_proba"):
            load_estimator("sklearn.linear_model:Ridge")


class TestValues:
    @pytest.fixture
    def charter(self, quick_charter):
        scale = Scale("nM", 1, 1e6, "log10")
        return attrs.evolve(quick_charter, endpoints=(Endpoint("ic50", "regression", scale=scale),))

    @pytest.fixture
    def assay(self, assays, charter):
        compounds = assays["ada"].compounds
        values = [10.0 ** (2 + smiles.count("N")) for smiles in compounds.smiles]
        return Assay(compounds, charter.scale.position(values), charter.scale)

    def test_it_learns_and_says_values_in_the_unit(self, assay, charter, transfer):
        constant = FromEstimator(DummyRegressor(strategy="median"), "m:o").fit(assay, charter, "ada")
        middle = np.median(charter.scale.value(assay.outcome[:, 0]))
        assert np.allclose(charter.scale.value(constant.predict(transfer)), middle)
        ridge = FromEstimator(Ridge(), "m:o").fit(assay, charter, "ada")
        assert np.corrcoef(ridge.predict(assay.compounds), assay.outcome[:, 0])[0, 1] > 0.5
        assert ((ridge.predict(transfer) >= 0) & (ridge.predict(transfer) <= 1)).all()

    def test_what_lies_beyond_the_scale_is_its_end(self, assay, charter, transfer):
        low = FromEstimator(DummyRegressor(strategy="constant", constant=-5.0), "m:o").fit(assay, charter, "ada")
        assert set(low.predict(transfer)) == {0.0}

    def test_a_classifier_is_none_for_values_nor_a_regressor_for_classes(self, assay, assays, charter, quick_charter):
        with pytest.raises(InputError, match="is a BernoulliNB, which is no regressor, and the endpoint"):
            FromEstimator(BernoulliNB(), "m:o").fit(assay, charter, "ada")
        with pytest.raises(InputError, match="Ridge without predict_proba"):
            FromEstimator(Ridge(), "m:o").fit(assays["ada"], quick_charter, "ada")

    @pytest.mark.parametrize(
        ("said", "words"), [([np.nan] * 3, "m:o says nan of"), ([[1.0, 2.0]] * 3, "gives values of shape")]
    )
    def test_what_are_no_values_is_refused(self, assay, charter, said, words):
        fitted = FromEstimator(Ridge(), "m:o").fit(assay, charter, "ada")
        odd = attrs.evolve(fitted, model=SimpleNamespace(predict=lambda _table: said))
        with pytest.raises(InputError, match=words):
            odd.predict(assay.compounds.take([0, 1, 2]))
