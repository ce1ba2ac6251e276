"""Hybrids and students behind scikit-learn's interface."""

import attrs
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict, cross_val_score
from sklearn.naive_bayes import BernoulliNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from fluidmol.errors import CharterError, FluidError, InputError, MissingFileError, OutputError, UsageError
from fluidmol.partner.kept.fitting import fit_hybrid, student_of
from fluidmol.partner.prediction.predictor import Predictor
from fluidmol.sklearn import FluidClassifier, FluidStudent


@pytest.fixture
def classifier(public):
    return FluidClassifier(public, name="ada", folds=0)


@pytest.fixture(scope="session")
def fitted(public, own):
    return FluidClassifier(public, name="ada", folds=3).fit(*own)


@pytest.fixture(scope="session")
def asked(chemistry):
    """Molecules to predict, those of ada among them."""
    return list(chemistry.compounds.smiles[:20])


class TestThePartnersHybrid:
    def test_it_is_the_one_that_the_library_fits(self, fitted, public, assays, chemistry):
        kept = fit_hybrid(assays["ada"], public, "ada", folds=3).kept
        found = fitted.predict_proba(list(chemistry.compounds.smiles))
        assert np.array_equal(found[:, 1], np.clip(kept.model.predict(chemistry.compounds), 0, 1))
        assert found.sum(axis=1) == pytest.approx(1)

    def test_reliability_is_that_of_the_predictor(self, fitted, chemistry):
        said = Predictor(kept=fitted.model_, level=0.8, n_evidence=3)(chemistry.compounds)
        table = fitted.predict_with_reliability(list(chemistry.compounds.smiles))
        assert np.array_equal(table["probability"], said.probability)
        assert np.array_equal(table["applicability"] == "inside", said.inside)
        assert np.array_equal(table["own_similarity"], said.own_similarity)
        assert table["unknown_fragments"].notna().tolist() == [bool(parts) for parts in said.unknown_fragments]
        assert list(table["evidence_1_smiles"]) == [shown[0].smiles for shown in said.evidence]
        assert set(table["conformal_set"]) <= {"active", "inactive", "both", "none"}
        assert table["problem"].isna().all()

    def test_each_molecule_has_its_own_row(self, fitted, asked):
        turned = fitted.predict_proba(asked[::-1])
        assert np.array_equal(fitted.predict_proba(asked), turned[::-1])
        assert np.array_equal(fitted.predict_proba([*asked, *asked]), np.vstack([turned[::-1]] * 2))

    def test_what_is_said_of_a_tautomer_doesnt_depend_on_its_company(self, fitted):
        pair = ["Oc1ccccn1", "O=c1cccc[nH]1"]
        alone = [fitted.predict_proba([smiles])[0, 1] for smiles in pair]
        assert fitted.predict_proba(pair)[:, 1].tolist() == alone
        assert fitted.predict_with_reliability(pair)["probability"].tolist() == alone

    def test_a_choice_of_ones_own(self, public, own, asked, fitted):
        with pytest.warns(UserWarning, match="your own teacher"):
            local = FluidClassifier(public, name="ada", folds=0, union={"name": "local", "power": 2.0}).fit(*own)
        assert not np.array_equal(local.predict_proba(asked), fitted.predict_proba(asked))
        assert local.model_.facts["union"] == {"name": "local", "power": 2.0}
        assert local.model_.public.charter == public.charter

    def test_a_newcomer_hears_all_experts(self, public, own):
        found = FluidClassifier(public, newcomer=True, folds=0).fit(*own)
        assert found.model_.model.others.partners == ("ada", "bob", "cleo")
        assert FluidClassifier(public, name="ada", folds=0).fit(*own).model_.model.others.partners == ("bob", "cleo")

    def test_an_own_model(self, public, own, asked, tmp_path):
        found = {
            given: FluidClassifier(public, name="ada", folds=0, own_model=model).fit(*own)
            for given, model in (("object", BernoulliNB()), ("place", "sklearn.naive_bayes:BernoulliNB"))
        }
        assert np.array_equal(*(model.predict_proba(asked) for model in found.values()))
        assert found["object"].get_params()["own_model__alpha"] == 1.0
        with pytest.raises(OutputError, match="module:object"):
            found["object"].save(tmp_path / "h")
        found["place"].save(tmp_path / "h")
        again = FluidClassifier.load(tmp_path / "h")
        assert np.array_equal(again.predict_proba(asked), found["place"].predict_proba(asked))


