"""A real round of a regression, by the commands that are typed: from the charter to predictions with intervals."""

import csv
import re
from types import SimpleNamespace

import numpy as np
import pytest
from pyarrow.parquet import read_schema
from rdkit.Chem import MolFromSmiles, SDMolSupplier
from rdkit.Chem.Crippen import MolLogP

from fluidmol.partner.policy import Policy
from fluidmol.partner.policy_file import to_toml
from fluidmol.report.after.partner import PartnerFiles, partner_page
from fluidmol.rounds.partner.home import PSEUDONYMS, pseudonyms_in
from fluidmol.studies.synthetic import synthetic_consortium
from fluidmol.values.charter import Charter
from fluidmol.values.scale import Scale

NAMES = ("ada", "bob", "cleo")
OF_CLASSES = re.compile(r"\b(?:in)?actives?\b|probabilit|\bMCC\b|\bROC AUC: yours", re.IGNORECASE)
NAIVE = "sklearn.naive_bayes:BernoulliNB"
ENDS = ("--lowest", -3, "--highest", 8, "--unit", "logP")


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Molecules with their Crippen logP and some noise, in files, and what it is of each."""
    folder = tmp_path_factory.mktemp("values")
    found = synthetic_consortium(seed=1, n_labelled=540, n_external=240, n_transfer=160)
    rng = np.random.default_rng(0)
    truth = {
        smiles: MolLogP(MolFromSmiles(smiles)) + rng.normal(0, 0.3)
        for smiles in (*found.source_smiles, *found.external_smiles)
    }
    parts = {name: found.source_smiles[place::3] for place, name in enumerate(NAMES)}
    for name, smiles in (parts | {"held": found.external_smiles}).items():
        (folder / f"{name}.csv").write_text("smiles,logP\n" + "".join(f"{s},{truth[s]:.3f}\n" for s in smiles))
    (folder / "public.smi").write_text("".join(f"{s} P{i}\n" for i, s in enumerate(found.transfer_smiles)))
    (folder / "policy.toml").write_text(to_toml(Policy()))
    return SimpleNamespace(folder=folder, truth=truth)


@pytest.fixture(scope="module")
def keys(told, fluid):
    for name in ("hub", *NAMES):
        assert fluid("keys", "new", name, "--no-passphrase", "--out", told.folder).code == 0
    return told.folder


@pytest.fixture(scope="module")
def new(fluid, keys, told):
    """``fluid charter new`` for these parties; words replace or add options."""

    def run(*words, out):
        parties = [word for name in NAMES for word in ("--partner", keys / f"{name}.pub")]
        return fluid(
            "charter", "new", "--name", "toy", "--endpoint", "logp", "--description", "Crippen logP with noise",
            "--transfer", told.folder / "public.smi", "--coordinator", keys / "hub.pub", *parties, "--out", out,
            "--quiet", *words,
        )  # fmt: skip

    return run


@pytest.fixture(scope="module")
def answer(fluid, told, keys):
    """What a partner types."""

    def run(name, *words, data=True, policy="policy.toml"):
        own = ("--data", told.folder / f"{name}.csv", "--value-column", "logP") if data else ()
        return fluid(
            "answer", keys / "place", "--as", name, "--key", keys / f"{name}.key", "--policy", keys / policy,
            "--home", keys / f"home-{name}", "--workers", 1, "--quiet", *own, *words,
        )  # fmt: skip

    return run


@pytest.fixture(scope="module")
def played(fluid, keys, new, answer, told):
    """A round that is over, all that was said in it, and what is refused before the opinions leave."""
    said = []

    def keep(done, code=0):
        assert done.code == code, done.err
        said.append(done.out + done.err)
        return done

    def federate(*words):
        return fluid("federate", keys / "charter.toml", keys / "place", "--key", keys / "hub.key", "--quiet", *words)

    quick = ("--set", "featuriser.bits=256", "--set", "hybrid.rounds=20", "--set", "union.folds=2")
    keep(new("--preset", "open", *ENDS, *quick, out=keys / "charter.toml"))
    keep(fluid("charter", "show", keys / "charter.toml"))
    keep(fluid("charter", "check", keys / "charter.toml"))
    keep(federate(), 75)
    for name in NAMES:
        keep(answer(name, "--accept", data=False))
    keep(federate(), 75)
    refused = {
        name: answer("ada", *words, policy=policy, data=data)
        for name, (words, policy, data) in refusals(told.folder).items()
    }
    keep(answer("ada", "--dry-run"))
    for name in NAMES:
        keep(answer(name))
    keep(federate(), 75)
    for name in NAMES:
        keep(answer(name, "--benchmark", told.folder / "held.csv"))
    keep(federate("--report", keys / "hub.html"))
    keep(fluid("status", keys / "place"))
    home = keys / "home-ada"
    labels = ("--labels", home / "labels.fluid")
    own = ("--data", told.folder / "ada.csv", "--value-column", "logP", "--as", "ada")
    keep(fluid("hybrid", "fit", *labels, *own, "--out", keys / "hybrid", "--workers", 1, "--quiet"))
    for end in ("csv", "parquet", "sdf"):
        keep(fluid("predict", told.folder / "held.csv", "--model", keys / "hybrid", "--out", keys / f"p.{end}"))
    keep(fluid("predict", told.folder / "held.csv", "--model", "student", *labels, "--out", keys / "s.csv"))
    return SimpleNamespace(said="\n".join(said), refused=refused, labels=labels, own=own, home=home)


def refusals(folder):
    """What a partner may type that isn't for a regression, by name: words, policy, and whether data are as usual."""
    (folder / "hard.toml").write_text(to_toml(Policy(labels="hard", surest=0.0)))
    (folder / "audited.toml").write_text(to_toml(Policy(largest_auc=0.7)))
    lines = (folder / "ada.csv").read_text().splitlines()
    rows = [line.split(",") for line in lines[1:]]
    (folder / "far.csv").write_text("smiles,logP\n" + "".join(f"{s},{float(v) * 40:.2f}\n" for s, v in rows))
    (folder / "other.csv").write_text("smiles,value,units\n" + "".join(f"{s},{v},mg/mL\n" for s, v in rows))
    (folder / "same.csv").write_text("smiles,logP\n" + "".join(f"{s},1.5\n" for s, _ in rows))
    return {
        "classifier": (("--teacher", NAIVE), "policy.toml", True),
        "program": (("--teacher-program", "cat"), "policy.toml", True),
        "regressor": (("--teacher", "sklearn.linear_model:Ridge", "--dry-run"), "policy.toml", True),
        "threshold": (("--threshold", 1), "policy.toml", True),
        "classes": (("--data", folder / "ada.csv", "--active-column", "logP"), "policy.toml", False),
        "far": (("--data", folder / "far.csv", "--value-column", "logP"), "policy.toml", False),
        "unit": (("--data", folder / "other.csv", "--value-column", "value"), "policy.toml", False),
        "same": (("--data", folder / "same.csv", "--value-column", "logP", "--dry-run"), "policy.toml", False),
        "hard": ((), "hard.toml", True),
        "audited": ((), "audited.toml", True),
    }


