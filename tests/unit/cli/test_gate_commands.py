"""``fluid policy`` and ``fluid ledger``: what they print, and what they refuse."""

import io
import re

import pytest
from typer.testing import CliRunner

from fluidmol.cli import ledger as ledger_command
from fluidmol.cli import main as main_module
from fluidmol.cli import policy as policy_command
from fluidmol.cli.answer import WayOut
from fluidmol.cli.leaving import exposed, print_summary
from fluidmol.cli.policy_words import policy_lines
from fluidmol.errors import InputError, MissingFileError, OutputError, PolicyError, QuorumError, UsageError
from fluidmol.partner.exposure import Exposure
from fluidmol.partner.gate import Gate
from fluidmol.partner.ledger_file import LedgerFile
from fluidmol.partner.policy import Policy
from fluidmol.partner.policy_file import NEW, read_policy
from fluidmol.partner.summary import summarised
from fluidmol.values.codec import pack
from fluidmol.values.messages import Declined, Score, Scorecard

D = "sha256:" + "0" * 64
REPLIES = [Declined(D, name, "on holiday") for name in ("acme", "bob", "cleo")]


def run(app, *words):
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=True)
    return result.exception if result.exit_code else result.output


@pytest.fixture
def ledger(tmp_path):
    """Acme's and bob's are in it."""
    found = LedgerFile(tmp_path / "ledger.jsonl", clock=lambda: "2026-03-01T09:30:00Z")
    for reply in REPLIES[:2]:
        found.add(reply, recipients=["hub ed25519:AAAA"], approver="Dr. Ada")
    return found


def test_a_new_policy_can_be_checked(tmp_path):
    path = tmp_path / "policy.toml"
    assert str(path) in run(policy_command.app, "new", "--out", path)
    assert read_policy(path) == NEW
    said = run(policy_command.app, "check", path)
    assert "A person must approve each release." in said
    assert NEW.digest in said