class TestInScikitLearnsTools:
    def test_clone_and_parameters(self, classifier):
        other = clone(classifier.set_params(union="local", confidence=0.9))
        assert (other.union, other.confidence, other.name) == ("local", 0.9, "ada")
        assert other.labels.labels == classifier.labels.labels

    def test_a_pipeline(self, classifier, own, asked):
        stripped = make_pipeline(FunctionTransformer(lambda column: [text.strip() for text in column]), classifier)
        found = stripped.fit([f" {text} " for text in own[0]], own[1])
        assert np.array_equal(found.predict(asked), clone(classifier).fit(*own).predict(asked))

    def test_cross_validation(self, classifier, own):
        folds = StratifiedKFold(3, shuffle=True, random_state=1)
        scores = cross_val_score(classifier, *own, cv=folds, scoring="roc_auc", error_score="raise")
        assert scores.mean() > 0.8
        said = cross_val_predict(classifier, *own, cv=folds, method="predict_proba")
        assert said.shape == (len(own[0]), 2)

    def test_a_search(self, classifier, own):
        frame = pd.DataFrame({"smiles": own[0], "class": np.where(own[1], "active", "inactive")})
        grid = {"hybrid": [None, {"name": "lightgbm", "rounds": 5}], "own_model": [None, DummyClassifier()]}
        search = GridSearchCV(classifier, grid, cv=2, scoring="roc_auc", error_score="raise", n_jobs=1)
        search.fit(frame[["smiles"]], frame["class"])
        assert len(search.cv_results_["params"]) == 4
        assert search.best_score_ > 0.8, "the active class is the positive one, whatever it is called"
        assert search.best_estimator_.feature_names_in_.tolist() == ["smiles"]

    def test_unfitted(self, classifier):
        for ask in (classifier.predict, classifier.predict_proba, classifier.predict_with_reliability):
            with pytest.raises(NotFittedError):
                ask(["CCO"])
        with pytest.raises(NotFittedError):
            classifier.save("anywhere")


