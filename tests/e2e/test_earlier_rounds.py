"""Charters that give more away than their preset, a second round under another charter, and a coordinator whose key
changed: what the commands say of them, and what doesn't leave."""

import contextlib
import json
import shutil
from pathlib import Path

import pytest

from fluidmol.partner import locks

HARMFUL = ("proximity.neighbours=1", "teacher.strength=1000", "weighting.power=1")


def found(fluid, files, out, *words, hub="hub"):
    """Make a charter, sign it as ada and bob, and ask."""
    made = fluid(
        "charter", "new", "--name", out, "--endpoint", "amine", "--description", "has a basic amine", "--quiet",
        "--transfer", files.transfer, "--coordinator", f"{hub}.pub", "--partner", "ada.pub", "--partner", "bob.pub",
        "--transfer-size", 60, "--out", f"{out}.toml", "--packed", f"{out}.fluid", *words,
    )  # fmt: skip
    assert made.code == 0, made.err
    for name in ("ada", "bob"):
        assert fluid("charter", "sign", f"{out}.toml", "--key", f"{name}.key", "--out", f"{out}/agreements").code == 0
    asked = fluid(
        "federate", f"{out}.toml", out, "--transfer", f"{out}.fluid", "--key", f"{hub}.key", "--workers", 1
    )  # fmt: skip
    assert asked.code == 75, asked.err
    return made


@pytest.fixture(scope="module")
def consortium(tmp_path_factory, fluid, files, rows, as_table):
    """Two rounds of the same parties, of the same molecules, and a harmful charter; nobody has answered."""
    root = tmp_path_factory.mktemp("earlier")
    with contextlib.chdir(root):
        for name in ("hub", "ada", "bob", "other/hub"):
            folder, _, base = name.rpartition("/")
            assert fluid("keys", "new", base, "--no-passphrase", "--out", folder or ".").code == 0
        Path("policy.toml").write_text("approval = false")
        Path("then.csv").write_text(as_table(rows[:60]))
        Path("now.csv").write_text(as_table(rows[:70]))
        found(fluid, files, "first", "--charter", files.forest)
        found(fluid, files, "second", "--charter", files.forest, "--set", "union=weighted")
        settings = [word for setting in HARMFUL for word in ("--set", setting)]
        said = found(fluid, files, "harmful", "--charter", files.experts, *settings, "--quorum", 1).err
        Path("said.txt").write_text(said)
    return root


