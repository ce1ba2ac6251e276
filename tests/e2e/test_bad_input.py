"""Whatever people get wrong: one message that says what was found and what to do, and the documented exit code."""

import errno
import os
import re
from pathlib import Path

import attrs
import pytest

from fluidmol.values.charter import Charter

TOO_FEW = "smiles,active\nCCO,1\nCCN,0\nCCC,1\n"


@attrs.frozen
class Case:
    """A mistake, and what it says."""

    code: int
    words: str
    options: tuple = ()
    source: str | None = None
    transfer: str | None = None
    external: str | None = None
    charter: tuple[str, str] | str | None = None


CASES = {
    "no source": Case(66, r"nope.csv isn't there\. Check the path", ("--source", "nope.csv")),
    "no transfer": Case(66, r"nope.smi isn't there\. Check the path", ("--transfer", "nope.smi")),
    "no external": Case(66, r"nope.csv isn't there\. Check the path", ("--external", "nope.csv")),
    "no charter": Case(66, r"nope.toml isn't there\. Check the path", ("--charter", "nope.toml")),
    "empty": Case(65, r"source.csv is empty\. Expected a table", source=""),
    "empty transfer": Case(65, r"transfer.smi is empty\. Expected", transfer="\n\n"),
    "header only": Case(65, r"source.csv has a header and no rows\. Expected", source="smiles,active\n"),
    "no SMILES column": Case(
        65,
        r"no SMILES column; its columns are: name, active\. Name it with --smiles-column",
        source="name,active\nx,1\n",
    ),
    "unreadable": Case(
        65, r"no usable row: 2 rows, rejected: unreadable SMILES \(2\).*line 2", source="smiles,active\nC1CC,1\nxx,0\n"
    ),
    "unreadable transfer": Case(65, r"no usable molecule: 2 rows.*unreadable SMILES \(2\)", transfer="C1CC a\nQQ b\n"),
    "fewer compounds than partners": Case(65, r"2 compounds are left for 3 partners.*--partners", source=TOO_FEW),
    "more partners than compounds": Case(65, r"left for 200 partners.*--partners", ("--partners", 200)),
    "one partner": Case(64, r"--partners is 1\. Expected 2 or more", ("--partners", 1)),
    "no partner": Case(64, r"--partners is -2\. Expected 2 or more", ("--partners", -2)),
    "unknown preset": Case(
        78, r"unknown preset 'papper-2025'\. Did you mean paper-2025\?", ("--preset", "papper-2025")
    ),
    "preset of another name": Case(
        78, r"preset 'default' has another name now\. It is called 'open', for it is", ("--preset", "default")
    ),
    "preset and charter": Case(
        64, r"both --preset and --charter are given\. Give one", ("--preset", "open"), charter=("", "")
    ),
    "unknown split": Case(64, r"unknown split 'kmean'\. Did you mean kmeans\?", ("--split", "kmean")),
    "not binary": Case(65, r"doesn't state a class: it has '5'; expected 0/1", source="smiles,active\nCCO,1\nCCN,5\n"),
    "unknown class column": Case(65, r"no column 'actvie'\. Did you mean active\?", ("--active-column", "actvie")),
    "unknown SMILES column": Case(65, r"no column 'smile'\. Did you mean smiles\?", ("--smiles-column", "smile")),
    "threshold alone": Case(64, r"--threshold or --unit is given without --value-column", ("--threshold", 10)),
    "value without threshold": Case(64, r"without --threshold\. For instance", ("--value-column", "active")),
    "unknown unit": Case(
        64,
        r"unknown --unit 'furlong'\. Units are M, mM",
        ("--value-column", "active", "--threshold", 1, "--unit", "furlong"),
    ),
    "value and class": Case(
        64, r"both --active-column and --value-column", ("--value-column", "active", "--active-column", "active")
    ),
    "unknown part": Case(
        78,
        r"unknown estimator 'random-forrest'\. Did you mean random-forest\?",
        charter=('"random-forest"', '"random-forrest"'),
    ),
    "unknown option": Case(78, r"has no option 'treees'\. Did you mean trees\?", charter=("trees =", "treees =")),
    "option out of range": Case(78, r"'trees' must be >= 1: 0", charter=("trees = 150", "trees = 0")),
    "option of another kind": Case(
        78, r"is 'many'\. Expected a whole number", charter=("trees = 150", 'trees = "many"')
    ),
    "option that is no truth": Case(
        78, r"balanced .* is 3\. Expected true or false", charter=("balanced = true", "balanced = 3")
    ),
    "experts with rescaled weights": Case(
        78,
        r"'rescaled' looks at all molecules at once: .*Take the weighting .powered. or",
        charter=('[distillation]\nname = "labels"', '[distillation]\nname = "experts"'),
    ),
    "unknown distillation": Case(
        78,
        r"unknown distillation 'expert'\. Did you mean experts\?",
        charter=('[distillation]\nname = "labels"', '[distillation]\nname = "expert"'),
    ),
    "a charter of a later format": Case(
        78, r"format 7\. This version reads 1, 2, 3, 4, 5, 6", charter=("format = 2", "format = 7")
    ),
    "unknown key": Case(78, r"unknown key 'quroum'\. Did you mean quorum\?", charter=("quorum =", "quroum =")),
    "unknown table": Case(78, r"unknown key 'teecher'\. Did you mean teacher\?", charter=("[teacher]", "[teecher]")),
    "bad TOML": Case(78, r"charter.toml isn't TOML: .*line 1", charter="[charter\n"),
    "no TOML at all": Case(78, r"charter.toml lacks \[featuriser\]\. Start from", charter=""),
    "negative seed": Case(64, r"--seed is -1\. Expected 0 or more", ("--seed", -1)),
    "no worker": Case(64, r"--workers is 0\. Expected 1 or more", ("--workers", 0)),
    "too much mixing": Case(64, r"--mixing is 2.0\. Expected 1 or less", ("--mixing", 2)),
    "all held out": Case(64, r"--validation-fraction is 1.0\. Expected 0.9 or less", ("--validation-fraction", 1)),
    "unknown validation split": Case(
        64, r"unknown validation split 'years'\. There are: random, scaffold, time", ("--validation-split", "years")
    ),
    "time without dates": Case(
        64, r"--validation-split time needs dates\. Name .* with --date-column", ("--validation-split", "time")
    ),
    "dates without time": Case(64, r"--date-column is given with --validation-split random", ("--date-column", "year")),
    "no such column of dates": Case(
        65, r"has no column 'year'", ("--validation-split", "time", "--date-column", "year")
    ),
    "no transfer asked for": Case(64, r"--transfer-size is 0\. Expected 1 or more", ("--transfer-size", 0)),
    "no quorum": Case(64, r"--quorum is 0\. Expected 1 or more", ("--quorum", 0)),
    "quorum out of reach": Case(
        64, r"quorum is 4, but there are 3 partners\. Ask for more --partners", ("--quorum", 4)
    ),
    "a folder for a file": Case(65, r"is a folder\. Give a file", ("--source", ".")),
    "an Excel file": Case(65, r"is a zip archive or an Excel file\. Save the table as CSV", source="PK\x03\x04...."),
}


