"""Founding a consortium, and what a charter says to those who sign it."""

import re

import attrs
import numpy as np
import pytest

from fluidmol.coordinator.founding import check_complete, check_transfer, founded
from fluidmol.coordinator.terms import terms, who_sees_what
from fluidmol.coordinator.words import CATALOGUES, TOLD_ELSEWHERE, WORDS, in_words
from fluidmol.errors import CharterError
from fluidmol.learning.federation import aggregate
from fluidmol.trust.keys import PrivateKeys
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import PARTS, Charter, Endpoint
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.measure import Measure
from fluidmol.values.parts import Part
from fluidmol.values.scale import Scale

HUB, ACME, BETA = (PrivateKeys.generate(name).public for name in ("hub", "acme", "beta"))
TRANSFER = CompoundSet(("C", "CC"), ("VNWKTOKETHGBQD-UHFFFAOYSA-N", "OTMSDBZUPAUEDD-UHFFFAOYSA-N"))
PAPER = Charter.from_preset("paper-2025")
SAID = {
    "name": "Pilot", "endpoint": "herg", "description": " IC50 at or below 10 µM ", "transfer": TRANSFER,
    "coordinator": HUB, "partners": [BETA, ACME],
}  # fmt: skip
CHARTER = founded(Charter.from_preset("open"), **SAID)


def text(charter):
    return " ".join(line for clause in terms(charter) for line in (clause.title, *clause.lines))


def test_a_charter_takes_what_is_said_and_the_rest_from_its_recipe():
    charter = founded(PAPER, **SAID, quorum=1)
    assert (charter.name, charter.quorum, charter.seed) == ("Pilot", 1, PAPER.seed)
    assert (charter.transfer_digest, charter.transfer_size) == (TRANSFER.digest, 2)
    assert [(p.role, p.name) for p in charter.parties] == [
        ("coordinator", "hub"), ("partner", "acme"), ("partner", "beta")
    ]  # fmt: skip
    assert charter.endpoints[0].description == "IC50 at or below 10 µM"
    assert {name: getattr(charter, name) for name in PARTS} == {name: getattr(PAPER, name) for name in PARTS}
    check_complete(charter)


def test_what_makes_no_charter_is_refused():
    with pytest.raises(CharterError, match="endpoint"):
        founded(PAPER, **{**SAID, "endpoint": "hERG blockade"})
    with pytest.raises(CharterError, match="same name"):
        founded(PAPER, **{**SAID, "partners": [ACME, ACME]})
    with pytest.raises(CharterError, match="quorum is 3"):
        founded(PAPER, **SAID, quorum=3)


def test_a_measure_is_the_endpoints_and_the_description_stays_required():
    measure = Measure("IC50", "uM", 10)
    charter = founded(PAPER, **SAID, measure=measure)
    assert charter.endpoints[0] == Endpoint("herg", description="IC50 at or below 10 µM", measure=measure)
    assert (charter.format, founded(PAPER, **SAID).format) == (4, 3)
    check_complete(charter)
    with pytest.raises(CharterError, match="has no description"):
        check_complete(founded(PAPER, **{**SAID, "description": ""}, measure=measure))


CHECKED = "A partner's file is checked against this before anything leaves."
MEANT = {
    "judged": (
        Measure("IC50", "uM", 10),
        "What is measured: IC50; active at or below 10 uM; limits (< and >) are judged where all that they allow lies"
        f" on one side, and left out otherwise. {CHECKED}",
    ),
    "excluded": (
        Measure("pKi", "p", 6.5, relations="exclude"),
        f"What is measured: pKi; active at or above 6.5 (p, -log10 of M); limits (< and >) are left out. {CHECKED}",
    ),
    "unsaid": (None, "doesn't say in numbers when a compound is active: each partner decides by its own reading"),
}


