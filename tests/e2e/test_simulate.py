"""``fluid simulate`` from files to a run folder."""

import csv
import gzip
import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rdkit import Chem

BYTES = ("labels.parquet", "metrics.csv", "predictions.parquet", "charter.toml")


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def facts(folder):
    return json.loads((folder / "provenance.json").read_text())


def inputs(folder):
    return {item["role"]: item for item in facts(folder)["inputs"]}


def same(folder, other, names=BYTES):
    return [name for name in names if (folder / name).read_bytes() != (other / name).read_bytes()] == []


def test_the_folder_holds_what_the_documentation_lists(good, root):
    text = (root / "docs" / "simulate.md").read_text()
    listed = re.findall(r"^\| `([\w.]+)` \|", text, re.MULTILINE)
    assert len(listed) >= 10
    assert sorted(path.name for path in good.folder.iterdir()) == sorted(listed)


def test_the_newest_are_the_validation_set(simulate, files, tmp_path):
    lines = files.source.read_text().splitlines()
    n = len(lines) - 1
    dated = [f"{line},{2000 + 20 * (i >= 0.7 * n)}" for i, line in enumerate(lines[1:])]
    source = tmp_path / "dated.csv"
    source.write_text("\n".join([f"{lines[0]},year", *dated]))
    options = ("--ceiling", "none", "--validation-split", "time", "--date-column", "Year")
    result = simulate(tmp_path / "RUN", *options, source=source)
    assert result.code == 0, result.err
    told = facts(tmp_path / "RUN")
    assert told["validation_split"] == "time"
    usable = inputs(tmp_path / "RUN")["source"]["usable"]
    assert 0.25 < told["sets"]["validation"] / usable < 0.35, "three in ten, not two"


def test_nothing_is_said_on_stderr_when_quiet(good):
    assert good.err == ""


def test_metrics_have_a_row_for_each_model_and_data_set(good):
    rows = read(good.folder / "metrics.csv")
    assert list(rows[0])[:9] == [
        "model", "kind", "partner", "dataset", "n_train", "n_test", "mcc", "mcc_low", "mcc_high",
    ]  # fmt: skip
    kinds = {(row["kind"], row["partner"]) for row in rows}
    partners = [f"partner-{k}" for k in (1, 2, 3)]
    alone = {("pooled", ""), ("pooled_same_make", ""), ("student", ""), ("pooled_hybrid", ""), ("control", "")}
    assert kinds == alone | {(kind, name) for kind in ("teacher", "hybrid") for name in partners}
    assert len(rows) == 2 * len(kinds)
    for row in rows:
        assert row["dataset"] in ("validation", "external")
        assert int(row["n_test"]) == facts(good.folder)["sets"][row["dataset"]]
        assert int(row["n_train"]) > 0
        low, mcc, high = (float(row[name]) for name in ("mcc_low", "mcc", "mcc_high"))
        assert -1 <= low <= mcc <= high <= 1


def test_terminal_page_and_provenance_say_which_kind_t0_is(good):
    told = facts(good.folder)["t0"]
    assert [item["kind"] for item in told] == ["same-make", "random-forest", "lightgbm", "logistic"]
    (taken,) = (item for item in told if item["taken"])
    assert taken["cv_roc_auc"] == max(item["cv_roc_auc"] for item in told)
    (line,) = (line for line in good.out.splitlines() if line.startswith("T0: "))
    assert line.endswith(f"best of 4 kinds by cross-validation (AUC {taken['cv_roc_auc']:.3f}).")
    assert "T0 is the best of 4 kinds of pooled models" in (good.folder / "report.html").read_text()


def test_without_a_choice_t0_is_of_the_teachers_make(simulate, tmp_path, good):
    result = simulate(tmp_path / "RUN", "--ceiling", "none")
    assert result.code == 0
    assert "T0: same make as teachers; no other kind of pooled model was tried." in result.out
    rows = {(row["model"], row["dataset"]): row for row in read(tmp_path / "RUN" / "metrics.csv")}
    for dataset in ("validation", "external"):
        best, same = (rows[name, dataset] | {"model": "", "kind": ""} for name in ("T0", "T0-same-make"))
        assert best == same
    refused = simulate(tmp_path / "OTHER", "--ceiling", "forest")
    assert refused.code == 78
    assert "no kind 'forest'" in refused.err


