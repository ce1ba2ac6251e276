"""``fluid study`` from files to the long table: resumed, extended, refused."""

import csv
import io
import json
import signal
import time

import pyarrow.parquet as pq
import pytest

from fluidmol.studies.lab import bench, lab, runner


@pytest.fixture(scope="session")
def study(files, fluid):
    """``fluid study`` on the small chemistry; words add options."""

    def run(name, out, *words, seeds="1,2"):
        return fluid("study", name, *options(files, out), "--seeds", seeds, *words)

    return run


def options(files, out):
    return [
        "--source", files.source, "--external", files.external, "--transfer", files.transfer, "--charter", files.forest,
        "--out", out, "--partners", 3, "--workers", 2, "--quiet",
    ]  # fmt: skip


def table(path):
    return list(csv.DictReader(io.StringIO(path.read_text())))


@pytest.fixture(scope="module")
def benchmark(study, tmp_path_factory):
    """A finished benchmark."""
    out = tmp_path_factory.mktemp("lab") / "LAB"
    result = study("benchmark", out)
    assert result.code == 0, result.err
    return out, result


def test_a_study_leaves_its_tables(benchmark):
    out, result = benchmark
    folder = out / "benchmark"
    names = ["cells", "charter.toml", "predictions", "results.csv", "run.json", "study.json"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert f"Report: {out / 'report.html'}" in result.out
    assert (out / "report.html").read_text(encoding="utf-8").count("<svg") >= 1
    rows = table(folder / "results.csv")
    columns = "study seed arm model kind partner dataset metric value low high n_train n_test"
    assert list(rows[0]) == columns.split()
    assert {row["seed"] for row in rows} == {"1", "2"}
    assert {"T0", "T0-same-make", "student", "ensemble", "hybrid-1", "student-shuffled"} <= {
        row["model"] for row in rows
    }
    said = pq.read_table(folder / "predictions" / "seed-2.parquet").to_pydict()
    assert set(said["seed"]) == {2}
    assert {"seed", "arm", "dataset", "inchikey", "active", "model", "probability"} <= set(said)
    facts = json.loads((folder / "study.json").read_text())
    assert (facts["study"], facts["seeds"], facts["settings"]) == (
        "benchmark",
        [1, 2],
        {"controls": True, "single_teachers": True, "ceiling": "random-forest,lightgbm,logistic"},
    )
    assert all(len(item["sha256"]) == 64 for seed in facts["by_seed"].values() for item in seed["inputs"])
    assert facts["peak_mb"] > 0
    assert "Means over 2 seeds" in result.out
    assert "hybrids' mean" in result.out
    chosen = [row["model"] for row in rows if (row["metric"], row["value"]) == ("taken", "1.000000")]
    assert len(chosen) == 2  # one a seed
    assert "T0 is the best of 4 kinds of pooled models by ROC AUC in cross-validation" in result.out
    assert {"recovery", "recovery-same-make", "learner-loss"} <= {row["model"] for row in rows}


def test_a_single_study_says_what_overlaps_and_compares_its_methods(benchmark):
    out, _ = benchmark
    facts = json.loads((out / "benchmark" / "study.json").read_text())
    told = facts["by_seed"]["2"]["overlap"]
    sets = {"training", "transfer", "validation", "external"}
    assert told["at_least"] == 0.9
    assert {one: set(others) for one, others in told["sets"].items()} == {one: sets - {one} for one in sets}
    assert told["sets"]["validation"]["training"]["n"] == facts["by_seed"]["2"]["sets"]["validation"]
    compared = [row for row in table(out / "comparisons.csv") if not row["partner"]]
    assert {(row["first_arm"], row["n_seeds"]) for row in compared} == {("paper-2025", "2")}
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Near duplicates" in page
    assert "Paired comparisons" in page


def test_thresholds_of_the_training_side_come_with_the_study_that_holds_compounds_out(study, tmp_path):
    out = tmp_path / "LAB"
    assert study("benchmark", out, "--set", "controls=false", seeds="1").code == 0
    assert table(out / "thresholds.csv") == []
    assert "run the study own-domain into the same folder" in (out / "report.html").read_text(encoding="utf-8")
    assert study("own-domain", out, seeds="1").code == 0
    assert {row["dataset"] for row in table(out / "thresholds.csv")} == {"external", "validation"}
    assert "MCC at a training threshold" in (out / "report.html").read_text(encoding="utf-8")


def test_a_finished_study_is_shown_again_at_once(benchmark, study, monkeypatch):
    out, result = benchmark
    before = (out / "benchmark" / "results.csv").read_bytes()
    monkeypatch.setattr("fluidmol.studies.lab.bench.prepare", None)
    again = study("benchmark", out)
    assert again.code == 0, again.err
    assert again.out == result.out
    assert (out / "benchmark" / "results.csv").read_bytes() == before


def test_more_seeds_go_on_from_there(study, tmp_path):
    assert study("teacher-cv", tmp_path / "LAB", seeds="1").code == 0
    first = (tmp_path / "LAB" / "teacher-cv" / "results.csv").read_text()
    assert study("teacher-cv", tmp_path / "LAB", seeds="1..2").code == 0
    assert (tmp_path / "LAB" / "teacher-cv" / "results.csv").read_text().startswith(first)


def test_fewer_seeds_leave_figures_and_predictions_of_these_alone(study, tmp_path):
    folder = tmp_path / "LAB" / "own-domain"
    kept = []
    copy = folder / "predictions" / "seed-2 (copy).parquet"
    for seeds in ("1..2", "1", "1..2"):
        assert study("own-domain", tmp_path / "LAB", seeds=seeds).code == 0
        kept.append(sorted(path.name for path in (folder / "predictions").iterdir() if path != copy))
        copy.write_bytes(b"somebody else's")
        assert {f"seed-{row['seed']}.parquet" for row in table(folder / "results.csv")} == set(kept[-1])
    assert kept[0] == kept[2] == ["seed-1.parquet", "seed-2.parquet"]
    assert kept[1] == ["seed-1.parquet"]
    assert copy.read_bytes() == b"somebody else's"


def test_a_lost_cell_is_made_again_from_the_cache_to_the_same_bytes(benchmark, study):
    out, _ = benchmark
    before = (out / "benchmark" / "results.csv").read_bytes()
    for cell in (out / "benchmark" / "cells").iterdir():
        cell.unlink()
    assert study("benchmark", out).code == 0
    assert (out / "benchmark" / "results.csv").read_bytes() == before


def test_lost_or_damaged_predictions_of_a_cell_are_made_again(benchmark, study):
    out, _ = benchmark
    before = {path.name: path.read_bytes() for path in (out / "benchmark" / "predictions").iterdir()}
    lost, damaged, *_ = sorted((out / "benchmark" / "cells").glob("*.parquet"))
    lost.unlink()
    damaged.write_bytes(damaged.read_bytes()[:1000])
    result = study("benchmark", out)
    assert result.code == 0, result.err
    assert {path.name: path.read_bytes() for path in (out / "benchmark" / "predictions").iterdir()} == before


def test_studies_share_the_cache_of_their_folder(benchmark, study, monkeypatch):
    out, _ = benchmark
    monkeypatch.setattr("fluidmol.studies.lab.lab.Teacher.fit", None)
    result = study("leave-one-out", out)
    assert result.code == 0, f"teachers were fitted again: {result.err}"
    monkeypatch.undo()
    kept = set((out / "cache").rglob("*.npz"))
    assert study("ablation", out, "--vary", "union.size=1").code == 78
    assert study("ablation", out, "--vary", "hybrid.trees=12", "--set", "hybrids=true").code == 0
    assert set((out / "cache").rglob("*.npz")) == kept, "the same charter made something new"


def test_an_unknown_study_names_the_nearest(study, tmp_path):
    result = study("benchmrk", tmp_path / "LAB")
    assert result.code == 64
    assert "Did you mean benchmark?" in result.err
    assert not (tmp_path / "LAB").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seeds", "5..1"], "--seeds is '5..1'"),
        (["--seeds", "1,1"], "names a seed twice"),
        (["--set", "order=3"], "no option 'order'"),
        (["--set", "orders=many"], "whole number"),
        (["--set", "orders"], "NAME=VALUE"),
        (["--as", "cache"], "--as is 'cache'"),
        (["--as", "Cache"], "--as is 'Cache'"),
        (["--as", "../x"], "--as is '../x'"),
        (["--as", "x."], "--as is 'x.'"),
        (["--as", "CON"], "--as is 'CON'"),
        (["--as", "aux.2"], "--as is 'aux.2'"),
        (["--as", "Comparisons.csv"], "which the lab uses itself"),
        (["--as", "report.html"], "which the lab uses itself"),
        (["--as", "lab.json"], "which the lab uses itself"),
        (["--as", "paper.json"], "which the lab uses itself"),
        (["--as", "benchmark"], "the study is teacher-count"),
        (["--as", "Own-Domain"], "the study is teacher-count"),
        (["--quorum", "9"], "the quorum is 9"),
    ],
)
def test_wrong_options(study, tmp_path, words, said):
    result = study("teacher-count", tmp_path / "LAB", *words)
    assert result.code == 64
    assert said in result.err
    assert not (tmp_path / "LAB").exists()