@pytest.fixture
def attempt(simulate, files, tmp_path, monkeypatch):
    """Run into ``tmp_path / "RUN"`` with what a case asks for."""
    monkeypatch.chdir(tmp_path)

    def run(case, *words):
        given = {}
        for role in ("source", "transfer", "external"):
            if getattr(case, role) is not None:
                given[role] = tmp_path / (role + getattr(files, role).suffix)
                given[role].write_text(getattr(case, role))
        if case.charter is not None or "--preset" in case.options:
            given["charter"] = None
        if case.charter is not None:
            text = Charter.from_preset("paper-2025").to_toml()
            text = case.charter if isinstance(case.charter, str) else text.replace(*case.charter)
            (tmp_path / "charter.toml").write_text(text)
            words = ("--charter", tmp_path / "charter.toml", *words)
        return simulate(tmp_path / "RUN", *case.options, *words, **given)

    return run


def clear(result, code, words):
    """One message, in full sentences, and nothing that only programmers read."""
    assert result.code == code, result.err
    assert re.search(words, result.err), result.err
    assert result.err.count("Error") == 1
    assert result.err.startswith("Error: ")
    assert result.err.count("\n") == 1
    for stranger in ("Traceback", "<class", "object at 0x"):
        assert stranger not in result.err
    assert result.out == ""


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_has_one_clear_message(name, attempt, tmp_path):
    case = CASES[name]
    clear(attempt(case), case.code, case.words)
    # The folder is free for the mended command.
    assert not (tmp_path / "RUN").exists() or not list((tmp_path / "RUN").iterdir())


