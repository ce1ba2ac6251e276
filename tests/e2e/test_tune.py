"""``fluid hybrid tune``, from files to a verdict."""

import csv
import json
import re
import shlex
import shutil

import attrs
import pyarrow.parquet as pq
import pytest

from fluidmol.chem.intake.labelled import read_labelled
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.partner.assay import Assay
from fluidmol.studies.consortium import Setup, divide
from fluidmol.values.charter import Charter
from fluidmol.values.codec import pack, unpack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part

VERDICTS = ("adopt", "no clear gain: keep your teacher", "harm")


@pytest.fixture(scope="session")
def own(files, tmp_path_factory, as_table):
    """What partner-1 holds in the runs of these files, with dates."""
    read = read_labelled(files.source, OutcomeColumns())
    assays, _ = divide(Assay(read.compounds, read.active), Setup(n_partners=3), Charter.from_preset("open").seed)
    mine = assays["partner-1"]
    rows = zip(mine.compounds.smiles, mine.active.astype(int), range(1980, 2100), strict=False)
    path = tmp_path_factory.mktemp("own") / "own.csv"
    path.write_text(as_table(rows, "smiles,active,year"))
    return path


@pytest.fixture(scope="session")
def asked(simulate, tmp_path_factory):
    """A finished run of experts, by the recipe open made quick."""
    folder = tmp_path_factory.mktemp("asked") / "RUN"
    charter = folder.with_name("charter.toml")
    quick = {"featuriser": Part("additive", {"bits": 256}), "hybrid": Part("lightgbm", {"rounds": 15})}
    charter.write_text(attrs.evolve(Charter.from_preset("open"), **quick).to_toml())
    result = simulate(folder, charter=charter, external=None)
    assert result.code == 0, result.err
    return folder


def as_packed(run):
    """The transfer set of a run, as a charter's coordinator hands it out."""
    table = pq.read_table(run / "labels.parquet")
    return pack(CompoundSet(table["smiles"].to_pylist(), table["inchikey"].to_pylist()))


@pytest.fixture
def tune(fluid, own, asked):
    def run(*words, assay=own, folder=asked, partner=("--partner", "partner-1")):
        options = ["--assay", assay, "--run", folder, *partner, "--folds", 3, "--workers", 1, "--quiet"]
        return fluid("hybrid", "tune", *options, *words)

    return run


@pytest.mark.parametrize("split", ["cluster", "scaffold", "random", "time"])
def test_a_verdict(split, tune, tmp_path):
    out = tmp_path / "new" / "tuned"
    result = tune("--split", split, *(("--date-column", "year") if split == "time" else ()), "--out", out)
    assert (result.code, result.err) == (0, "")
    verdict = re.search(r"^Verdict: (.*)$", result.out, re.MULTILINE)[1].strip()
    assert verdict in VERDICTS
    assert max(map(len, result.out.partition("Verdict")[0].splitlines())) <= 80
    facts = json.loads((out / "tune.json").read_text())
    assert (facts["verdict"], facts["plan"]["split"], facts["partner"]) == (verdict, split, "partner-1")
    rows = list(csv.DictReader((out / "tune.csv").read_text().splitlines()))
    assert {row["model"] for row in rows} == {"teacher", "alone", "student", "hybrid"}
    assert {row["split"] for row in rows} == {split}
    assert sorted(path.name for path in out.iterdir()) == ["tune.csv", "tune.json"]


