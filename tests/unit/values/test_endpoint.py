"""What an endpoint means in numbers, in charters that say so and in those that don't."""

import tomllib

import attrs
import pytest
import strategies
from hypothesis import given

from fluidmol.errors import CharterError
from fluidmol.trust.keys import PrivateKeys
from fluidmol.values.changes import changes
from fluidmol.values.charter import Charter, Endpoint
from fluidmol.values.codec import pack, unpack
from fluidmol.values.measure import Measure
from fluidmol.values.quantities import plain_quantity, quantities_in

DEFAULT = Charter.from_preset("open")
TEN = Measure("IC50", "uM", 10.0)
KEYS = ("quantity", "unit", "threshold", "direction", "relations")
PARTIES = tuple(
    PrivateKeys.generate(name).public.party(role) for name, role in (("hub", "coordinator"), ("acme", "partner"))
)


def measured(measure=TEN, **others):
    return attrs.evolve(DEFAULT, endpoints=(Endpoint("herg", measure=measure),), **others)


CHARTER = measured()


@given(strategies.measures)
def test_measures_round_trip_through_charters_and_containers(measure):
    charter = measured(measure)
    for again in (Charter.from_toml(charter.to_toml()), unpack(pack(charter))):
        assert again.endpoints[0].measure == measure
        assert again.digest == charter.digest


@given(strategies.measures, strategies.measures)
def test_measures_make_another_charter_exactly_if_they_differ(one, other):
    assert (measured(one).digest == measured(other).digest) == (one == other)
    assert bool(changes(measured(one), measured(other))) == (one != other)


def test_form_of_charters_with_a_measure_has_not_drifted():
    head, _, rest = CHARTER.to_toml().partition("[[endpoint]]\n")
    assert rest.startswith(
        'name = "herg"\nkind = "classification"\ndescription = ""\nquantity = "IC50"\nunit = "uM"\n'
        'threshold = 10.0\ndirection = "at-or-below"\nrelations = "judge"\n\n'
    )
    assert "format = 4" in head
    assert CHARTER.canonical_bytes().startswith(b"fluidmol charter 4\n")


def test_format_follows_the_measure_whether_or_not_parties_are_named():
    both = measured(parties=PARTIES, quorum=1)
    assert [each.format for each in (DEFAULT, CHARTER, both)] == [2, 4, 4]
    assert Charter.from_toml(both.to_toml()) == both
    assert tomllib.loads(DEFAULT.to_toml())["endpoint"] == [
        {"name": "active", "kind": "classification", "description": ""}
    ]


@pytest.mark.parametrize("version", [1, 2, 3])
def test_formats_before_the_fourth_have_no_measure(version):
    table = measured(parties=PARTIES if version == 3 else (), quorum=1).to_table()
    table["charter"]["format"] = version
    if version == 1:
        del table["distillation"]
    with pytest.raises(CharterError, match=f"mine has format {version} and a quantity.*Format 4"):
        Charter.from_table(table, "mine")


@pytest.mark.parametrize("parties", [(), PARTIES])
def test_fourth_format_needs_a_measure(parties):
    table = attrs.evolve(DEFAULT, parties=parties, quorum=1).to_table()
    table["charter"]["format"] = 4
    with pytest.raises(CharterError, match="mine has format 4 and no quantity"):
        Charter.from_table(table, "mine")
    del table["endpoint"]
    with pytest.raises(CharterError, match="mine has format 4 and no quantity"):
        Charter.from_table(table, "mine")


@pytest.mark.parametrize("key", KEYS)
def test_part_of_a_measure_is_refused_by_what_it_lacks(key):
    table = CHARTER.to_table()
    del table["endpoint"][0][key]
    with pytest.raises(CharterError, match=rf"\[\[endpoint\]\] has .*, but lacks {key}\."):
        Charter.from_table(table)


def test_equal_measures_have_one_text():
    assert Measure("IC50", "µM", 10).unit == Measure("IC50", "μM", 10).unit == "uM"
    whole = CHARTER.to_toml().replace("threshold = 10.0", "threshold = 10").replace('"uM"', '"µM"')
    assert Charter.from_toml(whole).digest == CHARTER.digest
    assert repr(Measure("IC50", "p", -0.0).threshold) == "0.0"