def test_the_list_needs_nothing_else(fluid):
    result = fluid("study", "--list")
    assert result.code == 0
    assert "cross-domain\n" in result.out
    assert "orders=1" in result.out


def test_another_charter_is_refused_and_overwrites_when_told(study, files, tmp_path):
    out = tmp_path / "LAB"
    assert study("teacher-cv", out, "--as", "teacher-cv", seeds="1").code == 0
    (out / "notes.txt").write_text("mine")
    (out / "teacher-cv" / "notes.txt").write_text("mine")
    copy = out / "teacher-cv" / "predictions" / "seed-1 (copy).parquet"
    copy.write_text("mine")
    other = tmp_path / "other.toml"
    other.write_text(files.forest.read_text().replace("trees = 12", "trees = 6"))
    refused = study("teacher-cv", out, "--charter", other, seeds="1")
    assert refused.code == 73
    assert "another charter" in refused.err
    settings = study("teacher-cv", out, "--set", "folds=3", seeds="1")
    assert settings.code == 73
    assert "--as" in settings.err
    assert study("teacher-cv", out, "--set", "folds=3", "--as", "threefold", seeds="1").code == 0
    assert study("teacher-cv", out, "--charter", other, "--overwrite", seeds="1").code == 0
    assert not (out / "threefold" / "results.csv").exists(), "results of another charter were kept"
    assert (out / "notes.txt").read_text() == (out / "teacher-cv" / "notes.txt").read_text() == "mine"
    assert copy.read_text() == "mine"


