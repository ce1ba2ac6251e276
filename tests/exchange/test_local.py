"""All of FLuID through the local engine, on molecules small enough for seconds."""

import math
from types import SimpleNamespace

import attrs
import joblib
import numpy as np
import pytest

import fluidmol.exchange.local as engine
from fluidmol.chem.features import features
from fluidmol.coordinator.federate import federate
from fluidmol.errors import CharterError, CodecError, InputError, PolicyError, QuorumError
from fluidmol.exchange.local import LocalChannel
from fluidmol.learning.experts.asking import asked
from fluidmol.learning.metrics import METRICS, judge
from fluidmol.partner.assay import Assay
from fluidmol.partner.gate import Gate, Policy
from fluidmol.partner.partner import Partner
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.messages import Annotate, Declined, Learn, Scorecard
from fluidmol.values.parts import Part


@pytest.fixture
def consortium(assays, transfer, benchmark_assay):
    """Make fresh partners: ``consortium(ada=something else)`` puts another in ada's place."""

    def make(gate=Gate, **others):
        made = {
            name: Partner(name, assay, transfer, benchmarks={"external": benchmark_assay}, gate=gate())
            for name, assay in assays.items()
        }
        return list((made | others).values())

    return make


def all_active(assay):
    return Assay(assay.compounds, np.ones(len(assay)))


def quickly(preset, transfer):
    """A preset that agrees on these molecules and is fitted in seconds."""
    charter = Charter.from_preset(preset)
    if preset == "paper-2025":
        models = {name: Part("random-forest", {"trees": 10}) for name in ("teacher", "student", "hybrid")}
    else:
        models = {
            "featuriser": Part("additive", {"bits": 256}),
            "hybrid": Part("lightgbm", {"rounds": 10, "leaf": 2}),
            "union": Part("mixture", {"folds": 2}),
        }
    return attrs.evolve(charter, transfer_digest=transfer.digest, transfer_size=len(transfer), **models)


def test_no_charter_is_hashed_twice_in_a_round(consortium, transfer, monkeypatch):
    hashed = []
    real = Charter.canonical_bytes
    monkeypatch.setattr(Charter, "canonical_bytes", lambda charter: hashed.append(charter) or real(charter))
    federate(quickly("paper-2025", transfer), transfer, LocalChannel(consortium()))
    assert hashed
    assert len({id(charter) for charter in hashed}) == len(hashed)


def run(charter, transfer, partners):
    return federate(charter, transfer, LocalChannel(partners))


@pytest.fixture(scope="session")
def outcome_digest(quick_charter, transfer, assays):
    """Labels of the plain consortium, without benchmarks."""
    return run(quick_charter, transfer, [Partner(n, a, transfer) for n, a in assays.items()]).labels.digest


@pytest.mark.parametrize("order", [(2, 0, 1), (1, 2, 0), (2, 1, 0)])
def test_labels_do_not_depend_on_the_order_of_partners(order, consortium, quick_charter, transfer, outcome_digest):
    partners = consortium()
    found = run(quick_charter, transfer, [partners[i] for i in order])
    assert found.labels.digest == outcome_digest
    assert found.labels.partners == ("ada", "bob", "cleo")


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_nothing_depends_on_the_number_of_cores(n_jobs, consortium, quick_charter, transfer, outcome_digest):
    with joblib.parallel_config(n_jobs=n_jobs):
        found = run(quick_charter, transfer, consortium())
    assert found.labels.digest == outcome_digest
    expected = run(quick_charter, transfer, consortium())
    assert [card.digest for card in found.scorecards] == [card.digest for card in expected.scorecards]
    np.testing.assert_array_equal(found.student.predict(transfer), expected.student.predict(transfer))


def test_another_seed_gives_other_labels(consortium, quick_charter, transfer, outcome_digest):
    other = attrs.evolve(quick_charter, seed=quick_charter.seed + 1)
    assert run(other, transfer, consortium()).labels.digest != outcome_digest


def test_the_outcome_is_sound(consortium, quick_charter, transfer, chemistry):
    found = run(quick_charter, transfer, consortium())
    labels = found.labels
    assert labels.charter == quick_charter.digest
    assert labels.value.shape == (len(transfer), 1)
    assert not np.isnan(labels.value).any()
    np.testing.assert_allclose(labels.contribution.sum(axis=0), 1, atol=1e-5)
    assert found.declined == ()
    assert [card.partner for card in found.scorecards] == ["ada", "bob", "cleo"]
    assert found.student.n_train == len(transfer)
    # The rule is simple enough to come through: of all molecules, chance would give 0.5.
    assert judge(chemistry.active, found.student.predict(chemistry.compounds))["roc_auc"] > 0.7