class TestColumns:
    @pytest.mark.parametrize("form", ["list", "array", "column", "series", "frame", "wide frame"])
    def test_whatever_holds_the_molecules(self, form, classifier, own, asked):
        def given(smiles):
            index = [f"m{i}" for i in range(len(smiles))]
            return {
                "list": smiles,
                "array": np.array(smiles),
                "column": np.array(smiles, dtype=object)[:, None],
                "series": pd.Series(smiles, index=index),
                "frame": pd.DataFrame({"structure of it": smiles}, index=index),
                "wide frame": pd.DataFrame({"id": index, "SMILES": smiles, "mass": 1.0}, index=index),
            }[form]

        found = clone(classifier).fit(given(own[0]), own[1])
        assert np.array_equal(found.predict_proba(given(asked)), clone(classifier).fit(*own).predict_proba(asked))
        table = found.predict_with_reliability(given(asked))
        assert list(table["smiles"]) == asked
        assert table.index[3] == (3 if form in ("list", "array", "column") else "m3")
        names = {"frame": ["structure of it"], "wide frame": ["SMILES"]}
        assert list(getattr(found, "feature_names_in_", [])) == names.get(form, [])
        assert found.n_features_in_ == 1

    def test_the_column_that_it_learnt_from_is_asked_for_again(self, classifier, own):
        found = classifier.fit(
            pd.DataFrame({"parent": own[0], "salt": own[0]}).rename(columns={"parent": "smi"}), own[1]
        )
        with pytest.raises(InputError, match="no column 'smi'"):
            found.predict(pd.DataFrame({"smiles": ["CCO"]}))

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ("CCO", "put it into a list"),
            (np.ones((3, 2)), r"shape \(3, 2\)"),
            ([1.5, 2.0], "row 0 of X is 1.5"),
            (pd.DataFrame({"a": ["C"], "b": ["C"]}), "no SMILES column"),
            (["CCO", "C1CC", None], "2 of 3 rows.*row 1 .'C1CC'.: unreadable.*row 2"),
        ],
        ids=str,
    )  # fmt: skip
    def test_refused(self, given, said, fitted):
        with pytest.raises(InputError, match=said):
            fitted.predict(given)

    @pytest.mark.parametrize(
        "states", [(0, 1), (False, True), ("inactive", "active"), (0.0, 1.0), ("no", "yes")], ids=str
    )
    def test_classes_are_called_as_they_were(self, states, classifier, own, asked):
        found = classifier.fit(own[0], pd.Series([states[int(active)] for active in own[1]], name="measured"))
        assert found.classes_.tolist() == sorted(states)
        assert found.active_class_ == states[1]
        said = found.predict_proba(asked)[:, found.classes_.tolist().index(states[1])]
        assert np.array_equal(found.predict(asked) == states[1], said > 0.5)
        assert found.score(own[0], [states[int(active)] for active in own[1]]) > 0.8

    @pytest.mark.parametrize(
        ("classes", "said"),
        [
            (lambda active: np.where(active, 6.5, 4.2), "doesn't state a class"),
            (lambda active: np.where(active, "A", "N"), "doesn't state a class"),
            (lambda active: pd.Series(active, name="inactive"), "opposite of active"),
            (lambda active: [("Active", "active")[i % 2] if a else "no" for i, a in enumerate(active)], "2 values"),
            (lambda active: active[:-1], "X has 24 rows, and y 23"),
            (lambda active: np.ones((len(active), 2)), "shape"),
            (lambda active: ["yes"] * len(active), "other class has no name"),
        ],
        ids=range(7),
    )  # fmt: skip
    def test_classes_are_never_guessed(self, classes, said, classifier, own):
        with pytest.raises(InputError, match=said):
            classifier.fit(own[0], classes(own[1]))


class TestRowsThatCantBeUsed:
    @pytest.fixture
    def messy(self, own):
        """The partner's rows, one of them twice, and three that can't be used."""
        smiles, active = own
        again = [smiles[0], smiles[1], "C1CC", "CCCCCCCC"]
        return [*smiles, *again], [*active, active[0], not active[1], True, None]

    def test_they_are_refused_by_row(self, classifier, messy):
        with pytest.raises(InputError, match=r"4 of 28 rows.*row 1 .*conflicting classes.* row 25.*`on_error`"):
            classifier.fit(*messy)

    def test_or_left_out_and_listed(self, classifier, messy, own, asked):
        frame = pd.DataFrame({"smiles": messy[0]}, index=[f"m{i}" for i in range(28)])
        with pytest.warns(UserWarning, match="own"):
            found = clone(classifier).set_params(on_error="nan", union="weighted").fit(frame, messy[1])
        assert found.rejected_["row"].tolist() == [1, 25, 26, 27]
        assert found.rejected_.index.tolist() == ["m1", "m25", "m26", "m27"]
        assert [reason.partition(":")[0] for reason in found.rejected_["reason"]] == [
            "conflicting classes", "conflicting classes", "unreadable SMILES", "no class",
        ]  # fmt: skip
        assert found.model_.facts["n_own"] == 23

    def test_predictions_of_them_are_missing(self, classifier, own):
        found = classifier.set_params(on_error="nan").fit(*own)
        asked = ["CCN(C)C", "C1CC", "CCO"]
        assert np.isnan(found.predict_proba(asked)).tolist() == [[False] * 2, [True] * 2, [False] * 2]
        assert pd.isna(found.predict(asked)).tolist() == [False, True, False]
        table = found.predict_with_reliability(asked)
        assert table["problem"].tolist()[1].startswith("unreadable SMILES")
        assert pd.isna(table["probability"]).tolist() == [False, True, False]


