"""Charters: read, written, hashed; and what they refuse."""

import copy

import attrs
import pytest
import strategies
from hypothesis import given

from fluidmol.charters.feasible import check_parts
from fluidmol.chem.featurisers import FEATURISERS
from fluidmol.chem.proximity import PROXIMITIES
from fluidmol.errors import CharterError
from fluidmol.learning.aggregation import AGGREGATIONS
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.estimators import ESTIMATORS, STUDENTS
from fluidmol.learning.selection import SELECTIONS
from fluidmol.learning.union import UNIONS
from fluidmol.learning.weighting import WEIGHTINGS
from fluidmol.values.charter import PARTS, Charter, Endpoint, Party, presets
from fluidmol.values.parties import signing_text
from fluidmol.values.parts import Part

PAPER = Charter.from_preset("paper-2025")
D = "sha256:" + "0" * 64


@given(strategies.charters)
def test_round_trip_through_toml(charter):
    again = Charter.from_toml(charter.to_toml())
    assert again == charter
    assert again.digest == charter.digest
    assert again.to_toml() == charter.to_toml()


@given(strategies.charters, strategies.charters)
def test_equal_digests_are_equal_charters(one, other):
    assert (one.digest == other.digest) == (one.to_table() == other.to_table())


CHANGES = {
    "name": "another", "preset": "another", "seed": 1, "quorum": 7, "endpoints": (Endpoint("herg"),),
    "transfer_digest": D, "transfer_size": 5, **{name: Part("another") for name in PARTS},
    "privacy": Part("gaussian", {"epsilon": 4.0}),
    "parties": (
        Party("hub", "coordinator", signing_text(bytes(32)), "age1" + "q" * 58),
        *(Party(f"p{i}", "partner", signing_text(bytes([i] * 32)), f"age1{i}" + "q" * 57) for i in (2, 3)),
    ),
}  # fmt: skip


def test_every_field_is_changed_here():
    assert set(CHANGES) == {field.name for field in attrs.fields(Charter)}


def test_a_charters_digest_is_computed_once(monkeypatch):
    hashed = []
    real = Charter.canonical_bytes
    monkeypatch.setattr(Charter, "canonical_bytes", lambda charter: hashed.append(id(charter)) or real(charter))
    charter = Charter.from_toml(PAPER.to_toml())
    assert {charter.digest for _ in range(3)} == {PAPER.digest}
    assert hashed == [id(charter)]


def test_a_changed_copy_has_a_digest_of_its_own():
    known = PAPER.digest
    other = attrs.evolve(PAPER, seed=PAPER.seed + 1)
    assert "digest" not in vars(other)
    assert other.digest != known == PAPER.digest
    assert attrs.evolve(other, seed=PAPER.seed).digest == known


def test_whether_the_digest_is_known_makes_no_other_charter():
    known, fresh = Charter.from_toml(PAPER.to_toml()), attrs.evolve(PAPER)
    assert "digest" in vars(known)
    assert "digest" not in vars(fresh)
    assert known == fresh
    assert hash(known) == hash(fresh)
    assert repr(known) == repr(fresh)
    assert attrs.asdict(known) == attrs.asdict(fresh)
    for copied in (copy.copy(known), copy.deepcopy(known)):
        assert (copied, copied.digest) == (fresh, fresh.digest)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        known.seed = 7


@pytest.mark.parametrize("field", CHANGES)
def test_every_field_is_part_of_the_digest(field):
    assert attrs.evolve(PAPER, **{field: CHANGES[field]}).digest != PAPER.digest


@pytest.mark.parametrize("name", PARTS)
def test_every_option_is_part_of_the_digest(name):
    part = getattr(PAPER, name)
    longer = Part(part.name, {**dict(part.options), "more": 1})
    changed = Part(part.name, {**dict(longer.options), "more": 2})
    digests = {attrs.evolve(PAPER, **{name: each}).digest for each in (part, longer, changed)}
    assert len(digests) == 3


def test_an_endpoints_words_are_part_of_the_digest():
    endpoint = Endpoint("herg", description="IC50 at or below 10 µM")
    assert (
        attrs.evolve(PAPER, endpoints=(endpoint,)).digest != attrs.evolve(PAPER, endpoints=(Endpoint("herg"),)).digest
    )


def test_the_order_of_options_is_not():
    one, other = Part("fcfp", {"radius": 2, "bits": 64}), Part("fcfp", {"bits": 64, "radius": 2})
    assert attrs.evolve(PAPER, featuriser=one).digest == attrs.evolve(PAPER, featuriser=other).digest


@pytest.mark.parametrize("name", presets())
def test_presets_load_and_all_their_parts_build(name):
    charter = Charter.from_preset(name)
    assert charter.preset == name
    assert charter.transfer_digest == ""
    check_parts(charter)
    assert Charter.from_toml(charter.to_toml()) == charter


