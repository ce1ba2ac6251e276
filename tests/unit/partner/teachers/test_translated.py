"""Translation: what speaks for a teacher that isn't linear can be understood, and says what the teacher knows."""

import attrs
import numpy as np
import pytest
from scipy.stats import spearmanr

from fluidmol.chem.features import features
from fluidmol.cli.leaving import translation_words
from fluidmol.errors import InputError
from fluidmol.learning.experts.understanding import SurrogateFitter
from fluidmol.partner.assay import Assay
from fluidmol.partner.audit.effort import Effort
from fluidmol.partner.audit.shadows import GameSettings, play
from fluidmol.partner.gate import Gate
from fluidmol.partner.partner import Partner
from fluidmol.partner.summary import summarised
from fluidmol.partner.teacher import Teacher
from fluidmol.partner.teachers import Annotator, Recipe, columns
from fluidmol.partner.teachers.charters import Charters
from fluidmol.partner.teachers.fidelity import fidelity
from fluidmol.partner.teachers.predictions import FromPredictions
from fluidmol.partner.teachers.translated import Translated, translated, translates
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.messages import Annotate
from fluidmol.values.parts import Part
from fluidmol.values.pieces import InMemory


@attrs.frozen
class Oracle(Annotator, Recipe):
    """A model fitted elsewhere: a basic nitrogen is active; it may say nothing of rings of five."""

    shy: bool = False

    @property
    def learns(self):
        return False

    def fit(self, assay, charter, name):
        return self

    def predict(self, compounds):
        said = np.array([0.95 if "N" in text else 0.05 for text in compounds.smiles])
        shy = np.array([self.shy and ("s1" in text or "o1" in text) for text in compounds.smiles])
        return np.where(shy, np.nan, said)

    def annotate(self, compounds):
        return columns(self.predict(compounds), np.full(len(compounds), 0.4))


@pytest.fixture(scope="module")
def charter(transfer):
    return attrs.evolve(
        Charter.from_preset("open"),
        featuriser=Part("additive", {"bits": 128}),
        teacher=Part("random-forest", {"trees": 30}),
        distillation=Part("experts", {"translation": 25}),
        transfer_digest=transfer.digest,
        transfer_size=len(transfer),
    )


@pytest.fixture(scope="module")
def forest(charter, assays):
    return Teacher.fit(assays["ada"], charter, "ada")


def with_translation(charter, number):
    return attrs.evolve(charter, distillation=Part("experts", {"translation": number}))


class TestWhoIsTranslated:
    def test_what_is_not_linear(self, forest, charter, assays, transfer):
        found = translated(forest, assays["ada"], InMemory(transfer), charter, "ada")
        assert isinstance(found, Translated)
        assert found.own is forest
        assert found.n_taught == 25

    def test_not_what_is_linear(self, charter, assays, transfer):
        linear = attrs.evolve(charter, teacher=Part("logistic"))
        teacher = Teacher.fit(assays["ada"], linear, "ada")
        assert translated(teacher, assays["ada"], InMemory(transfer), linear, "ada") is teacher

    def test_not_where_the_charter_does_not_ask_for_it(self, forest, charter, assays, transfer):
        for other in (with_translation(charter, 0), attrs.evolve(charter, distillation=Part("labels"))):
            assert not translates(other)
            assert translated(forest, assays["ada"], InMemory(transfer), other, "ada") is forest

    def test_never_under_privacy(self):
        assert not translates(Charter.from_preset("private"))

    def test_not_without_compounds_of_both_classes(self, charter, assays, transfer):
        own = assays["ada"]
        for known in (None, Assay(own.compounds, np.ones(len(own)))):
            assert translated(Oracle(), known, InMemory(transfer), charter, "ada").__class__ is Oracle


