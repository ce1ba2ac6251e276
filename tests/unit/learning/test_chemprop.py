"""Networks of chemprop: options and refusals need no chemprop; the rest is skipped where it isn't installed."""

import importlib
import logging
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

import numpy as np
import pytest

from fluidmol.errors import CharterError, UnavailableError
from fluidmol.learning.estimators import ESTIMATORS, STUDENTS
from fluidmol.learning.estimators import chemprop as module
from fluidmol.learning.estimators.chemprop import Chemprop
from fluidmol.values.parts import Part

installed = pytest.mark.skipif(find_spec("chemprop") is None, reason="chemprop isn't installed: fluidmol[chemprop]")

QUICK = {"epochs": 8, "hidden": 32, "batch": 16}
LONG = {"epochs": 40, "hidden": 128, "batch": 8, "patience": 0}


class TestTheRecipe:
    def test_students_are_estimators_and_networks(self):
        assert set(STUDENTS) == {*ESTIMATORS, "chemprop"}
        assert STUDENTS.build(Part("chemprop")).reads_structures
        assert not STUDENTS.build(Part("logistic")).reads_structures

    def test_it_is_refused_where_features_are_read(self):
        with pytest.raises(CharterError, match=r"'chemprop' can't be used here. It reads structures.*the student"):
            ESTIMATORS.build(Part("chemprop"))

    @pytest.mark.parametrize(
        ("options", "words"),
        [({"epochs": 0}, "epochs"), ({"epochs": 2.5}, "whole number"), ({"depth": 0}, "depth"),
         ({"hidden": 1}, "hidden"), ({"batch": 1}, "batch"), ({"members": 0}, "members"), ({"dropout": 1.0}, "dropout"),
         ({"dropout": "much"}, "chemprop"), ({"patience": -1}, "patience"), ({"epoch": 3}, "Did you mean epochs")],
    )  # fmt: skip
    def test_options_out_of_range(self, options, words):
        with pytest.raises(CharterError, match=words):
            STUDENTS.build(Part("chemprop", options))

    @pytest.mark.parametrize("lacking", [("chemprop",), ("torch", "chemprop")])
    def test_what_to_install(self, lacking, monkeypatch):
        monkeypatch.setattr(module, "find_spec", lambda name: None if name in lacking else object())
        for tried in (Chemprop().check, lambda: Chemprop().fit(["C"], np.ones(1), np.ones(1), 1)):
            with pytest.raises(UnavailableError, match=r"pip install 'fluidmol\[chemprop\]'") as caught:
                tried()
            assert " and ".join(lacking) in str(caught.value)

    def test_describing_it_imports_nothing(self):
        code = (
            "import sys; from fluidmol.learning.estimators import STUDENTS; from fluidmol.values.parts import Part\n"
            "try: STUDENTS.build(Part('chemprop')).check()\n"
            "except Exception: pass\n"
            "print(sorted({'torch', 'chemprop', 'lightning'} & set(sys.modules)))"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
        assert done.stdout == "[]\n"

    @pytest.mark.parametrize("target", [[], [1.0, 1.0], [0.0, 0.0]])
    def test_one_class(self, target, monkeypatch):
        monkeypatch.setattr(module, "find_spec", lambda _name: object())
        with pytest.raises(ValueError, match="only one class"):
            Chemprop().fit(["C"] * len(target), np.array(target), np.ones(len(target)), 1)


@pytest.fixture(scope="module")
def networks():
    """The module that can't be imported without chemprop."""
    return importlib.import_module("fluidmol.learning.estimators.networks")


@pytest.fixture(scope="module")
def known(chemistry):
    """SMILES and truth of 130 molecules."""
    return list(chemistry.compounds.smiles), chemistry.active.astype(np.float64)


def fitted(known, seed=1, weight=None, rows=None, **options):
    smiles, target = known if rows is None else (known[0][:rows], known[1][:rows])
    found = Chemprop(**(QUICK | options))
    return found.fit(smiles, target, np.ones(len(target)) if weight is None else weight, seed)


def said(model, known):
    return model.predict(known[0])


@pytest.fixture(scope="module")
def model(known):
    return fitted(known)


@installed
class TestNetworks:
    def test_they_learn(self, known):
        probability = said(fitted(known, **LONG), known)
        assert np.mean((probability > 0.5) == (known[1] > 0.5)) > 0.9

    def test_they_are_models_of_structures(self, model, known):
        probability = said(model, known)
        assert probability.dtype == np.float64
        assert probability.shape == (130,)
        assert 0 <= probability.min() < probability.max() <= 1

    def test_the_same_for_a_seed(self, model, known):
        again, other = fitted(known), fitted(known, seed=2)
        assert said(again, known).tobytes() == said(model, known).tobytes()
        assert said(other, known).tobytes() != said(model, known).tobytes()

    def test_the_same_in_threads(self, known):
        options = {"epochs": 2, "dropout": 0.3}
        alone = said(fitted(known, **options), known)
        with ThreadPoolExecutor(3) as pool:
            together = list(pool.map(lambda _: said(fitted(known, **options), known), range(3)))
        assert all(one.tobytes() == alone.tobytes() for one in together)

    def test_one_molecule_is_told_what_many_are(self, model, known):
        np.testing.assert_allclose(model.predict(known[0][:1]), said(model, known)[:1], atol=1e-6)

    def test_more_than_are_asked_at_once(self, model, known, networks, monkeypatch):
        monkeypatch.setattr(networks, "ASKED", 50)
        np.testing.assert_allclose(said(model, known), said(fitted(known), known), atol=1e-6)

    def test_soft_targets_are_learnt_as_they_are(self, known):
        target = np.where(known[1] > 0.5, 0.7, 0.4)
        probability = said(fitted((known[0], target), **LONG), known)
        assert abs(probability.mean() - target.mean()) < 0.05
        assert probability[target == 0.7].mean() - probability[target == 0.4].mean() > 0.15

    def test_weights_count(self, known):
        # The same molecule with both answers: the heavier is believed.
        smiles, target = ["CCO"] * 40, np.tile([1.0, 0.0], 20)
        for heavier in (0, 1):
            weight = np.where(target == heavier, 9.0, 1.0)
            found = fitted((smiles, target), weight=weight, **LONG).predict(["CCO"])
            assert abs(found[0] - (0.9 if heavier else 0.1)) < 0.05

    def test_only_weights_relative_to_one_another_count(self, model, known):
        assert said(fitted(known, weight=np.full(130, 8.0)), known).tobytes() == said(model, known).tobytes()

    def test_members_are_averaged(self, known):
        both = fitted(known, members=2, epochs=2)
        assert len(both.members) == 2
        alone = [said(module.Networks((member,)), known) for member in both.members]
        assert alone[0].tobytes() != alone[1].tobytes()
        np.testing.assert_allclose(said(both, known), np.mean(alone, axis=0))

    def test_it_stops_early_and_takes_the_best(self, known, networks, monkeypatch):
        losses = iter([0.5, 0.3, 0.4, 0.45, 0.2])
        monkeypatch.setattr(networks, "_held_out", lambda *_: next(losses))
        stopped = fitted(known, epochs=8, patience=2)
        assert next(losses) == 0.2  # after four passes
        losses = iter([0.5, 0.3])
        monkeypatch.setattr(networks, "build_NoamLike_LRSched", _as_if_of(8, networks.build_NoamLike_LRSched, 130))
        best = fitted(known, epochs=2, patience=2)
        assert said(best, known).tobytes() == said(stopped, known).tobytes()

    def test_few_molecules_are_all_learnt_from(self, known, networks, monkeypatch):
        monkeypatch.setattr(networks, "_held_out", None)
        fitted(known, rows=49)
        fitted(known, patience=0)

    @pytest.mark.parametrize("smiles", ["C", "[Na+]", "[2H]O[2H]", "C/C=C/C", "N[C@@H](C)C(=O)O", "C[Si](C)(C)[Se]"])
    def test_odd_structures(self, model, smiles):
        probability = model.predict([smiles])
        assert 0 <= probability[0] <= 1

    def test_nothing_asked(self, model):
        assert model.predict([]).shape == (0,)

    def test_a_structure_that_cannot_be_read(self, model, known, capfd):
        with pytest.raises(ValueError, match="C1CC"):
            model.predict(["C1CC"])
        with pytest.raises(ValueError, match="C1CC"):
            fitted((["C1CC", "C"], np.array([0.0, 1.0])))

    def test_nothing_is_said_or_written(self, known, tmp_path, monkeypatch, capfd, caplog):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("HOME", str(tmp_path))
        with caplog.at_level(logging.INFO), warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            said(fitted(known, epochs=2), known)
        out, err = capfd.readouterr()
        assert (out, err, heard, caplog.records) == ("", "", [], [])
        assert list(tmp_path.iterdir()) == []

    def test_torch_is_left_as_it_was(self, known):
        torch = importlib.import_module("torch")
        before, threads = torch.get_rng_state(), torch.get_num_threads()
        said(fitted(known, epochs=1), known)
        assert torch.equal(torch.get_rng_state(), before)
        assert torch.get_num_threads() == threads


def _as_if_of(epochs, build, n):
    """Make the learning rates of so many passes, whatever the recipe says."""
    steps = -(-(n - n // 10) // QUICK["batch"])
    return lambda optimiser, warm, _cool, *rates: build(optimiser, warm, (epochs - 2) * steps, *rates)