def read(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def numbers(rows, name):
    return np.array([float(row[name]) for row in rows])


def test_the_charter_has_the_scale(keys, played):
    charter = Charter.from_toml((keys / "charter.toml").read_text())
    assert charter.endpoints[0].kind == "regression"
    assert charter.scale == Scale("logP", -3, 8)


def test_nothing_that_is_said_is_of_classes(played, keys):
    assert OF_CLASSES.search(played.said) is None
    assert "one value, as its position on this scale (0 to 1)" in " ".join(played.said.split())
    assert "positions rounded to" in played.said
    page = re.sub(r"<(style|script).*?</\1>", "", (keys / "hub.html").read_text(), flags=re.DOTALL)
    assert "Median label" in page
    assert "values beside the others" in page
    assert OF_CLASSES.search(page) is None


def test_predictions_are_values_and_intervals_hold_them(played, keys, told):
    rows = read(keys / "p.csv")
    truth = np.array([told.truth[row["smiles"]] for row in rows])
    value, lower, upper = (numbers(rows, name) for name in ("value", "lower", "upper"))
    assert np.corrcoef(truth, value)[0, 1] > 0.85
    assert (lower < value).all()
    assert (value < upper).all()
    # 240 molecules and 180 calibration compounds: 0.8, and a standard error of 0.04.
    assert 0.7 < ((lower <= truth) & (truth <= upper)).mean() < 0.9
    assert (upper - lower).mean() < 2.5
    assert {row["unit"] for row in rows} == {"logP"}
    assert not {"probability", "class", "conformal_set"} & set(rows[0])
    assert np.corrcoef(numbers(rows, "evidence_1_label"), value)[0, 1] > 0.4
    assert {row["applicability"] for row in rows} <= {"inside", "outside"}


def test_intervals_are_wider_far_from_own_compounds(played, keys):
    rows = read(keys / "p.csv")
    width = numbers(rows, "upper") - numbers(rows, "lower")
    near = numbers(rows, "own_similarity")
    assert np.corrcoef(width, near)[0, 1] < -0.99


def test_more_confidence_is_wider(fluid, played, keys, told):
    out = keys / "sure.csv"
    words = ("--model", keys / "hybrid", "--out", out, "--confidence", 0.95, "--evidence", 0)
    assert fluid("predict", told.folder / "held.csv", *words).code == 0
    sure, usual = read(out), read(keys / "p.csv")
    assert (numbers(sure, "upper") > numbers(usual, "upper")).all()
    assert not any(name.startswith("evidence") for name in sure[0])


def test_other_forms_have_the_same(played, keys):
    schema = read_schema(keys / "p.parquet")
    assert {str(schema.field(name).type) for name in ("value", "lower", "upper", "evidence_1_label")} == {"double"}
    first = next(iter(SDMolSupplier(str(keys / "p.sdf"))))
    assert first.GetProp("value") == read(keys / "p.csv")[0]["value"]


def test_a_student_has_values_and_no_intervals(played, keys, told):
    rows = read(keys / "s.csv")
    truth = [told.truth[row["smiles"]] for row in rows]
    assert np.corrcoef(truth, numbers(rows, "value"))[0, 1] > 0.85
    assert {(row["lower"], row["upper"], row["own_similarity"]) for row in rows} == {("", "", "")}


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("program", 78, "is a regression, and an own model knows classes only so far"),
        ("classifier", 65, "which is no regressor, and the endpoint is a regression"),
        ("threshold", 64, "--threshold is 1.0, and the endpoint is a regression"),
        ("classes", 64, "--active-column logP is given, and the endpoint is a regression"),
        ("far", 65, "lie outside"),
        ("unit", 65, "mg/mL"),
        ("hard", 77, 'labels = "hard"'),
        ("audited", 77, "no audit attacks so far"),
    ],
)
def test_what_is_not_of_this_regression_is_refused(played, name, code, words):
    said = played.refused[name]
    assert said.code == code, said.out + said.err
    assert words in " ".join(said.err.split())


