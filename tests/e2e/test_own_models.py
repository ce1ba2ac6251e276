"""A round of companies that bring models of their own: a pipeline, a program, and a file."""

import csv
import json
import re
import signal
import sys
import time
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from fluidmol.chem.intake.transfer import read_molecules
from fluidmol.partner.policy import Policy
from fluidmol.partner.policy_file import to_toml
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.signed import opened
from fluidmol.values.charter import Charter

NAMES = ("ada", "bob", "cleo")

PIPELINE = """
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

def counts(smiles):
    return [[text.count("N"), text.count("O"), text.count("F"), len(text)] for text in smiles]

def amines():
    made = make_pipeline(FunctionTransformer(counts), LogisticRegression())
    made.fluid_input = "smiles"
    return made
"""

PROGRAM = """
import sys
for smiles in sys.stdin.read().split():
    print("" if "F" in smiles else f"{0.9 if 'N' in smiles else 0.2}\\t0.5")
"""


SHIFTED = """
import hashlib, sys
asked = sys.stdin.read().split()
print(0.5)
for smiles in asked[:-1]:
    print(hashlib.sha256(smiles.encode()).digest()[0] / 255)
"""


@pytest.fixture(scope="module")
def company(tmp_path_factory, fluid, files, rows, as_table):
    """Keys, a charter, a policy, and three models."""
    root = tmp_path_factory.mktemp("own-models")
    for name in ("hub", *NAMES):
        assert fluid("keys", "new", name, "--no-passphrase", "--out", root).code == 0
    (root / "policy.toml").write_text(to_toml(Policy()))
    (root / "ada.csv").write_text(as_table(rows))
    (root / "amine_models.py").write_text(PIPELINE)
    (root / "program.py").write_text(PROGRAM)
    (root / "shifted.py").write_text(SHIFTED)
    transfer = read_molecules(files.transfer).compounds
    said = [
        f"{key},{0.8 if 'N' in smiles else 0.1}"
        for smiles, key in zip(transfer.smiles, transfer.inchikeys, strict=True)
    ]
    (root / "predictions.csv").write_text("\n".join(["inchikey,probability", *said[:-10]]) + "\n")
    of_predicted = [
        f"{key},{'yes,0.8' if 'N' in smiles else 'no,0.9'}"
        for smiles, key in zip(transfer.smiles, transfer.inchikeys, strict=True)
    ]
    (root / "of_predicted.csv").write_text("\n".join(["inchikey,prediction,probability", *of_predicted]) + "\n")
    parties = [word for name in NAMES for word in ("--partner", root / f"{name}.pub")]
    made = fluid(
        "charter", "new", "--name", "own", "--endpoint", "amine", "--description", "has a basic amine", "--quiet",
        "--transfer", files.transfer, "--charter", files.experts, "--coordinator", root / "hub.pub", *parties,
        "--out", root / "charter.toml",
    )  # fmt: skip
    assert made.code == 0, made.err
    return SimpleNamespace(root=root, place=root / "place", n=len(transfer))


def words(company, name, *more):
    root = company.root
    key, policy = ("--key", root / f"{name}.key"), ("--policy", root / "policy.toml")
    return ("answer", company.place, "--as", name, *key, *policy, "--workers", 1, "--quiet", *more)


def homes(company):
    """Where each partner's home says by what labels call it."""
    return sorted(company.root.glob("*/pseudonyms.txt"))


def federate(fluid, company):
    root = company.root
    return fluid("federate", root / "charter.toml", company.place, "--key", root / "hub.key", "--workers", 1, "--quiet")


OWN = {
    "ada": ("--data", "ada.csv", "--teacher", "amine_models:amines"),
    "bob": ("--teacher-program", f"{sys.executable} program.py", "--teacher-batch", 50),
    "cleo": ("--predictions", "predictions.csv", "--teacher-weight", 0.2),
}