WRONG = {
    "empty quantity": ({"quantity": ""}, "quantity is ''.*1 to 40"),
    "long quantity": ({"quantity": "a" * 41}, "1 to 40"),
    "quantity with a line break": ({"quantity": "IC50\nunit"}, "control"),
    "quantity with half a character": ({"quantity": "IC50\ud800"}, "control"),
    "quantity with spaces around": ({"quantity": " IC50"}, "spaces"),
    "quantity without letters": ({"quantity": "%"}, "letters or digits"),
    "quantity that is a number": ({"quantity": 50}, "quantity is 50"),
    "unknown unit": ({"unit": "mg/ml"}, "unit is 'mg/ml': expected M, mM"),
    "unit in other capitals": ({"unit": "um"}, "unit is 'um'"),
    "unit that is a number": ({"unit": 6}, "unit is 6"),
    "logarithm in a concentration": ({"quantity": "pIC50"}, "quantity is pIC50, but unit uM.*such as IC50"),
    "threshold of nothing": ({"threshold": 0}, "threshold is 0.0: expected a number larger than 0"),
    "negative threshold": ({"threshold": -5.0}, "threshold is -5.0"),
    "infinite threshold": ({"threshold": float("inf")}, "threshold is inf"),
    "threshold that is no number": ({"threshold": float("nan")}, "threshold is nan"),
    "threshold in words": ({"threshold": "10"}, "threshold is '10': expected a number"),
    "threshold that is a truth": ({"threshold": True}, "threshold is True: expected a number"),
    "threshold beyond all numbers": ({"threshold": 10**400}, "too large"),
    "threshold beyond the p scale": ({"unit": "p", "threshold": 50.5}, "-50 to 50"),
    "p threshold that is no number": ({"unit": "p", "threshold": float("nan")}, "-50 to 50"),
    "concentration at or above": ({"direction": "at-or-above"}, "expected at-or-below.*potencies.*small concentration"),
    "p at or below": ({"unit": "p", "direction": "at-or-below"}, "expected at-or-above.*large value"),
    "unknown direction": ({"direction": "below"}, "direction is 'below'"),
    "unknown relations": ({"relations": "guess"}, "relations"),
}


@pytest.mark.parametrize("case", WRONG)
def test_measures_that_are_none_are_refused(case):
    change, words = WRONG[case]
    entry = {"quantity": "IC50", "unit": "uM", "threshold": 10.0} | change
    with pytest.raises((ValueError, TypeError), match=f"(?s){words}"):
        Measure(**entry)
    table = CHARTER.to_table()
    if "unit" in change and "direction" not in change:
        table["endpoint"][0]["direction"] = "at-or-above" if change["unit"] == "p" else "at-or-below"
    table["endpoint"][0].update(change)
    with pytest.raises(CharterError, match=rf"(?s)pilot \[\[endpoint\]\]: .*{words}"):
        Charter.from_table(table, "pilot")


def test_changes_name_what_differs_between_measures():
    other = measured(Measure("Ki", "uM", 1.0, relations="exclude"))
    assert changes(CHARTER, other) == (
        "[endpoint] quantity 'IC50' -> 'Ki'", "[endpoint] threshold 10.0 -> 1.0",
        "[endpoint] relations 'judge' -> 'exclude'",
    )  # fmt: skip
    added = changes(attrs.evolve(CHARTER, endpoints=(Endpoint("herg"),)), CHARTER)
    assert added == (
        "[charter] format 2 -> 4",
        *(f"[endpoint] {key} {value!r} is new" for key, value in attrs.asdict(TEN).items()),
    )


@pytest.mark.parametrize(("measure", "words"), [
    (TEN, "at or below 10 uM"), (Measure("Ki", "nM", 0.1), "at or below 0.1 nM"),
    (Measure("pKi", "p", 5.5), "at or above 5.5 (p, -log10 of M)"),
])  # fmt: skip
def test_cuts_in_words(measure, words):
    assert measure.cut == words


NAMES = {
    "IC50": {"ic50"}, "ic50_nM": {"ic50"}, "IC50nM": {"ic50"}, "hERG IC50 [uM]": {"ic50"}, "IC 50": {"ic50"},
    "pIC50": {"ic50"}, "p_ic50": {"ic50"}, "-log10 IC50": {"ic50"}, "Ki (nM)": {"ki"}, "K_i": {"ki"}, "pKd": {"kd"},
    "MIC50": {"mic50"}, "mic": {"mic"}, "Potency": {"potency"}, "potency_ic50": {"ic50"}, "EC50/IC50": {"ec50", "ic50"},
    "pEC50": {"ec50"}, "value": set(), "standard_value": set(), "pchembl_value": set(), "kinase": set(), "skill": set(),
    "price": set(), "": set(), "5": set(),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_quantities_in_names_of_columns(name):
    assert quantities_in(name) == NAMES[name]


def test_quantity_of_a_charter_is_found_though_it_is_unusual():
    assert quantities_in("inhibition_constant_app (nM)", "Inhibition constant app") == {"inhibitionconstantapp"}


def test_logarithms_are_the_quantities_of_which_they_are_taken():
    assert [plain_quantity(name) for name in ("pIC50", "pKi", "pPotency", "pA2")] == ["ic50", "ki", "potency", "pa2"]