@pytest.mark.parametrize("preset", ["open", "paper-2025"])
def test_the_presets_run(preset, consortium, transfer):
    found = run(quickly(preset, transfer), transfer, consortium())
    assert len(found.scorecards) == 3
    assert found.declined == ()
    assert (found.labels.experts is not None) == (preset == "open")


@pytest.fixture(scope="session")
def public(chemistry):
    """As many public molecules as there are: experts can only know what was asked."""
    return chemistry.compounds


@pytest.fixture(scope="session")
def by_default(assays, public, benchmark_assay):
    """What the preset open makes of three partners, and the partners."""
    partners = [Partner(n, a, public, benchmarks={"external": benchmark_assay}) for n, a in assays.items()]
    return run(quickly("open", public), public, partners), partners


class TestTheDefaultPreset:
    """A student of experts is the teachers' ensemble; a hybrid asks the others' experts and its own model."""

    def test_labels_carry_an_expert_of_each_teacher(self, by_default):
        found, _partners = by_default
        assert found.labels.experts.partners == found.labels.partners == ("ada", "bob", "cleo")
        np.testing.assert_array_less(0.95, found.labels.experts.fidelity)
        np.testing.assert_array_equal(found.labels.experts.trust, 1)

    def test_each_expert_says_what_its_teacher_says(self, by_default, public):
        found, partners = by_default
        model = found.student.model
        table = features(public, found.student.charter.featuriser)
        for partner, said in zip(partners, asked(model.experts, table, model.charter, 1.0), strict=True):
            value, weight = partner.teacher.annotate(public)
            np.testing.assert_allclose(said.value, value, atol=0.02)
            assert np.corrcoef(said.weight[:, 0], weight[:, 0])[0, 1] > 0.7

    def test_the_student_is_the_ensemble_of_teachers(self, by_default, public):
        found, _partners = by_default
        student, ensemble = found.student.predict(public), found.labels.value[:, 0]
        assert np.corrcoef(student, ensemble)[0, 1] > 0.95
        assert np.mean((student > 0.5) == (ensemble > 0.5)) > 0.95

    def test_where_all_are_as_near_it_is_that_to_rounding(self, assays, public):
        even = attrs.evolve(quickly("open", public), proximity=Part("uniform"))
        found = run(even, public, [Partner(n, a, public) for n, a in assays.items()])
        np.testing.assert_allclose(found.student.predict(public), found.labels.value[:, 0], atol=0.01)

    def test_hybrids_know_no_less_than_teachers(self, by_default, chemistry):
        _found, partners = by_default
        for partner in partners:
            teacher, hybrid = (
                judge(chemistry.active, model.predict(chemistry.compounds))["roc_auc"]
                for model in (partner.teacher, partner.hybrid)
            )
            assert hybrid > teacher - 0.02

    def test_messages_are_the_same_on_any_cores(self, assays, public, by_default):
        with joblib.parallel_config(n_jobs=2):
            again = run(quickly("open", public), public, [Partner(n, a, public) for n, a in assays.items()])
        assert again.labels.digest == by_default[0].labels.digest

    def test_what_a_lone_answer_is_made_of_stays_at_home(self, by_default):
        found, partners = by_default
        for partner in partners:
            assert "boost" not in repr(found.scorecards)
            assert partner.name not in partner.hybrid.model.others.partners

    def test_labels_of_too_few_molecules_make_no_experts(self, assays, public):
        few = public.take(list(range(0, 130, 10)))
        with pytest.raises(InputError, match=r"no student.*13 labels are too few"):
            run(quickly("open", few), few, [Partner(n, a, few) for n, a in assays.items()])

    def test_experts_of_other_features_make_no_hybrid(self, by_default, assays, public):
        found, _partners = by_default
        known = found.labels.experts
        short = attrs.evolve(known, opinion=known.opinion[:, 1:], proximity=known.proximity[:, 1:])
        partner = Partner("ada", assays["ada"], public)
        reply = partner.answer(Learn(found.student.charter, attrs.evolve(found.labels, experts=short)))
        assert isinstance(reply, Declined)
        assert "no hybrid" in reply.reason