def test_contributions_sum_to_one(good):
    labels = pq.read_table(good.folder / "labels.parquet")
    shares = [name for name in labels.column_names if name.startswith("contribution_")]
    assert len(shares) == 3
    sums = [sum(row[name] for name in shares) for row in labels.to_pylist()]
    assert sums == pytest.approx([1.0] * labels.num_rows)
    assert all(0 <= value <= 1 for value in labels["value"].to_pylist())


def test_provenance_says_what_the_run_was_made_of(good, files):
    said = facts(good.folder)
    assert {"rdkit", "numpy", "scikit-learn", "lightgbm"} <= set(said["libraries"])
    assert said["fluidmol"]
    assert said["python"]
    assert said["seed"] == 42
    found = inputs(good.folder)
    assert set(found) == {"source", "external", "transfer"}
    for role, item in found.items():
        assert item["name"] == getattr(files, role).name
        assert re.fullmatch("[0-9a-f]{64}", item["sha256"])
    assert said["labels_digest"].startswith("sha256:")
    assert said["charter_digest"].startswith("sha256:")
    stages = {stage["stage"]: stage for stage in said["stages"]}
    parts = {"source", "transfer set", "teachers and annotations", "models and judgement"}
    parts |= {"overlap of the sets, seed 42"}
    assert parts <= set(stages)
    known = said["overlap"]["sets"]["external"]["training"]
    assert known["n"] == said["sets"]["external"]
    assert 0 <= known["share_same"] <= 1
    assert all(stage["seconds"] >= 0 and stage["peak_mb"] > 10 for stage in stages.values())


def test_the_report_can_be_made_again(good, fluid):
    page = (good.folder / "report.html").read_bytes()
    assert b"<html" in page
    result = fluid("report", good.folder)
    assert result.code == 0
    assert "report.html" in result.out
    assert (good.folder / "report.html").read_bytes() == page


def test_the_terminal_shows_models_and_fits_eighty_columns(good):
    for word in ("teachers, mean", "hybrids, mean", "student", "external MCC", "validation MCC", "Gain by taking part"):
        assert word in good.out
    lines = [line for line in good.out.splitlines() if str(good.folder) not in line]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("charter", ["forest", "boosting", "experts"])
def test_neither_cores_nor_cache_change_a_byte(charter, simulate, files, tmp_path, monkeypatch):
    monkeypatch.setenv("FLUID_CACHE", str(tmp_path / "cache"))
    chosen = getattr(files, charter)
    ways = {
        "alone": ("--workers", 1, "--no-cache"),
        "cold": ("--workers", 2),
        "warm": ("--workers", 1),
    }
    for name, words in ways.items():
        result = simulate(tmp_path / name, *words, charter=chosen)
        assert result.code == 0, result.err
    assert (tmp_path / "cache" / "standardised.sqlite").exists()
    assert same(tmp_path / "alone", tmp_path / "cold")
    assert same(tmp_path / "alone", tmp_path / "warm")


def test_another_seed_gives_another_run(good, simulate, tmp_path):
    assert simulate(tmp_path / "RUN", "--seed", 7).code == 0
    assert facts(tmp_path / "RUN")["seed"] == 7
    assert not same(good.folder, tmp_path / "RUN", ["labels.parquet"])
    assert not same(good.folder, tmp_path / "RUN", ["metrics.csv"])


@pytest.mark.parametrize("split", ["scaffold", "random"])
def test_other_splits(split, good, simulate, tmp_path):
    assert simulate(tmp_path / "RUN", "--split", split).code == 0
    assert facts(tmp_path / "RUN")["split"] == split
    sizes = [int(row["n_compounds"]) for row in read(tmp_path / "RUN" / "partners.csv")]
    assert sum(sizes) == facts(good.folder)["sets"]["train"]
    assert not same(good.folder, tmp_path / "RUN", ["labels.parquet"])


def test_the_charter_of_a_finished_run_gives_it_again(good, simulate, tmp_path):
    assert simulate(tmp_path / "RUN", charter=good.folder / "charter.toml").code == 0
    assert same(good.folder, tmp_path / "RUN")


