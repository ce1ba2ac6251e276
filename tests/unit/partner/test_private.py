"""Under a charter with [privacy] all that leaves comes from one private model, made once, kept and paid for."""

import attrs
import numpy as np
import pytest
from rdkit.Chem import MolFromSmiles
from rdkit.Chem.Crippen import MolLogP
from sklearn.linear_model import LogisticRegression

from fluidmol.chem.representation.build import build
from fluidmol.chem.representation.known import remember
from fluidmol.coordinator.federate import federate
from fluidmol.errors import CharterError, InputError, PolicyError
from fluidmol.exchange.local import LocalChannel
from fluidmol.learning.privacy.noise import NoNoise, SimulatedNoise, SystemNoise
from fluidmol.partner.assay import Assay
from fluidmol.partner.budget import spends
from fluidmol.partner.gate import Gate, Policy
from fluidmol.partner.partner import Partner
from fluidmol.partner.release import Errand
from fluidmol.partner.teachers import private as teachers
from fluidmol.partner.teachers.charters import Charters
from fluidmol.partner.teachers.estimator import FromEstimator
from fluidmol.partner.teachers.private import PrivateTeacher, check_private
from fluidmol.rounds.partner.home import Home
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter, Endpoint
from fluidmol.values.messages import Annotate, Declined, Learn, Scorecard
from fluidmol.values.parts import Part
from fluidmol.values.scale import Scale

COLUMNS = {"columns": 8, "scale": 100.0}


@pytest.fixture(scope="module")
def private(transfer):
    """The preset private on eight directions of the small transfer set, with models that are fitted in seconds."""
    made = build(Part("principal", {"directions": 8, "bits": 256}), transfer)
    remember(made)
    preset = Charter.from_preset("private")
    return attrs.evolve(
        preset, transfer_digest=transfer.digest, transfer_size=len(transfer),
        featuriser=Part("directions", {"digest": made.digest}),
        proximity=Part("resemblance", COLUMNS), weighting=Part("resemblance", {"scale": 100.0}),
        hybrid=Part("lightgbm", {"rounds": 10, "leaf": 2}), union=Part("mixture", {"folds": 2}),
    )  # fmt: skip


@pytest.fixture
def acme(chemistry, transfer):
    """Make a partner with all compounds of the small chemistry: ``acme(noise=..., gate=...)``."""

    def make(assay=chemistry, *, noise=None, kept=None, gate=None, **options):
        recipe = Charters(noise or SimulatedNoise(1), kept)
        return Partner("acme", assay, transfer, gate=gate or Gate(), recipe=recipe, **options)

    return make


def test_what_leaves_is_computed_from_the_private_model_alone(acme, private, transfer):
    partner = acme()
    said = partner.answer(Annotate(private))
    alone = PrivateTeacher(private, partner.teacher.model)
    value, weight = alone.annotate(transfer)
    assert np.array_equal(said.value, np.round(value.astype(np.float32), 4))
    assert np.array_equal(said.weight, np.round(weight.astype(np.float32), 4))


def test_a_kept_model_does_not_speak_for_other_data(acme, private, chemistry, tmp_path):
    kept = Home(tmp_path / "home").kept_model
    acme(kept=kept).answer(Annotate(private))
    turned = Assay(chemistry.compounds, 1 - chemistry.outcome)
    with pytest.raises(InputError, match="made from other compounds or classes") as caught:
        acme(turned, kept=kept).answer(Annotate(private))
    assert "If nothing has left yet" in caught.value.hint
    order = np.random.default_rng(1).permutation(len(chemistry))
    again = acme(chemistry.take(order), kept=kept).answer(Annotate(private))  # the same data in another order
    assert isinstance(again, Annotations)
    for path in kept.folder.glob("private-model.*"):
        path.unlink()
    assert isinstance(acme(turned, kept=kept).answer(Annotate(private)), Annotations)


def test_a_real_partner_draws_its_noise_from_the_operating_system():
    assert type(Charters().noise) is SystemNoise
    assert not attrs.fields(SystemNoise)  # it has nothing that could be known


