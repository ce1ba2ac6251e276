"""The gate by its commands: the guide, word by word, and what is refused with which exit code."""

import contextlib
import io
import re
import shlex
import shutil
from pathlib import Path

import pytest

from fluidmol.coordinator.leaks import given_away
from fluidmol.partner import locks
from fluidmol.partner.policy_file import from_toml
from fluidmol.values.charter import Charter

NAMES = ("hub", "ada", "bob")


@pytest.fixture(scope="module")
def consortium(tmp_path_factory, fluid, files, rows, as_table):
    """A folder in which ada and bob are asked something; PLACE is within."""
    root = tmp_path_factory.mktemp("gate")
    with contextlib.chdir(root):
        for name in NAMES:
            assert fluid("keys", "new", name, "--no-passphrase").code == 0
        made = fluid(
            "charter", "new", "--name", "toy", "--endpoint", "amine", "--description", "has a basic amine", "--quiet",
            "--transfer", files.transfer, "--charter", files.forest, "--coordinator", "hub.pub", "--partner", "ada.pub",
            "--partner", "bob.pub", "--transfer-size", 40,
        )  # fmt: skip
        assert made.code == 0, made.err
        Path("assay.csv").write_text(as_table(rows[:60]))
        Path("PLACE").mkdir()
        for name in NAMES[1:]:
            assert (
                fluid("charter", "sign", "charter.toml", "--key", f"{name}.key", "--out", "PLACE/agreements").code == 0
            )
        asked = fluid("federate", "charter.toml", "PLACE", "--key", "hub.key", "--workers", 1)
        assert asked.code == 75, asked.err
    return root


@pytest.fixture
def here(consortium, tmp_path, monkeypatch):
    """A copy of it, as the working folder."""
    shutil.copytree(consortium, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def answer(fluid, *words):
    return fluid(
        "answer", "PLACE", "--as", "ada", "--key", "ada.key", "--data", "assay.csv", "--policy", "policy.toml",
        "--workers", 1, "--quiet", *words,
    )  # fmt: skip


def replies():
    return sorted(Path("PLACE").glob("replies/*/*"))


def test_the_guide(fluid, root, here):
    page = (root / "docs" / "gate.md").read_text(encoding="utf-8")
    lines = [
        line
        for block in re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]
    assert len(lines) > 8
    said = ""
    for command in lines:
        line = command.replace("1a2b3c4d5e6f", digest_in(said) if "--digest" in command else "")
        words = [found for word in shlex.split(line)[1:] for found in (Path().glob(word) if "*" in word else [word])]
        result = fluid(*words, *(["--workers", 1] if words[0] == "answer" else []))
        assert result.code == 0, f"{line}: {result.err}"
        said += result.out
    for words in ("What would leave", "What it says about your compounds", "by Dr. Ada Byron", "1 release, 0 of them"):  # type: ignore[assignment]
        assert words in said
    (strict,) = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(from_toml(strict, "gate.md").stricter_than_default) > 5


def test_a_dry_run_states_the_attacks_that_were_measured_on_its_charter(fluid, here):
    Path("policy.toml").write_text("approval = false")
    said = " ".join(answer(fluid, "--dry-run").out.split())
    assert "What this gives away about single compounds:" in said
    for line in given_away(Charter.from_toml(Path("charter.toml").read_text(encoding="utf-8"))):
        assert line in said


def test_the_guide_opens_a_release_without_fluidmol(fluid, root, here):
    Path("policy.toml").write_text("sealed = false\napproval = false")
    assert answer(fluid, "--no-seal").code == 0
    assert "NOT sealed" in fluid("ledger", "show", "ada-ledger.jsonl").out
    shutil.copy(replies()[0], "release.fluid")
    page = (root / "docs" / "gate.md").read_text(encoding="utf-8")
    (python,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(python, {})
    assert "Annotations" in said.getvalue()
    assert "'value': ('float32', (" in said.getvalue()


def test_what_must_be_sealed_may_be_looked_at_and_leaves_sealed_only(fluid, here):
    Path("policy.toml").write_text("approval = false")
    shown = answer(fluid, "--no-seal", "--dry-run")
    assert shown.code == 0
    assert "NOT sealed" in shown.out
    refused = answer(fluid, "--no-seal")
    assert refused.code == 77
    assert "isn't sealed" in refused.err
    assert replies() == []
    assert not Path("ada-ledger.jsonl").exists()
    assert answer(fluid).code == 0
    assert "sealed: nobody else can open it" in fluid("ledger", "show", "ada-ledger.jsonl").out


@pytest.mark.parametrize("words", [("--yes", "--dry-run"), ("--decline", "--dry-run"), ("--yes=--dry-run",)])
def test_an_option_without_its_value_doesnt_take_the_next_for_it(fluid, here, words):
    Path("policy.toml").write_text("approval = true")
    result = answer(fluid, *words)
    assert result.code == 64
    assert "lacks its value: --dry-run follows" in result.err
    assert replies() == []


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("approval = true", "a person to approve"),
        ("withheld = ['Amine ']\napproval = false", "withholds the endpoint amine"),
        ("recipients = ['another']\napproval = false", "may not receive"),
        ("decimals = 2", "a person to approve"),
    ],
)
def test_what_the_policy_forbids_leaves_nothing_behind(fluid, here, rules, said):
    Path("policy.toml").write_text(rules)
    result = answer(fluid)
    assert result.code == 77
    assert said in result.err
    assert replies() == []
    assert not Path("ada-ledger.jsonl").exists()