def test_potencies_with_threshold_and_unit(good, simulate, files, rows, as_table, tmp_path):
    for path, pairs in ((tmp_path / "s.csv", rows), (tmp_path / "e.csv", _pairs(files.external))):
        potent = [(smiles, 900 if active else 45000, "nM") for smiles, active in pairs]
        path.write_text(as_table(potent, "smiles,ic50,units"))
    result = simulate(
        tmp_path / "RUN", "--value-column", "IC50", "--threshold", 10, "--unit", "uM",
        source=tmp_path / "s.csv", external=tmp_path / "e.csv",
    )  # fmt: skip
    assert result.code == 0, result.err
    assert inputs(tmp_path / "RUN")["source"]["outcome"] == "ic50"
    assert same(good.folder, tmp_path / "RUN")


def _pairs(path):
    return [(row["smiles"], int(row["active"])) for row in read(path)]


def _sdf(path, pairs):
    with Chem.SDWriter(str(path)) as writer:
        for smiles, active in pairs:
            molecule = Chem.MolFromSmiles(smiles)
            molecule.SetProp("active", str(active))
            writer.write(molecule)


def _parquet(path, pairs):
    pq.write_table(pa.table({"smiles": [s for s, _ in pairs], "active": [bool(a) for _, a in pairs]}), path)


def _gz(path, pairs):
    text = "".join(f"{smiles}\t{'active' if active else 'inactive'}\n" for smiles, active in pairs)
    path.write_bytes(gzip.compress(f"SMILES\tClass\n{text}".encode()))


@pytest.mark.parametrize(("name", "write"), [("a.sdf", _sdf), ("a.parquet", _parquet), ("a.tsv.gz", _gz)])
def test_each_kind_of_file_gives_the_same_run(name, write, good, simulate, rows, tmp_path):
    write(tmp_path / name, rows)
    result = simulate(tmp_path / "RUN", source=tmp_path / name)
    assert result.code == 0, result.err
    assert same(good.folder, tmp_path / "RUN")


def test_without_an_external_set(simulate, tmp_path):
    result = simulate(tmp_path / "RUN", external=None)
    assert result.code == 0, result.err
    assert {row["dataset"] for row in read(tmp_path / "RUN" / "metrics.csv")} == {"validation"}
    assert set(inputs(tmp_path / "RUN")) == {"source", "transfer"}
    assert "external MCC" not in result.out


def test_a_transfer_set_can_be_drawn(simulate, tmp_path):
    assert simulate(tmp_path / "RUN", "--transfer-size", 40).code == 0
    assert facts(tmp_path / "RUN")["sets"]["transfer"] == 40
    assert pq.read_table(tmp_path / "RUN" / "labels.parquet").num_rows == 40


LEFT, RIGHT = "C[C@H](N)c1cccc(CC#N)c1", "C[C@@H](N)c1cccc(CC#N)c1"


def test_compounds_that_occur_elsewhere_are_removed_and_counted(good, simulate, files, rows, as_table, tmp_path):
    # The split depends on the source, so it is the same in both runs below.
    source = tmp_path / "source.csv"
    source.write_text(as_table([*rows, (LEFT, 1)]))
    assert simulate(tmp_path / "before", source=source).code == 0
    tests = pq.read_table(tmp_path / "before" / "predictions.parquet").to_pylist()
    judged = {name: [row["smiles"] for row in tests if row["dataset"] == name] for name in ("validation", "external")}
    held = set(judged["validation"])
    trained = [smiles for smiles, _ in rows if Chem.CanonSmiles(smiles) not in held]
    (tmp_path / "t.smi").write_text(
        files.transfer.read_text()
        + "\n".join([*trained[:4], *judged["validation"][:2], *judged["external"][:3], RIGHT])
    )
    (tmp_path / "e.csv").write_text(files.external.read_text() + as_table([*rows[:5], (RIGHT, 1)]).partition("\n")[2])
    result = simulate(tmp_path / "RUN", source=source, transfer=tmp_path / "t.smi", external=tmp_path / "e.csv")
    assert result.code == 0, result.err

    before, found = inputs(tmp_path / "before"), inputs(tmp_path / "RUN")
    assert found["external"]["removed"] == {"source": 6}
    assert facts(tmp_path / "RUN")["sets"]["external"] == facts(tmp_path / "before")["sets"]["external"]
    more = {name: n - before["transfer"]["removed"][name] for name, n in found["transfer"]["removed"].items()}
    stereo = "validation" if Chem.CanonSmiles(LEFT) in held else "training"
    assert more == {"training": 4, "validation": 2, "external": 3} | {stereo: {"training": 5, "validation": 3}[stereo]}
    assert same(tmp_path / "before", tmp_path / "RUN")
    assert "Removed from the external set, for they are elsewhere: 6 in source." in result.out
    said = ", ".join(f"{n} in {name}" for name, n in found["transfer"]["removed"].items())
    assert f"Removed from the transfer set, for they are elsewhere: {said}." in " ".join(result.out.split())