def test_the_papers_preset_is_the_papers_recipe():
    forest = {"balanced": True, "depth": 15, "trees": 150}
    assert {name: (getattr(PAPER, name).name, dict(getattr(PAPER, name).options)) for name in PARTS} == {
        "featuriser": ("fcfp", {"radius": 2, "bits": 2048}),
        "teacher": ("random-forest", forest),
        "student": ("random-forest", forest),
        "hybrid": ("random-forest", forest),
        "proximity": ("euclidean-neighbours", {"neighbours": 8, "reference_fraction": 0.2}),
        "weighting": ("rescaled", {"power": 2.0}),
        "aggregation": ("weighted-mean", {}),
        "selection": ("balanced", {"size": 10000, "hard": True}),
        "distillation": ("labels", {}),
        "union": ("undersampled", {}),
    }


def without(name):
    table = PAPER.to_table()
    del table[name]
    return table


def with_(name, value, key=None):
    table = PAPER.to_table()
    if key is None:
        table[name] = value
    else:
        table[name] = {**table[name], key: value}
    return table


WRONG = {
    "unknown table": (with_("teachr", {"name": "lightgbm"}), "unknown key 'teachr'.*Did you mean teacher"),
    "unknown key": (with_("charter", 1, "sead"), "unknown key 'sead'.*Did you mean seed"),
    "unknown key of an endpoint": (with_("endpoint", [{"nam": "herg"}]), "unknown key 'nam'.*Did you mean name"),
    "lacking part": (without("teacher"), r"lacks \[teacher\]"),
    "part without a name": (with_("teacher", {"trees": 5}), r"\[teacher\] has no name"),
    "part that is no table": (with_("teacher", "lightgbm"), r"\[teacher\] has no name"),
    "option that is a list": (with_("teacher", [1], "trees"), "option trees of random-forest is a list"),
    "option that is a table": (with_("teacher", {"n": 1}, "trees"), "is a dict"),
    "option that is not finite": (with_("teacher", float("inf"), "rate"), "finite"),
    "option that forges lines": (with_("teacher", 1, "trees = 2\nx"), "can't be an option"),
    "format of the future": (with_("charter", 7, "format"), "format 7.*reads 1, 2, 3, 4, 5, 6"),
    "privacy of a format that has none": (with_("privacy", {"name": "gaussian"}), "format 2 and a .privacy"),
    "no privacy of a format that has it": (with_("charter", 5, "format"), "format 5 and no .privacy"),
    "format of no number": (with_("charter", "2", "format"), "format '2'"),
    "format before the first": (with_("charter", 0, "format"), "format 0"),
    "charter that is no table": (with_("charter", 5), "no tables"),
    "endpoint that is no list": (with_("endpoint", {"name": "herg"}), "no tables"),
    "endpoint that is no table": (with_("endpoint", ["herg"]), "is no table"),
    "no endpoint": (with_("endpoint", []), "0 endpoints"),
    "two endpoints": (with_("endpoint", [{"name": "a"}, {"name": "b"}]), "2 endpoints.*exactly one"),
    "endpoint without a name": (with_("endpoint", [{}]), "name"),
    "endpoint with an odd name": (with_("endpoint", [{"name": "a/b"}]), "name"),
    "regression": (with_("endpoint", [{"name": "a", "kind": "regression"}]), "kind"),
    "negative seed": (with_("charter", -1, "seed"), "seed"),
    "seed that is a truth": (with_("charter", True, "seed"), "seed is True: expected a whole number"),
    "seed that is a text": (with_("charter", "42", "seed"), "seed is '42'"),
    "quorum of nobody": (with_("charter", 0, "quorum"), "quorum"),
    "half a quorum": (with_("charter", 1.5, "quorum"), "quorum is 1.5"),
    "negative size": (with_("charter", -1, "transfer_size"), "transfer_size"),
    "digest that is none": (with_("charter", "sha256:abc", "transfer_digest"), "64 hexadecimal"),
    "digest in capitals": (with_("charter", "sha256:" + "A" * 64, "transfer_digest"), "64 hexadecimal"),
    "name that is a number": (with_("charter", 5, "name"), "name"),
}


@pytest.mark.parametrize("case", WRONG)
def test_refused(case):
    table, words = WRONG[case]
    with pytest.raises(CharterError, match=f"(?s){words}"):
        Charter.from_table(table)


@pytest.mark.parametrize("text", ["", "[charter", "[charter]\nseed = 1\nseed = 2", "charter = 5", "endpoint = 2"])
def test_texts_that_are_no_charter(text):
    with pytest.raises(CharterError, match=r"mine\.toml"):
        Charter.from_toml(text, "mine.toml")