def test_a_policy_is_not_replaced_by_accident(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text("decimals = 2")
    assert isinstance(run(policy_command.app, "new", "--out", path), OutputError)
    assert path.read_text() == "decimals = 2"
    assert "at most 2 decimals" in run(policy_command.app, "check", path)
    run(policy_command.app, "new", "--out", path, "--overwrite")
    assert read_policy(path) == NEW
    assert isinstance(run(policy_command.app, "new", "--out", tmp_path / "no" / "policy.toml"), OutputError)


def test_every_rule_is_said_in_words(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(
        "decimals = 1\nlabels = 'hard'\nproximity_levels = 3\nnearest_only = 0.25\nfewest_compounds = 77\n"
        "withheld = ['herg']\nrecipients = ['hub\\u001b[2J']\nscorecards = false\n"
    )
    said = run(policy_command.app, "check", path)
    for words in ("1 decimal.", "Only 0 or 1", "one of 3 values", "below 0.25", "fewer than 77", "herg", "may not"):
        assert words in said
    assert "\x1b" not in said
    path.write_text("surest = 0.05\nproximity_levels = 1")
    said = run(policy_command.app, "check", path)
    assert "below 0.05 or above 0.95" in said
    assert "they say nothing" in said


def test_an_intact_ledger(ledger):
    said = run(ledger_command.app, "verify", ledger.path)
    assert "intact, 2 entries" in said
    assert f"Head: {ledger.head}" in said
    shown = run(ledger_command.app, "show", ledger.path)
    assert [digest in shown for digest in (reply.digest for reply in REPLIES)] == [True, True, False]
    assert "by Dr. Ada" in shown
    assert "hub ed25519:AAAA" in shown


@pytest.mark.parametrize("command", ["verify", "show", "mend"])
def test_a_broken_ledger(ledger, command):
    ledger.path.write_bytes(ledger.path.read_bytes().replace(b"Dr. Ada", b"Dr. Eve"))
    problem = run(ledger_command.app, command, ledger.path)
    assert isinstance(problem, InputError)
    assert problem.exit_code == 65
    assert "line 1" in str(problem)


def test_a_torn_ledger_goes_on_once_it_is_mended(ledger):
    whole = ledger.path.read_bytes()
    ledger.path.write_bytes(whole + b"{")
    assert "torn" in str(run(ledger_command.app, "verify", ledger.path))
    assert ".torn-1" in run(ledger_command.app, "mend", ledger.path)
    assert ledger.path.read_bytes() == whole
    assert "nothing is torn" in run(ledger_command.app, "mend", ledger.path)


def test_heads_that_were_written_down(ledger):
    first, last = (entry.chain for entry in ledger.entries)
    assert "nothing since" in run(ledger_command.app, "verify", ledger.path, "--head", last)
    assert "1 more since" in run(ledger_command.app, "verify", ledger.path, "--head", first)
    ledger.path.write_bytes(ledger.path.read_bytes().splitlines(keepends=True)[0])
    problem = run(ledger_command.app, "verify", ledger.path, "--head", last)
    assert isinstance(problem, InputError)
    assert "cut off" in problem.hint


def test_a_release_that_nobody_noted_is_named(ledger, tmp_path):
    for reply in REPLIES[:2]:
        (tmp_path / f"{reply.partner}.fluid").write_bytes(pack(reply))
    assert "2 releases, 0 of them" in run(ledger_command.app, "verify", ledger.path, "--releases", tmp_path)
    (tmp_path / "cleo.fluid").write_bytes(pack(REPLIES[2]))
    problem = run(ledger_command.app, "verify", ledger.path, "--releases", tmp_path)
    assert isinstance(problem, InputError)
    assert "cleo.fluid" in str(problem)
    assert "1 release," in run(ledger_command.app, "verify", ledger.path, "--releases", tmp_path, "--as", "acme")


def test_what_left_before_a_new_ledger_can_be_listed(tmp_path):
    (tmp_path / "acme.fluid").write_bytes(pack(REPLIES[0]))
    (tmp_path / "new.jsonl").touch()
    problem = run(ledger_command.app, "verify", tmp_path / "new.jsonl", "--releases", tmp_path)
    assert isinstance(problem, InputError)
    assert "1 of 1 releases are not in the ledger" in str(problem)


def test_nothing_compared_is_no_all_clear(ledger, tmp_path):
    folder = tmp_path / "replies"
    folder.mkdir()
    problem = run(ledger_command.app, "verify", ledger.path, "--releases", folder)
    assert isinstance(problem, InputError)
    assert "no release" in str(problem)
    (folder / "bob.fluid").write_bytes(pack(REPLIES[1]))
    problem = run(ledger_command.app, "verify", ledger.path, "--releases", folder, "--as", "acmee")
    assert isinstance(problem, InputError)
    assert "acmee" in str(problem)
    assert "of: bob" in problem.hint
    assert isinstance(run(ledger_command.app, "verify", ledger.path, "--as", "acme"), UsageError)


def test_what_is_no_ledger_is_not_called_a_broken_one(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text("# What may leave\n\ndecimals = 2\n")
    problem = run(ledger_command.app, "verify", path)
    assert isinstance(problem, InputError)
    assert "is no ledger" in str(problem)


@pytest.mark.parametrize("command", ["verify", "show", "mend"])
def test_no_ledger(tmp_path, command):
    assert isinstance(run(ledger_command.app, command, tmp_path / "missing"), MissingFileError)


def test_nobody_to_ask_is_told_how_somebody_can_be(tmp_path, monkeypatch):
    path = tmp_path / "policy.toml"
    run(policy_command.app, "new", "--out", path)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    gate = WayOut(path, tmp_path / "ledger.jsonl", None, dry_run=False).gate(path)
    with pytest.raises(PolicyError, match=r"nobody to ask. Look at it with --dry-run; .* or with --yes"):
        gate.release(REPLIES[0])
    assert not (tmp_path / "ledger.jsonl").exists()


def test_a_summary_says_who_gets_figures_and_refusals(capsys):
    print_summary(summarised(Gate().examine(Scorecard(D, "acme", [Score("teacher", "external", "mcc", 0.5)]))))
    print_summary(summarised(Gate().examine(Declined(D, "acme", "on holiday\x1b[2J"))), to_stderr=True)
    said = capsys.readouterr()
    assert "teacher on external: mcc 0.5" in said.out
    assert "figures rounded to 4 decimals: 0 of 1 changed" in said.out
    assert "nobody in particular" in said.out
    assert "reason: on holiday\\x1b[2J" in said.err


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ((24, 0, 0, 0, 0, None, 0, 0), ["None of the 40 public molecules is among your 24 compounds."]),
        ((24, 1, 3, 0, 0, 0.5, 1, 0), ["1 of the 40", "is among", "2 more differ", "50% of cases", "0 of 1 opinions"]),
        ((24, 3, 4, 2, 1, 0.97, 3, 3), ["are among", "1 more differs", "2 have proximity 1", "1 of them is", "97%"]),
    ],
    ids=str,
)
def test_what_a_release_says_about_own_compounds(figures, said):
    own, shared, alike, highest, shared_highest, told, spoken, right = figures
    lines = " ".join(exposed(Exposure(own, shared, alike, highest, shared_highest, told, spoken, right), 40))
    for words in said:
        assert words in lines
    assert not re.search(r"nan|None %", lines)


def test_figures_say_on_how_many_molecules_they_stand():
    found = Exposure(24, 12, 12, 0, 0, 0.97, 0, 0, near=15, analogues=30, analogues_told_apart=0.8, strangers=98)
    lines = " ".join(exposed(found, 140))
    assert "right in 97% of cases; 50% is guessing. The figure stands on 12 of yours and 128 others: too few" in lines
    assert "15 of your 24 compounds are in the public set or have analogues there" in lines
    assert "The figure stands on 30 analogues and 98 others. " in lines


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"min_neighbours": 8}, "means over fewer than 8 of our compounds"),
        ({"max_strength": 0.5}, "whose teacher has a strength above 0.5."),
        ({"min_quorum": 3}, "whose quorum is below 3"),
        ({"experts_allowed": False}, "that makes experts of the answers"),
        ({"max_known": 0.01}, "more than 1.0% of our compounds are in the transfer set"),
        ({"max_near": 0.25}, "more than 25.0% of our compounds are in it or have an analogue there"),
        ({"repeated_releases": "refuse"}, "compared with earlier ones don't leave"),
        ({"repeated_releases": "allow"}, "leave also if they can be compared"),
    ],
    ids=str,
)
def test_newer_rules_in_words(rules, said):
    assert said in " ".join(policy_lines(Policy(**rules)))
    assert said not in " ".join(policy_lines(Policy()))


def test_what_others_say_cant_move_the_cursor(monkeypatch, capsys):
    def fails(*_given, **_more):
        raise QuorumError("0 of 2 partners gave an opinion (acme: \x1b[2Jno\nThe round is finished)")

    monkeypatch.setattr(main_module, "check_words", fails)
    with pytest.raises(SystemExit) as caught:
        main_module.main(["status"])
    said = capsys.readouterr().err
    assert caught.value.code == QuorumError.exit_code
    assert r"\x1b[2Jno\nThe round is finished" in said
    assert said.count("\n") == 1