def test_noise_does_not_follow_from_anything_public(acme, private):
    """Same charter, seed, name, compounds: another model each time, and by about as much as its noise says."""
    first, second = (acme(noise=SystemNoise()).answer(Annotate(private)) for _ in range(2))
    assert not np.array_equal(first.value, second.value)
    models = [PrivateTeacher.fit(acme()._assay, private, SystemNoise()).model.total for _ in range(12)]
    spread = np.std(models, axis=0, ddof=1).mean()
    sigma = 1.0812 / np.sqrt((1 - 0.85) * (1 - 0.05))
    assert 0.6 * sigma < spread < 1.4 * sigma


def test_asking_again_gives_the_same_model_and_spends_nothing(acme, private, tmp_path):
    home, gate = Home(tmp_path / "home"), Gate()
    first = acme(noise=SystemNoise(), kept=home.kept_model, gate=gate).answer(Annotate(private))
    again = acme(noise=SystemNoise(), kept=home.kept_model, gate=gate).answer(Annotate(private))
    assert first == again
    assert len(spends(gate.ledger.entries)) == 1


def test_another_charter_needs_another_home(acme, private, tmp_path):
    home = Home(tmp_path / "home")
    home.accept(private, "signed")
    acme(kept=home.kept_model).answer(Annotate(private))
    with pytest.raises(InputError, match="isn't the private model of the charter"):
        acme(kept=home.kept_model).answer(Annotate(attrs.evolve(private, seed=7)))


def test_a_damaged_private_model_is_not_made_anew_without_a_word(acme, private, tmp_path):
    home = Home(tmp_path / "home")
    acme(kept=home.kept_model).answer(Annotate(private))
    home.kept_model.model.write_bytes(b"torn")
    with pytest.raises(InputError, match="Another private model costs again"):
        acme(kept=home.kept_model).answer(Annotate(private))


def test_a_second_charter_adds_up_and_is_refused_beyond_the_budget(acme, private):
    gate = Gate(Policy(budget=5.0))
    acme(gate=gate).answer(Annotate(private))
    with pytest.raises(PolicyError, match="the privacy budget doesn't allow this release"):
        acme(gate=gate, noise=SimulatedNoise(2)).answer(Annotate(attrs.evolve(private, seed=7)))
    assert len(gate.ledger.entries) == 1
    wide = Gate(Policy(budget=6.0), ledger=gate.ledger)
    assert isinstance(
        acme(gate=wide, noise=SimulatedNoise(2)).answer(Annotate(attrs.evolve(private, seed=7))), Annotations
    )


def test_an_own_model_can_not_answer(chemistry, transfer, private):
    recipe = FromEstimator(LogisticRegression(), "own", "features")
    partner = Partner("acme", chemistry, transfer, recipe=recipe)
    with pytest.raises(CharterError, match="own model can't be made private from outside"):
        partner.answer(Annotate(private))


def test_opinions_of_another_teacher_do_not_pass_the_gate(private, transfer):
    forged = Annotations(private.digest, "acme", np.full((len(transfer), 1), 0.5), np.full((len(transfer), 1), 0.5))
    with pytest.raises(PolicyError, match="come from no private model"):
        Gate().release(forged, Errand(Annotate(private)))


def test_a_policy_may_want_proof(acme, quick_charter, chemistry, transfer):
    partner = Partner("acme", chemistry, transfer, gate=Gate(Policy(proved_only=True)))
    with pytest.raises(PolicyError, match="only under a charter with"):
        partner.answer(Annotate(quick_charter))


def test_compounds_of_one_class_are_nobodys_business(acme, private, chemistry):
    said = acme(Assay(chemistry.compounds, np.ones(len(chemistry)))).answer(Annotate(private))
    assert isinstance(said, Annotations)


def test_too_few_compounds_are_told_by_the_noisy_count_which_is_paid_for(acme, private, chemistry):
    strict = attrs.evolve(private, privacy=Part("gaussian", {"epsilon": 0.1, "steps_share": 0.85}))
    partner = acme(chemistry)
    said = partner.answer(Annotate(strict))
    assert isinstance(said, Declined)
    assert "from about" in said.reason
    assert len(spends(partner.gate.ledger.entries)) == 1


