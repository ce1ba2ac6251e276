"""A round by ``party.toml``: at most four commands for a partner, none of which needs an option."""

from types import SimpleNamespace

import pytest

NAMES = ("ada", "bob")

MODEL = """
from sklearn.naive_bayes import BernoulliNB

def bayes():
    return BernoulliNB()
"""


@pytest.fixture(scope="module")
def consortium(tmp_path_factory, fluid, files, rows, as_table):
    """A coordinator's keys and charter, and two companies' folders with nothing but their data."""
    root = tmp_path_factory.mktemp("party")
    assert fluid("keys", "new", "hub", "--no-passphrase", "--out", root / "hub").code == 0
    for place, name in enumerate(NAMES):
        (root / name).mkdir()
        (root / name / "assay.csv").write_text(as_table(rows[place::2]))
        (root / name / f"{name}_models.py").write_text(MODEL)
    return SimpleNamespace(
        root=root, hub=root / "hub", share=root / "share", transfer=files.transfer, recipe=files.experts
    )


@pytest.fixture(scope="module")
def at(consortium, fluid):
    """Run a command in a company's folder."""

    def run(name, *words):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(consortium.root / name)
            return fluid(*words)

    return run


def federate(at, consortium):
    return at("hub", "federate", "charter.toml", consortium.share, "--key", "hub.key", "--workers", 1, "--quiet")


@pytest.fixture(scope="module")
def invited(consortium, at):
    """All have made their files, and the coordinator the charter."""
    for name in NAMES:
        made = at(name, "party", "new", name, "--place", "../share", "--data", "assay.csv", "--no-passphrase")
        assert made.code == 0, made.err
        assert f"{name}.pub  (send it to the coordinator)" in made.out
    parties = [word for name in NAMES for word in ("--partner", f"../{name}/{name}.pub")]
    made = at(
        "hub", "charter", "new", "--name", "by party", "--endpoint", "amine", "--description", "has a basic amine",
        "--transfer", consortium.transfer, "--charter", consortium.recipe, "--coordinator", "hub.pub", *parties,
        "--quiet",
    )  # fmt: skip
    assert made.code == 0, made.err
    assert federate(at, consortium).code == 75


@pytest.fixture(scope="module")
def played(consortium, invited, at):
    """The round, with what each command said."""
    own = consortium.root / "bob" / "party.toml"
    own.write_text(own.read_text().replace('# teacher = "our_models:forest"', 'teacher = "bob_models:bayes"'))
    said = {}
    for name in NAMES:
        said["check", name] = at(name, "party", "check", "--quiet")
        said["accept", name] = at(name, "answer", "--accept")  # the second of four: party new was the first
    assert federate(at, consortium).code == 75
    for name in NAMES:
        said["unapproved", name] = at(name, "answer", "--quiet")
        said["unseen", name] = at(name, "answer", "--yes", "Ada Hill", "--quiet")
        seen = said["unapproved", name].out.partition("--digest ")[2].split()[0]
        said["answer", name] = at(name, "answer", "--yes", "Ada Hill", "--digest", seen, "--quiet")
    assert federate(at, consortium).code == 75
    for name in NAMES:
        said["labels", name] = at(name, "answer", "--quiet")
    assert federate(at, consortium).code == 0
    return said


@pytest.mark.parametrize("name", NAMES)
def test_four_commands_from_the_invitation_to_the_labels(name, played, at):
    assert played["check", name].code == 0, played["check", name].out
    assert "charter 'by party'" in played["check", name].out
    assert "classes from active, active:" in played["check", name].out
    assert ("your own: teacher bob_models:bayes" in played["check", name].out) == (name == "bob")
    assert played["accept", name].code == 0
    unapproved = played["unapproved", name]
    assert (unapproved.code, "wants a person to approve" in unapproved.err) == (77, True), unapproved.err
    unseen = played["unseen", name]
    assert (unseen.code, "--yes comes without --digest" in unseen.err) == (77, True), unseen.err
    assert played["answer", name].code == 0, played["answer", name].err
    assert "Options that aren't given are those of party.toml." in played["answer", name].err
    assert played["labels", name].code == 0, played["labels", name].err  # an empty scorecard needs nobody
    assert "The labels are in" in played["labels", name].out
    assert at(name, "status").code == 0
    assert at(name, "party", "check", "--quiet").out.count("intact, 2 releases") == 1


@pytest.fixture(scope="module")
def hybrid(consortium, played, at):
    """Bob's hybrid, made without an option for what party.toml says."""
    made = at("bob", "hybrid", "fit", "--folds", 2, "--workers", 1, "--quiet")
    assert made.code == 0, made.err
    return consortium.root / "bob" / "hybrid"


def test_what_comes_after_needs_no_option_either(hybrid, at, tmp_path):
    tuned = at("bob", "hybrid", "tune", "--split", "random", "--folds", 3, "--workers", 1, "--quiet")
    assert tuned.code == 0, tuned.err
    assert '"kind": "estimator"' in (hybrid / "model.json").read_text()
    molecules = tmp_path / "few.smi"
    molecules.write_text("NCCc1ccccc1\nCc1ccccc1\n")
    for more in ((), ("--model", "student")):
        out = tmp_path / f"{len(more)}.csv"
        said = at("bob", "predict", molecules, "--out", out, "--workers", 1, "--quiet", *more)
        assert said.code == 0, said.err
        assert len(out.read_text().splitlines()) == 3


