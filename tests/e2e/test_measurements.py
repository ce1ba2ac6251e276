"""What every command says of the measurements that it has read, and what a charter makes of them."""

import csv
import json

import pytest

from fluidmol.partner.policy import Policy
from fluidmol.partner.policy_file import to_toml

LINE = "ic50_nM in nM (its name), no relations, active at or below 10 uM"
WORDS = ("--value-column", "ic50_nM", "--threshold", 10, "--unit", "uM")


def measured(rows):
    """Potencies in nM of rows with classes: 750 where active, 30 000 where not."""
    return [(smiles, 750 if active else 30_000) for smiles, active in rows]


@pytest.fixture(scope="session")
def potencies(rows, tmp_path_factory, as_table):
    """The source with values instead of classes; the last row has none."""
    path = tmp_path_factory.mktemp("potencies") / "potencies.csv"
    path.write_text(as_table([*measured(rows), ("CCO", "")], "smiles,ic50_nM"))
    return path


@pytest.fixture(scope="session")
def run(simulate, potencies, tmp_path_factory):
    """A finished run on values, and what was printed."""
    folder = tmp_path_factory.mktemp("measured") / "RUN"
    return folder, simulate(folder, *WORDS, source=potencies, external=None)


def n_active(rows):
    return sum(active for _, active in rows)


def test_simulate_prints_how_the_source_was_read(run, rows):
    _, result = run
    assert result.code == 0, result.err
    assert (
        f"potencies.csv: {LINE}: {n_active(rows)} of {len(rows)} usable rows, 1 rejected: no value (1)." in result.out
    )


def test_provenance_keeps_how_the_source_was_read(run):
    facts = json.loads((run[0] / "provenance.json").read_text())
    reading = next(entry["reading"] for entry in facts["inputs"] if entry["role"] == "source")
    assert reading["line"].startswith(LINE)
    assert (reading["column"], reading["units"], reading["unit_source"]) == ("ic50_nM", {"nM": 156}, "its name")


def test_report_shows_how_the_source_was_read(run):
    page = (run[0] / "report.html").read_text()
    assert "How measurements were read" in page
    assert LINE in page


def test_study_prints_and_keeps_how_the_source_was_read(fluid, files, potencies, tmp_path):
    result = fluid(
        "study", "teacher-cv", "--source", potencies, "--transfer", files.transfer, "--out", tmp_path / "lab",
        "--charter", files.forest, "--partners", 3, "--seeds", "1,2", "--workers", 1, "--quiet", *WORDS,
    )  # fmt: skip
    assert result.code == 0, result.err
    assert result.out.count(LINE) == 1
    facts = json.loads((tmp_path / "lab" / "teacher-cv" / "study.json").read_text())
    assert facts["by_seed"]["1"]["inputs"][0]["reading"]["line"].startswith(LINE)
    assert LINE in (tmp_path / "lab" / "report.html").read_text()


def test_tune_prints_and_keeps_how_own_compounds_were_read(fluid, run, rows, tmp_path, as_table):
    mine = tmp_path / "own.csv"
    mine.write_text(as_table(measured(rows[:60]), "smiles,ic50_nM"))
    result = fluid(
        "hybrid", "tune", "--assay", mine, "--run", run[0], "--newcomer", "--folds", 2, "--workers", 1, "--quiet",
        "--out", tmp_path / "tuned", *WORDS,
    )  # fmt: skip
    assert result.code == 0, result.err
    assert f"own.csv: {LINE}" in result.out
    assert json.loads((tmp_path / "tuned" / "tune.json").read_text())["reading"]["line"].startswith(LINE)


class TestDataCheck:
    def test_rows_are_written_as_they_are_understood(self, fluid, tmp_path):
        file, out = tmp_path / "a.csv", tmp_path / "rows.csv"
        file.write_text("smiles,IC50 (nM),relation\nCCO,750,=\nCCN,30000,>\nCCC,,=\nC1CC,5,=\nOCC,800,\n")
        result = fluid(
            "data", "check", file, "--value-column", "IC50 (nM)", "--threshold", 10, "--unit", "uM", "--out", out
        )
        assert result.code == 0, result.err
        found = list(csv.DictReader(out.read_text().splitlines()))
        assert list(found[0]) == ["row", "smiles", "inchikey", "value", "unit", "relation", "active", "reason"]
        shown = [(row["row"], row["value"], row["unit"], row["relation"], row["active"]) for row in found]
        assert shown == [
            ("2", "750", "nM", "=", "1"), ("3", "30000", "nM", ">", "0"), ("4", "", "", "", ""),
            ("5", "5", "nM", "=", ""), ("6", "800", "nM", "=", "1"),
        ]  # fmt: skip
        assert [row["reason"].partition(":")[0] for row in found] == ["", "", "no value", "unreadable SMILES", ""]
        assert found[0]["inchikey"] == found[4]["inchikey"] == "LFQSCWFLJHTTHZ-UHFFFAOYSA-N"

    def test_out_is_not_replaced_and_is_never_the_file_itself(self, fluid, tmp_path):
        file = tmp_path / "a.csv"
        file.write_text("smiles,active\nCCO,1\n")
        assert fluid("data", "check", file, "--out", file, "--overwrite").code == 64
        (tmp_path / "there.csv").write_text("mine")
        assert fluid("data", "check", file, "--out", tmp_path / "there.csv").code == 73
        assert (tmp_path / "there.csv").read_text() == "mine"

    @pytest.mark.parametrize(
        ("text", "words", "said"),
        [
            ("smiles,IC50\nCCO,90000\nCCN,750\n", WORDS[2:], "--value-unit"),
            ("smiles,a_unit,IC50,b_unit\nCCO,nM,5,uM\n", WORDS[2:], "units"),
            ("smiles,Outcome,Toxicity\nCCO,Positive,0\nCCN,Negative,1\n", (), "Choose one with --active-column"),
        ],
    )
    def test_what_can_not_be_known_is_refused_with_what_settles_it(self, fluid, tmp_path, text, words, said):
        file = tmp_path / "a.csv"
        file.write_text(text)
        result = fluid("data", "check", file, *(("--value-column", "IC50", *words) if words else ()))
        assert result.code == 65
        assert said in result.err


