"""Three companies and a coordinator on one folder, by the commands that they type."""

import json
import os
import random
import re
import signal
import time
from pathlib import Path

import pytest

from fluidmol.partner.policy import Policy
from fluidmol.partner.policy_file import to_toml
from fluidmol.partner.publication import read_labels
from fluidmol.trust.keys import PrivateKeys
from fluidmol.values.charter import Charter
from fluidmol.values.codec import unpack
from fluidmol.values.labels import FederatedLabels

NAMES = ("ada", "bob", "cleo")


@pytest.fixture(scope="module")
def consortium(tmp_path_factory, fluid, files, rows, as_table):
    """Keys, charter, three private files and a policy."""
    root = tmp_path_factory.mktemp("consortium")
    for name in ("hub", *NAMES):
        assert fluid("keys", "new", name, "--no-passphrase", "--out", root).code == 0
    for index, name in enumerate(NAMES):
        (root / f"{name}.csv").write_text(as_table(rows[index * 52 : (index + 1) * 52]))
    (root / "policy.toml").write_text(to_toml(Policy()))
    parties = [word for name in NAMES for word in ("--partner", root / f"{name}.pub")]
    made = fluid(
        "charter", "new", "--name", "toy", "--endpoint", "amine", "--description", "has a basic amine",
        "--transfer", files.transfer, "--charter", files.forest, "--coordinator", root / "hub.pub", *parties,
        "--out", root / "charter.toml", "--quiet",
    )  # fmt: skip
    assert made.code == 0, made.err
    return root


class Play:
    """Who does what in one folder."""

    def __init__(self, run, root, place, homes):
        self.run, self.root, self.place, self.homes = run, root, place, homes

    def federate_words(self, *words):
        return (
            "federate",
            self.root / "charter.toml",
            self.place,
            "--key",
            self.root / "hub.key",
            "--workers",
            1,
            *words,
        )

    def answer_words(self, name, *words):
        return (
            "answer", self.place, "--as", name, "--key", self.root / f"{name}.key", "--data", self.root / f"{name}.csv",
            "--policy", self.root / "policy.toml", "--ledger", self.homes / f"{name}.jsonl",
            "--home", self.homes / name, "--workers", 1, "--quiet", *words,
        )  # fmt: skip

    def federate(self, *words):
        return self.run(*self.federate_words(*words))

    def answer(self, name, *words):
        return self.run(*self.answer_words(name, *words))

    def asked(self):
        """Everybody has signed, and opinions are asked for."""
        assert self.federate().code == 75
        for name in NAMES:
            assert self.answer(name, "--accept").code == 0
        assert self.federate().code == 75

    def content(self):
        return {p.relative_to(self.place).as_posix(): p.read_bytes() for p in self.place.rglob("*") if p.is_file()}


@pytest.fixture
def play(fluid, consortium, tmp_path):
    (tmp_path / "homes").mkdir()
    return Play(fluid, consortium, tmp_path / "place", tmp_path / "homes")


def labels_of(play):
    """What the labels hold for whoever can open them."""
    sealed = play.content()["outcome/labels.fluid.age"]
    return PrivateKeys.load(play.root / "hub.key", None).unseal(sealed)