def test_one_page_tells_what_came_of_the_round(consortium, hybrid, at):
    molecules = consortium.root / "bob" / "few.smi"
    molecules.write_text("NCCc1ccccc1 <b>one</b>\nOB(O)c1ccccc1 two\nno-molecule three\n")
    assert at("bob", "predict", "few.smi", "--workers", 1, "--quiet").code == 0
    tuned = ("--split", "random", "--folds", 3, "--out", "tuned", "--workers", 1, "--quiet")
    assert at("bob", "hybrid", "tune", *tuned).code == 0
    made = at("bob", "party", "report", "--out", "page.html")
    assert made.code == 0, made.err
    path = consortium.root / "bob" / "page.html"
    assert path.stat().st_mode & 0o077 == 0
    page = path.read_text()
    for said in (
        "2 replies to hub, 1 of them with opinions.", "Approved by Ada Hill.", "The labels have come.", "Verdict: ",
        "No audit of this charter&#39;s release was made.", "fluid hybrid tune --split cluster",
        "Never send it to others", "(you)", "B(O)O",
    ):  # fmt: skip
        assert said in page, said
    for words in (("party", "report"), ("hybrid", "fit"), ("predict", "few.smi"), ("audit", "--quick")):
        outside = at("bob", *words, f"--out={consortium.share / 'page.html'}")
        assert (outside.code, "which lies in" in outside.err) == (64, True), words
    assert not (consortium.share / "page.html").exists()
    assert page.count('class="structure"') >= 4, "both molecules, and what is near to each"
    assert "<b>one</b>" not in page
    assert "http://" not in page.partition("<script")[0]
    assert "https://" not in page.partition("<script")[0]
    assert at("ada", "party", "report").code == 0
    (consortium.root / "fresh").mkdir()
    assert at("fresh", "party", "new", "eve", "--no-passphrase").code == 0
    early = at("fresh", "party", "report")
    assert (early.code, "doesn't tell which folder" in early.err) == (66, True)


def test_the_coordinators_page_names_who_answered(consortium, played, at):
    words = ("charter.toml", consortium.share, "--key", "hub.key", "--report", "page.html", "--workers", 1, "--quiet")
    made = at("hub", "federate", *words)
    assert made.code == 0, made.err
    page = (consortium.hub / "page.html").read_text()
    for said in (
        "2 of 2 partners gave an opinion.",
        "The quorum of 2 is just met",
        "Too few partners to tell",
        "anon-",
    ):
        assert said in page, said
    assert (consortium.hub / "page.html").stat().st_mode & 0o077 == 0


def test_options_override_the_file(consortium, invited, at):
    other = at("ada", "answer", "--as", "bob", "--dry-run", "--quiet")
    assert (other.code, "--as is bob, and the key is that of ada" in other.err) == (64, True)
    (consortium.root / "ada" / "named.toml").write_text(
        '[party]\nname = "ada"\nkey = "no.key"\n[place]\naddress = "../share"\n'
    )
    missing = at("ada", "--party", "named.toml", "answer")
    assert (missing.code, "no.key" in missing.err) == (66, True), missing.err
    assert at("ada", "--party", "absent.toml", "answer").code == 66


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[party]\nnme = 'ada'", "unknown entry 'nme' in [party]. Did you mean name?"),
        ("[partie]\nname = 'ada'", "unknown section [partie]. Did you mean party?"),
        ("[party]\nname = 7", "name in [party] is 7. Expected a text in quotation marks"),
        ("[data]\nthreshold = 'ten'", "threshold in [data] is 'ten'. Expected a number"),
        ("[model]\nunseen = 1", "unseen in [model] is 1. Expected true or false"),
        ("party = 'ada'", "party is 'ada'. Expected a section: [party]"),
        ("[party", "isn't TOML"),
    ],
)
def test_a_file_that_is_not_understood_is_refused(text, said, fluid, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "party.toml").write_text(text)
    for words in (("answer",), ("party", "check"), ("predict", "a.smi")):
        result = fluid(*words)
        assert (result.code, said in result.err) == (65, True), result.err


def test_nothing_is_made_twice(fluid, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert fluid("party", "new", "ada", "--no-passphrase").code == 0
    assert '# address = "../share"' in (tmp_path / "party.toml").read_text(), "what is missing can be filled in"
    key = (tmp_path / "ada.key").read_bytes()
    again = fluid("party", "new", "ada", "--no-passphrase")
    assert (again.code, "party.toml is there already" in again.err) == (73, True)
    (tmp_path / "party.toml").unlink()
    assert fluid("party", "new", "ada", "--no-passphrase").code == 0
    assert (tmp_path / "ada.key").read_bytes() == key


def test_all_that_can_not_be_used_is_told_at_once(fluid, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert fluid("party", "new", "ada", "--place", "nowhere", "--data", "no.csv", "--no-passphrase").code == 0
    (tmp_path / "policy.toml").write_text("decimal = 2")
    result = fluid("party", "check", "--quiet")
    assert result.code == 65
    assert result.out.count("NOT USABLE") == 3
    assert "Did you mean decimals?" in result.out
