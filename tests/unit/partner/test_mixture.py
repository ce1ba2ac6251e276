"""Hybrids that ask: one's own expert is never heard twice, and nobody does worse on its own chemistry for asking."""

import itertools

import attrs
import joblib
import numpy as np
import pytest
from scipy.special import expit

from fluidmol.chem.features import features
from fluidmol.learning.experts.understanding import SurrogateFitter
from fluidmol.partner.assay import Assay
from fluidmol.partner.hybrid import Hybrid
from fluidmol.partner.kept.array_bundle import ArrayBundle
from fluidmol.partner.kept.models import keep_model, recall_model
from fluidmol.partner.local_models import OWN, LocalModels
from fluidmol.partner.mixture import BOOSTS, MixtureModel, MixtureSetting
from fluidmol.partner.partner import Partner
from fluidmol.partner.teacher import Teacher
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.experts import Experts
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Learn, Scorecard
from fluidmol.values.parts import Part


@pytest.fixture(scope="module")
def charter(transfer):
    """The preset open, small enough for seconds."""
    return attrs.evolve(
        Charter.from_preset("open"),
        featuriser=Part("additive", {"bits": 128}),
        teacher=Part("logistic", {"strength": 1.0}),
        hybrid=Part("lightgbm", {"rounds": 15, "leaves": 4, "leaf": 2}),
        union=Part("mixture", {"folds": 3}),
        transfer_digest=transfer.digest,
        transfer_size=len(transfer),
    )


def width(charter):
    return 3 * dict(charter.featuriser.options)["bits"] + 176 + 1


@pytest.fixture(scope="module")
def knowing(chemistry, charter):
    """Experts of two partners who know the whole chemistry, and of one who doesn't but has a name."""
    table = features(chemistry.compounds, charter.featuriser)
    said = [
        Annotations(charter.digest, name, np.where(chemistry.active, 0.97, 0.03)[:, None], np.full((130, 1), 0.9))
        for name in ("knows-1", "knows-2")
    ]
    return SurrogateFitter()(said, table, 1)


def garbage(charter, seed=0, n=2, near=0.0):
    """Experts of random coefficients, who all claim to be as near as the exponential of ``near`` everywhere."""
    rng = np.random.default_rng(seed)
    proximity = np.zeros((n, width(charter)))
    proximity[:, -1] = near
    return Experts([f"odd-{i}" for i in range(n)], rng.normal(0, 1, (n, width(charter))), proximity, [0] * n, [1] * n)


def with_(experts, name, value=0.0):
    """Add an expert of that name who says the same of all molecules, and claims to know them all."""
    rows = np.zeros((1, experts.opinion.shape[1]))
    said = rows.copy()
    said[:, -1] = value
    names = [*experts.partners, name]
    order = np.argsort(names)
    known = (experts.opinion, experts.proximity, experts.fidelity, experts.trust)
    tables = [np.concatenate([old, new])[order] for old, new in zip(known, (said, rows, [1], [1]), strict=True)]
    return Experts([names[i] for i in order], *tables)


def log_loss(probability, active):
    return -np.log(np.clip(np.where(active, probability, 1 - probability), 1e-3, 1))


def split(chemistry, n, seed):
    """Own compounds, and fresh ones of the same chemistry."""
    order = np.random.default_rng(seed).permutation(len(chemistry))
    return chemistry.take(np.sort(order[:n])), chemistry.take(np.sort(order[n:]))