@pytest.mark.parametrize("words", [[], ["--overwrite"]])
@pytest.mark.parametrize("moment", ["bench.prepare", "runner.overlap_facts"])
def test_a_folder_that_another_study_takes_meanwhile_stays_its_own(study, tmp_path, monkeypatch, moment, words):
    folder = tmp_path / "LAB" / "teacher-cv"
    mark = json.dumps({"digest": "0" * 64})
    module, name = moment.split(".")
    real = getattr({"bench": bench, "runner": runner}[module], name)

    def taken(*given):
        for path, text in ((folder.parent / "lab.json", mark), (folder / "run.json", mark), (results, "figures")):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return real(*given)

    results = folder / "results.csv"
    monkeypatch.setattr(f"fluidmol.studies.lab.{moment}", taken)
    result = study("teacher-cv", tmp_path / "LAB", *words, seeds="1")
    if words and moment == "bench.prepare":  # nothing of this run was there yet: it overwrites, as it was told
        assert result.code == 0, result.err
        return
    assert result.code == 73
    assert "another" in result.err
    assert results.read_text() == "figures"
    assert (folder / "run.json").read_text() == mark


def test_a_seed_without_enough_teachers_is_named(study, tmp_path, monkeypatch):
    monkeypatch.setattr(lab.Lab, "partners", property(lambda self: ("partner-1",)))
    result = study("cross-domain", tmp_path / "LAB", seeds="1")
    assert result.code == 71
    assert "seed 1: 1 of 3 partners have a teacher" in result.err
    assert not (tmp_path / "LAB" / "cross-domain").exists()