def test_a_whole_round(play, files, tmp_path):
    first = play.federate()
    assert first.code == 75
    assert "Awaiting the signatures of ada, bob, cleo" in first.err
    unsigned = play.answer("ada")
    assert (unsigned.code, "hasn't accepted this charter" in unsigned.err) == (78, True)
    for name in NAMES:
        assert "Nothing is asked yet" in play.answer(name, "--accept").out
    assert "Awaiting the opinions of ada, bob, cleo" in play.federate().err
    for name in NAMES:
        said = play.answer(name)
        assert said.code == 0, said.err
        assert "What would leave: opinions" in said.out
        assert "Sent: replies/" in said.out
    again = play.answer("ada")
    assert (again.code, "answered already" in again.out) == (0, True)
    published = play.federate()
    assert "Labels are published in outcome/labels.fluid.age\nAwaiting the scorecards" in published.err
    assert "Error" not in published.err
    assert re.search(r"s\] labels\n.*s\] student\n", published.err)
    assert "Labels are published" not in play.federate().err
    for name in NAMES:
        said = play.answer(name, "--benchmark", files.external)
        assert said.code == 0, said.err
        assert f"fluid hybrid fit --labels {play.homes / name / 'labels.fluid'}" in said.out
        (own,) = (play.homes / name / "pseudonyms.txt").read_text().split()
        assert f"In the labels you are {own}; your mean share in them is " in said.out
    accounts = ("--contributions", tmp_path / "contributions.csv", "--labels", tmp_path / "labels.fluid")
    done = play.federate("--scorecards", tmp_path / "scorecards.csv", *accounts)
    assert done.code == 0, done.err
    assert "ada, hybrid on external: mcc" in done.out
    assert len((tmp_path / "scorecards.csv").read_text().splitlines()) > 6
    header, *lines = (tmp_path / "contributions.csv").read_text().splitlines()
    assert header == "partner,pseudonym,mean_share,fidelity,trust"
    told = {line.split(",")[0]: line.split(",")[1:3] for line in lines}
    assert {n: [known] for n, (known, _) in told.items()} == {
        n: (play.homes / n / "pseudonyms.txt").read_text().split() for n in NAMES
    }
    assert sum(float(share) for _, share in told.values()) == pytest.approx(1, abs=1e-4)
    assert not any(known in done.err for known, _ in told.values())
    mine = unpack((play.homes / "ada" / "labels.fluid").read_bytes())
    assert read_labels(tmp_path / "labels.fluid", Charter.from_toml((play.root / "charter.toml").read_text())) == mine
    before = play.content()
    again = play.federate("--scorecards", tmp_path / "again.csv", "--contributions", tmp_path / "again-shares.csv")
    assert again.out == done.out
    assert "Nothing has changed since the labels were published" in again.err
    assert "as --again does" in again.err
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "scorecards.csv").read_bytes()
    assert (tmp_path / "again-shares.csv").read_bytes() == (tmp_path / "contributions.csv").read_bytes()
    anew = play.federate("--again")
    assert (anew.code, anew.out) == (0, done.out)
    assert "Nothing has changed" not in anew.err
    assert play.content() == before
    assert isinstance(unpack((play.homes / "ada" / "labels.fluid").read_bytes()), FederatedLabels)

    sealed = play.place / "outcome" / "labels.fluid.age"
    assert "A sealed file (age)" in play.run("inspect", sealed).out
    charter = ("--charter", play.root / "charter.toml")
    told = play.run("inspect", sealed, *charter, "--key", play.root / "ada.key")
    assert (told.code, "opened by the key of ada" in told.out, "valid: hub" in told.out) == (0, True, True)
    assert "anon-" in told.out
    assert "ada, mean share" not in told.out
    play.run("keys", "new", "mallory", "--no-passphrase", "--out", tmp_path)
    refused = play.run("inspect", sealed, *charter, "--key", tmp_path / "mallory.key")
    assert (refused.code, "can't be opened by the keys of mallory" in refused.err) == (76, True)

    shown = play.run("status", play.place)
    assert (shown.code, "The round is finished" in shown.out) == (0, True)
    table = json.loads(play.run("status", play.place, "--json").out)
    assert table["finished"] is True
    assert [m["name"] for m in table["members"]] == ["hub", *NAMES]
    assert {a["state"] for m in table["members"][1:] for a in m["answers"].values()} == {"answered"}
    assert len((play.homes / "ada.jsonl").read_text().splitlines()) == 2


def test_a_new_policy_comes_too_late_for_what_was_sent(play, tmp_path):
    play.federate()
    missing = play.answer("ada", "--accept", "--policy", tmp_path / "none.toml")
    assert (missing.code, "none.toml" in missing.err) == (66, True)
    play.asked()
    assert play.answer("ada").code == 0
    assert "has no effect" not in play.answer("ada").out
    (tmp_path / "strict.toml").write_text(to_toml(Policy(decimals=1)))
    assert "has no effect on what was sent" in play.answer("ada", "--policy", tmp_path / "strict.toml").out


def test_a_dry_run_writes_what_would_leave_and_nothing_else(play):
    play.asked()
    before = play.content()
    shown = play.answer("ada", "--dry-run")
    assert shown.code == 0, shown.err
    assert play.content() == before
    assert not (play.homes / "ada.jsonl").exists()
    prepared = Path(shown.out.rpartition("This file would: ")[2].strip())
    data = prepared.read_bytes()
    assert play.answer("ada").code == 0
    (name,) = set(play.content()) - set(before)
    assert play.content()[name] == data
    assert Path(name).name == prepared.name


def test_the_digest_that_was_told_by_telephone(play):
    assert play.federate().code == 75
    told = Charter.from_toml((play.root / "charter.toml").read_text()).digest
    before = play.content()
    another = play.answer("ada", "--accept", "--expect", "sha256:" + "0" * 64)
    assert (another.code, told in another.err) == (78, True)
    assert play.answer("ada", "--accept", "--expect", "as agreed").code == 64
    assert play.answer("ada", "--accept", "--expect", told[:12]).code == 64  # sha256: and five digits are too few
    assert play.content() == before
    assert play.answer("ada", "--accept", "--expect", told.upper()[:30]).code == 0
    assert "agreements/ada.json" in play.content()