class TestOnesOwnExpert:
    def test_is_left_out(self, assays, knowing, charter, chemistry):
        plain = MixtureModel.fit(assays["ada"], knowing, charter, "ada", 3)
        for lie in (-9.0, 9.0):
            mixed = MixtureModel.fit(assays["ada"], with_(knowing, "ada", lie), charter, "ada", 3)
            assert mixed.others == knowing
            assert mixed.choice == plain.choice
            np.testing.assert_array_equal(mixed.predict(chemistry.compounds), plain.predict(chemistry.compounds))

    def test_of_somebody_else_is_not(self, assays, knowing, charter, chemistry):
        mixed = MixtureModel.fit(assays["ada"], with_(knowing, "bob", 9.0), charter, "ada", 3)
        assert mixed.others.partners == ("bob", "knows-1", "knows-2")

    def test_alone_is_as_none(self, assays, charter, chemistry):
        alone = with_(garbage(charter, n=1), "ada").without("odd-0")
        assert alone.partners == ("ada",)
        one, other = (MixtureModel.fit(assays["ada"], experts, charter, "ada", 3) for experts in (alone, None))
        assert one.others is None
        np.testing.assert_array_equal(one.predict(chemistry.compounds), other.predict(chemistry.compounds))

    def test_names_are_matched_whole(self, assays, charter):
        experts = with_(garbage(charter), "ada-2")
        assert "ada-2" in MixtureModel.fit(assays["ada"], experts, charter, "ada", 3).others.partners


class TestSmallPartners:
    def test_of_one_class_ask_others_alone(self, assays, knowing, charter, chemistry):
        only = Assay(assays["ada"].compounds, np.ones(len(assays["ada"])))
        mixed = MixtureModel.fit(only, knowing, charter, "ada", 3)
        assert mixed.own is None
        assert np.mean((mixed.predict(chemistry.compounds) > 0.5) == chemistry.active) > 0.9

    def test_of_one_class_and_nobody_to_ask(self, assays, knowing, charter):
        only = Assay(assays["ada"].compounds, np.zeros(len(assays["ada"])))
        for experts in (None, with_(knowing, "ada").without("knows-1").without("knows-2")):
            with pytest.raises(ValueError, match="one class, and there are no experts"):
                MixtureModel.fit(only, experts, charter, "ada", 3)

    def test_of_too_few_for_folds_choose_nothing(self, chemistry, knowing, charter):
        rows = [int(np.flatnonzero(chemistry.active == side)[i]) for side in (True, False) for i in range(3)]
        tiny = chemistry.take(np.sort(rows))
        mixed = MixtureModel.fit(tiny, knowing, charter, "ada", 3)
        assert mixed.choice == MixtureSetting("teacher", 1.0)
        found = mixed.predict(chemistry.compounds)
        own = mixed.own.teacher.predict(chemistry.compounds)
        assert log_loss(found, chemistry.active).mean() < log_loss(own, chemistry.active).mean()

    def test_with_nobody_to_ask_are_their_own_model(self, assays, charter, chemistry):
        mixed = MixtureModel.fit(assays["ada"], None, charter, "ada", 3)
        own, _near = LocalModels.fit(assays["ada"], charter, "ada").annotate(chemistry.compounds)
        np.testing.assert_allclose(mixed.predict(chemistry.compounds), own[mixed.choice.own], atol=1e-6)

    def test_nothing_to_predict(self, assays, knowing, charter, chemistry):
        mixed = MixtureModel.fit(assays["ada"], knowing, charter, "ada", 3)
        assert mixed.predict(chemistry.compounds.take([])).shape == (0,)


