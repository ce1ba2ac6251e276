"""All bootstraps draw in one place; each way has its own stream, which figures of earlier folders rest on."""

import ast
from pathlib import Path

import numpy as np
import pytest

import fluidmol
from fluidmol.learning.statistics import draws
from fluidmol.learning.statistics.draws import places_drawn, tables_drawn, times_drawn, times_sampled

SOURCE = Path(fluidmol.__file__).parent


@pytest.mark.parametrize("count", [times_drawn, times_sampled])
class TestCounts:
    def test_each_draw_has_as_many(self, count):
        found = np.concatenate([*count(7, 50, seed=3)])
        assert found.shape == (50, 7)
        assert (found.sum(axis=1) == 7).all()
        assert abs(found.mean(axis=0) - 1).max() < 0.5

    def test_batches_are_parts_of_one_stream(self, count, monkeypatch):
        whole = np.concatenate([*count(7, 50, seed=3)])
        monkeypatch.setattr(draws, "_BATCH", 30)
        parts = [*count(7, 50, seed=3)]
        assert max(len(part) for part in parts) == 4
        np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_streams_are_those_of_earlier_figures():
    rng = np.random.default_rng
    np.testing.assert_array_equal(
        np.concatenate([*times_sampled(9, 20, 5)]), rng(5).multinomial(9, np.full(9, 1 / 9), size=20)
    )
    cells = np.array([3, 1, 0, 6])
    np.testing.assert_array_equal(tables_drawn(cells, 20, 5), rng(5).multinomial(10, cells / 10, size=20))
    np.testing.assert_array_equal(places_drawn(9, 20, 5), rng(5).integers(9, size=(20, 9)))
    drawn = rng(5).integers(0, 9, (20, 9))
    np.testing.assert_array_equal(
        np.concatenate([*times_drawn(9, 20, 5)]), [np.bincount(row, minlength=9) for row in drawn]
    )


def test_nobody_else_draws_from_a_multinomial():
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "multinomial"
    }
    assert found == {"learning/statistics/draws.py"}