@pytest.mark.parametrize("role", ["source", "transfer", "external", "charter"])
def test_a_file_that_may_not_be_read(role, simulate, files, tmp_path, monkeypatch):
    locked = tmp_path / "locked"
    locked.write_text("secret")

    def denied(path, *words, **options):
        if path == locked:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return opened(path, *words, **options)

    opened = Path.open
    monkeypatch.setattr(Path, "open", denied)
    clear(simulate(tmp_path / "RUN", **{role: locked}), 66, r"locked can't be read: Permission denied\. Check")


def test_one_class_everywhere_is_no_quorum(attempt, rows, as_table, tmp_path):
    case = Case(71, "", source=as_table([(smiles, 1) for smiles, _ in rows]))
    words = (
        r"0 of 3 partners gave an opinion \(partner-1, partner-2, partner-3: our compounds are all of one class.*quorum"
    )
    clear(attempt(case), 71, words)
    assert list((tmp_path / "RUN").iterdir()) == []


def test_a_transfer_set_that_is_the_source(attempt, files):
    result = attempt(Case(65, ""), "--transfer", files.source)
    clear(result, 65, r"no usable molecule: 156 rows, left out: in training \(\d+\), in validation \(\d+\)")


def test_an_external_set_that_is_the_source(attempt, files):
    result = attempt(Case(65, ""), "--external", files.source)
    clear(result, 65, r"all 156 usable compounds .* occur in the source\. An external set must be of other compounds")


@pytest.mark.parametrize("words", [("--partners", "three"), ("--nonsense",), ("--mixing",)])
def test_what_cannot_be_parsed(words, attempt):
    result = attempt(Case(2, ""), *words)
    assert result.code == 2
    assert words[0] in result.err
    assert "Traceback" not in result.err


def test_debug_shows_the_traceback(spawn, files, tmp_path):
    words = ("simulate", "--source", "nope.csv", "--transfer", files.transfer, "--out", tmp_path / "RUN", "--debug")
    process = spawn(*words)
    _, err = process.communicate(timeout=60)
    assert process.returncode not in (0, 66)
    assert "Traceback (most recent call last)" in err
    assert "MissingFileError: nope.csv isn't there" in err


def test_a_process_shows_none_otherwise(spawn, files, tmp_path):
    process = spawn("simulate", "--source", "nope.csv", "--transfer", files.transfer, "--out", tmp_path / "RUN")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (66, "")
    assert err == "Error: nope.csv isn't there. Check the path, or fetch public data with: fluid data fetch.\n"


def test_only_public_data_can_be_fetched(spawn):
    out, err = spawn("inspect", "nope.fluid").communicate(timeout=60)
    assert (out, err) == ("", "Error: nope.fluid isn't there. Check the path.\n")