class TestNoRegret:
    """Strangers who know nothing cost next to nothing on one's own chemistry; strangers who know are heard."""

    @pytest.mark.parametrize("near", [0.0, -0.05, -1.0, -5.0], ids="near={}".format)
    @pytest.mark.parametrize("seed", [0, 1, 2])
    def test_garbage_is_not_listened_to(self, near, seed, chemistry, charter):
        own, fresh = split(chemistry, 80, seed)
        mixed = MixtureModel.fit(own, garbage(charter, seed, near=near), charter, "ada", 3)
        said, _near = mixed.own.annotate(fresh.compounds)
        worse = log_loss(mixed.predict(fresh.compounds), fresh.active) - log_loss(said[mixed.choice.own], fresh.active)
        assert worse.mean() <= 2 * worse.std() / np.sqrt(len(worse)) + 0.01

    @pytest.mark.parametrize("seed", [0, 1])
    def test_confident_garbage_of_many(self, seed, chemistry, charter):
        own, fresh = split(chemistry, 80, seed)
        loud = garbage(charter, seed, n=7)
        loud = attrs.evolve(loud, opinion=loud.opinion * 10)
        mixed = MixtureModel.fit(own, loud, charter, "ada", 3)
        said, _near = mixed.own.annotate(fresh.compounds)
        np.testing.assert_allclose(mixed.predict(fresh.compounds), said[mixed.choice.own], atol=0.05)

    @pytest.mark.parametrize("seed", [0, 1, 2])
    def test_those_who_know_are_heard(self, seed, chemistry, knowing, charter):
        own, fresh = split(chemistry, 16, seed)
        mixed = MixtureModel.fit(own, knowing, charter, "ada", 3)
        found = log_loss(mixed.predict(fresh.compounds), fresh.active)
        alone = log_loss(mixed.own.annotate(fresh.compounds)[0][mixed.choice.own], fresh.active)
        assert mixed.choice.boost < max(BOOSTS)
        assert found.mean() < 0.7 * alone.mean()

    def test_far_from_ones_own_compounds_others_are_asked_all_the_same(self, chemistry, charter, knowing):
        own, fresh = split(chemistry, 16, 0)
        mixed = MixtureModel.fit(own, knowing, charter, "ada", 3)
        far = mixed.own.annotate(fresh.compounds)[1] < 0.3
        assert far.any()
        others = expit(features(fresh.compounds, charter.featuriser) @ knowing.opinion[0, :-1] + knowing.opinion[0, -1])
        # The two who know say the same.
        np.testing.assert_allclose(mixed.predict(fresh.compounds)[far], others[far], atol=0.1)


def test_the_last_boost_silences_others(assays, charter, chemistry):
    loud = garbage(charter)
    fitted = MixtureModel.fit(assays["ada"], loud, charter, "ada", 3)
    said, near = fitted.own.annotate(chemistry.compounds)
    assert near.min() < 0.2, "there are molecules that it hardly knows"
    for own in OWN:
        silent = attrs.evolve(fitted, choice=MixtureSetting(own, max(BOOSTS)))
        np.testing.assert_allclose(silent.predict(chemistry.compounds)[near > 0], said[own][near > 0], atol=1e-6)


def test_a_larger_boost_never_counts_less(assays, charter, chemistry):
    fitted = MixtureModel.fit(assays["ada"], garbage(charter), charter, "ada", 3)
    own = fitted.own.annotate(chemistry.compounds)[0]["teacher"]
    distance = [
        np.abs(attrs.evolve(fitted, choice=MixtureSetting("teacher", boost)).predict(chemistry.compounds) - own)
        for boost in BOOSTS
    ]
    for less, more in itertools.pairwise(distance):
        assert np.all(more <= less + 1e-6)


def test_a_boost_holds_at_home_only(assays, charter, chemistry):
    fitted = MixtureModel.fit(assays["ada"], garbage(charter), charter, "ada", 3)
    near = fitted.own.annotate(chemistry.compounds)[1]
    home = float(np.median(near))
    by_boost = {
        boost: attrs.evolve(fitted, choice=MixtureSetting("teacher", boost, home)).predict(chemistry.compounds)
        for boost in (1.0, max(BOOSTS))
    }
    everywhere = attrs.evolve(fitted, choice=MixtureSetting("teacher", max(BOOSTS))).predict(chemistry.compounds)
    inside, outside = near >= home, near < 0.8 * home
    assert inside.any()
    assert outside.any()
    np.testing.assert_allclose(by_boost[max(BOOSTS)][inside], everywhere[inside])
    np.testing.assert_allclose(by_boost[max(BOOSTS)][outside], by_boost[1.0][outside])
    assert np.abs(everywhere - by_boost[1.0])[outside].max() > 0.1, "there, others would have been silenced"