def test_duplicates_are_merged_and_conflicts_listed(good, simulate, rows, as_table, tmp_path):
    # Lines 2 to 157 are the rows; 158 repeats line 2 as a salt, 159 and 160 disagree, 161 is broken.
    added = [(rows[0][0] + ".Cl", rows[0][1]), ("OCCc1ccncc1", 1), ("c1cc(CCO)ccn1", 0), ("C1CC", 1)]
    (tmp_path / "s.csv").write_text(as_table([*rows, *added]))
    result = simulate(tmp_path / "RUN", source=tmp_path / "s.csv")
    assert result.code == 0, result.err
    rejected = [row for row in read(tmp_path / "RUN" / "rejected.csv") if row["file"] == "s.csv"]
    assert [row["line"] for row in rejected] == ["159", "160", "161"]
    assert "line 160" in rejected[0]["reason"]
    assert "line 159" in rejected[1]["reason"]
    assert rejected[2]["reason"].startswith("unreadable SMILES")
    assert rejected[2]["smiles"] == "C1CC"
    assert inputs(tmp_path / "RUN")["source"]["merged"] == 1
    assert inputs(tmp_path / "RUN")["source"]["rejected"] == 3
    assert same(good.folder, tmp_path / "RUN")
    assert re.search(r"\d rows couldn't be used \(.*unreadable SMILES.*\): .*rejected.csv", result.out)


def test_a_partner_of_one_class_declines_and_the_run_goes_on(simulate, as_table, tmp_path):
    groups = [("CCN(C)C", 1), ("CCCN(C)C", 1), ("CCNC", 1), ("CCCN", 1), ("C", 0), ("CO", 0), ("CCC(=O)O", 0), ("F", 0)]
    families = (
        ("c1ccc({})cc1", "Cc1ccc({})cc1", "Clc1ccc({})cc1"),
        ("c1ccc2cc({})ccc2c1", "Cc1ccc2cc({})ccc2c1", "Clc1ccc2cc({})ccc2c1"),
        ("c1csc({})c1", "Cc1csc({})c1", "Clc1csc({})c1"),
    )
    pairs = [
        (scaffold.format(group), 0 if "s" in scaffold else active)
        for family in families
        for scaffold in family
        for group, active in groups
    ]
    (tmp_path / "s.csv").write_text(as_table(pairs))
    result = simulate(tmp_path / "RUN", "--split", "scaffold", "--mixing", 0, source=tmp_path / "s.csv")
    assert result.code == 0, result.err
    partners = read(tmp_path / "RUN" / "partners.csv")
    silent = [row for row in partners if row["n_active"] == "0"]
    assert [row["status"] for row in silent] == ["declined"]
    assert "one class" in silent[0]["reason"]
    assert [row["status"] for row in partners].count("answered") == 2
    name = silent[0]["partner"]
    assert re.search(rf"Declined: {name}: .*one class", " ".join(result.out.split()))
    assert "one class" in (tmp_path / "RUN" / "report.html").read_text()
    assert f"contribution_{name}" not in pq.read_schema(tmp_path / "RUN" / "labels.parquet").names
    assert ("teacher", name) not in {(r["kind"], r["partner"]) for r in read(tmp_path / "RUN" / "metrics.csv")}


def test_a_charter_of_the_first_format_runs_as_before(good, files, simulate, tmp_path):
    text = files.forest.read_text().replace("format = 2", "format = 1")
    text = text.replace('[distillation]\nname = "labels"\n', "")
    assert "distillation" not in text
    old = tmp_path / "old.toml"
    old.write_text(text)
    result = simulate(tmp_path / "RUN", charter=old)
    assert result.code == 0, result.err
    assert same(good.folder, tmp_path / "RUN")
