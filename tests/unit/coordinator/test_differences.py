"""Where a charter isn't its preset, and what each difference means."""

import attrs
import pytest

from fluidmol.coordinator.differences import GRAVE, LESS, MORE, NONE, SERIOUS, SLIGHT, compared_with
from fluidmol.coordinator.words import CATALOGUES
from fluidmol.errors import CharterError
from fluidmol.values.charter import PARTS, Charter, presets
from fluidmol.values.endpoint import Endpoint
from fluidmol.values.parts import Part

OPEN, PAPER, PRIVATE = (Charter.from_preset(name) for name in ("open", "paper-2025", "private"))
HARMFUL = attrs.evolve(
    OPEN, proximity=Part("tanimoto-neighbours", {"neighbours": 1}), teacher=Part("logistic", {"strength": 1000.0}),
    weighting=Part("powered", {"power": 1.0}), quorum=1,
)  # fmt: skip


def meaning(charter, preset=None):
    (difference,) = compared_with(charter, preset).differences
    return difference.meaning.effect, difference.meaning.severity


@pytest.mark.parametrize("name", presets())
def test_a_preset_is_itself_whatever_the_consortium_is_called(name):
    charter = attrs.evolve(
        Charter.from_preset(name), name="pilot", endpoints=(Endpoint("herg", description="blocks"),),
        transfer_digest="sha256:" + "0" * 64, transfer_size=7,
    )  # fmt: skip
    found = compared_with(charter)
    assert (found.preset, found.stated, found.differences, found.caution) == (name, True, (), "")
    assert found.lines[0].startswith("None:")
    nameless = compared_with(attrs.evolve(charter, preset=""))
    assert (nameless.preset, nameless.stated, nameless.differences) == (name, False, ())


def test_defaults_that_are_written_or_not_are_no_difference():
    assert compared_with(attrs.evolve(OPEN, proximity=Part("tanimoto-neighbours"))).differences == ()


def test_directions_of_the_consortium_are_no_difference():
    named = attrs.evolve(PRIVATE, featuriser=Part("directions", {"digest": "sha256:" + "0" * 64}))
    assert compared_with(named).differences == ()


def test_a_harmful_charter_is_told_point_by_point():
    found = compared_with(HARMFUL)
    assert [(d.what, d.meaning.severity) for d in found.worse] == [
        ("[teacher] strength 0.05 -> 1000.0", GRAVE), ("[proximity] neighbours 8 -> 1", GRAVE),
        ("quorum 2 -> 1", GRAVE), ("[weighting] power 6.0 -> 1.0", SLIGHT),
    ]  # fmt: skip
    assert found.caution.startswith(
        "Caution: this charter gives more away than the preset open, at 4 points, 3 grave: "
    )
    assert all(d.words.startswith(f"{d.what}. More is given away ({d.meaning.severity}).") for d in found.worse)


def test_a_charter_that_calls_itself_by_another_preset_is_told_the_more():
    assert len(compared_with(attrs.evolve(HARMFUL, preset="private")).worse) > 4
    assert compared_with(attrs.evolve(PRIVATE, preset="open", privacy=None)).preset == "open"


@pytest.mark.parametrize(
    ("base", "changed", "expected"),
    [
        (OPEN, {"proximity": Part("tanimoto-neighbours", {"neighbours": 3})}, (MORE, GRAVE)),
        (OPEN, {"proximity": Part("tanimoto-neighbours", {"neighbours": 5})}, (MORE, SERIOUS)),
        (OPEN, {"proximity": Part("tanimoto-neighbours", {"neighbours": 16})}, (LESS, "")),
        (OPEN, {"proximity": Part("uniform")}, (LESS, "")),
        (OPEN, {"proximity": Part("euclidean-neighbours")}, (LESS, "")),
        (PAPER, {"proximity": Part("tanimoto-neighbours")}, (MORE, GRAVE)),
        (PAPER, {"teacher": Part("random-forest", {"trees": 150, "depth": 0})}, (MORE, GRAVE)),
        (PAPER, {"teacher": Part("random-forest", {"trees": 150, "depth": 5})}, (LESS, "")),
        (OPEN, {"teacher": Part("logistic", {"strength": 0.1})}, (MORE, SERIOUS)),
        (OPEN, {"distillation": Part("labels")}, (LESS, "")),
        (OPEN, {"distillation": Part("experts", {"smoothing": 1.0})}, (MORE, SLIGHT)),
        (OPEN, {"union": Part("weighted")}, (NONE, "")),
        (OPEN, {"hybrid": Part("logistic")}, (NONE, "")),
        (OPEN, {"aggregation": Part("reliability")}, (NONE, "")),
        (OPEN, {"seed": 7}, (NONE, "")),
        (OPEN, {"quorum": 3}, (LESS, "")),
        (OPEN, {"featuriser": Part("fcfp")}, (MORE, SERIOUS)),
        (PRIVATE, {"privacy": attrs.evolve(PRIVATE.privacy, options={"epsilon": 5.0})}, (MORE, SERIOUS)),
        (PRIVATE, {"privacy": attrs.evolve(PRIVATE.privacy, options={"epsilon": 32.0})}, (MORE, GRAVE)),
        (PRIVATE, {"privacy": attrs.evolve(PRIVATE.privacy, options={"epsilon": 1.0})}, (LESS, "")),
        (PRIVATE, {"privacy": None}, (MORE, GRAVE)),
        (PRIVATE, {"quorum": 1}, (NONE, "")),
        (PRIVATE, {"teacher": Part("logistic", {"strength": 1000.0})}, (NONE, "")),
    ],
)  # fmt: skip
def test_what_single_differences_mean(base, changed, expected):
    assert meaning(attrs.evolve(base, **changed)) == expected


@pytest.mark.parametrize("base", [OPEN, PAPER], ids=lambda charter: charter.preset)
@pytest.mark.parametrize("part", PARTS)
def test_every_part_that_there_is_means_something(base, part):
    for name in CATALOGUES[part]:
        for found in compared_with(attrs.evolve(base, **{part: Part(name)})).differences:
            assert found.meaning.words.endswith(".")
            assert bool(found.meaning.severity) == found.gives_more


def test_against_another_preset():
    assert compared_with(OPEN, "private").differences[0].what == "[privacy] is gone"
    assert compared_with(PRIVATE, "open").differences[0].meaning.effect == LESS
    assert compared_with(PRIVATE, "open").caution == ""
    with pytest.raises(CharterError, match="unknown preset 'opene'"):
        compared_with(OPEN, "opene")
