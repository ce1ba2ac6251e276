"""Ways around "one private model a charter" that were tried, and are closed."""

import threading

import attrs
import numpy as np
import pytest

from fluidmol.chem.representation.build import build
from fluidmol.chem.representation.known import remember
from fluidmol.coordinator.leaks import given_away
from fluidmol.errors import CharterError, InputError, PolicyError
from fluidmol.learning.privacy.noise import SimulatedNoise, SystemNoise
from fluidmol.partner.assay import Assay
from fluidmol.partner.budget import spends
from fluidmol.partner.gate import Gate, Policy
from fluidmol.partner.partner import Partner
from fluidmol.partner.teachers.charters import Charters
from fluidmol.rounds.partner.home import Home
from fluidmol.rounds.partner.kept_model import KeptModel
from fluidmol.values.charter import Charter
from fluidmol.values.messages import Annotate, Declined
from fluidmol.values.parts import Part


@pytest.fixture(scope="module")
def private(transfer):
    made = build(Part("principal", {"directions": 8, "bits": 256}), transfer)
    remember(made)
    return attrs.evolve(
        Charter.from_preset("private"), transfer_digest=transfer.digest, transfer_size=len(transfer),
        featuriser=Part("directions", {"digest": made.digest}),
        proximity=Part("resemblance", {"columns": 8, "scale": 100.0}),
        weighting=Part("resemblance", {"scale": 100.0}),
    )  # fmt: skip


@pytest.fixture
def acme(chemistry, transfer):
    def make(*, noise=None, kept=None, gate=None, assay=chemistry):
        return Partner("acme", assay, transfer, gate=gate or Gate(), recipe=Charters(noise or SystemNoise(), kept))

    return make


def test_two_homes_do_not_let_two_models_of_one_charter_out(acme, private, tmp_path):
    """Both fit the default budget (epsilon 6 of 8); but the charter promises 4 for all that its partners ever say."""
    gate = Gate(Policy(budget=900.0))
    acme(kept=KeptModel(tmp_path / "one"), gate=gate).answer(Annotate(private))
    with pytest.raises(PolicyError, match="another private model has spoken under this charter"):
        acme(kept=KeptModel(tmp_path / "two"), gate=gate).answer(Annotate(private))
    assert len(spends(gate.ledger.entries)) == 1


def test_nor_a_second_refusal_by_another_model_which_reads_the_same(acme, private):
    """Two models that are drowned give one reason, so that the ledger knew the second already, and it cost nothing."""
    strict = attrs.evolve(private, privacy=Part("gaussian", {"epsilon": 0.1}))
    gate = Gate(Policy(budget=900.0))
    first = acme(noise=SimulatedNoise(1), gate=gate)
    assert isinstance(first.answer(Annotate(strict)), Declined)
    second = acme(noise=SimulatedNoise(3), gate=gate)
    with pytest.raises(PolicyError, match="another private model has spoken under this charter"):
        second.answer(Annotate(strict))
    assert second.teacher.drowned
    assert second.teacher.model != first.teacher.model


def test_a_model_that_was_made_before_its_charter_was_accepted_is_of_that_charter(acme, private, tmp_path):
    """A dry run keeps a model, but no charter; another charter in the same home must not speak by it."""
    home = Home(tmp_path / "home")
    loud = attrs.evolve(private, privacy=Part("gaussian", {"epsilon": 64.0}))
    Charters(SystemNoise(), home.kept_model).fit(acme()._assay, loud, "acme")
    quiet = attrs.evolve(private, privacy=Part("gaussian", {"epsilon": 1.0}))
    home.accept(quiet, "signed")
    with pytest.raises(InputError, match="isn't the private model of the charter"):
        acme(kept=home.kept_model).answer(Annotate(quiet))


def test_a_model_of_another_epsilon_does_not_speak_for_a_charter(acme, private):
    """Whatever keeps models: one with less noise than the charter promises is refused."""

    class Careless:
        def __init__(self):
            self.model = None

        def find(self, _charter, _data):
            return self.model

        def keep(self, _charter, _data, model):
            self.model = model
            return model

    kept = Careless()
    acme(kept=kept, gate=Gate(Policy(budget=900.0))).answer(
        Annotate(attrs.evolve(private, privacy=Part("gaussian", {"epsilon": 64.0})))
    )
    with pytest.raises(CharterError, match=r"epsilon 64 .* the charter promises epsilon 4"):
        acme(kept=kept).answer(Annotate(private))


def test_two_processes_that_answer_at_once_speak_by_one_model(acme, private, tmp_path, monkeypatch):
    """Each found none, each made one: the second must not replace the first, but speak by it."""
    home, both, said = Home(tmp_path / "home"), threading.Barrier(2), []
    once = KeptModel.find

    def find(self, charter, data):
        found = once(self, charter, data)
        if found is None:
            both.wait(30)  # until the other has found none, too
        return found

    monkeypatch.setattr(KeptModel, "find", find)
    models = [Charters(SimulatedNoise(seed), None).fit(acme()._assay, private, "acme").model for seed in (1, 2)]
    data = acme()._assay.digest
    threads = [
        threading.Thread(target=lambda m=m: said.append(home.kept_model.keep(private, data, m).digest)) for m in models
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 2
    assert len(set(said)) == 1


def test_compounds_of_one_class_are_answered_by_either(acme, private, chemistry):
    """Nothing but the noisy model decides whether an answer is given."""
    for outcome in (np.zeros(len(chemistry)), np.ones(len(chemistry))):
        acme(assay=Assay(chemistry.compounds, outcome)).answer(Annotate(private))


@pytest.mark.parametrize("options", [{"epsilon": 64.0, "delta": 1e-3}, {"epsilon": 4.0, "delta": 1e-3}])
def test_a_charter_that_promises_nearly_nothing_says_so_first(private, options):
    said = given_away(attrs.evolve(private, privacy=Part("gaussian", options)))
    assert said[0].startswith("Caution: with this epsilon and delta the proof promises nearly nothing")
    assert said[1].startswith("Proved: epsilon")


def test_a_charter_that_promises_enough_has_no_caution(private):
    assert given_away(private)[0].startswith("Proved: epsilon 4")


@pytest.mark.parametrize("options", [{"epsilon": 64.0, "delta": 1e-3}, {"epsilon": 8.0, "delta": 1e-3}])
def test_the_default_budget_refuses_what_is_loud_at_its_own_delta(acme, private, options):
    """An epsilon of 8 at delta 1e-3 is one of 10.5 at the policy's delta of 1e-5."""
    with pytest.raises(PolicyError, match="the privacy budget doesn't allow this release"):
        acme().answer(Annotate(attrs.evolve(private, privacy=Part("gaussian", options))))