def test_after_a_round_the_files_of_a_partners_home_are_enough(fluid, own, asked, tune, tmp_path):
    """Same figures from labels, charter and transfer set as from the run's folder."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("charter.toml", "labels.fluid"):
        shutil.copy(asked / name, home)
    (tmp_path / "transfer.fluid").write_bytes(as_packed(asked))
    files = ["--labels", home / "labels.fluid", "--charter", home / "charter.toml"]
    files += ["--transfer", tmp_path / "transfer.fluid"]
    plan = ["--split", "random", "--folds", 3, "--workers", 1, "--quiet", "--out", tmp_path / "a"]
    result = fluid("hybrid", "tune", "--data", own, "--as", "partner-1", *files, *plan)
    assert (result.code, result.err) == (0, "")
    assert tune("--split", "random", "--out", tmp_path / "b").code == 0
    assert (tmp_path / "a" / "tune.json").read_bytes() == (tmp_path / "b" / "tune.json").read_bytes()


def test_without_a_folder_nothing_is_written(tune, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert tune("--split", "random").code == 0
    assert not list(tmp_path.iterdir())


def test_no_compound_is_written(tune, own, tmp_path):
    assert tune("--split", "random", "--out", tmp_path).code == 0
    written = "".join(path.read_text() for path in tmp_path.iterdir())
    assert not any(
        row["smiles"] in written for row in csv.DictReader(own.read_text().splitlines()) if len(row["smiles"]) > 6
    )


def test_the_same_again_is_the_same(tune, tmp_path):
    for name in ("a", "b"):
        assert tune("--split", "random", "--out", tmp_path / name).code == 0
    for name in ("tune.csv", "tune.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_labels_of_a_run_by_the_papers_recipe(tune, good, tmp_path):
    result = tune("--alternatives", "--split", "random", "--out", tmp_path, folder=good.folder)
    assert result.code == 0, result.err
    assert "tuned" in result.out
    facts = json.loads((tmp_path / "tune.json").read_text())
    assert facts["leak"] == "", "these are the compounds that the run had"
    assert 0 < facts["own_share"] < 1
    assert facts["tuned"] in VERDICTS


def test_labels_made_with_other_compounds_leak_and_it_is_said(tune, own, good, tmp_path):
    turned = tmp_path / "own.csv"
    rows = list(csv.reader(own.read_text().splitlines()))
    turned.write_text("".join(f"{s},{1 - int(a) if a in '01' else a}\n" for s, a, _ in rows))
    result = tune("--split", "random", assay=turned, folder=good.folder)
    assert result.code == 0, result.err
    assert "Caution" in result.out
    assert "too good" in result.out


def test_a_newcomer(tune):
    result = tune("--split", "random", partner=("--newcomer",))
    assert result.code == 0, result.err


def test_results_are_replaced_only_when_asked(tune, tmp_path):
    (tmp_path / "tune.csv").write_text("mine")
    result = tune("--split", "random", "--out", tmp_path)
    assert (result.code, (tmp_path / "tune.csv").read_text()) == (73, "mine")
    assert "--overwrite" in result.err
    assert tune("--split", "random", "--out", tmp_path, "--overwrite").code == 0
    assert (tmp_path / "tune.csv").read_text().startswith("split,")


class TestRefused:
    @pytest.mark.parametrize(
        ("words", "code", "said"),
        [
            (("--split", "scafold"), 64, "Did you mean scaffold"),
            (("--split", "time"), 64, "--date-column"),
            (("--date-column", "year"), 64, "--split time"),
            (("--split", "time", "--date-column", "when"), 65, "no column 'when'"),
            (("--split", "time", "--date-column", "smiles"), 65, "no column 'smiles'"),
            (("--folds", 1), 64, "--folds is 1"),
            (("--repeats", 0), 64, "--repeats is 0"),
            (("--newcomer",), 64, "both --partner and --newcomer"),
            (("--workers", 0), 64, "--workers"),
            (("--active-column", "hit"), 65, "hit"),
            (("--value-column", "year"), 64, "--threshold"),
        ],
        ids=str,
    )
    def test_options(self, words, code, said, tune):
        result = tune(*words)
        assert result.code == code
        assert said in " ".join(result.err.split())
        assert "Traceback" not in result.err

    def test_neither_labels_nor_a_run(self, fluid, own):
        result = fluid("hybrid", "tune", "--data", own, "--newcomer")
        assert (result.code, "--labels" in result.err) == (64, True)

    def test_labels_and_a_run(self, tune, asked):
        result = tune("--labels", asked / "labels.fluid")
        assert (result.code, "--run" in result.err) == (64, True)

    def test_nobody_asks(self, tune):
        result = tune(partner=())
        assert (result.code, "--newcomer" in result.err) == (64, True)

    def test_an_unknown_partner(self, tune):
        result = tune(partner=("--partner", "partner-11"))
        assert result.code == 64
        assert "Did you mean partner-1" in result.err

    def test_a_date_that_cannot_be_read_is_told_and_costs_no_more_than_its_row(self, tune, own, tmp_path):
        path = tmp_path / "own.csv"
        path.write_text(own.read_text().replace(",1985\n", ",03/04/1985\n"))
        result = tune("--split", "time", "--date-column", "year", assay=path)
        assert result.code == 0, result.err
        assert "line 7" in result.out + result.err
        assert "'03/04/1985'" in result.out + result.err

    def test_dates_most_of_which_cannot_be_read_are_refused(self, tune, own, tmp_path):
        path = tmp_path / "own.csv"
        path.write_text(own.read_text().replace(",19", ",03/04/19"))
        result = tune("--split", "time", "--date-column", "year", assay=path)
        assert result.code == 65
        assert "is no date" in result.err

    def test_a_tiny_assay(self, tune, own, tmp_path):
        path = tmp_path / "own.csv"
        path.write_text("".join(own.read_text().splitlines(keepends=True)[:12]))
        result = tune(assay=path)
        assert (result.code, "too few" in result.err) == (65, True)

    def test_one_class(self, tune, own, tmp_path):
        path = tmp_path / "own.csv"
        path.write_text(own.read_text().replace(",1,", ",0,"))
        result = tune(assay=path)
        assert (result.code, "0 of them active" in result.err) == (65, True)

    def test_no_assay(self, tune, tmp_path):
        assert tune(assay=tmp_path / "own.csv").code == 66

    def test_no_run(self, tune, tmp_path):
        result = tune(folder=tmp_path / "RUN")
        assert (result.code, "no folder" in result.err) == (66, True)

    def test_a_folder_that_is_no_run(self, tune, tmp_path):
        result = tune(folder=tmp_path)
        assert (result.code, "charter.toml" in result.err) == (66, True)

    def test_the_charter_of_another_run(self, tune, asked, good, tmp_path):
        folder = shutil.copytree(asked, tmp_path / "RUN")
        shutil.copy(good.folder / "charter.toml", folder)
        result = tune(folder=folder)
        assert (result.code, "another charter" in result.err) == (65, True)

    def test_damaged_labels(self, tune, asked, tmp_path):
        folder = shutil.copytree(asked, tmp_path / "RUN")
        data = (folder / "labels.fluid").read_bytes()
        (folder / "labels.fluid").write_bytes(data[: len(data) // 2])
        result = tune(folder=folder)
        assert (result.code, "labels.fluid" in result.err) == (76, True)

    def test_a_file_for_a_folder(self, tune, own):
        assert tune("--out", own).code == 73
        result = tune("--out", own / "within")
        assert (result.code, "can't be written" in result.err) == (73, True)


def test_the_page_can_be_followed(root, fluid, own, asked, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(own, tmp_path / "own.csv")
    shutil.copytree(asked, tmp_path / "RUN")
    for name in ("charter.toml", "labels.fluid"):
        shutil.copy(asked / name, tmp_path)
    (tmp_path / "transfer.fluid").write_bytes(as_packed(asked))
    page = (root / "docs" / "hybrid.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    commands = [shlex.split(line) for block in blocks for line in block.splitlines()]
    assert commands
    for words in commands:
        result = fluid(*words[1:])
        assert result.code == 0, result.err
    assert (tmp_path / "tuned" / "tune.json").exists()
    tables = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    before, _, _ = (asked / "charter.toml").read_text().partition("[union]")
    assert Charter.from_toml(before + tables[0]).union.name == "local"


def test_other_measurements_than_ones_own_are_noticed(tune, own, tmp_path):
    assert "don't look like" not in tune("--split", "random").out
    with own.open(newline="") as file:
        rows = [row | {"active": 1 - int(row["active"])} for row in csv.DictReader(file)]
    other = tmp_path / "other.csv"
    with other.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    assert "don't look like" in tune("--split", "random", assay=other).out


def test_experts_of_other_features_are_refused(tune, asked, tmp_path):
    shutil.copytree(asked, tmp_path / "RUN")
    charter = Charter.from_toml((asked / "charter.toml").read_text())
    other = attrs.evolve(charter, featuriser=Part("additive", {"bits": 512}))
    (tmp_path / "RUN" / "charter.toml").write_text(other.to_toml())
    labels = unpack((asked / "labels.fluid").read_bytes())
    (tmp_path / "RUN" / "labels.fluid").write_bytes(pack(attrs.evolve(labels, charter=other.digest)))
    result = tune(folder=tmp_path / "RUN")
    assert result.code == 78
    assert "columns" in result.err


def test_labels_without_experts_are_cleared_or_it_is_said(tune, asked, tmp_path):
    shutil.copytree(asked, tmp_path / "RUN")
    labels = unpack((asked / "labels.fluid").read_bytes())
    (tmp_path / "RUN" / "labels.fluid").write_bytes(pack(attrs.evolve(labels, experts=None)))
    result = tune(folder=tmp_path / "RUN")
    assert result.code == 0
    with_experts = tune().out
    assert result.out != with_experts