def test_a_regressor_speaks_through_a_linear_model(played):
    said = played.refused["regressor"]
    assert said.code == 0, said.err
    assert "A linear model speaks for yours" in said.out
    assert "How true it is to yours isn't compared for values." in said.out
    assert OF_CLASSES.search(said.out) is None


def test_a_regressor_is_kept_in_the_hybrid(fluid, played, keys, told, tmp_path):
    ridge = ("--teacher", "sklearn.linear_model:Ridge")
    fitted = fluid("hybrid", "fit", *played.labels, *played.own, *ridge, "--out", tmp_path / "h", "--workers", 1)
    assert fitted.code == 0, fitted.err
    said = fluid("predict", told.folder / "held.csv", "--model", tmp_path / "h", "--out", tmp_path / "p.csv")
    assert said.code == 0, said.err
    rows = read(tmp_path / "p.csv")
    assert np.corrcoef([told.truth[row["smiles"]] for row in rows], numbers(rows, "value"))[0, 1] > 0.85


def test_opinions_are_explained_as_positions(fluid, played, keys):
    (asked,) = (keys / "place" / "requests").glob("1-annotate-*.fluid")
    (reply,) = (keys / "place" / "replies" / asked.stem.removeprefix("1-annotate-")).glob("ada-*")
    said = fluid("inspect", reply, "--charter", keys / "charter.toml", "--key", keys / "hub.key")
    assert said.code == 0, said.err
    assert "Position: where on the charter's scale" in " ".join(said.out.split())
    assert OF_CLASSES.search(said.out) is None