def digest_in(text):
    return re.search(r"To approve exactly this: --yes 'Your Name' --digest ([0-9a-f]{12})\n", text)[1]


def test_an_approval_is_of_what_was_seen(fluid, here):
    Path("policy.toml").write_text("approval = true")
    seen = digest_in(answer(fluid, "--dry-run").out)
    data = Path("assay.csv").read_text()
    Path("assay.csv").write_text(data.rsplit("\n", 6)[0] + "\n")
    refused = answer(fluid, "--yes", "Ada Hill", "--digest", seen)
    assert refused.code == 77
    assert "isn't what was approved" in refused.err
    assert replies() == []
    assert not Path("ada-ledger.jsonl").exists()
    Path("assay.csv").write_text(data)
    sent = answer(fluid, "--yes", "Ada Hill", "--digest", seen.upper())
    assert sent.code == 0, sent.err
    assert len(replies()) == 1
    assert f"approved  by Ada Hill, as {seen}" in fluid("ledger", "show", "ada-ledger.jsonl").out


def test_a_policy_may_want_the_digest_of_what_was_seen(fluid, here):
    Path("policy.toml").write_text("approval = true\napproval_digest = true")
    refused = answer(fluid, "--yes", "Ada Hill")
    assert refused.code == 77
    assert "--yes comes without --digest" in refused.err
    assert answer(fluid, "--yes", "Ada Hill", "--digest", "123").code == 64
    assert replies() == []
    seen = digest_in(answer(fluid, "--dry-run").out)
    assert answer(fluid, "--yes", "Ada Hill", "--digest", seen).code == 0


def test_what_was_seen_sealed_isnt_approved_unsealed(fluid, here):
    Path("policy.toml").write_text("approval = true\nsealed = false")
    seen = digest_in(answer(fluid, "--dry-run").out)
    assert answer(fluid, "--no-seal", "--yes", "Ada Hill", "--digest", seen).code == 77
    assert answer(fluid, "--yes", "Ada Hill", "--digest", seen).code == 0


def test_a_torn_ledger_stops_what_would_leave(fluid, here):
    Path("policy.toml").write_text("approval = false")
    Path("ada-ledger.jsonl").write_bytes(b'{"format"')
    result = answer(fluid)
    assert result.code == 65
    assert "fluid ledger mend" in result.err
    assert replies() == []
    assert fluid("ledger", "mend", "ada-ledger.jsonl").code == 0
    assert answer(fluid).code == 0
    assert len(replies()) == 1
    assert fluid("ledger", "verify", "ada-ledger.jsonl", "--releases", "PLACE").code == 0


def test_a_lost_reply_is_sent_again_and_noted_once(fluid, here):
    Path("policy.toml").write_text("approval = true")
    assert answer(fluid, "--yes", "Ada").code == 0
    (reply,) = replies()
    content = reply.read_bytes()
    reply.unlink()
    result = answer(fluid)  # nobody is asked again
    assert result.code == 0, result.err
    assert replies() == [reply]
    assert reply.read_bytes() == content
    assert "intact, 1 entry" in fluid("ledger", "verify", "ada-ledger.jsonl").out


@pytest.fixture
def sent(fluid, here):
    """Ada has answered once, and the ledger says so."""
    Path("policy.toml").write_text("approval = false")
    shutil.copytree("PLACE", "NEXT")
    result = answer(fluid)
    assert result.code == 0, result.err
    assert "A new ledger would begin: ada-ledger.jsonl" in result.out
    return here


def elsewhere(fluid, *more):
    """Ada's key lies in another folder now, and another place asks."""
    Path("new").mkdir(exist_ok=True)
    shutil.copy("ada.key", "new/ada.key")
    return fluid(
        "answer", "NEXT", "--as", "ada", "--key", "new/ada.key", "--data", "assay.csv", "--policy", "policy.toml",
        "--workers", 1, "--quiet", *more,
    )  # fmt: skip