def test_home_is_where_own_compounds_are(assays, knowing, charter):
    mixed = MixtureModel.fit(assays["ada"], knowing, charter, "ada", 3)
    near = mixed.own.annotate(assays["ada"].compounds)[1]
    assert 0 < mixed.choice.home < np.median(near)


class TestHomeUnderAnyProximity:
    """What a charter's proximity can't tell apart is told apart at home all the same: nothing of it leaves."""

    @pytest.fixture
    def alike(self, charter):
        """A charter under which all molecules are equally near."""
        return attrs.evolve(charter, proximity=Part("uniform"))

    def test_home_is_where_compounds_are_like_ones_own(self, assays, knowing, charter, alike, chemistry):
        plain, mixed = (MixtureModel.fit(assays["ada"], knowing, rules, "ada", 3) for rules in (charter, alike))
        assert mixed.choice.home == pytest.approx(plain.choice.home)
        said, likeness = mixed.own.opinion(chemistry.compounds), plain.own.opinion(chemistry.compounds).near
        assert len(np.unique(said.proximity)) == 1
        np.testing.assert_allclose(said.near, likeness)
        assert plain.own.near is None, "the charter's proximity says it"

    def test_a_boost_fades_where_compounds_are_unlike_ones_own(self, assays, alike, chemistry):
        fitted = MixtureModel.fit(assays["ada"], garbage(alike), alike, "ada", 3)
        near = fitted.own.opinion(chemistry.compounds).near
        home = float(np.median(near))
        plain, loud = (
            attrs.evolve(fitted, choice=MixtureSetting("teacher", boost, home)).predict(chemistry.compounds)
            for boost in (1.0, max(BOOSTS))
        )
        inside, outside = near >= home, near < 0.8 * home
        assert outside.any()
        np.testing.assert_allclose(loud[outside], plain[outside])
        assert np.abs(loud - plain)[inside].max() > 0.1

    def test_a_kept_one_is_at_home_in_the_same_place(self, assays, knowing, alike, chemistry):
        mixed = MixtureModel.fit(assays["ada"], knowing, alike, "ada", 3)
        home = float(np.median(mixed.own.opinion(chemistry.compounds).near))
        mixed = attrs.evolve(mixed, choice=MixtureSetting("teacher", max(BOOSTS), home))
        shelf = ArrayBundle()
        facts = keep_model(mixed, shelf)
        found = recall_model(facts, alike, shelf)
        np.testing.assert_array_equal(found.predict(chemistry.compounds), mixed.predict(chemistry.compounds))
        # One that was kept by a version before goes on by the charter's proximity: here, it is at home everywhere.
        del facts["own"]["near"]
        before = recall_model(facts, alike, shelf)
        assert before.own.near is None
        assert np.abs(before.predict(chemistry.compounds) - mixed.predict(chemistry.compounds)).max() > 0.1


def test_own_compounds_are_not_judged_by_a_model_that_has_seen_them(assays, knowing, charter, monkeypatch):
    asked = []
    real_fit, real_annotate = LocalModels.fit.__func__, LocalModels.annotate

    def fit(cls, assay, charter, name, own=None):
        made = real_fit(cls, assay, charter, name, own)
        seen[id(made)] = set(assay.compounds.inchikeys), made
        return made

    def annotate(self, compounds):
        asked.append((seen[id(self)][0], set(compounds.inchikeys)))
        return real_annotate(self, compounds)

    seen = {}
    monkeypatch.setattr(LocalModels, "fit", classmethod(fit))
    monkeypatch.setattr(LocalModels, "annotate", annotate)
    MixtureModel.fit(assays["ada"], knowing, charter, "ada", 3)
    assert len(asked) == 3
    assert all(not taught & held for taught, held in asked)
    assert set.union(*(held for _, held in asked)) == set(assays["ada"].compounds.inchikeys)


