"""What a charter gives away, as it tells those who sign it."""

import attrs
import pytest

from fluidmol.chem.proximity import PROXIMITIES
from fluidmol.coordinator.leaks import DECODING, OPINIONS, SETUP, WEIGHTS, given_away
from fluidmol.coordinator.terms import terms
from fluidmol.errors import CharterError
from fluidmol.learning.estimators import ESTIMATORS
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part

OURS, PAPER = Charter.from_preset("open"), Charter.from_preset("paper-2025")
LABELS = {"distillation": Part("labels"), "union": Part("weighted")}


def findings(attacks):
    return [attack.finding for attack in attacks]


def test_our_preset_states_all_that_was_measured_on_it():
    said = given_away(OURS)
    assert said[:4] == (SETUP, WEIGHTS[0].finding, OPINIONS[0].finding, DECODING[0].finding)
    assert not any("not measured" in line for line in said[:4])


def test_the_paper_preset_states_its_own_figures_and_no_decoding():
    said = given_away(PAPER)
    assert said[:3] == (SETUP, WEIGHTS[1].finding, OPINIONS[1].finding)
    assert not set(findings(DECODING)) & set(said)


def test_uniform_weights_are_no_leak():
    said = given_away(attrs.evolve(OURS, proximity=Part("uniform")))
    assert "Your weights are all 1 and say nothing." in said
    assert not set(findings(WEIGHTS)) & set(said)


def test_linear_teachers_without_experts_can_be_decoded_by_who_has_their_answers():
    said = given_away(attrs.evolve(OURS, **LABELS))
    assert DECODING[1].finding in said
    assert DECODING[0].finding not in said


def test_other_options_are_named_as_not_measured():
    said = given_away(attrs.evolve(OURS, proximity=Part("tanimoto-neighbours", {"neighbours": 128})))
    (line,) = [line for line in said if line.startswith(WEIGHTS[0].finding)]
    assert line.endswith("That is for proximity neighbours 8; with this charter's options it was not measured.")


def test_default_options_count_as_those_that_were_measured():
    said = given_away(attrs.evolve(OURS, proximity=Part("tanimoto-neighbours"), teacher=Part("logistic")))
    assert said == given_away(OURS)


@pytest.mark.parametrize("teacher", sorted({*ESTIMATORS} - {"logistic"}))
def test_experts_of_teachers_that_were_not_attacked_say_so(teacher):
    untranslated = attrs.evolve(OURS, teacher=Part(teacher), distillation=Part("experts", {"translation": 0}))
    said = given_away(untranslated)
    assert any(
        line.startswith(f"Published experts of a teacher of this kind ({teacher} on additive): not measured")
        for line in said
    )


@pytest.mark.parametrize("teacher", sorted(set(ESTIMATORS) - {"logistic"}))
def test_a_translated_teacher_gives_away_what_a_linear_one_does(teacher):
    said, linear = given_away(attrs.evolve(OURS, teacher=Part(teacher))), given_away(OURS)
    (more,) = set(said) - set(linear)
    assert more.startswith(f"A linear model speaks for your {teacher}")


@pytest.mark.parametrize("proximity", sorted(PROXIMITIES))
@pytest.mark.parametrize("teacher", sorted(ESTIMATORS))
def test_every_charter_says_something_of_weights_probabilities_and_own_models(proximity, teacher):
    said = given_away(attrs.evolve(PAPER, proximity=Part(proximity), teacher=Part(teacher)))
    assert any("eights" in line for line in said)
    assert any("probabilit" in line for line in said)
    assert said[-1] == "A model of your own in place of the charter's teacher: not measured."


def test_an_unknown_option_of_an_attacked_part_is_refused():
    with pytest.raises(CharterError, match="no option 'neighbors'"):
        given_away(attrs.evolve(OURS, proximity=Part("tanimoto-neighbours", {"neighbors": 8})))


def test_terms_have_it_as_a_clause_of_its_own():
    clauses = {clause.title: clause.lines for clause in terms(OURS)}
    assert clauses["What this gives away"] == given_away(OURS)
    assert not any("the fewer decimals" in line for lines in clauses.values() for line in lines)
