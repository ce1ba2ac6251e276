"""Hybrids of values as scikit-learn regressors: they say what the command line says, in the scale's unit."""

import attrs
import numpy as np
import pandas as pd
import pytest
from rdkit import Chem
from rdkit.Chem.Crippen import MolLogP
from sklearn.base import clone, is_regressor
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

from fluidmol import Charter, LocalChannel, Partner, federate
from fluidmol.errors import CharterError, InputError
from fluidmol.partner.assay import Assay
from fluidmol.sklearn import FluidClassifier, FluidRegressor, FluidStudent
from fluidmol.values.endpoint import Endpoint
from fluidmol.values.parts import Part
from fluidmol.values.publication import Publication
from fluidmol.values.scale import Scale

SCALE = Scale("logP", -2, 6)


def logp(smiles):
    return np.array([MolLogP(Chem.MolFromSmiles(each)) for each in smiles])


@pytest.fixture(scope="module")
def published(assays, transfer):
    quick = Part("logistic", {"strength": 0.5})
    charter = attrs.evolve(
        Charter.from_preset("open"),
        endpoints=(Endpoint("logp", "regression", description="Crippen's logP", scale=SCALE),),
        featuriser=Part("additive", {"bits": 256}),
        teacher=quick,
        hybrid=quick,
        union=Part("mixture", {"folds": 2}),
        transfer_digest=transfer.digest,
        transfer_size=len(transfer),
    )
    partners = [
        Partner(name, Assay(assay.compounds, SCALE.position(logp(assay.compounds.smiles)), SCALE), transfer)
        for name, assay in assays.items()
    ]
    outcome = federate(charter, transfer, LocalChannel(partners))
    return Publication(charter=charter, transfer=transfer, labels=outcome.labels)


@pytest.fixture(scope="module")
def mine(assays):
    smiles = list(assays["ada"].compounds.smiles)
    return smiles, logp(smiles)


@pytest.fixture(scope="module")
def fitted(published, mine):
    return FluidRegressor(published, name="ada", folds=2, cache=False).fit(*mine)


def test_values_are_in_the_scales_unit(fitted, benchmark_assay):
    smiles = list(benchmark_assay.compounds.smiles)
    said, truth = fitted.predict(smiles), logp(smiles)
    assert np.corrcoef(said, truth)[0, 1] > 0.5
    assert fitted.score(smiles, truth) > 0
    assert ((said >= SCALE.lowest) & (said <= SCALE.highest)).all()


def test_reliability_is_what_the_command_line_says(fitted, benchmark_assay):
    smiles = list(benchmark_assay.compounds.smiles)
    told = fitted.predict_with_reliability(pd.Series(smiles, index=range(7, 7 + len(smiles))))
    assert {"value", "lower", "upper", "unit", "applicability", "near_to", "unknown_fragments"} <= set(told)
    assert "probability" not in told
    assert told.index[0] == 7
    assert told["value"].to_numpy(dtype=float) == pytest.approx(fitted.predict(smiles))
    assert (fitted.predict_interval(smiles) == told[["lower", "upper"]].to_numpy(dtype=float)).all()
    assert (told["lower"] <= told["value"]).all()
    assert (told["value"] <= told["upper"]).all()


def test_without_calibration_there_are_no_intervals(published, mine):
    model = FluidRegressor(published, name="ada", folds=0, cache=False).fit(*mine)
    with pytest.raises(ValueError, match="isn't calibrated"):
        model.predict_interval(mine[0][:2])


def test_scikit_learns_tools_work(published, mine):
    smiles, values = (np.array(each) for each in mine)
    model = FluidRegressor(published, name="ada", folds=0, cache=False)
    assert is_regressor(model)
    assert repr(clone(model)) == repr(model)
    assert make_pipeline(model).fit(smiles, values).predict(smiles[:3]).shape == (3,)
    assert cross_val_score(model, smiles, values, cv=2, scoring="neg_root_mean_squared_error").shape == (2,)
    search = GridSearchCV(model, {"hybrid": [{"name": "logistic", "strength": s} for s in (0.05, 1.0)]}, cv=2)
    assert search.fit(smiles, values).best_params_


def test_saved_and_loaded_it_says_the_same(fitted, mine, tmp_path):
    fitted.save(tmp_path / "model")
    again = FluidRegressor.load(tmp_path / "model", cache=False)
    assert again.predict(mine[0]) == pytest.approx(fitted.predict(mine[0]))
    with pytest.raises(CharterError, match=r"the endpoint is a regression\. Take FluidRegressor"):
        FluidClassifier.load(tmp_path / "model")


def test_a_unit_in_the_columns_name_is_read(published, mine):
    frame = pd.DataFrame({"smiles": mine[0], "pIC50": mine[1]})
    with pytest.raises(InputError, match="says that it is -log10 of a concentration; the scale is in logP"):
        FluidRegressor(published, name="ada", folds=0, cache=False).fit(frame[["smiles"]], frame["pIC50"])


@pytest.mark.parametrize("wrong", [["high"], [None], [float("nan")], [400.0]])
def test_rows_that_cant_be_used(published, mine, wrong):
    smiles, values = mine[0], [*mine[1][:-1], *wrong]
    model = FluidRegressor(published, name="ada", folds=0, cache=False)
    with pytest.raises(InputError):
        model.fit(smiles, values)
    left = model.set_params(on_error="nan").fit(smiles, values)
    assert list(left.rejected_["row"]) == [len(smiles) - 1]
    assert np.isnan(left.predict(["C1CC"])).all()


def test_kinds_arent_mixed_up(public, own, published, mine):
    with pytest.raises(CharterError, match="Take FluidClassifier or FluidStudent"):
        FluidRegressor(public, name="ada", folds=0).fit(*own)
    with pytest.raises(CharterError, match="Take FluidRegressor"):
        FluidClassifier(published, name="ada", folds=0).fit(*own)
    with pytest.raises(CharterError, match="Take FluidRegressor"):
        FluidStudent(published).fit()