def test_scorecards_are_empty(acme, private, benchmark_assay, transfer):
    partners = [acme(benchmarks={"external": benchmark_assay}), _second(transfer, private, benchmark_assay)]
    outcome = federate(private, transfer, LocalChannel(partners))
    assert [card.scores for card in outcome.scorecards] == [(), ()]
    assert partners[0].hybrid is not None  # which it has, and keeps


def _second(transfer, private, benchmark_assay):
    return Partner("zeta", benchmark_assay, transfer, recipe=Charters(SimulatedNoise(3)))


def test_a_hybrid_that_can_not_be_fitted_gives_no_reason(acme, private, transfer, benchmark_assay):
    labels = federate(private, transfer, LocalChannel([acme(), _second(transfer, private, benchmark_assay)])).labels
    few = acme(Assay(benchmark_assay.compounds.take([0]), [1.0]))
    alone = attrs.evolve(labels, experts=None)
    said = few.answer(Learn(private, alone))
    assert said == Scorecard(private.digest, "acme", ())


def test_experts_are_what_private_teachers_are(acme, private, transfer, benchmark_assay, chemistry):
    partners = [acme(), _second(transfer, private, benchmark_assay)]
    outcome = federate(private, transfer, LocalChannel(partners))
    assert outcome.labels.experts.fidelity.min() > 0.98


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ({"featuriser": Part("fcfp")}, "has the featuriser 'fcfp'"),
        ({"proximity": Part("tanimoto-neighbours")}, "has the proximity 'tanimoto-neighbours'"),
        ({"privacy": Part("gaussian", {"epsilon": 65.0})}, "epsilon is 65"),
        ({"privacy": Part("gaussian", {"delta": 0.5})}, "delta is 0.5"),
        ({"weighting": Part("resemblance", {"scale": 7.0})}, r"the scale 100.0 and \[weighting\] 7.0"),
    ],
)
def test_parts_that_the_proof_is_not_about_are_refused(private, part, found):
    with pytest.raises(CharterError, match=found):
        check_private(attrs.evolve(private, **part))


@pytest.fixture(scope="module")
def of_values(private):
    """The same charter of a regression."""
    scale = Scale("logP", -3, 8)
    return attrs.evolve(private, endpoints=(Endpoint("logp", "regression", scale=scale),))


def positions(assay, charter):
    values = [MolLogP(MolFromSmiles(smiles)) for smiles in assay.compounds.smiles]
    return Assay(assay.compounds, charter.scale.position(values), charter.scale)


def test_values_are_released_by_the_same_mechanism(acme, of_values, chemistry, monkeypatch):
    """The proof is about outcomes in [0, 1], whatever they are; nothing but the mechanism sees them."""
    valued, seen = positions(chemistry, of_values), []
    real = teachers.release

    def watched(phi, target, settings, noise):
        seen.append(target)
        return real(phi, target, settings, noise)

    monkeypatch.setattr(teachers, "release", watched)
    said = acme(valued).answer(Annotate(of_values))
    assert isinstance(said, Annotations)
    assert len(seen) == 1
    assert ((seen[0] >= 0) & (seen[0] <= 1)).all()
    assert len(np.unique(seen[0])) > 2
    again = acme(valued).answer(Annotate(of_values))
    assert said == again  # of the same noise


def test_without_noise_a_private_model_of_values_follows_them(of_values, chemistry):
    valued = positions(chemistry, of_values)
    teacher = PrivateTeacher.fit(valued, of_values, NoNoise())
    assert np.corrcoef(teacher.predict(valued.compounds), valued.outcome[:, 0])[0, 1] > 0.5


def test_a_budget_of_values_is_spent_like_any_other(acme, of_values, chemistry):
    gate = Gate(Policy(budget=3.0))
    partner = acme(positions(chemistry, of_values), gate=gate)
    with pytest.raises(PolicyError, match="the policy's budget is 3"):
        partner.answer(Annotate(of_values))
    assert gate.ledger.entries == ()