@pytest.fixture
def here(consortium, tmp_path, monkeypatch):
    """A copy of it, as the working folder."""
    shutil.copytree(consortium, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def answer(fluid, here):
    def run(place, data, *words):
        return fluid(
            "answer", place, "--as", "ada", "--key", "ada.key", "--data", data, "--policy", "policy.toml",
            "--workers", 1, "--quiet", *words,
        )  # fmt: skip

    return run


def flat(text):
    return " ".join(text.split())


def test_a_harmful_charter_is_told_wherever_it_is_looked_at(fluid, here):
    cautions = [Path("said.txt").read_text(), fluid("charter", "check", "harmful.toml").err]
    cautions.append(fluid("charter", "sign", "harmful.toml", "--key", "ada.key", "--out", "signed").err)
    for said in cautions:
        assert "gives more away than the preset open, at 4 points, 3 grave" in flat(said)
    shown = flat(fluid("charter", "show", "harmful.toml").out)
    assert "Differences from the preset open" in shown
    for what in ("neighbours 8 -> 1. More is given away (grave)", "quorum 2 -> 1", "strength 0.05 -> 1000.0"):
        assert what in shown
    against = flat(fluid("charter", "show", "harmful.toml", "--against", "private").out)
    assert "[privacy] is gone. More is given away (grave). Nothing is proved any more" in against
    assert fluid("charter", "show", "harmful.toml", "--against", "opene").code == 78


def test_two_answers_of_one_key_wait_for_each_other_whatever_their_folders(answer, monkeypatch):
    monkeypatch.setattr(locks, "SHORT", 0.1)
    with locks.alone_with(Path("ada.key"), "another answer"):
        waits = answer(
            "first", "then.csv", "--accept", "--home", "elsewhere/home", "--ledger", "elsewhere/ledger.jsonl"
        )
    assert waits.code == 75
    assert "nother process works with ada.key" in flat(waits.err)
    assert not Path("elsewhere").exists()
    assert not list(Path("first/replies").rglob("*.age"))


def test_a_charter_like_its_preset_needs_no_caution(fluid, files, here):
    made = found(fluid, files, "plain", "--preset", "open")
    assert "Caution" not in made.err
    assert "Caution" not in fluid("charter", "check", "plain.toml").err
    assert "None: what leaves" in flat(fluid("charter", "show", "plain.toml").out)


def test_the_default_policy_refuses_it(answer):
    refused = answer("harmful", "then.csv")
    assert refused.code == 77
    assert "how near each molecule is to a single one of our compounds" in flat(refused.err)
    assert "min_neighbours" in refused.err
    assert not list(Path("harmful/replies").rglob("*.age"))
    assert not Path("ada-ledger.jsonl").exists()
    Path("policy.toml").write_text("approval = false\nmin_neighbours = 1")
    refused = answer("harmful", "then.csv")
    assert refused.code == 77
    assert "[teacher] strength = 1000" in flat(refused.err)
    assert not list(Path("harmful/replies").rglob("*.age"))
    assert not Path("ada-ledger.jsonl").exists()
    # Nothing has left, but she may say why.
    assert answer("harmful", "then.csv", "--decline", "one neighbour is too few").code == 0


def test_two_rounds_add_up(fluid, answer):
    first = answer("first", "then.csv")
    assert first.code == 0, first.err
    assert "What they have had from you before" not in first.out
    assert answer("first", "then.csv").code == 0
    refused = answer("second", "now.csv")
    assert refused.code == 77
    assert "a person to approve opinions that can be compared with earlier ones" in flat(refused.err)
    assert "of 60 molecules in common the weight of" in flat(refused.err)
    assert "--dry-run" in refused.err
    assert not list(Path("second/replies").rglob("*.age"))
    dry = answer("second", "now.csv", "--dry-run")
    assert dry.code == 0
    assert "opinions left for hub under the charter first, sha256:" in flat(dry.out)
    assert "which of your compounds are new" in flat(dry.out)
    Path("policy.toml").write_text('approval = false\nrepeated_releases = "refuse"')
    assert answer("second", "now.csv", "--yes", "Ada").code == 77
    Path("policy.toml").write_text("approval = false")
    assert answer("second", "now.csv", "--yes", "Ada").code == 0
    ledger = [json.loads(line) for line in Path("ada-ledger.jsonl").read_text().splitlines()]
    assert [(entry["kind"], entry["approver"]) for entry in ledger] == [("Annotations", ""), ("Annotations", "Ada")]
    assert answer("second", "now.csv").code == 0


def test_a_new_key_elsewhere_finds_what_left_by_the_ledger(fluid, files, answer):
    assert answer("first", "then.csv").code == 0
    Path("old").mkdir()
    for path in (*Path().glob("ada-*"), Path("ada.key"), Path("ada.pub")):
        path.rename(path.parent / "old" / path.name)
    assert fluid("keys", "new", "ada", "--no-passphrase").code == 0
    found(fluid, files, "third", "--charter", files.forest, "--set", "union=weighted")
    refused = answer("third", "now.csv", "--ledger", "old/ada-ledger.jsonl")
    assert refused.code == 77
    assert "of 60 molecules in common the weight of" in flat(refused.err)
    assert not list(Path("third/replies").rglob("*.age"))


def test_a_home_elsewhere_has_nothing_to_compare_with(answer):
    assert answer("first", "then.csv", "--home", "elsewhere/ada").code == 0
    refused = answer("second", "now.csv")
    assert refused.code == 77
    assert "isn't at hand here" in refused.err


def test_a_coordinator_with_another_key_under_the_same_name(fluid, files, answer):
    assert answer("first", "then.csv").code == 0
    found(fluid, files, "third", "--charter", files.forest, hub="other/hub")
    agreement = Path("third/agreements/ada.json")
    agreement.rename("signed.json")
    unsigned = answer("third", "then.csv", "--accept")
    assert unsigned.code == 77
    assert "hub has another key than before" in unsigned.err
    assert not agreement.exists()
    Path("signed.json").rename(agreement)
    refused = answer("third", "then.csv")
    assert refused.code == 77
    assert "hub has another key than before" in refused.err
    fingerprint = fluid("keys", "show", "other/hub.pub").out.partition("Fingerprint:")[2].splitlines()[0].strip()
    Path("policy.toml").write_text(f'approval = false\nrecipients = ["{fingerprint}"]\nrepeated_releases = "allow"')
    answered = answer("third", "then.csv")
    assert answered.code == 0, answered.err