class TestSaved:
    def test_the_same_after_as_before(self, fitted, asked, tmp_path):
        fitted.save(tmp_path / "hybrid")
        found = FluidClassifier.load(tmp_path / "hybrid", confidence=0.9)
        assert np.array_equal(found.predict_proba(asked), fitted.predict_proba(asked))
        assert (found.classes_.tolist(), found.active_class_, found.confidence) == ([False, True], True, 0.9)
        with pytest.raises(UsageError, match="there are no labels"):
            found.fit(asked, [True] * 20)

    def test_names_of_classes_are_saved(self, classifier, own, asked, tmp_path):
        found = classifier.fit(own[0], np.where(own[1], "active", "inactive"))
        found.save(tmp_path / "hybrid")
        assert FluidClassifier.load(tmp_path / "hybrid").predict(asked).tolist() == found.predict(asked).tolist()

    def test_refused(self, fitted, public, tmp_path):
        fitted.save(tmp_path / "hybrid")
        with pytest.raises(OutputError, match="overwrite"):
            fitted.save(tmp_path / "hybrid")
        with pytest.raises(InputError, match="holds a hybrid"):
            FluidStudent.load(tmp_path / "hybrid")
        with pytest.raises(MissingFileError):
            FluidClassifier.load(tmp_path / "absent")


class TestStudent:
    def test_it_is_the_consortiums(self, public, chemistry):
        found = FluidStudent(public).fit()
        said = student_of(public).model.predict(chemistry.compounds)
        assert np.array_equal(found.predict_proba(list(chemistry.compounds.smiles))[:, 1], said)
        assert found.classes_.tolist() == [0, 1]
        table = found.predict_with_reliability(list(chemistry.compounds.smiles[:3]))
        assert table["own_similarity"].isna().all()
        assert table["conformal_set"].isna().all()

    def test_it_is_scored_beside_a_hybrid(self, public, own):
        student = FluidStudent(public)
        scores = cross_val_score(student, own[0], np.where(own[1], "active", "inactive"), scoring="roc_auc", cv=2)
        assert scores.min() > 0.8

    def test_saved(self, public, asked, tmp_path):
        found = FluidStudent(public).fit()
        found.save(tmp_path / "student")
        assert np.array_equal(FluidStudent.load(tmp_path / "student").predict(asked), found.predict(asked))


class TestRefused:
    @pytest.mark.parametrize(
        ("change", "kind", "said"),
        [
            ({"labels": None}, UsageError, "there are no labels"),
            ({"labels": "absent.fluid"}, MissingFileError, "absent.fluid"),
            ({"name": None}, UsageError, "it isn't said who you are"),
            ({"newcomer": True}, UsageError, "`newcomer`"),
            ({"name": "dora"}, UsageError, "know no partner 'dora'"),
            ({"folds": 1}, UsageError, "`folds` is 1"),
            ({"on_error": "drop"}, UsageError, "`on_error` is 'drop'"),
            ({"union": "mixtrue"}, CharterError, "Did you mean mixture"),
            ({"hybrid": {"trees": 3}}, CharterError, "has no name"),
            ({"charter": "charter.toml"}, UsageError, "beside a publication"),
        ],
        ids=str,
    )
    def test_when_it_is_fitted(self, change, kind, said, classifier, own):
        with pytest.raises(kind, match=said):
            classifier.set_params(**change).fit(*own)

    def test_labels_alone(self, public, own):
        with pytest.raises(UsageError, match="Give `charter` and `transfer`"):
            FluidClassifier(public.labels, charter=public.charter, name="ada").fit(*own)

    def test_of_another_round(self, public, own):
        other = attrs.evolve(public.charter, seed=7)
        with pytest.raises(FluidError, match="another charter"):
            FluidClassifier(public.labels, charter=other, transfer=public.transfer, name="ada").fit(*own)

    @pytest.mark.parametrize("change", [{"confidence": 1.0}, {"n_evidence": 99}], ids=str)
    def test_when_it_is_asked(self, change, fitted):
        found = clone(fitted)
        vars(found).update(vars(fitted))
        with pytest.raises(UsageError, match="Expected a number between 0 and 1, and a whole one from 0 to 20"):
            found.set_params(**change).predict_with_reliability(["CCO"])