@pytest.mark.parametrize("case", MEANT)
def test_terms_say_in_numbers_what_is_active_or_that_the_charter_does_not(case):
    measure, words = MEANT[case]
    said = text(founded(PAPER, **SAID, measure=measure))
    assert words in said
    assert ("in numbers" in said) == (measure is None)


def test_an_incomplete_charter_says_all_that_is_missing():
    with pytest.raises(CharterError, match="no parties, no transfer set, no description"):
        check_complete(PAPER)
    with pytest.raises(CharterError, match="has no description"):
        check_complete(founded(PAPER, **{**SAID, "description": " "}))


def test_another_transfer_set_is_refused():
    check_transfer(CHARTER, TRANSFER)
    for other in (TRANSFER.take([0]), TRANSFER.take([1, 0])):
        with pytest.raises(CharterError, match=other.digest) as caught:
            check_transfer(CHARTER, other)
        assert CHARTER.transfer_digest in str(caught.value)


@pytest.mark.parametrize("kind", sorted(WORDS))
def test_there_are_words_for_every_part_and_no_more(kind):
    catalogue = next(each for each in CATALOGUES.values() if each.kind == kind)
    assert set(WORDS[kind]) == set(catalogue)


@pytest.mark.parametrize("field", PARTS)
def test_words_know_the_options(field):
    for name in CATALOGUES[field]:
        said = in_words(attrs.evolve(PAPER, **{field: Part(name)}), field)
        assert "{" not in said
    assert CATALOGUES[field].kind in WORDS


@pytest.mark.parametrize("field", PARTS)
def test_every_option_of_every_part_is_told(field):
    untold = TOLD_ELSEWHERE.get(CATALOGUES[field].kind, set())
    for name in CATALOGUES[field]:
        said = in_words(attrs.evolve(PAPER, **{field: Part(name)}), field)
        for option, value in attrs.asdict(CATALOGUES[field].build(Part(name))).items():
            named = f"{option}: " in said or f"{{{option}" in WORDS[CATALOGUES[field].kind][name]
            assert named != (option in untold), (name, option, value)


def test_terms_state_the_strength_of_teachers():
    assert "(strength: 0.05)" in text(CHARTER)
    weak = attrs.evolve(CHARTER, teacher=Part("logistic", {"strength": 1e-5}))
    assert "(strength: 1e-05)" in text(weak)


def test_words_follow_the_options():
    assert "power of 3" in in_words(attrs.evolve(PAPER, weighting=Part("powered", {"power": 3.0})), "weighting")
    assert "5 nearest" in in_words(
        attrs.evolve(PAPER, proximity=Part("tanimoto-neighbours", {"neighbours": 5})), "proximity"
    )


def test_terms_say_what_leaves_and_who_sees_it():
    said = text(CHARTER)
    for part in ("each of the 2 public molecules", "Endpoint herg: IC50 at or below 10 µM.", TRANSFER.digest,
                 HUB.fingerprint, ACME.fingerprint, BETA.fingerprint, "at least 2 partners", "8 nearest"):  # fmt: skip
        assert part in said, part


def test_terms_warn_where_experts_are_shown_to_all():
    assert "Every partner also gets the experts" in text(CHARTER)
    assert "experts" not in text(founded(PAPER, **SAID)).lower()


def test_terms_warn_of_the_weights_only_where_they_tell_something():
    assert "So weights say something about your compounds" in text(CHARTER)
    assert "So weights say something about your compounds" not in text(attrs.evolve(CHARTER, proximity=Part("uniform")))


def test_terms_warn_where_few_opinions_can_be_told_apart():
    many = [PrivateKeys.generate(f"p{i}").public for i in range(5)]
    assert "what the others said" in text(founded(PAPER, **{**SAID, "partners": many}, quorum=3))
    assert "what the others said" not in text(founded(PAPER, **{**SAID, "partners": many}, quorum=4))