def test_a_folder_of_somebody_else_is_refused(study, tmp_path):
    (tmp_path / "thesis.tex").write_text("")
    result = study("teacher-cv", tmp_path)
    assert result.code == 73
    assert "isn't empty (thesis.tex)" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_an_interrupted_study_keeps_its_cells(spawn, files, study, tmp_path):
    out = tmp_path / "LAB"
    words = [*options(files, out), "--seeds", "1", "--set", "orders=8"]
    process = spawn("study", "teacher-count", *words)
    cells = out / "teacher-count" / "cells"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not (cells.exists() and list(cells.glob("*.json"))):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    kept = {path.name: path.stat().st_mtime_ns for path in cells.glob("*.json")}
    assert kept
    assert not (out / "teacher-count" / "study.json").exists()
    assert study("teacher-count", out, "--set", "orders=8", seeds="1").code == 0
    after = {path.name: path.stat().st_mtime_ns for path in cells.glob("*.json")}
    assert kept.items() <= after.items(), "finished cells were made again"
    assert len(table(out / "teacher-count" / "results.csv")) > 0


@pytest.fixture(scope="module")
def paper(files, fluid, tmp_path_factory):
    """All studies, quick, under two charters."""
    folder = tmp_path_factory.mktemp("paper")
    recipe = folder / "recipe.toml"
    recipe.write_text(files.forest.read_text().replace("trees = 12", "trees = 8"))
    words = [word for word in options(files, folder / "DIR") if word not in ("--charter", files.forest)]
    words += ["--presets", f"{recipe},{files.forest}", "--seeds", "1", "--quick", "--split", "random"]
    result = fluid("study", "paper", *words)
    assert result.code == 0, result.err
    return folder / "DIR", words


def test_all_studies_are_run_compared_and_reported(paper):
    out, _ = paper
    names = ["comparisons.csv", "forest", "paper.json", "recipe", "report.html", "thresholds.csv"]
    assert sorted(path.name for path in out.iterdir()) == names
    facts = json.loads((out / "paper.json").read_text())
    assert facts["left_out"] == []
    assert facts["quick"]
    for arm in ("recipe", "forest"):
        done = {path.parent.name for path in (out / arm).glob("*/study.json")}
        assert done == {entry["name"] for entry in facts["studies"]}
        assert "selection" not in done
    compared = table(out / "comparisons.csv")
    assert {row["study"] for row in compared} == {"benchmark", "own-domain", "cross-domain"}
    assert any(row["first_arm"] == "forest" and row["second_arm"] == "recipe" for row in compared)
    assert {row["arm"] for row in table(out / "thresholds.csv")} == {"recipe", "forest"}
    page = (out / "report.html").read_text(encoding="utf-8")
    assert 'id="paper"' in page
    assert "A quick look" in page


def test_a_finished_paper_is_written_again_at_once(paper, fluid, monkeypatch):
    out, words = paper
    before = {path.name: path.read_bytes() for path in out.iterdir() if path.suffix == ".csv"}
    monkeypatch.setattr("fluidmol.studies.lab.bench.prepare", None)
    assert fluid("study", "paper", *words).code == 0
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.suffix == ".csv"} == before