def test_a_key_in_another_folder_begins_no_second_ledger(fluid, sent):
    refused = elsewhere(fluid)
    assert refused.code == 76
    assert "new/ada-ledger.jsonl would be a new one" in refused.err
    assert "its ledger ada-ledger.jsonl is there" in refused.err
    assert "--ledger" in refused.err
    assert "--new-ledger" in refused.err
    assert not list(Path("NEXT").glob("replies/*/*"))
    assert not Path("new/ada-ledger.jsonl").exists()
    continued = elsewhere(fluid, "--ledger", "ada-ledger.jsonl")
    assert continued.code == 0, continued.err


def test_who_approves_is_told_before_that_the_ledger_is_new(fluid, here):
    Path("policy.toml").write_text("approval = true")
    refused = answer(fluid)
    assert refused.code == 77
    assert "If ada has let anything out before, under whichever key, don't let this out" in refused.out
    assert "with --ledger" in refused.out
    assert replies() == []
    assert answer(fluid, "--yes", "Ada").code == 0
    assert "would begin" not in answer(fluid).out


def test_a_ledger_that_is_really_new_may_begin(fluid, sent):
    for _ in range(2):
        begun = elsewhere(fluid, "--new-ledger")
        assert begun.code == 0, begun.err
    assert "intact, 1 entry" in fluid("ledger", "verify", "new/ada-ledger.jsonl").out
    assert elsewhere(fluid).code == 0


def test_a_home_beside_the_key_remembers_a_ledger_that_lies_elsewhere(fluid, here):
    Path("policy.toml").write_text("approval = false")
    shutil.copytree("PLACE", "NEXT")
    Path("books").mkdir()
    assert answer(fluid, "--ledger", "books/first.jsonl").code == 0
    refused = fluid(
        "answer", "NEXT", "--as", "ada", "--key", "ada.key", "--data", "assay.csv", "--policy", "policy.toml",
        "--home", "other", "--workers", 1, "--quiet",
    )  # fmt: skip
    assert refused.code == 76
    assert re.search(r"ada-[0-9a-f]{12} says that it is noted in .*books/first\.jsonl", refused.err)


@pytest.mark.parametrize("damage", ["cut off", "deleted", "another"])
def test_a_ledger_that_lost_what_was_sent_stops_everything(fluid, sent, damage):
    ledger = Path("ada-ledger.jsonl")
    if damage == "cut off":
        ledger.write_text("")
    elif damage == "deleted":
        ledger.unlink()
    elif damage == "another":
        aside, sent_home = Path("aside"), next(Path().glob("ada-*/ledger.json")).parent
        sent_home.rename(aside)
        ledger.rename("first.jsonl")
        begun = elsewhere(fluid, "--ledger", ledger, "--new-ledger", "--decline", "no")
        assert begun.code == 0, begun.err
        aside.rename(sent_home)
        assert ledger.exists()
    for more in ((), ("--dry-run",)):
        refused = answer(fluid, *more)
        assert refused.code == 76, refused.err
        assert "doesn't hold the entry" in refused.err
    if damage != "another":
        begun = answer(fluid, "--new-ledger")
        assert begun.code == 0, begun.err
        assert answer(fluid).code == 0  # what was said once is remembered


def test_what_lies_in_the_place_as_ours_must_be_in_the_ledger(fluid, sent):
    (home,) = Path().glob("ada-*/ledger.json")
    shutil.rmtree(home.parent)
    Path("ada-ledger.jsonl").unlink()
    refused = answer(fluid)
    assert refused.code == 76
    assert re.search(r"replies/\w+/ada-\w+\.fluid\.age is what ada has sent, and the ledger", refused.err)
    Path("ada-ledger.jsonl").touch()
    assert answer(fluid).code == 76
    assert answer(fluid, "--new-ledger").code == 0
    assert answer(fluid).code == 0


def test_of_two_answers_at_once_one_waits_and_says_for_whom(fluid, sent, monkeypatch):
    monkeypatch.setattr(locks, "SHORT", 0.1)
    (home,) = (path.parent for path in Path().glob("ada-*/ledger.json"))
    shutil.rmtree("PLACE/replies")
    with locks.alone(home, "fluid answer"):
        waiting = answer(fluid)
    assert waiting.code == 75
    assert re.search(r"nother process works in .* \(process \d+ on .*, for fluid answer\)", waiting.err)
    assert replies() == []
    assert answer(fluid).code == 0
    assert not (home / locks.LOCK).exists()


def test_exit_codes_of_inspect(fluid, here):
    Path("garbage").write_bytes(b"\0\1\2")
    forged = Path("PLACE/agreements/ada.json").read_text().replace('"ada"', '"bob"')
    Path("forged.json").write_text(forged)
    for words, code in (
        (["charter.toml"], 0),
        (["garbage"], 65),
        (["PLACE"], 65),
        (["missing"], 66),
        (["forged.json", "--charter", "charter.toml"], 76),
        (["ada.pub", "--charter", "missing"], 66),
    ):
        result = fluid("inspect", *words)
        assert result.code == code, words
        assert "Traceback" not in result.err
