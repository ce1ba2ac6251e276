"""Experts as values: what they refuse, and that they are what they hold."""

import attrs
import numpy as np
import pytest

from fluidmol.values.experts import Experts
from fluidmol.values.labels import FederatedLabels

D = "sha256:" + "0" * 64
GOOD = Experts(("a", "b"), [[0.1, -2.0, 0.5], [1, 2, 3]], [[0, 0.3, -1], [0, 0, 0]], [0.98, -5.0], [1.0, 0.0])
WRONG = {
    "nobody": ({"partners": (), "opinion": np.empty((0, 3)), "proximity": np.empty((0, 3)), "fidelity": [],
                "trust": []}, "expected a row a partner"),
    "a row too few": ({"opinion": [[0, 0, 0]]}, "expected a row a partner"),
    "other widths": ({"proximity": [[0, 0], [0, 0]]}, "equally wide"),
    "an intercept alone": ({"opinion": [[0], [0]], "proximity": [[0], [0]]}, "equally wide"),
    "fidelity of another": ({"fidelity": [0.5]}, "expected a row a partner"),
    "trust of another": ({"trust": [0.5, 0.5, 0.5]}, "expected a row a partner"),
    "order": ({"partners": ("b", "a")}, "alphabetical order"),
    "twice": ({"partners": ("a", "a")}, "each once"),
    "NaN": ({"opinion": [[0, np.nan, 0], [0, 0, 0]]}, "isn't finite"),
    "infinite": ({"proximity": [[0, np.inf, 0], [0, 0, 0]]}, "isn't finite"),
    "no fidelity": ({"fidelity": [np.nan, 0.5]}, "isn't finite"),
    "fidelity above 1": ({"fidelity": [1.001, 0.5]}, "at most 1"),
    "trust above 1": ({"trust": [1.001, 0.5]}, r"trust in \[0, 1\]"),
    "trust below 0": ({"trust": [-0.001, 0.5]}, r"trust in \[0, 1\]"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_refused(case):
    change, words = WRONG[case]
    with pytest.raises(ValueError, match=words):
        attrs.evolve(GOOD, **change)


def test_everything_is_part_of_the_digest():
    changes = {
        "partners": ("a", "c"), "opinion": np.ones((2, 3)), "proximity": np.ones((2, 3)), "fidelity": [0.98, -4.0],
        "trust": [1.0, 0.1],
    }  # fmt: skip
    assert set(changes) == {field.name for field in attrs.fields(Experts)}
    digests = {attrs.evolve(GOOD, **{name: value}).digest for name, value in changes.items()}
    assert len(digests | {GOOD.digest}) == len(changes) + 1


def test_other_names_move_every_row_with_them():
    other = GOOD.renamed({"a": "y", "b": "x"})
    assert other.partners == ("x", "y")
    for name in ("opinion", "proximity", "fidelity", "trust"):
        assert np.array_equal(getattr(other, name), getattr(GOOD, name)[::-1])
    assert other.renamed({"x": "b", "y": "a"}) == GOOD
    with pytest.raises(ValueError, match="each once"):
        GOOD.renamed({"a": "b"})


def test_labels_under_other_names_are_the_same_labels():
    shares = np.array([[[0.25], [0.0]], [[0.75], [1.0]]], np.float32)
    labels = FederatedLabels(D, ("a", "b"), [[0.7], [0.2]], [[0.1], [0.0]], shares, GOOD)
    other = labels.renamed({"a": "y", "b": "x"})
    assert (other.partners, other.experts) == (("x", "y"), GOOD.renamed({"a": "y", "b": "x"}))
    assert np.array_equal(other.contribution, shares[::-1])
    assert np.array_equal(other.value, labels.value)
    assert np.array_equal(other.spread, labels.spread)
    assert other != labels
    assert other.renamed({"x": "b", "y": "a"}) == labels
    with pytest.raises(ValueError, match="occurs twice"):
        attrs.evolve(labels, experts=None).renamed({"a": "b"})


def test_opinion_and_proximity_are_not_interchangeable():
    assert attrs.evolve(GOOD, opinion=GOOD.proximity, proximity=GOOD.opinion) != GOOD


def test_equal_experts_are_equal():
    again = attrs.evolve(GOOD, opinion=np.asfortranarray(GOOD.opinion.astype(float)))
    assert again == GOOD
    assert hash(again) == hash(GOOD)
    assert GOOD != "experts"


def test_arrays_are_held_fast():
    source = np.zeros((2, 3), np.float32)
    experts = attrs.evolve(GOOD, opinion=source)
    source[0, 0] = 7
    assert experts.opinion[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        experts.trust[0] = 0


def test_without_one_the_others_stay_as_they_are():
    left = GOOD.without("a")
    assert left.partners == ("b",)
    for name in ("opinion", "proximity", "fidelity", "trust"):
        np.testing.assert_array_equal(getattr(left, name), getattr(GOOD, name)[1:])
    assert left.without("b") is None
    assert GOOD.without("nobody") == GOOD


def test_coefficients_that_nobody_could_fit_are_refused():
    for name in ("opinion", "proximity"):
        absurd = getattr(GOOD, name).copy()
        absurd[0, 0] = -2e4
        with pytest.raises(ValueError, match="beyond 10000"):
            attrs.evolve(GOOD, **{name: absurd})


class TestLabels:
    def labels(self, experts=None, partners=("a", "b")):
        return FederatedLabels(D, partners, [[0.5]], [[0.1]], [[[0.25]], [[0.75]]], experts)

    def test_hold_experts_of_those_who_spoke(self):
        assert self.labels(GOOD).experts is GOOD
        assert self.labels(GOOD.without("a")).experts.partners == ("b",)

    def test_refuse_experts_of_others(self):
        with pytest.raises(ValueError, match="who didn't speak"):
            self.labels(GOOD, partners=("a", "c"))

    def test_refuse_what_are_no_experts(self):
        with pytest.raises(TypeError, match="experts"):
            self.labels({"a": [0.1]})

    def test_experts_make_other_labels(self):
        digests = {self.labels(experts).digest for experts in (None, GOOD, GOOD.without("a"), GOOD.without("b"))}
        assert len(digests) == 4

    def test_labels_without_experts_are_what_they_were_before_there_were_any(self):
        assert self.labels().digest == "sha256:a5eb84a6cb77cdb8308e72ef5cdc91969f2c7d8a26f7eb286b7f2cfedb085312"