class TestOutput:
    """Folders that a run may not have."""

    def content(self, folder):
        return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def refused(self, simulate, folder, words, *options):
        before = self.content(folder)
        clear(simulate(folder, *options), 73, words)
        assert self.content(folder) == before

    def test_somebody_elses_files(self, simulate, tmp_path):
        (tmp_path / "thesis.docx").write_text("mine")
        self.refused(
            simulate, tmp_path, r"isn't empty \(thesis.docx\)\. Give another folder with --out, or .*--overwrite"
        )

    def test_this_very_run_is_shown_again_and_left_as_it_is(self, good, simulate):
        before = self.content(good.folder)
        result = simulate(good.folder)
        assert (result.code, result.out) == (0, good.out)
        assert self.content(good.folder) == before

    def test_another_seed(self, good, simulate):
        self.refused(simulate, good.folder, r"holds another run, of seed 42\. Give another folder", "--seed", 9)

    def test_another_split(self, good, simulate):
        words = r"holds studies of another charter, of other inputs or options\. Give another folder"
        self.refused(simulate, good.folder, words, "--split", "random")

    def test_overwrite_spares_what_is_not_ours(self, simulate, tmp_path):
        assert simulate(tmp_path / "RUN", "--seed", 1).code == 0
        (tmp_path / "RUN" / "thesis.docx").write_text("mine")
        first = (tmp_path / "RUN" / "labels.parquet").read_bytes()
        result = simulate(tmp_path / "RUN", "--seed", 2, "--overwrite")
        assert result.code == 0, result.err
        assert (tmp_path / "RUN" / "thesis.docx").read_text() == "mine"
        assert (tmp_path / "RUN" / "labels.parquet").read_bytes() != first

    def test_files_that_cannot_be_used_cost_no_older_run(self, good, simulate, tmp_path):
        (tmp_path / "s.csv").write_text("name,active\nx,1\n")
        before = self.content(good.folder)
        clear(simulate(good.folder, "--overwrite", source=tmp_path / "s.csv"), 65, "no SMILES column")
        assert self.content(good.folder) == before

    def test_a_file(self, simulate, tmp_path):
        (tmp_path / "RUN").write_text("mine")
        clear(simulate(tmp_path / "RUN", "--overwrite"), 73, r"RUN is a file\. Give a folder")
        assert (tmp_path / "RUN").read_text() == "mine"

    def test_a_folder_below_a_file(self, simulate, tmp_path):
        (tmp_path / "file").write_text("mine")
        clear(simulate(tmp_path / "file" / "RUN"), 73, r"RUN can't be written: .*Give another folder")

    def test_a_folder_that_may_not_be_written(self, simulate, tmp_path, monkeypatch):
        (tmp_path / "RUN").mkdir()
        if os.geteuid() == 0:  # root may write anywhere: the system is asked, and answers for somebody else
            asked = os.access
            monkeypatch.setattr(os, "access", lambda path, mode: "RUN" not in str(path) and asked(path, mode))
        else:
            (tmp_path / "RUN").chmod(0o500)
        clear(simulate(tmp_path / "RUN"), 73, r"RUN can't be written: Permission denied\. Give another folder")

    @pytest.mark.parametrize(
        "name", ["metrics.csv", "labels.parquet", "provenance.json", "report.html", "run.json", "lab.json"]
    )
    def test_a_full_disk(self, name, simulate, tmp_path, monkeypatch):
        from fluidmol.report import page  # noqa: PLC0415
        from fluidmol.studies.lab import folder, results  # noqa: PLC0415
        from fluidmol.values.files import write_whole  # noqa: PLC0415

        def full(path, content):
            if path.name == name:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            write_whole(path, content)

        with monkeypatch.context() as patch:
            for module in (folder, results, page):
                patch.setattr(module, "write_whole", full)
            clear(simulate(tmp_path / "RUN"), 73, r"can't be written: No space left on device")
        assert not (tmp_path / "RUN" / name).exists()
        assert not [path for path in (tmp_path / "RUN").iterdir() if path.name.startswith(".")]
        # Once there is room, the same command goes on.
        assert simulate(tmp_path / "RUN").code == 0

    def test_a_disk_that_is_full_elsewhere(self, fluid, tmp_path, monkeypatch):
        from fluidmol.studies import synthetic  # noqa: PLC0415

        def full(*_):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(synthetic, "write_synthetic", full)
        clear(fluid("demo", "--out", tmp_path / "RUN"), 73, r"No space left on device\. Make room")


def test_a_fault_of_our_own_asks_for_a_report(simulate, tmp_path, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("fluidmol.studies.lab.bench.prepare", broken)
    result = simulate(tmp_path / "RUN")
    assert result.code == 70
    assert result.err == (
        "Error in fluidmol itself: ZeroDivisionError: division by zero. Please report it, with what --debug shows.\n"
    )
