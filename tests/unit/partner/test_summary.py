"""What a person sees before a release leaves: the counts are right, and nothing private is in it."""

import json
import math

import attrs
import numpy as np
import pytest

from fluidmol.partner.assay import Assay
from fluidmol.partner.exposure import exposure, told_apart
from fluidmol.partner.gate import Gate
from fluidmol.partner.policy import Policy
from fluidmol.partner.release import Errand
from fluidmol.partner.summary import summarised
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.codec import pack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.messages import Annotate, Declined, Score, Scorecard

D = "sha256:" + "0" * 64
ASKED = Annotate(Charter.from_preset("open"))


@pytest.fixture
def errand(chemistry):
    """Ten own compounds; the public set is four of these, two active, and sixteen others, one of these alike."""
    own = chemistry.take(np.array([0, 1, 2, 3, 4, 5, 6, 7, 26, 27]))
    public = chemistry.compounds.take(list(range(4, 24)))
    keys = list(public.inchikeys)
    keys[4] = own.compounds.skeletons[0] + "-OTHERSTERE-N"
    return Errand(ASKED, transfer=CompoundSet(public.smiles, keys), assay=own)


def opinions(errand, value=None):
    """Those of own compounds are near, and right; the third of the others abstains."""
    value = np.full((20, 1), 0.3) if value is None else value
    value[:4, 0] = np.where(errand.assay.active[4:8], 0.9, 0.1)
    weight = np.full((20, 1), 0.5)
    weight[:3] = 1.0
    value[7], weight[7] = math.nan, 0.0
    return Annotations(ASKED.charter.digest, "acme", value, weight)


def test_it_counts_what_one_owns(errand):
    found = summarised(Gate().examine(opinions(errand), errand)).exposure
    assert attrs.asdict(found) == {
        "own": 10, "shared": 4, "alike": 5, "highest": 3, "shared_highest": 3, "spoken": 4, "right": 4,
        # Three are above all of the sixteen others; the fourth ties with fifteen and is above one.
        "told_apart": pytest.approx((3 * 16 + 15 / 2 + 1) / 64),
        "near": 5, "analogues": 0, "analogues_told_apart": None, "strangers": 15,
    }  # fmt: skip


def key(letter):
    return f"{letter * 14}-{letter * 10}-N"


def test_it_counts_analogues_too():
    """Own: 4-butyl- and 4-pentylphenol; public: the hexyl one, which is near, and water and methane, which aren't."""
    own = Assay(CompoundSet(("CCCCc1ccc(O)cc1", "CCCCCc1ccc(O)cc1"), (key("A"), key("B"))), [1, 0])
    public = CompoundSet(("CCCCCCc1ccc(O)cc1", "O", "C"), (key("C"), key("D"), key("E")))
    said = Annotations(ASKED.charter.digest, "acme", [[0.5]] * 3, [[0.9], [0.1], [0.9]])
    found = exposure(said, Errand(ASKED, transfer=public, assay=own))
    assert (found.shared, found.near, found.analogues, found.strangers) == (0, 2, 1, 2)
    assert found.analogues_told_apart == 0.75
    assert found.told_apart is None


def test_levels_take_away_what_tells_own_compounds_apart(errand):
    said = opinions(errand)
    plain, levelled = (
        summarised(Gate(policy).examine(said, errand)).exposure for policy in (Policy(), Policy(proximity_levels=1))
    )
    assert plain.told_apart > 0.85
    assert levelled.told_apart == pytest.approx(0.5 + 0.5 / 16)  # one of the others abstains, which shows
    assert levelled.highest == 19


@pytest.mark.parametrize("missing", ["transfer", "assay"])
def test_nothing_to_compare_with(errand, missing):
    assert summarised(Gate().examine(opinions(errand), attrs.evolve(errand, **{missing: None}))).exposure is None
    assert summarised(Gate().examine(opinions(errand))).exposure is None


def test_columns_and_rules(errand):
    summary = summarised(Gate(Policy(decimals=2)).examine(opinions(errand), errand))
    value, weight = summary.columns
    assert (value.name, value.rows, value.missing, value.distinct) == ("probability (active)", 20, 1, 3)
    assert (weight.rows, weight.missing, weight.largest) == (19, 0, 1.0)
    assert sum(value.counts) == 19
    assert [change.rule for change in summary.changes] == ["decimals = 2", "decimals = 2"]
    assert summary.strict == {"decimals": 2}
    assert summary.size == len(pack(opinions(errand)))


def test_as_json_it_says_the_same_and_nothing_private(errand):
    summary = summarised(Gate().examine(opinions(errand), errand))
    text = summary.to_json()
    table = json.loads(text)
    assert table["digest"] == summary.digest
    assert table["exposure"]["shared"] == 4
    assert table["columns"][0]["counts"] == list(summary.columns[0].counts)
    private = (*errand.assay.compounds.smiles, *errand.assay.compounds.inchikeys)
    assert not any(json.dumps(word)[1:-1] in text for word in private if len(word) > 3)


def test_figures_and_refusals():
    card = Scorecard(D, "acme", [Score("teacher", "external", "mcc", math.nan)])
    summary = summarised(Gate().examine(card))
    assert (summary.kind, summary.rows, summary.columns, len(summary.scores)) == ("Scorecard", 0, (), 1)
    assert json.loads(summary.to_json())["scores"][0]["value"] is None
    refusal = summarised(Gate().examine(Declined(D, "acme", "on holiday")))
    assert (refusal.reason, refusal.changes, refusal.exposure) == ("on holiday", (), None)


def test_empty_annotations_can_be_looked_at():
    summary = summarised(Gate().examine(Annotations(D, "acme", np.zeros((0, 1)), np.zeros((0, 1)))))
    assert summary.columns[0].least is None
    assert json.loads(summary.to_json())["rows"] == 0


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [([1, 1, 0, 0], 1.0), ([0, 0, 1, 1], 0.0), ([1, 0, 0, 1], 0.5), ([0, 0, 0, 0], None), ([1, 1, 1, 1], None)],
)
def test_chances(chosen, expected):
    assert told_apart(np.array([0.9, 0.8, 0.2, 0.1], np.float32), np.array(chosen, bool)) == expected