@pytest.fixture(scope="module")
def finished(company, fluid):
    """Where all have answered, and the labels are there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(company.root)
        assert federate(fluid, company).code == 75
        for name in NAMES:
            assert fluid(*words(company, name, "--accept")).code == 0
        assert federate(fluid, company).code == 75
        said = {name: fluid(*words(company, name, *OWN[name])) for name in NAMES}
        assert [result.code for result in said.values()] == [0, 0, 0], said
        assert federate(fluid, company).code == 75
        last = {name: fluid(*words(company, name, *OWN[name])) for name in NAMES}
        assert [result.code for result in last.values()] == [0, 0, 0], last
        assert federate(fluid, company).code == 0
    charter = Charter.from_toml((company.root / "charter.toml").read_text())
    sealed = (company.place / "outcome" / "labels.fluid.age").read_bytes()
    published = opened(PrivateKeys.load(company.root / "hub.key", None).unseal(sealed), charter.parties).value
    known = {(found.parent.name.partition("-")[0]): found.read_text().split()[0] for found in homes(company)}
    labels = published.renamed({pseudonym: name for name, pseudonym in known.items()})
    return SimpleNamespace(labels=getattr(labels, "labels", labels), said=said, last=last, answers=company.root)


def test_all_shape_the_labels_where_they_speak(finished, company):
    labels = finished.labels
    assert labels.partners == NAMES
    share = dict(zip(NAMES, labels.contribution[:, :, 0], strict=True))
    assert (share["ada"] > 0).all()
    assert 0 < (share["bob"] == 0).sum() < company.n
    assert (share["cleo"] == 0).sum() == 10
    active = labels.value[:, 0] > 0.5
    assert 0 < active.sum() < company.n
    assert np.isfinite(labels.value).all()


def test_what_leaves_is_shown_whatever_the_model(finished):
    for result in finished.said.values():
        assert "What would leave: opinions" in result.out
    assert "aren't known here" in finished.said["bob"].out


def test_who_has_no_compounds_is_sent_to_the_student(finished):
    assert "Your hybrid: fluid hybrid fit" in finished.last["ada"].out
    for name in ("bob", "cleo"):
        assert "fluid predict YOUR.smi --model student" in finished.last[name].out


def test_answers_of_the_program_are_kept_at_home_only(finished, company):
    kept = list(company.root.glob("bob-*/answers/*.tsv"))
    assert len(kept) == -(-company.n // 50)
    assert not list(company.place.rglob("*.tsv"))


def test_a_hybrid_for_who_has_compounds_and_the_student_for_who_has_none(finished, company, fluid, tmp_path):
    (home,) = (found.parent for found in homes(company) if found.parent.name.startswith("ada-"))
    labels = ("--labels", home / "labels.fluid", "--charter", company.root / "charter.toml")
    public = (*labels, "--transfer", company.place / "transfer.fluid")
    sealed = ("--labels", company.place / "outcome" / "labels.fluid.age", *public[2:])
    closed = fluid("predict", company.root / "ada.csv", "--model", "student", *sealed, "--out", tmp_path / "no.csv")
    assert (closed.code, "is sealed to the parties of its charter. Take labels.fluid from your home" in closed.err) == (
        76, True,
    )  # fmt: skip
    own = ("--data", company.root / "ada.csv", "--as", "ada", "--folds", 2, "--workers", 1, "--quiet")
    made = fluid("hybrid", "fit", *public, *own, "--out", tmp_path / "hybrid")
    assert made.code == 0, made.err
    elsewhere = tmp_path / "labels.fluid"
    elsewhere.write_bytes((home / "labels.fluid").read_bytes())
    lost = fluid("hybrid", "fit", "--labels", elsewhere, *public[2:], *own, "--out", tmp_path / "other")
    assert (lost.code, "pseudonyms.txt beside them says which is yours" in lost.err) == (64, True)
    refused = fluid("hybrid", "fit", *public, "--as", "bob", "--out", tmp_path / "other", "--quiet")
    assert (refused.code, "--model student" in refused.err) == (64, True)
    molecules = tmp_path / "few.smi"
    molecules.write_text("NCCc1ccccc1\nCc1ccccc1\n")
    for model in (("--model", tmp_path / "hybrid"), ("--model", "student", *public)):
        out = tmp_path / f"{len(model)}.csv"
        assert fluid("predict", molecules, *model, "--out", out, "--workers", 1, "--quiet").code == 0
        amine, other = (float(line.split(",")[3]) for line in out.read_text().splitlines()[1:])
        assert amine > other


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--teacher", "amine_models:amines"), 64, "Give --data"),
        (("--teacher", "amine_models:amine", "--data", "ada.csv"), 64, "Did you mean amines"),
        (("--teacher", "a:b", "--predictions", "predictions.csv"), 64, "--teacher and --predictions are given"),
        (("--teacher-input", "smiles"), 64, "without --teacher"),
        (("--teacher", "amine_models:amines", "--teacher-input", "graph", "--data", "ada.csv"), 64, "--teacher-input"),
        (("--teacher-program", "fluid-no-such-program"), 65, "can't be started"),
        (("--teacher-program", "'unfinished"), 64, "--teacher-program is"),
        (("--teacher-program", f"{sys.executable} -c 'print(7)'"), 65, "1 lines for"),
        (("--teacher-program", "cat", "--teacher-limit", 0), 64, "--teacher-limit is 0"),
        (("--teacher-program", "cat", "--teacher-batch", 0), 64, "--teacher-batch is 0"),
        (("--predictions", "predictions.csv", "--least-coverage", 1), 65, "Expected 100% or more"),
        (("--predictions", "predictions.csv", "--least-coverage", 2), 64, "--least-coverage is 2"),
        (("--predictions", "predictions.csv", "--probability-column", "p"), 65, "no column 'p'"),
        (("--predictions", "of_predicted.csv"), 65, "--probability-of active or --probability-of predicted"),
        (("--predictions", "of_predicted.csv", "--probability-of", "class"), 64, "--probability-of is 'class'"),
        (("--probability-of", "active"), 64, "--probability-of is given without --predictions"),
        (("--teacher-program", f"{sys.executable} shifted.py"), 65, "seem to stand 1 line too late"),
        (("--predictions", "absent.csv"), 66, "absent.csv"),
        (("--predictions", "predictions.csv", "--teacher-weight", 2), 64, "--teacher-weight is 2"),
        (("--data", "ada.csv", "--teacher-weight", 0.5), 64, "--teacher-weight is given without"),
    ],
    ids=str,
)
def test_refused_and_nothing_sent(more, code, said, finished, company, fluid, monkeypatch, tmp_path):
    monkeypatch.chdir(company.root)
    fresh = SimpleNamespace(root=company.root, place=unanswered(company, tmp_path))
    result = fluid(
        *words(
            fresh,
            "ada",
            "--home",
            tmp_path / "home",
            "--ledger",
            tmp_path / "l.jsonl",
            "--new-ledger",
            "--accept",
            *more,
        )
    )
    assert (result.code, said in result.err) == (code, True), result.err
    assert not list(fresh.place.glob("replies/*/ada-*"))


def test_interrupted_nothing_runs_on_and_repeated_it_goes_on(finished, company, spawn, fluid, monkeypatch, tmp_path):
    monkeypatch.chdir(company.root)
    fresh = SimpleNamespace(root=company.root, place=unanswered(company, tmp_path))
    slow = tmp_path / "slow.py"
    slow.write_text(
        "import os, pathlib, time\nhere = pathlib.Path(__file__)\n"
        "runs = here.with_name('runs'); runs.open('a').write(f'{os.getpid()}\\n')\n"
        f"if len(runs.read_text().split()) == 2: time.sleep(60)\n{PROGRAM}"
    )
    command = f"{sys.executable} {slow}"
    given = words(
        fresh, "bob", "--home", tmp_path / "home", "--ledger", tmp_path / "l.jsonl", "--new-ledger", "--accept",
        "--teacher-program", command, "--teacher-batch", 50,
    )  # fmt: skip
    process = spawn(*given, cwd=company.root)
    runs = tmp_path / "runs"
    deadline = time.monotonic() + 60
    while len(runs.read_text().split() if runs.exists() else ()) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    asleep = int(runs.read_text().split()[1])
    assert not psutil.pid_exists(asleep) or psutil.Process(asleep).status() == psutil.STATUS_ZOMBIE
    again = fluid(*given)
    assert again.code == 0, again.err
    assert re.search(r"Sent: replies/\w+/bob-", again.out)
    assert len(runs.read_text().split()) == 2 + -(-company.n // 50) - 1


def unanswered(company, tmp_path):
    """Give a copy of the place as it was before anybody answered."""
    place = tmp_path / "place"
    for path in company.place.rglob("*"):
        name = path.relative_to(company.place).as_posix()
        if re.fullmatch(r"charter\.toml|transfer\.fluid|agreements/.*|requests/1-[^.]*\.fluid", name):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(path.read_bytes())
    return place


def test_probability_of_the_predicted_class_leaves_as_that_of_the_active_one(
    finished, company, fluid, monkeypatch, tmp_path
):
    monkeypatch.chdir(company.root)
    fresh = SimpleNamespace(root=company.root, place=unanswered(company, tmp_path))
    given = ("--predictions", "of_predicted.csv", "--probability-of", "predicted", "--dry-run")
    result = fluid(
        *words(
            fresh,
            "cleo",
            "--home",
            tmp_path / "home",
            "--ledger",
            tmp_path / "l.jsonl",
            "--new-ledger",
            "--accept",
            *given,
        )
    )
    assert result.code == 0, result.err
    smallest, _, largest = re.search(r"probability \(\S+\) .*?([\d.]+) +([\d.]+) +([\d.]+)\n", result.out).groups()
    assert (float(smallest), float(largest)) == (0.1, 0.8)


class TestOwnModelIsTheBaseline:
    """Tune, fit and predict know the model that a company has without the consortium."""

    @pytest.fixture
    def hybrid(self, fluid, finished, company, monkeypatch):
        monkeypatch.chdir(company.root)
        homes_of = {found.parent.name.partition("-")[0]: found.parent for found in homes(company)}

        def run(verb, name, *more):
            public = ("--labels", homes_of[name] / "labels.fluid", "--charter", "charter.toml")
            place = ("--transfer", company.place / "transfer.fluid", "--data", "ada.csv", "--as", name)
            return fluid("hybrid", verb, *public, *place, "--folds", 3, "--workers", 1, "--quiet", *more)

        return run

    @pytest.fixture
    def of_own(self, company, rows):
        """Predictions of all own compounds, all of one probability but for a few."""
        path = company.root / "of_own.csv"
        said = [f"{row[0]},{0.9 if 'N' in row[0] else 0.15}" for row in rows]
        path.write_text("\n".join(["smiles,probability", *said]) + "\n")
        return path

    def test_tune_judges_against_the_estimator(self, hybrid, company, tmp_path):
        figures = {}
        for name, model in (("own", ("--teacher", "amine_models:amines")), ("charters", ())):
            result = hybrid("tune", "ada", "--split", "random", "--out", tmp_path / name, *model)
            assert result.code == 0, result.err
            table = csv.DictReader((tmp_path / name / "tune.csv").read_text().splitlines())
            figures[name] = {row["model"]: row for row in table if row["metric"] == "log_loss"}
        assert figures["own"]["teacher"]["value"] != figures["charters"]["teacher"]["value"]
        assert figures["own"]["student"]["value"] == figures["charters"]["student"]["value"]

    def test_what_is_fitted_elsewhere_must_not_have_seen_the_compounds(self, hybrid, of_own, tmp_path):
        program = ("--teacher-program", f"{sys.executable} program.py")
        for verb, out in (("tune", ()), ("fit", ("--out", tmp_path / "hybrid"))):
            for model in (program, ("--predictions", of_own)):
                refused = hybrid(verb, "ada", *out, *model)
                assert (refused.code, "say so with --unseen" in refused.err) == (64, True), refused.err
        silly = hybrid("tune", "ada", "--unseen")
        assert (silly.code, "--unseen is given without --teacher-program" in silly.err) == (64, True)
        silent = hybrid("tune", "ada", *program, "--unseen")
        assert (silent.code, "your model says nothing of" in silent.err) == (65, True), silent.err
        assert hybrid("tune", "ada", "--split", "random", "--predictions", of_own, "--unseen").code == 0

    @pytest.mark.parametrize("kind", ["estimator", "program", "predictions"])
    def test_predict_asks_the_model_that_was_brought(self, kind, hybrid, company, of_own, fluid, tmp_path):
        sure = company.root / "sure.py"
        sure.write_text(PROGRAM.replace('"" if "F" in smiles else ', ""))
        model = {
            "estimator": ("--teacher", "amine_models:amines"),
            "program": ("--teacher-program", f"{sys.executable} {sure}", "--unseen"),
            "predictions": ("--predictions", of_own, "--unseen"),
        }[kind]
        made = hybrid("fit", "ada", *model, "--out", tmp_path / "hybrid")
        assert made.code == 0, made.err
        facts = json.loads((tmp_path / "hybrid" / "model.json").read_text())
        assert facts["model"]["own"]["teacher"]["kind"] == kind
        molecules = tmp_path / "few.smi"
        molecules.write_text("NCCc1ccccc1\nCc1ccccc1\n")
        out = tmp_path / "out.csv"
        asked = fluid("predict", molecules, "--model", tmp_path / "hybrid", "--out", out, "--workers", 1, "--quiet")
        assert asked.code == 0, asked.err
        amine, other = (float(line.split(",")[3]) for line in out.read_text().splitlines()[1:])
        assert amine > other