def test_sealed_or_not_the_labels_are_the_same(play, fluid, consortium, tmp_path):
    play.asked()
    other = Play(fluid, consortium, tmp_path / "other", tmp_path / "other-homes")
    other.homes.mkdir()
    other.asked()
    (tmp_path / "open.toml").write_text("sealed = false\napproval = false")
    for name in NAMES:
        in_the_open = other.answer(name, "--no-seal", "--policy", tmp_path / "open.toml")
        assert play.answer(name).code == in_the_open.code == 0
    assert play.federate().code == other.federate().code == 75
    assert labels_of(play) == labels_of(other)
    assert {Path(k).suffix for k in other.content() if k.startswith("replies")} == {".fluid"}


def test_a_policy_that_wants_a_person(play, tmp_path):
    play.asked()
    (tmp_path / "strict.toml").write_text(to_toml(Policy(approval=True)))
    strict = ("--policy", tmp_path / "strict.toml")
    refused = play.answer("ada", *strict)
    assert (refused.code, "--dry-run" in refused.err) == (77, True)
    assert not any(name.startswith("replies") for name in play.content())
    approved = play.answer("ada", *strict, "--yes", "Ada L.")
    assert approved.code == 0, approved.err
    assert json.loads((play.homes / "ada.jsonl").read_text())["approver"] == "Ada L."


def test_declining_is_an_answer(play):
    play.asked()
    for name in ("ada", "bob"):
        assert play.answer(name).code == 0
    assert "our lawyers" in play.answer("cleo", "--decline", "our lawyers are on holiday").out
    assert "Awaiting the scorecards" in play.federate().err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--as", "bob"), 64, "--as is bob, and the key is that of ada"),
        (("--data", "gone.csv"), 66, "gone.csv isn't there"),
        (("--policy", "gone.toml"), 66, "gone.toml"),
    ],
)
def test_wrong_options(play, words, code, said):
    play.asked()
    found = play.answer("ada", *words)
    assert (found.code, said in found.err) == (code, True), found.err


def test_no_consortium_there(play, tmp_path):
    play.place.mkdir()
    assert play.run("status", play.place).code == 66
    assert play.answer("ada").code == 66
    assert play.run("status", tmp_path / "nowhere").code == 66


@pytest.mark.parametrize("option", ["--key", "--home", "--ledger", "--policy", "--passphrase-file"])
def test_nothing_private_may_lie_in_the_place(option, play, tmp_path):
    play.federate()
    before = play.content()
    inside = (play.homes / ".." / "place" / "ada.key") if option == "--key" else play.place / "sub" / "mine"
    for words in ((), ("--dry-run",)):
        refused = play.answer("ada", "--accept", *words, option, inside)
        assert (refused.code, f"{option} is " in refused.err) == (64, True), refused.err
    assert play.content() == before


@pytest.mark.parametrize("option", ["--key", "--scorecards"])
def test_nothing_private_of_the_coordinator_either(option, play):
    refused = play.federate(option, play.place / "mine")
    assert (refused.code, "outside of the place" in refused.err) == (64, True)
    assert not play.place.exists()


def test_a_link_does_not_hide_where_a_key_lies(play, tmp_path):
    play.federate()
    (play.place / "ada.key").symlink_to(play.root / "ada.key")
    (tmp_path / "ada.key").symlink_to(play.place / "mine")
    for key in (play.place / "ada.key", tmp_path / "ada.key"):
        assert play.answer("ada", "--accept", "--key", key).code == 64


def test_a_coordinator_does_not_answer(play):
    play.federate()
    said = play.run("answer", play.place, "--as", "hub", "--key", play.root / "hub.key")
    assert (said.code, "is the charter's coordinator" in said.err) == (78, True)


def test_killed_at_any_moment_the_same_command_goes_on(play, spawn, fluid, consortium, tmp_path):
    """Kill -9 of coordinator and partners; repeating comes to the labels that an undisturbed round has."""
    calm = Play(fluid, consortium, tmp_path / "calm", tmp_path / "calm-homes")
    calm.homes.mkdir()
    calm.asked()
    for name in NAMES:
        calm.answer(name)
    calm.federate()
    chance = random.Random(5)
    play.asked()

    def killed(words):
        process = spawn(*words)
        time.sleep(chance.uniform(0.3, 3))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    for name in NAMES:
        killed(play.answer_words(name))
        assert play.answer(name).code == 0
    killed(play.federate_words())
    assert "Awaiting the scorecards" in play.federate().err
    assert labels_of(play) == labels_of(calm)
    assert not any(name.startswith("quarantine") for name in play.content())
    for name in NAMES:
        ledger = [json.loads(line) for line in (play.homes / f"{name}.jsonl").read_text().splitlines()]
        assert [entry["kind"] for entry in ledger] == ["Annotations"]