def test_its_report_is_made_again(paper, fluid):
    out, _ = paper
    before = (out / "report.html").read_bytes()
    (out / "report.html").unlink()
    result = fluid("report", out)
    assert result.code == 0, result.err
    assert (out / "report.html").read_bytes() == before
    assert fluid("report", out / "forest").code == 0
    assert (out / "forest" / "report.html").exists()
    (out / "forest" / "report.html").unlink()


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("paper", ["--set", "folds=3"], "--set doesn't go with paper"),
        ("paper", ["--as", "x"], "--as doesn't go with paper"),
        ("teacher-cv", ["--quick"], "--quick doesn't go with teacher-cv"),
        ("teacher-cv", ["--presets", "open"], "--presets doesn't go with teacher-cv"),
        ("paper", ["--presets", "open"], "several of --presets"),
        ("papr", [], "Did you mean paper?"),
    ],
)
def test_options_that_do_not_go_together(study, tmp_path, name, words, said):
    result = study(name, tmp_path / "LAB", *words)
    assert result.code == 64
    assert said in result.err
    assert not (tmp_path / "LAB").exists()


def test_contributions_are_shown_a_line_for_each_partner(study, tmp_path):
    result = study("contribution", tmp_path / "LAB", "--set", "hybrids=false", seeds="1")
    assert result.code == 0, result.err
    assert "What each partner adds" in result.out
    known = {row["partner"] for row in table(tmp_path / "LAB" / "contribution" / "results.csv")}
    assert len(known) >= 2
    assert {line.split()[1] for line in result.out.splitlines() if line.split()[:1] == ["1"]} == known


def test_shift_leaves_out_each_source_of_the_source_file(files, fluid, tmp_path):
    header, *lines = files.source.read_text().splitlines()
    source = tmp_path / "labs.csv"
    source.write_text("\n".join([f"{header},source", *(f"{line},lab {n % 2}" for n, line in enumerate(lines))]))
    words = [source if word is files.source else word for word in options(files, tmp_path / "LAB")]
    place = words.index("--external")
    words = [*words[:place], *words[place + 2 :], "--seeds", 1, "--set", "ceiling=none", "--set", "fewest=10"]
    result = fluid("study", "shift", *words, "--set", "left_out=true")
    assert result.code == 0, result.err
    rows = table(tmp_path / "LAB" / "shift" / "results.csv")
    assert {(row["by"], row["group"]) for row in rows} == {("left-out", "lab 0"), ("left-out", "lab 1")}
    page = (tmp_path / "LAB" / "report.html").read_text(encoding="utf-8")
    assert "lab 0, left out of training" in page
    assert "2 sources that were left out of training" in page


def test_shift_judges_each_source_that_a_named_column_has(files, fluid, tmp_path):
    header, *lines = files.external.read_text().splitlines()
    external = tmp_path / "labs.csv"
    external.write_text("\n".join([f"{header},made by", *(f"{line},lab {n % 2}" for n, line in enumerate(lines))]))
    words = [external if word is files.external else word for word in options(files, tmp_path / "LAB")]
    words += ["--seeds", 1, "--set", "ceiling=none", "--set", "fewest=10", "--set", "of_each_class=2"]
    refused = fluid("study", "shift", *words, "--origin-column", "maker")
    assert refused.code == 65
    assert "has no column 'maker'" in refused.err
    place = words.index("--external")
    refused = fluid("study", "shift", *words[:place], *words[place + 2 :], "--origin-column", "made by")
    assert refused.code == 65
    assert "assay.csv has no column 'made by'" in refused.err
    refused = fluid("study", "shift", *words[:place], *words[place + 2 :])
    assert refused.code == 64
    assert "Give labelled molecules of another origin as --external" in refused.err
    result = fluid("study", "shift", *words, "--origin-column", "made by")
    assert result.code == 0, result.err
    rows = table(tmp_path / "LAB" / "shift" / "results.csv")
    assert {(row["by"], row["group"]) for row in rows} >= {("all", "all"), ("origin", "lab 0"), ("origin", "lab 1")}
    judged = {row["group"]: int(row["n_test"]) for row in rows if (row["model"], row["metric"]) == ("student", "mcc")}
    assert judged["lab 0"] + judged["lab 1"] == judged["all"]
    page = (tmp_path / "LAB" / "report.html").read_text(encoding="utf-8")
    assert 'id="shift"' in page
    assert "The student keeps up with the best pooled model on" in page
