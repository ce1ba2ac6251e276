"""Reading a run folder: each file that is missing or damaged is named."""

import json
import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fluidmol.errors import InputError, MissingFileError
from fluidmol.report.read.run import read_run
from fluidmol.report.read.run_files import read_table, read_text

FILES = (
    "metrics.csv", "predictions.parquet", "labels.parquet", "map.parquet", "partners.csv", "rejected.csv",
    "charter.toml", "provenance.json",
)  # fmt: skip


def test_a_whole_run_is_read(run):
    assert run.datasets == ("external", "validation")
    assert [score.model for score in run.of("external", "hybrid")] == ["hybrid-1", "hybrid-2", "hybrid-3"]
    assert set(run.labels.shares) == {"partner-1", "partner-2", "partner-3"}
    assert len(run.judged["external"].active) == 600
    assert len(run.judged["validation"].said["T0"]) == 300
    assert None in run.points.active


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(MissingFileError, match=name):
        read_run(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_named(folder, name):
    (folder / name).write_bytes(b"\xff\xfe not what it was \x00")
    with pytest.raises(InputError, match=name):
        read_run(folder)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith("parquet")])
def test_a_parquet_file_cut_short_is_named(folder, name):
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=name):
        read_run(folder)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith("parquet")])
def test_a_parquet_file_with_broken_pages_is_named(folder, name):
    whole = bytearray((folder / name).read_bytes())
    whole[4:400] = bytes(396)
    (folder / name).write_bytes(whole)
    with pytest.raises(InputError, match=name):
        read_run(folder)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(MissingFileError, match="no-such-run"):
        read_run(tmp_path / "no-such-run")


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (",mcc,", ",mmc,", "no column 'mcc'"),
        (",teacher,", ",tutor,", "'tutor'"),
        (",validation,", ",holdout,", "'holdout'"),
        (",5000,", ",many,", "'many' is no number"),
        (",5000,", ",inf,", "'inf' is no number"),
        ("T0,pooled", "T0,pooled,extra", "line 2: 22 fields"),
    ],
)
def test_bad_metrics_are_explained(folder, old, new, found):
    text = (folder / "metrics.csv").read_text()
    (folder / "metrics.csv").write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=r"metrics\.csv") as caught:
        read_run(folder)
    assert found in str(caught.value)


def test_a_run_of_an_older_version_lacks_the_matched_mcc(folder, run):
    lines = (folder / "metrics.csv").read_text().splitlines()
    assert lines[0].endswith(",mcc_matched")
    (folder / "metrics.csv").write_text("\n".join(line.rpartition(",")[0] for line in lines) + "\n")
    for older, newer in zip(read_run(folder).scores, run.scores, strict=True):
        assert math.isnan(older.figures["mcc_matched"])
        assert not math.isnan(newer.figures["mcc_matched"])
        assert older.mcc == newer.mcc


def test_metrics_without_rows_are_refused(folder):
    (folder / "metrics.csv").write_text((folder / "metrics.csv").read_text().splitlines()[0] + "\n")
    with pytest.raises(InputError, match="no row"):
        read_run(folder)


def test_a_missing_parquet_column_is_named(folder):
    table = pq.read_table(folder / "labels.parquet").drop_columns(["selected"])
    pq.write_table(table, folder / "labels.parquet")
    with pytest.raises(InputError, match=r"labels\.parquet has no column 'selected'"):
        read_run(folder)


def test_a_parquet_column_of_another_type_is_named(folder):
    table = pq.read_table(folder / "map.parquet")
    table = table.set_column(0, "x", pa.array(["far"] * len(table)))
    pq.write_table(table, folder / "map.parquet")
    with pytest.raises(InputError, match=r"map\.parquet, column 'x'"):
        read_run(folder)


@pytest.mark.parametrize(
    ("key", "value"), [("stages", {"read": 1}), ("inputs", ["a.csv"]), ("sets", 5), ("seed", "x"), ("seed", -1)]
)
def test_provenance_of_another_shape_is_refused(folder, key, value):
    facts = json.loads((folder / "provenance.json").read_text())
    (folder / "provenance.json").write_text(json.dumps(facts | {key: value}))
    with pytest.raises(InputError, match=rf"provenance\.json: '{key}'"):
        read_run(folder)


def test_provenance_that_is_a_list_is_refused(folder):
    (folder / "provenance.json").write_text("[]")
    with pytest.raises(InputError, match="no JSON object"):
        read_run(folder)


def test_an_empty_list_of_rejections_is_fine(folder):
    (folder / "rejected.csv").write_text("")
    assert read_run(folder).rejected == ()


def test_columns_can_be_left_unread(folder):
    table = read_table(folder / "labels.parquet", ("value",), without=("smiles",))
    assert "smiles" not in table.column_names


def test_a_folder_in_a_files_place_is_named(tmp_path):
    (tmp_path / "charter.toml").mkdir()
    with pytest.raises(MissingFileError, match=r"charter\.toml"):
        read_text(tmp_path / "charter.toml")
