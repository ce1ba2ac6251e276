"""The privacy budget: what private releases have cost together, and which one more would be too many."""

import json

import pytest

from fluidmol.errors import PolicyError
from fluidmol.learning.privacy.accountant import epsilon_of, noise_multiplier
from fluidmol.partner.budget import Spend, check_budget, spends, spent
from fluidmol.partner.ledger import Ledger
from fluidmol.partner.ledger_file import LedgerFile
from fluidmol.partner.ledger_lines import line_of, read_lines
from fluidmol.partner.policy import Policy
from fluidmol.values.messages import Declined

CHARTER = "sha256:" + "0" * 64
NEXT = "sha256:" + "1" * 64


def model(number):
    return f"sha256:{number:064x}"


def said(reason):
    return Declined(CHARTER, "acme", reason)


FOUR = noise_multiplier(4.0, 1e-5)


def test_one_release_costs_what_its_charter_says():
    assert spent([Spend(FOUR, model(1))], 1e-5) == pytest.approx(4.0, rel=1e-6)


def test_two_releases_cost_more_than_one_and_less_than_twice_as_much():
    both = spent([Spend(FOUR, model(1)), Spend(FOUR, model(2))], 1e-5)
    assert both == pytest.approx(epsilon_of(FOUR / 2**0.5, 1e-5))
    assert 4 < both < 8


def test_a_model_that_speaks_again_spends_nothing():
    ledger = Ledger()
    for reason in ("first", "again", "and again"):
        ledger.add(said(reason), private=Spend(FOUR, model(1)).text)
    assert spends(ledger.entries) == (Spend(FOUR, model(1)),)
    check_budget(ledger.entries, Spend(FOUR, model(1)), Policy(budget=4.001), CHARTER)


def test_a_budget_that_is_spent_says_by_what():
    ledger = Ledger()
    ledger.add(said("first"), private=Spend(FOUR, model(1)).text)
    with pytest.raises(PolicyError, match=r"1 private model has spoken before, together epsilon 4; .* 5\.99"):
        check_budget(ledger.entries, Spend(FOUR, model(2)), Policy(budget=5.0), NEXT)
    assert PolicyError.exit_code == 77


def test_a_second_model_of_one_charter_is_refused_whatever_the_budget():
    ledger = Ledger()
    ledger.add(said("first"), private=Spend(FOUR, model(1)).text)
    check_budget(ledger.entries, Spend(FOUR, model(1)), Policy(), CHARTER)
    with pytest.raises(PolicyError, match="another private model has spoken under this charter"):
        check_budget(ledger.entries, Spend(FOUR, model(2)), Policy(budget=900.0), CHARTER)


def test_a_budget_of_nothing_lets_nothing_private_out():
    with pytest.raises(PolicyError, match="0 private models have spoken"):
        check_budget((), Spend(FOUR, model(1)), Policy(budget=0.0), CHARTER)


def test_of_one_model_with_two_costs_the_dearer_counts():
    ledger = Ledger()
    ledger.add(said("first"), private=Spend(FOUR, model(1)).text)
    ledger.add(said("again"), private=Spend(FOUR / 2, model(1)).text)
    assert spends(ledger.entries) == (Spend(FOUR / 2, model(1)),)


@pytest.mark.parametrize("text", ["laplace 1.0 " + model(1), "gaussian 1.0", "gaussian -1 " + model(1), "free"])
def test_a_cost_that_nobody_can_read_is_not_free(text):
    ledger = Ledger()
    ledger.add(said("first"), private=text)
    with pytest.raises(PolicyError, match="says no cost"):
        spends(ledger.entries)


@pytest.mark.parametrize("multiplier", [1.0812, 1e-05, 123456.0, 3.7306e-7, 1e22])
def test_costs_are_read_as_they_were_written(multiplier):
    assert Spend.read(Spend(multiplier, model(7)).text) == Spend(multiplier, model(7))


def test_entries_without_a_cost_are_written_as_before():
    entry = Ledger(lambda: "2026-01-01T00:00:00Z").add(said("first"))
    assert json.loads(line_of(entry))["format"] == 2
    assert "private" not in json.loads(line_of(entry))


def test_a_cost_in_the_ledger_can_not_be_changed_unseen():
    ledger = Ledger()
    ledger.add(said("first"), private=Spend(FOUR, model(1)).text)
    line = line_of(ledger.entries[0])
    assert read_lines(line).entries == ledger.entries
    cheaper = line.replace(repr(FOUR).encode(), b"99.0")
    assert cheaper != line
    assert "doesn't follow" in read_lines(cheaper).fault
    table = json.loads(line)
    del table["private"]
    table["format"] = 2
    assert read_lines(json.dumps(table).encode() + b"\n").fault


def test_the_check_sees_what_another_process_has_written(tmp_path):
    path = tmp_path / "ledger.jsonl"
    LedgerFile(path).add(said("another process"), private=Spend(FOUR, model(1)).text)
    policy = Policy(budget=5.0)
    with pytest.raises(PolicyError, match="budget"):
        LedgerFile(path).add(
            said("ours"), private=Spend(FOUR, model(2)).text,
            check=lambda entries: check_budget(entries, Spend(FOUR, model(2)), policy, NEXT),
        )  # fmt: skip
    assert len(LedgerFile(path).entries) == 1