def test_terms_warn_where_shares_give_weights_away():
    assert "what weight every other partner stated" in text(CHARTER)
    for telling in (attrs.evolve(PAPER, weighting=Part("as-stated")), PAPER,
                    attrs.evolve(CHARTER, aggregation=Part("reliability"))):  # fmt: skip
        assert "what weight every other partner stated" in text(telling)
    assert "for some molecules at least, what weight" in text(
        attrs.evolve(CHARTER, aggregation=Part("weighted-median"))
    )


def test_terms_say_to_whom_labels_are_sealed_and_that_they_name_nobody():
    assert "Labels and experts are sealed to the parties of this charter" in text(CHARTER)
    assert "Labels are sealed to the parties of this charter" in text(PAPER)
    for charter in (CHARTER, PAPER):
        assert "They call partners by pseudonyms" in text(charter)
        assert "by name" not in " ".join(who_sees_what(charter))


@pytest.mark.parametrize("aggregation", ["weighted-mean", "reliability"])
def test_shares_do_give_weights_away_under_a_rescaled_weighting(aggregation):
    charter = attrs.evolve(PAPER, weighting=Part("rescaled", {"power": 2.0}), aggregation=Part(aggregation))
    rng = np.random.default_rng(5)
    stated = np.round(rng.uniform(0.12, 0.8, (4, 300, 1)), 4)
    said = [
        Annotations(charter.digest, f"p{i}", rng.uniform(0, 1, (300, 1)), weight) for i, weight in enumerate(stated)
    ]
    share = aggregate(said, charter).contribution[:, :, 0].astype(np.float64)
    seen = (share[0] > 0.01) & (share[1] > 0.01)
    ratio = np.sqrt(share[1, seen] / share[0, seen])
    low, own, other = stated.min(), stated[0, seen, 0], stated[1, seen, 0]
    told = ratio * (own - low)
    factor = np.median((other - low) / told)  # of the trusts, which are published with experts; 1 without
    assert aggregation != "weighted-mean" or abs(factor - 1) < 1e-4
    np.testing.assert_allclose(told * factor + low, other, atol=1e-4)


def test_terms_say_that_models_are_copied_where_there_are_experts():
    assert "your models (but a linear copy of what your teacher says" in text(CHARTER)
    assert "your models. No" in text(PAPER)


@pytest.mark.parametrize(("selection", "words"), [
    (Part("balanced"), "as classes"), (Part("balanced", {"hard": False}), "as probabilities"),
    (Part("all"), "as probabilities"),
])  # fmt: skip
def test_terms_say_how_labels_are_learnt_from(selection, words):
    assert words in text(attrs.evolve(PAPER, selection=selection))


def test_a_recipe_can_be_read_too():
    said = text(PAPER)
    assert "nobody can sign" in said
    assert "not named yet" in said


def test_the_scale_of_a_recipe_is_the_endpoints():
    scale = Scale("p", 3, 11)
    recipe = attrs.evolve(Charter.from_preset("open"), endpoints=(Endpoint("value", "regression", scale=scale),))
    charter = founded(recipe, **SAID)
    assert charter.endpoints[0] == Endpoint("herg", "regression", "IC50 at or below 10 µM", scale=scale)
    said = text(charter)
    assert "a value, in -log10 M, on the scale from 3 to 11 (p)" in said
    assert not re.search("active|probabilit", said)
    with pytest.raises(CharterError, match="has a threshold"):
        founded(recipe, **SAID, measure=Measure("IC50", "uM", 10))
    with pytest.raises(CharterError, match=r"no description of what is measured$|no description of what is measured\."):
        check_complete(founded(recipe, **{**SAID, "description": " "}))


def test_what_no_audit_can_measure_is_not_promised():
    scale = Scale("p", 3, 11)
    private = Charter.from_preset("private")
    valued = attrs.evolve(private, endpoints=(Endpoint("value", "regression", scale=scale),))
    assert "fluid audit" in text(private)
    assert "fluid audit" not in text(valued)