def test_every_message_goes_through_bytes(monkeypatch, consortium, quick_charter, transfer):
    packed, unpacked = [], []
    pack, unpack = engine.pack, engine.unpack

    def spied_pack(value):
        packed.append(type(value).__name__)
        return pack(value)

    def spied_unpack(data):
        assert type(data) is bytes
        value = unpack(data)
        unpacked.append(type(value).__name__)
        return value

    monkeypatch.setattr(engine, "pack", spied_pack)
    monkeypatch.setattr(engine, "unpack", spied_unpack)
    run(quick_charter, transfer, consortium())
    assert sorted(packed) == sorted(["Annotate", "Learn"] + ["Annotations"] * 3 + ["Scorecard"] * 3)
    # Each question is packed once and unpacked by every partner.
    assert sorted(unpacked) == sorted(["Annotate", "Learn", "Annotations", "Scorecard"] * 3)


def test_partners_share_no_object_with_the_coordinator(consortium, quick_charter, transfer):
    seen = []

    class Curious(Partner):
        def answer(self, request):
            seen.append(request)
            return super().answer(request)

    partners = [Curious(p.name, p._assay, transfer) for p in consortium()]
    run(quick_charter, transfer, partners)
    assert len({id(request.charter) for request in seen}) == len(seen) == 6
    assert id(quick_charter) not in {id(request.charter) for request in seen}
    assert all(request.charter == quick_charter for request in seen)


def test_each_reply_is_heard(consortium, quick_charter, transfer):
    heard = []
    channel = LocalChannel(consortium(), lambda request, name, reply: heard.append((type(request), name, type(reply))))
    federate(quick_charter, transfer, channel)
    assert heard == [(Annotate, name, Annotations) for name in ("ada", "bob", "cleo")] + [
        (Learn, name, Scorecard) for name in ("ada", "bob", "cleo")
    ]


def test_a_partner_of_one_class_declines_and_the_run_goes_on(consortium, assays, quick_charter, transfer):
    only = all_active(assays["bob"])
    found = run(quick_charter, transfer, consortium(bob=Partner("bob", only, transfer)))
    assert found.labels.partners == ("ada", "cleo")
    assert [(refusal.partner, "one class" in refusal.reason) for refusal in found.declined] == [("bob", True)]
    # Federated labels give it both classes: it has a hybrid all the same.
    assert [card.partner for card in found.scorecards] == ["ada", "bob", "cleo"]


def test_no_reason_tells_of_compounds(assays, consortium, quick_charter, transfer):
    only = all_active(assays["bob"])
    reason = run(quick_charter, transfer, consortium(bob=Partner("bob", only, transfer))).declined[0].reason
    assert not any(character.isdigit() for character in reason)
    assert not any(text in reason.split() for text in only.compounds.smiles)


def test_below_the_quorum(consortium, assays, quick_charter, transfer):
    only = all_active(assays["bob"])
    demanding = attrs.evolve(quick_charter, quorum=3)
    with pytest.raises(QuorumError, match=r"2 of 3 .*bob: .*one class.*quorum is 3"):
        run(demanding, transfer, consortium(bob=Partner("bob", only, transfer)))


class Mute:
    """A channel whose partners answer, those named without an opinion of any molecule."""

    def __init__(self, partners, *silent):
        self.partners, self.silent = partners, silent

    def ask(self, request):
        replies = [partner.answer(request) for partner in self.partners]
        return [
            attrs.evolve(r, value=np.full(r.shape, np.nan), weight=np.zeros(r.shape)) if r.partner in self.silent else r
            for r in replies
        ]


def test_who_says_nothing_does_not_count_for_the_quorum(consortium, quick_charter, transfer):
    said = r"1 of 3 partners gave an opinion \(bob, cleo: no opinion of any molecule\).*quorum is 2"
    with pytest.raises(QuorumError, match=said):
        federate(quick_charter, transfer, Mute(consortium(), "bob", "cleo"))
    with pytest.raises(QuorumError, match="0 of 3 partners gave an opinion"):
        federate(attrs.evolve(quick_charter, quorum=1), transfer, Mute(consortium(), "ada", "bob", "cleo"))