@pytest.mark.parametrize("name", ["ada", "bob"])
def test_same_for_a_seed_on_any_cores(name, assays, knowing, charter, chemistry):
    found = []
    for n_jobs in (1, 2, 1):
        with joblib.parallel_config(n_jobs=n_jobs):
            mixed = MixtureModel.fit(assays[name], knowing, charter, name, 3)
            found.append((mixed.choice, mixed.predict(chemistry.compounds)))
    for choice, predicted in found[1:]:
        assert choice == found[0][0]
        np.testing.assert_array_equal(predicted, found[0][1])


def test_another_seed_cuts_other_folds(assays, knowing, charter, monkeypatch):
    cuts = []
    real = LocalModels.fit.__func__
    monkeypatch.setattr(
        LocalModels, "fit", classmethod(lambda cls, a, *more: cuts.append(a.compounds.inchikeys) or real(cls, a, *more))
    )
    for seed in (1, 1, 2):
        MixtureModel.fit(assays["ada"], knowing, attrs.evolve(charter, seed=seed), "ada", 3)
    assert len(cuts) == 12
    assert cuts[:4] == cuts[4:8]
    assert cuts[:4] != cuts[8:]


@pytest.mark.parametrize("aggregation", ["weighted-mean", "log-odds", "trimmed-mean", "weighted-median", "reliability"])
def test_a_molecules_answer_does_not_depend_on_its_company(aggregation, assays, knowing, charter, chemistry):
    rules = attrs.evolve(charter, aggregation=Part(aggregation))
    mixed = MixtureModel.fit(assays["ada"], knowing, rules, "ada", 3)
    whole = mixed.predict(chemistry.compounds)
    assert np.all((whole >= 0) & (whole <= 1))
    for i in (0, 64, 129):
        np.testing.assert_array_equal(mixed.predict(chemistry.compounds.take([i])), whole[i : i + 1])


def test_nothing_of_the_choice_leaves(assays, knowing, charter, transfer, benchmark_assay):
    n = len(knowing.partners)
    labels = FederatedLabels(
        charter.digest, knowing.partners, np.full((len(transfer), 1), 0.4), np.zeros((len(transfer), 1)),
        np.full((n, len(transfer), 1), 1 / n), knowing,
    )  # fmt: skip
    partner = Partner("ada", assays["ada"], transfer, benchmarks={"external": benchmark_assay})
    card = partner.answer(Learn(charter, labels))
    assert isinstance(card, Scorecard)
    assert {field.name for field in attrs.fields(Scorecard)} == {"charter", "partner", "scores"}
    assert {(score.model, score.dataset) for score in card.scores} == {("hybrid", "external")}
    choice = partner.hybrid.model.choice
    said = repr(card)
    assert not any(word in said for word in (repr(choice), "boost", "both", "Choice"))


def test_the_hybrid_of_a_mixture_counts_own_and_public_molecules(assays, knowing, charter, transfer):
    labels = FederatedLabels(
        charter.digest, knowing.partners, np.full((40, 1), 0.4), np.zeros((40, 1)), np.full((2, 40, 1), 0.5), knowing
    )
    hybrid = Hybrid.fit(assays["ada"], labels, transfer, charter, "ada")
    assert hybrid.n_train == len(assays["ada"]) + 40
    mixed = MixtureModel.fit(assays["ada"], knowing, charter, "ada", 3)
    np.testing.assert_array_equal(hybrid.predict(transfer), mixed.predict(transfer))


def test_own_models_are_the_charters(assays, charter, chemistry):
    own, near = LocalModels.fit(assays["ada"], charter, "ada").annotate(chemistry.compounds)
    assert tuple(own) == OWN
    teacher = Teacher.fit(assays["ada"], charter, "ada")
    value, weight = teacher.annotate(chemistry.compounds)
    np.testing.assert_array_equal(own["teacher"], value[:, 0])
    np.testing.assert_array_equal(near, weight[:, 0])
    low, high = np.minimum(own["teacher"], own["hybrid"]), np.maximum(own["teacher"], own["hybrid"])
    assert np.all((own["both"] >= low - 1e-6) & (own["both"] <= high + 1e-6))
