"""Columns become classes, or say why not."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluidmol.chem.intake.outcomes import OutcomeColumns, classify
from fluidmol.chem.intake.potency import Threshold, Unit
from fluidmol.chem.intake.table import RawTable
from fluidmol.chem.intake.tables import read_table
from fluidmol.errors import InputError, UsageError


def table(**columns: list[str]) -> RawTable:
    n = len(next(iter(columns.values())))
    return RawTable(Path("assay.csv"), ["C"] * n, range(2, n + 2), columns, "")


def states(verdicts: list[tuple[bool | None, str]]) -> list[bool | None]:
    assert all((state is None) == bool(reason) for state, reason in verdicts)
    return [state for state, _ in verdicts]


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("1", "0"), ("1.0", "0.0"), ("True", "FALSE"), ("yes", "no"), ("Active", "inactive"), ("a", "i"),
        ("pos", "neg"), ("Positive", "Negative"), ("blocker", "non-blocker"), ("Blocker", "nonblocker"),
        ("toxic", "non toxic"),
    ],
)  # fmt: skip
def test_spellings_of_two_classes(yes: str, no: str) -> None:
    found = classify(table(x=["", "5", "6"], Active=[yes, no, " "]), OutcomeColumns())
    assert found.column == "Active"
    assert found.verdicts == [(True, ""), (False, ""), (None, "no class")]


@pytest.mark.parametrize("name", ["active", "Class", "LABEL", "activity", "outcome", "y", "target", "is active"])
def test_usual_names(name: str) -> None:
    assert classify(table(**{name: ["1"]}), OutcomeColumns()).column == name


def test_a_column_that_states_no_class_is_passed_over_for_one_that_does() -> None:
    found = classify(table(activity=["5.3", "6.1"], target=["hERG", "hERG"], y=["1", "0"]), OutcomeColumns())
    assert found.column == "y"


def test_named_column() -> None:
    found = classify(table(active=["1", "1"], herg=["no", "yes"]), OutcomeColumns(active_column="HERG"))
    assert states(found.verdicts) == [False, True]
    with pytest.raises(InputError, match=r"no column 'hreg'.*Did you mean herg"):
        classify(table(herg=["no"]), OutcomeColumns(active_column="hreg"))


def test_other_values_are_shown_with_what_to_do() -> None:
    many = [str(value) for value in range(3, 30)]
    with pytest.raises(InputError) as caught:
        classify(table(activity=many), OutcomeColumns())
    text = str(caught.value)
    assert "column 'activity' of assay.csv" in text
    assert "'10', '11', '12', '13', '14', ..." in text
    assert "`value_column` activity `threshold` 10 `unit` uM" in text


@pytest.mark.parametrize(
    ("column", "flags"),
    [
        ("pIC50", "`value_column` pIC50 `threshold` 5 `unit` p"),
        ("herg_ic50", "`value_column` herg_ic50 `threshold` 10 `unit` uM"),
        ("Standard Value", "`value_column` 'Standard Value' `threshold` 10 `unit` uM"),
    ],
)
def test_no_class_but_values_gives_the_flags(column: str, flags: str) -> None:
    with pytest.raises(InputError, match="no column that states the class") as caught:
        classify(table(**{column: ["1"]}), OutcomeColumns())
    assert flags in str(caught.value)


def test_the_smiles_column_states_no_class(tmp_path: Path) -> None:
    path = tmp_path / "assay.csv"
    path.write_text("Smiles,hit,pic50\nCCO,1,5\n")
    for wanted in (OutcomeColumns("smiles"), OutcomeColumns(value_column="Smiles", threshold=5, unit="p")):
        with pytest.raises(InputError, match=r"'Smiles' of .* is the SMILES column") as caught:
            classify(read_table(path), wanted)
        assert "hit, pic50" in str(caught.value)


def test_an_empty_class_column_is_an_error() -> None:
    with pytest.raises(InputError, match=r"'active' of .* is empty"):
        classify(table(active=["", "NA"]), OutcomeColumns())


CONCENTRATION = OutcomeColumns(value_column="ic50", threshold=10, unit="µM")
# Said by the user, so that no single value is found unusual.
IN_UM = OutcomeColumns(value_column="ic50", threshold=10, unit="µM", value_unit="µM")
P = OutcomeColumns(value_column="pic50", threshold=5, unit="pIC50")


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ("10", True), ("10.0001", False), ("1e1", True), (">10", False), ("> 9.9", None), ("<10", True),
        ("<= 0.5", True), ("<11", None), (">=10", None), (">=10.1", False), ("~3", True), ("=3", True),
        (">>100", False), ("≥ 20", False),
        ("0", None), ("-3", None), ("nan", None), ("", None), ("ten", None), ("inf", None), ("1_0", None),
        ("1e999", None), ("3 uM", True), ("30 ug", None), ("1,500", None),
        (">", None), ("><3", None),
    ],
)  # fmt: skip
def test_concentrations(value: str, state: bool | None) -> None:
    assert states(classify(table(ic50=[value]), IN_UM).verdicts) == [state]


def test_a_unit_in_the_cell_is_the_values_own() -> None:
    found = classify(table(ic50=["3000 nM", "30 uM", "5"]), CONCENTRATION)
    assert found.verdicts == [(True, ""), (False, ""), (None, "no unit")]


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ("5", True),
        ("4.99", False),
        (">5", True),
        (">4", None),
        ("<5", False),
        ("<=5", None),
        ("<6", None),
        ("-1", False),
    ],
)
def test_p_scale(value: str, state: bool | None) -> None:
    assert states(classify(table(pic50=[value]), P).verdicts) == [state]


def test_reasons_say_what_was_found() -> None:
    values = [">3", "0", "ten", ""]
    reasons = [reason for _, reason in classify(table(ic50=values), CONCENTRATION).verdicts]
    assert reasons == [
        "undecidable: > 3 (uM) may lie on either side of the threshold",
        "not a positive concentration: 0",
        "not a number: ten",
        "no value",
    ]


@pytest.mark.parametrize("name", ["units", "Standard Units", "standard_units", "unit"])
def test_units_row_by_row(name: str) -> None:
    columns = {
        "ic50": ["10000", "10001", "0.01", "0.00001", "10000000", "5", "4.9", "10", "10"],
        name: ["nM", "nM", "mM", "M", "pM", "pIC50", "p", "", "ug/mL"],
    }
    found = classify(table(**columns), CONCENTRATION)
    # An empty cell among stated units isn't guessed.
    assert states(found.verdicts) == [True, False, True, True, True, True, False, None, None]
    assert found.verdicts[-2][1] == "no unit"
    assert found.verdicts[-1][1] == "unit isn't a molar concentration: ug/mL"


@pytest.mark.parametrize("unit", ["M", "mM", "uM", "µM", "μM", "nM", "pM"])
def test_every_unit_is_its_own_threshold(unit: str) -> None:
    wanted = OutcomeColumns(value_column="ic50", threshold=10, unit=unit, value_unit=unit)
    assert states(classify(table(ic50=["10", "10.1"]), wanted).verdicts) == [True, False]


@pytest.mark.parametrize("name", ["relation", "Standard Relation", "qualifier", "operator"])
def test_relation_column(name: str) -> None:
    columns = {"ic50": ["20", "5", "5", "20", "20", "<20", ">20"], name: [">", "'>'", "<", "<", "", ">", "="]}
    found = classify(table(**columns), CONCENTRATION)
    assert states(found.verdicts) == [False, None, True, None, False, None, False]
    assert found.verdicts[5][1].startswith("unclear relation")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (OutcomeColumns("active", "ic50", 10, "uM"), "both `active_column` and `value_column`"),
        (OutcomeColumns(value_column="ic50"), "without `threshold`.*`threshold` 10 `unit` uM"),
        (OutcomeColumns(value_column="ic50", threshold=10), "without `unit`.*uM"),
        (OutcomeColumns(value_column="ic50", threshold=10, unit="mg"), "unknown `unit` 'mg'.*nM"),
        (OutcomeColumns(value_column="ic50", threshold=0, unit="nM"), "`threshold` is 0"),
        (OutcomeColumns(value_column="ic50", threshold=float("nan"), unit="p"), "`threshold` is nan"),
        (OutcomeColumns(value_column="pic50", threshold=1e300, unit="p"), "On the p scale"),
        (OutcomeColumns(threshold=10), "without `value_column`"),
        (OutcomeColumns(value_column="pic50", threshold=10, unit="uM"), "looks like -log10.*`unit` p"),
    ],
)
def test_contradictory_options(wanted: OutcomeColumns, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        classify(table(active=["1"], ic50=["1"], pic50=["5"]), wanted)


@given(st.floats(min_value=1e-3, max_value=1e6), st.floats(min_value=1e-3, max_value=1e6))
def test_law_a_lower_concentration_is_never_less_active(a: float, b: float) -> None:
    unit = Unit.named("nM")
    assert unit is not None
    threshold = Threshold(100.0, unit)
    low, high = sorted((a, b))
    if threshold.verdict("", repr(high), unit)[0]:
        assert threshold.verdict("", repr(low), unit)[0]


@given(st.sampled_from(["<", ">", "<=", ">="]), st.floats(min_value=0.01, max_value=1e4), st.sampled_from(["uM", "p"]))
def test_law_a_limit_is_judged_as_every_value_it_allows(sign: str, limit: float, name: str) -> None:
    unit = Unit.named(name)
    assert unit is not None
    threshold = Threshold(10.0, unit)
    state, _ = threshold.verdict(sign, repr(limit), unit)
    if state is not None:
        factors = [0.999, 0.5] if sign.startswith("<") else [1.001, 2.0]
        allowed = [limit * factor for factor in factors] + ([limit] if "=" in sign else [])
        assert {threshold.verdict("", repr(value), unit)[0] for value in allowed} == {state}


@pytest.mark.parametrize("word", ["-1", "-1.0", "--1", "1-", "- 1"])
def test_a_minus_sign_is_no_hyphen(word: str) -> None:
    table = RawTable(Path("a.csv"), ["C", "CC"], [2, 3], {"active": ["1", word]}, "")
    with pytest.raises(InputError, match="active"):
        classify(table, OutcomeColumns())


def test_decimal_commas_are_read_unless_they_may_be_thousands() -> None:
    ten = Threshold(10.0, Unit.named("uM"))
    assert ten.verdict("", "3,5", ten.unit) == (True, "")
    assert ten.verdict("", "30,25", ten.unit) == (False, "")
    active, reason = ten.verdict("", "1,000", ten.unit)
    assert active is None
    assert "thousands" in reason


@pytest.mark.parametrize(
    ("header", "row"),
    [("IC50 (uM)", "\u22655"), ("IC50 (uM),relation", "5,\u2265"), ("IC50 (uM),relation", "5,\u2264")],
)
def test_signs_of_another_character_set_are_rejected(tmp_path: Path, header: str, row: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"smiles,{header}\nCCO,{row}\n".encode("mac_roman"))
    found = classify(read_table(path), OutcomeColumns(value_column="IC50 (uM)", threshold=1, unit="uM"))
    assert states(found.verdicts) == [None]
