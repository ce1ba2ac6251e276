"""Rows of a representation: no longer than 1, each molecule's own, whatever it is asked with."""

import attrs
import numpy as np
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from fluidmol.chem.features import features
from fluidmol.chem.representation import project
from fluidmol.chem.representation.project import projected
from fluidmol.errors import CharterError
from fluidmol.values.grids import Grid
from fluidmol.values.parts import Part
from fluidmol.values.provenance import Provenance
from fluidmol.values.representation import Branch, Layer, Output, Representation


def textbook(representation, rows):
    found = []
    for branch in representation.branches:
        value = rows * (1 if branch.columns is None else branch.columns.numbers[:, 0])
        if branch.length:
            value = value * branch.length / np.linalg.norm(value)
        values = [value]
        for layer in branch.layers:
            values.append(np.maximum(values[-1] @ layer.weights.numbers + layer.bias.numbers[0], 0))
        for output in branch.outputs:
            row = values[output.depth] @ output.onto.weights.numbers + output.onto.bias.numbers[0]
            found.append(row / np.linalg.norm(row) * output.share**0.5)
    return np.concatenate(found)


@given(made=strategies.representations(), seed=st.integers(0, 99))
def test_rows_are_never_longer_than_one(made, seed):
    rng = np.random.default_rng(seed)
    shape = 9, made.n_columns
    rows = csr_matrix(np.where(rng.random(shape) < 0.6, rng.normal(size=shape), 0), dtype=np.float32)
    found = projected(made, rows)
    assert found.dtype == np.float32
    assert found.shape == (9, made.n_directions)
    assert (np.linalg.norm(found.astype(np.float64), axis=1) <= 1).all()


@pytest.mark.parametrize("bias", [-40, 0, 40])
def test_networks_are_the_textbooks(bias):
    rng = np.random.default_rng(1)

    def drawn(n_in, n_out, shift=0):
        return Layer.of(rng.normal(size=(n_in, n_out)), rng.normal(size=n_out) + shift)

    layers = [drawn(6, 8, bias), drawn(8, 5)]
    outputs = [Output(1, drawn(8, 4), 0.25), Output(2, drawn(5, 3), 0.25)]
    main = Branch([Output(0, drawn(6, 4), 0.5)])
    made = Representation(
        Part("fcfp"), [main, Branch(outputs, layers, Grid.of(rng.random((6, 1)) + 1), 5.0)], Provenance(Part("by-hand"))
    )
    rows = (rng.random((7, 6)) + 0.1).astype(np.float32)
    expected = [textbook(made, row.astype(float)) for row in rows]
    np.testing.assert_allclose(projected(made, csr_matrix(rows)), expected, atol=5e-6)


def test_a_row_of_nothing_and_one_beyond_all_numbers_are_harmless():
    huge = Layer(Grid([[32767]], (16,)), Grid([[0]], (0,)))
    made = Representation(Part("fcfp"), [Branch([Output(4, huge, 1)], [huge] * 4)], Provenance(Part("by-hand")))
    assert projected(made, csr_matrix(np.array([[0], [1]], np.float32))).tolist() == [[0.0], [0.0]]


def test_each_row_is_its_own_to_the_byte(chemistry, small, monkeypatch):
    rows = features(chemistry.compounds, small.featuriser)
    whole = projected(small, rows)
    order = np.random.default_rng(1).permutation(len(chemistry))
    np.testing.assert_array_equal(projected(small, rows[order]), whole[order])
    np.testing.assert_array_equal(projected(small, rows[5]), whole[[5]])
    monkeypatch.setattr(project, "CHUNK", 32)
    np.testing.assert_allclose(projected(small, rows), whole, atol=1e-6)


def test_a_row_is_the_same_in_every_place():
    rng = np.random.default_rng(3)

    def drawn(n_in, n_out):
        return Layer.of(rng.normal(size=(n_in, n_out)), rng.normal(size=n_out))

    branch = Branch([Output(1, drawn(64, 32), 0.5), Output(2, drawn(64, 32), 0.5)], [drawn(64, 64), drawn(64, 64)])
    made = Representation(Part("fcfp"), [branch], Provenance(Part("by-hand")))
    rows = rng.normal(size=(40, 64)).astype(np.float32)
    found = projected(made, csr_matrix(rows))
    for first in range(1, 14):
        assert np.array_equal(projected(made, csr_matrix(rows[first:])), found[first:])


def test_other_features_are_refused(small):
    with pytest.raises(CharterError, match=f"is of {small.n_columns} columns, its featuriser additive makes 7"):
        projected(small, csr_matrix((1, 7), dtype=np.float32))


def test_shares_are_the_squared_lengths(chemistry, small):
    [branch] = small.branches
    quarter = attrs.evolve(branch, outputs=[attrs.evolve(branch.outputs[0], share=0.25)])
    made = attrs.evolve(small, branches=[quarter, quarter])
    rows = projected(made, features(chemistry.compounds, small.featuriser)).astype(np.float64)
    n = branch.outputs[0].onto.weights.shape[1]
    np.testing.assert_allclose((rows[:, :n] ** 2).sum(axis=1), 0.25, atol=1e-6)
    np.testing.assert_allclose((rows**2).sum(axis=1), 0.5, atol=1e-6)