def test_a_file_is_checked_against_the_charter(fluid, played, keys):
    own = (keys / "ada.csv", "--charter", keys / "charter.toml", "--value-column", "logP")
    said = fluid("data", "check", *own)
    assert said.code == 0, said.err
    assert OF_CLASSES.search(said.out) is None


def test_who_has_one_value_declines(played):
    assert "our values are all the same" in played.refused["same"].out


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("audit", "CHARTER", "OWN", "--transfer", "TRANSFER", "--out", "OUT", "--quick"), "an audit knows classes"),
        (("hybrid", "tune", "LABELS", "OWN"), "what a hybrid gains knows classes"),
        (
            ("hybrid", "fit", "LABELS", "OWN", "--out", "OUT", "--teacher-program", "cat", "--unseen"),
            "an own model knows",
        ),
        (("export", "--onnx", "--model", "HYBRID", "--out", "OUT"), "an ONNX file knows classes"),
    ],
    ids=lambda case: case[0] if isinstance(case, tuple) else "",
)
def test_what_knows_classes_alone_says_so(fluid, played, keys, tmp_path, command, words):
    given = {
        "CHARTER": (keys / "charter.toml",), "OWN": played.own, "LABELS": played.labels, "OUT": (tmp_path / "out",),
        "TRANSFER": (keys / "place" / "transfer.fluid",), "HYBRID": (keys / "hybrid",),
    }  # fmt: skip
    said = fluid(*(each for word in command for each in given.get(word, (word,))))
    assert said.code == 78, said.out + said.err
    assert words in " ".join(said.err.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--lowest", 0, "--unit", "logP"), "a regression lacks --highest"),
        (("--lowest", 3, "--highest", 1, "--unit", "logP"), "expected the lower number first"),
        (("--lowest", 0, "--highest", 1, "--unit", "logP", "--transformation", "log10"), "log10 is defined above 0"),
        (("--lowest", 0, "--highest", 1, "--unit", "logP", "--transformation", "root"), "--transformation is root"),
        ((*ENDS, "--threshold", 1), "--threshold is given, and the endpoint is a regression"),
        ((*ENDS, "--quantity", "IC50", "--relations", "judge"), "--quantity, --relations is given"),
        (("--charter", "CHARTER", "--unit", "logP"), "--unit is given, and the endpoint is a regression"),
        (("--charter", "CHARTER", "--lowest", 0, "--highest", 1, "--unit", "logP"), "values from -3 to 8 logP"),
        ((*ENDS, "--preset", "paper-2025"), "is for classes, and the endpoint is a regression"),
    ],
    ids=str,
)
def test_charters_that_are_none(new, played, keys, tmp_path, words, said):
    found = new(*(keys / "charter.toml" if word == "CHARTER" else word for word in words), out=tmp_path / "c.toml")
    assert found.code in (64, 78)
    assert said in " ".join(found.err.split())
    assert not (tmp_path / "c.toml").exists()


def test_a_charter_of_values_is_a_recipe_of_values(new, played, keys, tmp_path):
    made = new("--charter", keys / "charter.toml", out=tmp_path / "c.toml")
    assert made.code == 0, made.err
    assert Charter.from_toml((tmp_path / "c.toml").read_text()).scale == Scale("logP", -3, 8)


def test_a_partners_page_is_of_values(played, keys):
    page = partner_page(
        PartnerFiles(
            name="ada", home=played.home, pseudonyms=pseudonyms_in(played.home / PSEUDONYMS),
            ledger=keys / "ada-ledger.jsonl", predictions=keys / "p.csv",
        )
    )  # fmt: skip
    shown = re.sub(r"<(style|script).*?</\1>", "", page, flags=re.DOTALL)
    assert "Value (logP)" in shown
    assert "nine in ten labels lie between" in shown
    assert OF_CLASSES.search(shown) is None
