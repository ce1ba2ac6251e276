"""A round under the preset private, by the commands that are typed: proved, kept, paid for, and of use afterwards."""

import csv

import pytest

from fluidmol.partner.policy import Policy
from fluidmol.partner.policy_file import to_toml
from fluidmol.trust.keys import PrivateKeys
from fluidmol.values.charter import Charter
from fluidmol.values.codec import unpack
from fluidmol.values.private_model import PrivateModel

NAMES = ("ada", "bob")


@pytest.fixture(scope="module")
def consortium(tmp_path_factory, fluid, files, rows, as_table):
    """Keys, private files, public directions of the transfer set, and a charter of the default recipe."""
    root = tmp_path_factory.mktemp("private")
    for name in ("hub", *NAMES):
        assert fluid("keys", "new", name, "--no-passphrase", "--out", root).code == 0
    for index, name in enumerate(NAMES):
        (root / f"{name}.csv").write_text(as_table(rows[index * 78 : (index + 1) * 78]))
    (root / "policy.toml").write_text(to_toml(Policy()))
    (root / "strict.toml").write_text(to_toml(Policy(budget=3.0)))
    built = fluid(
        "representation", "build", "--transfer", files.transfer, "--set", "directions=8", "--set", "bits=256",
        "--out", root / "directions.fluid", "--quiet",
    )  # fmt: skip
    assert built.code == 0, built.err
    parties = [word for name in NAMES for word in ("--partner", root / f"{name}.pub")]
    made = fluid(
        "charter", "new", "--name", "toy", "--endpoint", "amine", "--description", "has a basic amine",
        "--transfer", files.transfer, "--representation", root / "directions.fluid",
        "--coordinator", root / "hub.pub", *parties, "--set", "hybrid.rounds=10", "--set", "hybrid.leaf=2",
        "--set", "union.folds=2", "--out", root / "charter.toml", "--quiet",
    )  # fmt: skip
    assert made.code == 0, made.err
    return root


@pytest.fixture(scope="module")
def answer(fluid, consortium):
    """What a partner types."""

    def run(name, *words, policy="policy.toml"):
        return fluid(
            "answer", consortium / "place", "--as", name, "--key", consortium / f"{name}.key", "--workers", 1,
            "--policy", consortium / policy, "--home", consortium / f"home-{name}", "--quiet", *words,
        )  # fmt: skip

    return run


@pytest.fixture(scope="module")
def played(fluid, consortium, answer):
    """A round that is over, and what ada was shown first."""

    def federate():
        return fluid(
            "federate", consortium / "charter.toml", consortium / "place", "--key", consortium / "hub.key",
            "--workers", 1,
        )  # fmt: skip

    assert federate().code == 75
    for name in NAMES:
        assert answer(name, "--accept").code == 0
    assert federate().code == 75
    refused = answer("ada", "--data", consortium / "ada.csv", policy="strict.toml")
    model = (consortium / "home-ada" / "private-model.fluid").read_bytes()
    shown = answer("ada", "--data", consortium / "ada.csv", "--dry-run")
    for name in NAMES:
        said = answer(name, "--data", consortium / f"{name}.csv")
        assert said.code == 0, said.err
    assert federate().code == 75
    for name in NAMES:
        said = answer(name, "--data", consortium / f"{name}.csv")
        assert said.code == 0, said.err
    last = federate()
    assert last.code == 0, last.err
    return {"refused": refused, "model": model, "shown": shown}


def test_a_new_charter_is_private_unless_another_recipe_is_asked_for(consortium):
    charter = Charter.from_toml((consortium / "charter.toml").read_text())
    assert (charter.preset, charter.privacy.name) == ("private", "gaussian")


def test_the_charter_says_what_is_proved(fluid, consortium):
    said = " ".join(fluid("charter", "show", consortium / "charter.toml").out.split())
    assert "Proved: epsilon 4 at delta 1e-05 for one compound" in said
    assert "the ROC AUC is at most 0.75" in said
    assert "A model of your own can't answer under this charter" in said


def test_what_the_budget_does_not_allow_does_not_leave(played):
    assert played["refused"].code == 77
    assert "0 private models have spoken before" in played["refused"].err
    assert "the policy's budget is 3" in played["refused"].err


def test_the_model_is_made_once_however_often_it_is_looked_at(consortium, played):
    assert (consortium / "home-ada" / "private-model.fluid").read_bytes() == played["model"]
    assert isinstance(unpack(played["model"]), PrivateModel)
    assert "Privacy budget: epsilon 0 spent before, 4 with this release, of 8 at delta 1e-05." in played["shown"].out
    assert "Proved: epsilon 4" in played["shown"].out


def test_the_ledger_has_the_cost_once_a_partner(fluid, consortium, played):
    lines = (consortium / "ada-ledger.jsonl").read_text().splitlines()
    assert sum('"private": "gaussian 1.08' in line for line in lines) == 1
    said = fluid("ledger", "show", consortium / "ada-ledger.jsonl").out
    assert "epsilon 4 at delta 1e-05" in said


def test_directions_lie_in_the_place_and_at_home(consortium, played):
    charter = Charter.from_toml((consortium / "charter.toml").read_text())
    for folder in (consortium / "place", consortium / "home-ada"):
        assert (
            unpack((folder / "representation.fluid").read_bytes()).digest == dict(charter.featuriser.options)["digest"]
        )


def test_a_hybrid_of_the_round_predicts_in_another_process(fluid, consortium, played, files, monkeypatch, tmp_path):
    monkeypatch.setenv("FLUID_CACHE", str(tmp_path / "empty"))
    home = consortium / "home-ada"
    fitted = fluid(
        "hybrid", "fit", "--labels", home / "labels.fluid", "--charter", home / "charter.toml",
        "--transfer", home / "transfer.fluid", "--data", consortium / "ada.csv", "--as", "ada",
        "--out", tmp_path / "hybrid", "--quiet",
    )  # fmt: skip
    assert fitted.code == 0, fitted.err
    said = fluid("predict", files.external, "--model", tmp_path / "hybrid", "--out", tmp_path / "p.csv")
    assert said.code == 0, said.err
    with (tmp_path / "p.csv").open(newline="") as file:
        found = list(csv.DictReader(file))
    assert len(found) == 39
    assert all(0 <= float(row["probability"]) <= 1 for row in found)


def test_a_place_with_other_directions_is_refused(fluid, consortium, played, answer, tmp_path):
    place = consortium / "place" / "representation.fluid"
    before = place.read_bytes()
    built = fluid(
        "representation", "build", "--transfer", consortium / "transfer.fluid", "--set", "directions=4",
        "--set", "bits=256", "--out", tmp_path / "others.fluid", "--quiet",
    )  # fmt: skip
    assert built.code == 0, built.err
    try:
        place.write_bytes((tmp_path / "others.fluid").read_bytes())
        said = answer("ada", "--data", consortium / "ada.csv")
        assert said.code == 78
        assert "the charter names" in said.err
    finally:
        place.write_bytes(before)


def test_labels_are_not_for_whoever_holds_the_place(consortium, played):
    (sealed,) = (consortium / "place" / "outcome").glob("labels*")
    assert sealed.suffix == ".age"
    assert PrivateKeys.load(consortium / "bob.key", None).unseal(sealed.read_bytes())