class TestWhatItSays:
    def test_it_can_be_understood_as_the_teacher_can_not(self, forest, charter, assays, chemistry):
        rows = features(chemistry.compounds, charter.featuriser)
        said = [
            Annotations(charter.digest, name, *speaker.annotate(chemistry.compounds))
            for name, speaker in (
                ("forest", forest),
                ("linear", translated(forest, assays["ada"], InMemory(chemistry.compounds), charter, "ada")),
            )
        ]
        experts = SurrogateFitter()(said, rows, seed=1)
        assert dict(zip(experts.partners, experts.fidelity, strict=True))["linear"] > 0.98
        assert experts.fidelity[0] < experts.fidelity[1]

    def test_it_weighs_as_the_charter_says(self, forest, charter, assays, transfer):
        found = translated(forest, assays["ada"], InMemory(transfer), charter, "ada")
        np.testing.assert_array_equal(found.annotate(transfer)[1], forest.annotate(transfer)[1])

    def test_it_learns_from_the_teacher(self, charter, assays, transfer, chemistry):
        """One that knows more than was measured makes it better, and one that says the contrary makes it worse."""

        @attrs.frozen
        class Wrong(Oracle):
            def predict(self, compounds):
                return 1 - Oracle.predict(self, compounds)

        few = assays["ada"].take(np.arange(8))
        right, wrong = (
            translated(teacher, few, InMemory(transfer), charter, "ada").predict(chemistry.compounds)
            for teacher in (Oracle(), Wrong())
        )
        truth = Oracle().predict(chemistry.compounds)
        assert spearmanr(right, truth)[0] > spearmanr(wrong, truth)[0] + 0.1

    def test_what_was_measured_counts_more(self, charter, assays, transfer):
        light = attrs.evolve(
            charter, distillation=Part("experts", {"translation": 25, "translation_weight": 0.001}),
            teacher=Part("logistic", {"strength": 0.05}),
        )  # fmt: skip
        own = assays["ada"]
        plain = Teacher.fit(own, light, "ada").predict(own.compounds)
        np.testing.assert_allclose(
            translated(Oracle(), own, InMemory(transfer), light, "ada").predict(own.compounds), plain, atol=0.02
        )

    def test_nothing_is_learnt_where_the_teacher_abstains(self, charter, assays, transfer):
        asked = with_translation(charter, 40)
        spoken = ~np.isnan(Oracle(shy=True).predict(transfer))
        assert 0 < spoken.sum() < len(transfer)
        found = translated(Oracle(shy=True), assays["ada"], InMemory(transfer), asked, "ada")
        assert found.n_taught == spoken.sum()
        value, weight = found.annotate(transfer)
        np.testing.assert_array_equal(np.isnan(value[:, 0]), ~spoken)
        np.testing.assert_array_equal(weight[:, 0] == 0, ~spoken)

    def test_who_abstains_is_asked_once_about_each_molecule(self, charter, assays, transfer):
        asked = []

        @attrs.frozen
        class Listening(Oracle):
            def predict(self, compounds):
                asked.append(compounds)
                return Oracle.predict(self, compounds)

        translated(Listening(shy=True), assays["ada"], InMemory(transfer), charter, "ada").annotate(transfer)
        assert sorted(key for each in asked for key in each.inchikeys) == sorted(transfer.inchikeys)

    def test_the_nearest_are_asked_about(self, charter, assays, transfer):
        asked = []

        @attrs.frozen
        class Listening(Oracle):
            abstains = False

            def predict(self, compounds):
                asked.append(compounds)
                return Oracle.predict(self, compounds)

        few = with_translation(charter, 5)
        found = translated(Listening(), assays["ada"], InMemory(transfer), few, "ada")
        near = found.nearness(transfer)
        (public,) = asked
        rest = [i for i, key in enumerate(transfer.inchikeys) if key not in set(public.inchikeys)]
        assert len(public) == 5
        assert found.nearness(public).min() >= near[rest].max()

    def test_the_same_each_time(self, forest, charter, assays, transfer, chemistry):
        one, other = (translated(forest, assays["ada"], InMemory(transfer), charter, "ada") for _ in range(2))
        np.testing.assert_array_equal(one.predict(chemistry.compounds), other.predict(chemistry.compounds))


class TestAPartner:
    def test_says_what_the_translation_says_and_keeps_its_teacher(self, charter, assays, transfer):
        partner = Partner("ada", assays["ada"], transfer)
        said = partner.answer(Annotate(charter))
        teacher = Teacher.fit(assays["ada"], charter, "ada")
        speaks = translated(teacher, assays["ada"], InMemory(transfer), charter, "ada")
        np.testing.assert_allclose(said.value, speaks.annotate(transfer)[0], atol=1e-4)  # the gate rounds
        assert isinstance(partner.teacher, Teacher)

    def test_is_shown_how_true_it_is(self, charter, assays, transfer):
        partner = Partner("ada", assays["ada"], transfer, gate=Gate())
        shown = summarised(partner.examine(Annotate(charter))).fidelity
        assert shown.held == len(assays["ada"])
        assert shown.unseen
        assert 0.5 < shown.agreement <= 1
        assert summarised(partner.examine(Annotate(charter), judged=False)).fidelity is None
        linear = attrs.evolve(charter, teacher=Part("logistic"))
        assert summarised(partner.examine(Annotate(linear))).fidelity is None

    def test_of_what_is_fitted_elsewhere_the_translation_is_held_out(self, charter, assays, transfer):
        own, public = assays["ada"], InMemory(transfer)
        shown = fidelity(Oracle(), translated(Oracle(), own, public, charter, "ada"), own, public, charter, "ada")
        assert not shown.unseen
        truth = own.active == (Oracle().predict(own.compounds) > 0.5)
        assert shown.own_auc > 0.7
        assert truth.mean() > 0.7

    def test_with_few_compounds_nothing_is_held_out(self, charter, assays, transfer):
        own = assays["ada"]
        rows = np.r_[np.flatnonzero(own.active)[:5], np.flatnonzero(~own.active)[:9]]
        few = own.take(np.sort(rows))
        speaks = translated(Oracle(), few, InMemory(transfer), charter, "ada")
        shown = fidelity(Oracle(), speaks, few, InMemory(transfer), charter, "ada")
        assert (shown.held, shown.taught) == (0, speaks.n_taught)
        assert "can't be said" in " ".join(translation_words(shown))

    def test_of_a_file_that_does_not_know_own_compounds_it_says_so(self, charter, assays, transfer, tmp_path):
        own, path = assays["ada"], tmp_path / "predictions.csv"
        rows = [f"{key},{value}" for key, value in zip(transfer.inchikeys, Oracle().predict(transfer), strict=True)]
        path.write_text("\n".join(["inchikey,probability", *rows]))
        recipe = FromPredictions(path=path, of="active")
        partner = Partner("ada", own, transfer, recipe=recipe)
        shown = summarised(partner.examine(Annotate(charter))).fidelity
        assert (shown.held, shown.taught) == (0, 25)

    def test_a_file_that_covers_too_little_is_refused(self, charter, assays, transfer, tmp_path):
        path = tmp_path / "predictions.csv"
        path.write_text(f"inchikey,probability\n{transfer.inchikeys[0]},0.9\n{transfer.inchikeys[1]},0.1\n")
        partner = Partner("ada", assays["ada"], transfer, recipe=FromPredictions(path=path, of="active"))
        with pytest.raises(InputError, match="2 of"):
            partner.examine(Annotate(charter))


def test_an_audit_attacks_what_speaks(chemistry, charter):
    played = play(chemistry, charter, chemistry.compounds, Effort(draws=4), GameSettings(recipe=Charters()))
    assert all(draw.model is not None for draw in played.draws), "its coefficients can be told, and so are attacked"
