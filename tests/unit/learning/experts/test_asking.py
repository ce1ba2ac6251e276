"""Asking experts: a molecule's answer is its own, trust and weights count as the charter says."""

import attrs
import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.special import expit

from fluidmol.errors import CharterError
from fluidmol.learning.aggregation import AGGREGATIONS
from fluidmol.learning.experts.asking import SurrogateEnsemble, asked, check_pointwise, combined, trusts
from fluidmol.learning.federation import aggregate
from fluidmol.learning.weighting import WEIGHTINGS
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.experts import Experts
from fluidmol.values.parts import Part

BASE = attrs.evolve(Charter.from_preset("open"), weighting=Part("as-stated"), aggregation=Part("weighted-mean"))
POINTWISE = sorted(set(WEIGHTINGS) - {"rescaled"})
NAMES = ("ada", "bob", "cleo", "dan")


@pytest.fixture
def experts():
    rng = np.random.default_rng(1)
    tables = rng.normal(size=(2, 4, 7))
    tables[1, :, -1] -= 1
    return Experts(NAMES, *tables, [0.9] * 4, [1.0, 0.5, 1.0, 0.25])  # type: ignore[call-arg]


@pytest.fixture
def rows():
    return csr_matrix((np.random.default_rng(2).random((60, 6)) < 0.4).astype(np.float32))


def chartered(weighting, aggregation):
    return attrs.evolve(BASE, weighting=Part(weighting), aggregation=Part(aggregation))


def opinions_of(*stated):
    return [Annotations(BASE.digest, name, [[p]], [[w]]) for name, (p, w) in zip(NAMES, stated, strict=False)]


def test_experts_say_what_their_coefficients_do(experts, rows):
    said = asked(experts, rows, BASE, sharpness=1.0)
    assert [opinion.partner for opinion in said] == list(NAMES)
    assert {opinion.charter for opinion in said} == {BASE.digest}
    for i, opinion in enumerate(said):
        wide = np.column_stack([rows.toarray(), np.ones(60)])
        np.testing.assert_allclose(opinion.value[:, 0], expit(wide @ experts.opinion[i]), atol=1e-6)
        expected = np.minimum(np.exp(wide @ experts.proximity[i]), 1)
        np.testing.assert_allclose(opinion.weight[:, 0], expected, atol=1e-6)


@pytest.mark.parametrize("sharpness", [0.5, 2.0, 3.0])
def test_sharpness_is_the_power_of_the_weights(sharpness, experts, rows):
    plain, sharp = (asked(experts, rows, BASE, s) for s in (1.0, sharpness))
    for one, other in zip(plain, sharp, strict=True):
        np.testing.assert_allclose(other.weight, one.weight.astype(float) ** sharpness, rtol=1e-4, atol=1e-7)
        np.testing.assert_array_equal(other.value, one.value)


def test_nobody_claims_more_than_everything(rows):
    boastful = Experts(("ada",), np.zeros((1, 7)), np.full((1, 7), 100.0), [1.0], [1.0])
    assert np.all(asked(boastful, rows, BASE, 2.0)[0].weight == 1)


@pytest.mark.parametrize("size", [1e2, 1e4], ids=str)
def test_huge_coefficients_give_probabilities_all_the_same(size, rows):
    signs = np.array([[1, -1, 1, -1, 1, -1, 1], [-1, 1, -1, 1, -1, 1, -1.0]])
    wild = Experts(("ada", "bob"), signs * size, signs[::-1] * size, [1, 1], [1, 1])
    found = SurrogateEnsemble(wild, BASE, 2.0).predict(rows)
    assert np.all((found >= 0) & (found <= 1))


@pytest.mark.parametrize("weighting", POINTWISE)
@pytest.mark.parametrize("aggregation", list(AGGREGATIONS))
def test_a_molecules_answer_does_not_depend_on_its_company(weighting, aggregation, experts, rows):
    model = SurrogateEnsemble(experts, chartered(weighting, aggregation), 2.0)
    whole = model.predict(rows)
    assert whole.shape == (60,)
    assert len(np.unique(whole)) > 20
    for i in (0, 17, 59):
        np.testing.assert_array_equal(model.predict(rows[i]), whole[i : i + 1])
    order = np.random.default_rng(3).permutation(60)
    np.testing.assert_array_equal(model.predict(rows[order]), whole[order])
    np.testing.assert_array_equal(model.predict(rows[:0]), np.empty(0))


