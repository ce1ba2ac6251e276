"""Finished cells: whole or made again."""

import json

import numpy as np
import pytest

from fluidmol.studies.lab.cells import Cells
from fluidmol.studies.lab.study import CellPredictions, Row


@pytest.fixture
def cells(tmp_path):
    return Cells(tmp_path / "cells", "a" * 64)


@pytest.fixture
def done(cells):
    """A cell with predictions, and one without; their seed is finished."""
    row = Row("student", "student", "", "external", "mcc", 0.5)
    said = CellPredictions(
        "student", "student", "", "external", tuple("ABCD"), np.arange(4) % 2 == 0, np.array([0.9, 0.2, 0.7, 0.1])
    )
    found = [
        cells.write(cells.key(1, {"arm": arm}), 1, {"arm": arm}, 2.0, some)
        for arm, some in (("with", [row, said]), ("without", [row]))
    ]
    cells.finish(1, found, {"seconds": 4.0})
    return found


def without_note(path):
    """As an earlier version wrote it."""
    kept = json.loads(path.read_text())
    del kept["predictions"]
    path.write_text(json.dumps(kept))


def test_what_was_written_is_read(cells, done):
    assert [repr(cells.read(cell.key)) for cell in done] == [repr(cell) for cell in done]
    found, facts = cells.finished(1)
    assert [cell.key for cell in found] == [cell.key for cell in done]
    assert facts == {"seconds": 4.0}
    assert cells.predictions(done[0])["probability"].to_pylist() == [0.9, 0.2, 0.7, 0.1]
    assert cells.predictions(done[1]) is None


@pytest.mark.parametrize("damage", ["missing", "shorter", "other"])
def test_a_cell_without_its_predictions_is_not_finished(cells, done, damage):
    path = cells.folder / f"{done[0].key}.parquet"
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(whole[:100] if damage == "shorter" else whole[:20] + b"?" + whole[21:])
    assert cells.read(done[0].key) is None
    assert cells.read(done[1].key) is not None
    assert cells.finished(1) is None


def test_cells_of_an_earlier_version_are_read(cells, done):
    for cell in done:
        without_note(cells.folder / f"{cell.key}.json")
    assert len(cells.finished(1)[0]) == 2
    path = cells.folder / f"{done[0].key}.parquet"
    path.write_bytes(path.read_bytes()[:100])
    assert cells.read(done[0].key) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "\xff", '{"rows": [[1]]}'])
def test_figures_that_cannot_be_read_are_made_again(cells, done, text):
    (cells.folder / f"{done[1].key}.json").write_text(text, encoding="latin-1")
    assert cells.read(done[1].key) is None