class TestTheFirstFormat:
    """Charters of version 0.1 had no distillation: it was always that of the paper."""

    def table(self):
        table = with_("charter", 1, "format")
        del table["distillation"]
        return table

    def test_is_read_as_distillation_by_labels(self):
        assert Charter.from_table(self.table()) == PAPER
        text = PAPER.to_toml().replace("format = 2", "format = 1")
        text = text.replace('[distillation]\nname = "labels"\n', "")
        assert "distillation" not in text
        assert Charter.from_toml(text).digest == PAPER.digest

    def test_is_written_as_the_second(self):
        assert Charter.from_table(self.table()).to_table()["charter"]["format"] == 2

    def test_had_no_distillation_to_choose(self):
        table = {**self.table(), "distillation": {"name": "experts"}}
        with pytest.raises(CharterError, match="unknown key 'distillation'"):
            Charter.from_table(table)

    def test_may_lack_nothing_else(self):
        table = self.table()
        del table["union"]
        with pytest.raises(CharterError, match=r"lacks \[union\]"):
            Charter.from_table(table)

    def test_the_second_may_not_lack_it(self):
        with pytest.raises(CharterError, match=r"lacks \[distillation\]"):
            Charter.from_table(without("distillation"))


def test_unknown_preset():
    with pytest.raises(CharterError, match=r"'paper2025'.*Did you mean paper-2025"):
        Charter.from_preset("paper2025")


UNBUILDABLE = {
    "unknown part": ("teacher", Part("random-forrest"), "unknown estimator.*Did you mean random-forest"),
    "part of another kind": ("teacher", Part("weighted-mean"), "unknown estimator"),
    "unknown option": ("teacher", Part("random-forest", {"tree": 5}), "no option 'tree'.*Did you mean trees"),
    "option where there is none": ("aggregation", Part("weighted-mean", {"power": 2}), "It has no options"),
    "option out of range": ("teacher", Part("random-forest", {"trees": 0}), "trees"),
    "half a tree": ("teacher", Part("random-forest", {"trees": 1.5}), "trees.*1.5.*whole number"),
    "true trees": ("teacher", Part("random-forest", {"trees": True}), "whole number"),
    "text for a number": ("union", Part("weighted", {"own_weight": "much"}), "weighted"),
    "fraction above 1": ("proximity", Part("euclidean-neighbours", {"reference_fraction": 1.5}), "reference_fraction"),
    "a union that asks those who aren't made": ("union", Part("mixture"), "asks experts.*labels"),
    "number for a truth": ("selection", Part("all", {"hard": 1}), "hard"),
}


@pytest.mark.parametrize("case", UNBUILDABLE)
def test_unbuildable(case):
    kind, part, words = UNBUILDABLE[case]
    with pytest.raises(CharterError, match=f"(?s){words}"):
        check_parts(attrs.evolve(PAPER, **{kind: part}))


CATALOGUES = {
    "featuriser": FEATURISERS, "teacher": ESTIMATORS, "proximity": PROXIMITIES, "weighting": WEIGHTINGS,
    "aggregation": AGGREGATIONS, "selection": SELECTIONS, "distillation": DISTILLATIONS, "student": STUDENTS,
    "union": UNIONS,
}  # fmt: skip


def numbers():
    for kind, catalogue in CATALOGUES.items():
        for name in catalogue:
            for option, value in attrs.asdict(catalogue.build(Part(name))).items():
                if not isinstance(value, bool | str):
                    yield kind, name, option, value


@pytest.mark.parametrize(("kind", "name", "option", "value"), list(numbers()))
def test_no_option_makes_a_partner_compute_for_ever(kind, name, option, value):
    with pytest.raises(CharterError, match=option):
        CATALOGUES[kind].build(Part(name, {option: type(value)(10**30)}))


@pytest.mark.parametrize("strength", [1e-300, 9e-7, 1.1e6, 1e300])
def test_strengths_at_which_nothing_ends_are_refused(strength):
    with pytest.raises(CharterError, match=r"logistic.*strength.*must be"):
        check_parts(attrs.evolve(PAPER, teacher=Part("logistic", {"strength": strength})))


@given(strategies.parts)
def test_parts_round_trip(part):
    assert Part.from_table(part.as_table(), "somewhere") == part


def test_two_parts_never_share_a_table():
    with pytest.raises(CharterError, match="can't be an option"):
        Part("a", {"name": "b"})


@pytest.mark.parametrize("text", ["seed = " + "9" * 5000, "a = " + "[" * 5000, "\x00"])
def test_hostile_toml_is_no_charter(text):
    with pytest.raises(CharterError, match="isn't TOML"):
        Charter.from_toml(text)