@pytest.mark.parametrize("weighting", POINTWISE)
@pytest.mark.parametrize("aggregation", sorted(set(AGGREGATIONS) - {"reliability"}))
def test_with_equal_trust_experts_are_combined_as_teachers_are(weighting, aggregation, experts, rows):
    charter = chartered(weighting, aggregation)
    opinions = asked(experts, rows, charter, 1.0)
    found = combined(opinions, np.ones(4), charter)
    np.testing.assert_allclose(found, aggregate(opinions, charter).value[:, 0], atol=1e-6)


@pytest.mark.parametrize("aggregation", list(AGGREGATIONS))
class TestTrust:
    def test_without_it_nobody_is_heard(self, aggregation):
        charter = chartered("as-stated", aggregation)
        stated = [(0.2, 0.3), (0.95, 0.9), (0.3, 0.2)]
        without = combined([opinions_of(*stated)[i] for i in (0, 2)], np.ones(2), charter)
        np.testing.assert_allclose(combined(opinions_of(*stated), np.array([1, 0, 1.0]), charter), without, atol=1e-9)

    def test_without_it_nobody_is_heard_however_loud(self, aggregation):
        # As loud as weights of the preset open get: a similarity of .1 against 1, to the power of 12.
        charter = chartered("as-stated", aggregation)
        stated = [(0.2, 1e-12), (0.95, 1.0)]
        assert combined(opinions_of(*stated), np.array([1.0, 0.0]), charter)[0] == pytest.approx(0.2, abs=1e-6)

    def test_where_only_the_distrusted_speak_they_are_heard(self, aggregation):
        charter = chartered("as-stated", aggregation)
        assert combined(opinions_of((0.2, 0.5)), np.zeros(1), charter)[0] == pytest.approx(0.2)

    def test_only_relative_trust_counts(self, aggregation):
        charter = chartered("as-stated", aggregation)
        opinions, trust = opinions_of((0.2, 0.3), (0.9, 0.8), (0.4, 0.1)), np.array([1.0, 0.5, 0.2])
        np.testing.assert_allclose(
            combined(opinions, trust, charter), combined(opinions, trust / 10, charter), atol=1e-9
        )


def test_trust_is_a_factor_of_weights():
    opinions = opinions_of((0.2, 0.4), (0.8, 0.4))
    assert combined(opinions, np.array([1.0, 0.25]), BASE)[0] == pytest.approx((0.2 + 0.25 * 0.8) / 1.25)


def test_opinions_may_come_in_any_order():
    opinions, trust = opinions_of((0.2, 0.4), (0.8, 0.4), (0.5, 0.1)), np.array([1.0, 0.25, 0.0])
    expected = combined(opinions, trust, BASE)
    np.testing.assert_allclose(combined(opinions[::-1], trust[::-1], BASE), expected, atol=1e-12)


def test_trusts_of_rules_that_know_none():
    value = np.random.default_rng(1).random((4, 300, 1))
    for aggregation in set(AGGREGATIONS) - {"reliability"}:
        found = trusts(value, np.full(value.shape, 0.25), chartered("as-stated", aggregation))
        np.testing.assert_array_equal(found, 1)


def test_trusts_of_reliability_find_the_liar():
    truth = np.random.default_rng(1).random(500)
    value = np.stack([truth, truth**2, np.sqrt(truth), 0.1 + 0.8 * truth, 1 - truth])[..., None]
    found = trusts(value, np.full(value.shape, 0.2), chartered("as-stated", "reliability"))
    assert found.shape == (5,)
    assert found[4] < 0.01
    assert found[:4].min() > 0.5


class TestPointwise:
    @pytest.mark.parametrize("weighting", POINTWISE)
    @pytest.mark.parametrize("aggregation", list(AGGREGATIONS))
    def test_what_can_be_asked_about_one_molecule(self, weighting, aggregation):
        check_pointwise(chartered(weighting, aggregation))

    def test_rescaled_looks_at_all(self):
        with pytest.raises(CharterError, match="'rescaled' looks at all molecules") as caught:
            check_pointwise(chartered("rescaled", "weighted-mean"))
        assert "powered" in caught.value.hint

    def test_labels_may_be_rescaled(self):
        check_pointwise(attrs.evolve(chartered("rescaled", "weighted-mean"), distillation=Part("labels")))
        check_pointwise(Charter.from_preset("paper-2025"))


@pytest.mark.parametrize("columns", [1, 50])
def test_experts_of_other_features_are_refused(columns, experts):
    with pytest.raises(CharterError, match="columns"):
        asked(experts, csr_matrix((3, columns), dtype=np.float32), Charter.from_preset("open"), 2.0)