@pytest.mark.parametrize("hard", [True, False])
def test_too_few_labels_for_a_student_are_counted(hard, quick_charter, transfer):
    charter = attrs.evolve(quick_charter, selection=Part("all", {"hard": hard}))

    def ask(_request):
        value, weight = np.full((len(transfer), 1), np.nan), np.zeros((len(transfer), 1))
        value[0], weight[0] = 1.0, 0.5
        return [Annotations(charter.digest, name, value, weight) for name in ("ada", "bob")]

    with pytest.raises(InputError, match=rf"labels of 1 of {len(transfer)} molecules: only one class") as found:
        federate(charter, transfer, SimpleNamespace(ask=ask))
    assert ("soft labels" in found.value.hint) == hard  # not where they are soft already


def test_nobody_there(quick_charter, transfer):
    with pytest.raises(QuorumError, match=r"0 of 0 partners gave an opinion\. "):
        run(quick_charter, transfer, [])


def test_a_partner_with_another_transfer_set_declines(consortium, assays, quick_charter, transfer):
    odd = Partner("bob", assays["bob"], transfer.take(list(range(len(transfer) - 1))))
    found = run(quick_charter, transfer, consortium(bob=odd))
    assert [refusal.partner for refusal in found.declined] == ["bob", "bob"]  # to both questions
    assert "another transfer set" in found.declined[0].reason
    assert found.labels.partners == ("ada", "cleo")


def test_the_order_of_the_transfer_set_matters(consortium, assays, quick_charter, transfer):
    turned = Partner("bob", assays["bob"], transfer.take(list(range(len(transfer)))[::-1]))
    assert run(quick_charter, transfer, consortium(bob=turned)).labels.partners == ("ada", "cleo")


def test_a_partner_below_its_own_policy_declines(consortium, assays, quick_charter, transfer):
    strict = Gate(Policy(fewest_compounds=len(assays["bob"]) + 1))
    found = run(quick_charter, transfer, consortium(bob=Partner("bob", assays["bob"], transfer, gate=strict)))
    assert found.labels.partners == ("ada", "cleo")
    assert "too few compounds" in found.declined[0].reason
    assert not any(char.isdigit() for char in found.declined[0].reason), "how many they are is nobody else's business"
    exact = Gate(Policy(fewest_compounds=len(assays["bob"])))
    found = run(quick_charter, transfer, consortium(bob=Partner("bob", assays["bob"], transfer, gate=exact)))
    assert found.labels.partners == ("ada", "bob", "cleo")


def test_an_empty_partner_declines(consortium, assays, quick_charter, transfer):
    empty = Partner("bob", assays["bob"].take(np.array([], dtype=np.int64)), transfer)
    assert run(quick_charter, transfer, consortium(bob=empty)).labels.partners == ("ada", "cleo")


def test_a_policy_without_scorecards_leaves_the_figures_out(consortium, quick_charter, transfer):
    found = run(quick_charter, transfer, consortium(gate=lambda: Gate(Policy(scorecards=False))))
    assert [card.scores for card in found.scorecards] == [(), (), ()]


def test_what_leaves_is_rounded_and_written_down(consortium, quick_charter, transfer):
    partners = consortium(gate=lambda: Gate(Policy(decimals=2)))
    replies = []
    federate(quick_charter, transfer, LocalChannel(partners, lambda _request, _name, reply: replies.append(reply)))
    for reply in replies:
        if isinstance(reply, Annotations):
            np.testing.assert_array_equal(np.round(reply.value, 2), reply.value)
            np.testing.assert_array_equal(np.round(reply.weight, 2), reply.weight)
    for partner in partners:
        mine = [reply.digest for reply in replies if reply.partner == partner.name]
        assert [entry.digest for entry in partner.gate.ledger.entries] == mine
        assert partner.gate.ledger.intact


class Fixed:
    """Stands in for a partner and always says the same."""

    def __init__(self, reply, name="bob"):
        self.name, self.reply = name, reply

    def answer(self, request):
        return self.reply


D = "sha256:" + "0" * 64


def test_replies_in_another_name_or_to_another_charter_are_refused(consortium, quick_charter, transfer):
    for reply in (Declined(quick_charter.digest, "ada", "no"), Declined(D, "bob", "no")):
        with pytest.raises(CodecError, match=f"bob replied as {reply.partner}"):
            run(quick_charter, transfer, consortium(bob=Fixed(reply)))