@pytest.fixture(scope="module")
def place(tmp_path_factory, fluid, files):
    """A consortium whose charter says IC50, 10 uM, limits left out; it has asked for opinions of one partner."""
    root = tmp_path_factory.mktemp("measure")
    for name in ("hub", "ada"):
        assert fluid("keys", "new", name, "--no-passphrase", "--out", root).code == 0
    (root / "policy.toml").write_text(to_toml(Policy()))
    made = fluid(
        "charter", "new", "--name", "toy", "--endpoint", "herg", "--description", "blocks",
        "--transfer", files.transfer, "--charter", files.forest, "--quorum", 1,
        "--coordinator", root / "hub.pub", "--partner", root / "ada.pub",
        "--quantity", "IC50", "--threshold", 10, "--unit", "uM", "--relations", "exclude",
        "--out", root / "charter.toml", "--quiet",
    )  # fmt: skip
    assert made.code == 0, made.err
    federate = ("federate", root / "charter.toml", root / "place", "--key", root / "hub.key", "--workers", 1)
    assert fluid(*federate).code == 75
    assert fluid("answer", root / "place", "--as", "ada", "--key", root / "ada.key", "--accept").code == 0
    assert fluid(*federate).code == 75
    return root


class TestCharterMeasure:
    @pytest.fixture
    def answer(self, fluid, place, tmp_path):
        def run(text, *words):
            data = tmp_path / "ada.csv"
            data.write_text(text)
            return fluid(
                "answer", place / "place", "--as", "ada", "--key", place / "ada.key", "--policy", place / "policy.toml",
                "--data", data, "--dry-run", "--workers", 1, "--quiet", *words,
            )  # fmt: skip

        return run

    @pytest.fixture
    def text(self, rows, as_table):
        return as_table(
            [(smiles, "=", value) for smiles, value in measured(rows[:40])] + [("CCCCCO", ">", 90_000)],
            "smiles,relation,IC50 (nM)",
        )

    def test_threshold_is_the_charters_and_the_line_comes_before_the_summary(self, answer, text):
        result = answer(text, "--value-column", "IC50 (nM)")
        assert result.code == 0, result.err
        line = "IC50 (nM) in nM (its name), relations from relation, limits left out, active at or below 10 uM"
        assert line in result.out
        assert "1 rejected: a limit (1)" in result.out
        assert result.out.index(line) < result.out.index("What would leave")

    def test_another_threshold_is_refused(self, answer, text):
        result = answer(text, "--value-column", "IC50 (nM)", "--threshold", 1, "--unit", "uM")
        assert result.code == 78
        assert "the charter says at or below 10 uM" in result.err

    def test_the_same_threshold_in_another_unit_is_taken(self, answer, text):
        assert answer(text, "--value-column", "IC50 (nM)", "--threshold", 10_000, "--unit", "nM").code == 0

    def test_another_quantity_is_refused(self, answer, text):
        result = answer(text.replace("IC50", "Ki"), "--value-column", "Ki (nM)")
        assert result.code == 65
        assert "the charter says IC50, but column 'Ki (nM)' is ki by its name" in result.err

    def test_the_charters_unit_is_not_taken_for_that_of_the_values(self, answer, text):
        result = answer(text.replace("IC50 (nM)", "IC50"), "--value-column", "IC50")
        assert result.code == 65
        assert "--value-unit" in result.err
        assert answer(text.replace("IC50 (nM)", "IC50"), "--value-column", "IC50", "--value-unit", "nM").code == 0

    def test_classes_are_taken_with_a_caution(self, answer, rows, as_table):
        result = answer(as_table(rows[:40]))
        assert result.code == 0, result.err
        assert "Caution: The charter says IC50, active at or below 10 uM. Classes can't be checked" in result.out

    def test_what_was_sent_keeps_how_the_file_was_read_at_home(self, fluid, place, text, tmp_path):
        data, home = tmp_path / "ada.csv", tmp_path / "home"
        data.write_text(text)
        result = fluid(
            "answer", place / "place", "--as", "ada", "--key", place / "ada.key", "--policy", place / "policy.toml",
            "--data", data, "--value-column", "IC50 (nM)", "--yes", "ada", "--accept", "--home", home,
            "--ledger", tmp_path / "ada.jsonl", "--workers", 1, "--quiet",
        )  # fmt: skip
        assert result.code == 0, result.err
        kept = json.loads((home / "readings.json").read_text())
        assert kept["ada.csv"]["line"].startswith("IC50 (nM) in nM (its name)")
        # Shown above the summary, and again in front of the question whether it may leave.
        assert result.out.count("IC50 (nM) in nM (its name)") == 2