def test_replies_that_are_none_are_refused(consortium, assays, quick_charter, transfer):
    wrong = {
        "Assay may not cross": assays["bob"],
        "NoneType may not cross": None,
        "dict may not cross": {"smiles": "C"},
        "bob replied with a Charter": quick_charter,
        "bob replied with a CompoundSet": transfer,
    }
    for word, reply in wrong.items():
        with pytest.raises(CodecError, match=word):
            run(quick_charter, transfer, consortium(bob=Fixed(reply)))


def test_only_the_two_questions_are_asked(consortium, quick_charter, transfer):
    for question in (quick_charter, transfer):
        with pytest.raises(CodecError, match="is no question"):
            LocalChannel(consortium()).ask(question)
    with pytest.raises(CodecError, match="may not cross"):
        LocalChannel(consortium()).ask({"give": "all"})


@pytest.mark.parametrize("shape", [(7, 1), (40, 2)], ids=str)
def test_an_opinion_of_something_else_is_left_out_with_a_word(shape, consortium, quick_charter, transfer):
    odd = Fixed(Annotations(quick_charter.digest, "bob", np.full(shape, 0.5), np.ones(shape)))
    found = run(quick_charter, transfer, consortium(bob=odd))
    assert found.labels.partners == ("ada", "cleo")
    assert [refusal.partner for refusal in found.declined] == ["bob"]
    assert "expected 40 and 1" in found.declined[0].reason


def test_abstentions_are_allowed(consortium, quick_charter, transfer):
    silent = Annotations(quick_charter.digest, "bob", np.full((40, 1), math.nan), np.zeros((40, 1)))
    found = run(quick_charter, transfer, consortium(bob=Fixed(silent)))
    assert found.labels.partners == ("ada", "bob", "cleo")
    assert not found.labels.contribution[1].any()


def test_the_coordinator_holds_the_charters_transfer_set(consortium, quick_charter, transfer):
    with pytest.raises(CharterError, match="another transfer set"):
        run(quick_charter, transfer.take([0, 1]), consortium())


def test_teachers_that_agree_on_everything_teach_no_student(quick_charter, transfer):
    replies = [Annotations(quick_charter.digest, name, np.ones((40, 1)), np.ones((40, 1))) for name in ("ada", "bob")]
    with pytest.raises(InputError, match="no student"):
        run(quick_charter, transfer, [Fixed(reply, reply.partner) for reply in replies])


def test_a_hybrid_needs_labels_of_its_charter(consortium, quick_charter, transfer):
    labels = run(quick_charter, transfer, consortium()).labels
    partner = consortium()[0]
    shorter = {"value": labels.value[:-1], "spread": labels.spread[:-1], "contribution": labels.contribution[:, :-1]}
    for change in ({"charter": D}, shorter):
        wrong = attrs.evolve(labels, **change)
        reply = partner.answer(Learn(quick_charter, wrong))
        assert isinstance(reply, Declined)
        assert "another charter or transfer set" in reply.reason
    assert partner.hybrid is None


def test_scorecards_say_what_the_judge_finds(consortium, quick_charter, transfer, benchmark_assay):
    partners = consortium()
    cards = run(quick_charter, transfer, partners).scorecards
    for partner, card in zip(partners, cards, strict=True):
        models = {"teacher": partner.teacher, "hybrid": partner.hybrid}
        active, compounds = benchmark_assay.active, benchmark_assay.compounds
        figures = {kind: judge(active, model.predict(compounds)) for kind, model in models.items()}
        expected = {(kind, "external", m): round(figures[kind][m], 4) for kind in figures for m in METRICS}
        stated = {(s.model, s.dataset, s.metric): s.value for s in card.scores}
        assert stated.keys() == expected.keys()
        np.testing.assert_array_equal(list(stated.values()), [expected[key] for key in stated])


def test_a_gate_may_refuse_outright(consortium, assays, quick_charter, transfer):
    @attrs.frozen
    class Shut(Gate):
        def release(self, reply, errand=None):
            raise PolicyError("nothing leaves today")

    with pytest.raises(PolicyError, match="nothing leaves"):
        run(quick_charter, transfer, consortium(bob=Partner("bob", assays["bob"], transfer, gate=Shut())))


def test_assays_never_show_their_compounds(assays):
    assay = assays["ada"]
    assert isinstance(assay, Assay)
    assert not any(text in repr(assay) for text in assay.compounds.smiles)
