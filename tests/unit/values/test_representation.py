"""Representations: numbers on a grid, and only such as fit together."""

import io
import json
import zipfile

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from fluidmol.errors import CodecError
from fluidmol.values import representation as module
from fluidmol.values.codec import pack, unpack
from fluidmol.values.grids import EXPONENTS, LEVELS, Grid
from fluidmol.values.parts import Part
from fluidmol.values.provenance import Provenance, Source, skeletons_digest
from fluidmol.values.representation import Branch, Layer, Output, Representation

D = "sha256:" + "0" * 64
LAYER = Layer(Grid([[3, -1], [0, 2]], (-1, 0)), Grid([[1, 0]], (0, 3)))
NARROW = Layer(Grid([[3], [1]], (-1,)), Grid([[1]], (0,)))
THIN = Branch([Output(0, Layer(NARROW.bias, NARROW.bias), 0.1)])
SOURCE = Source("transfer set", D, 7)
MADE = Representation(
    Part("fcfp", {"bits": 2}), [Branch([Output(0, LAYER, 0.5)])], Provenance(Part("by-hand"), [SOURCE], 1, D)
)

finite = st.floats(-1e6, 1e6)


@given(arrays(np.float64, array_shapes(min_dims=2, max_dims=2), elements=finite))
def test_a_grid_is_near(values):
    found = Grid.of(values)
    assert np.abs(found.steps).max() <= LEVELS
    step = np.ldexp(1.0, np.array(found.exponents))
    assert (np.abs(found.numbers - values) <= step / 2 * (1 + 1e-9)).all()
    # No coarser than it has to be: half the step would need too many.
    largest = np.abs(values).max(axis=0)
    free = np.array(found.exponents) > EXPONENTS[0]
    assert (largest[free] >= step[free] / 2 * LEVELS * (1 - 1e-9))[largest[free] > 0].all()


@given(arrays(np.float64, (3, 2), elements=st.floats(0.5, 1e3)), st.integers(0, 99))
def test_rounding_hardly_shows(values, seed):
    shaken = values * (1 + 1e-15 * np.random.default_rng(seed).choice([-1, 0, 1], values.shape))
    assert np.abs(Grid.of(values).numbers - Grid.of(shaken).numbers).max() <= values.max() / LEVELS * 2


@given(arrays(np.int16, (3, 2), elements=st.integers(-32767, 32767)), st.integers(*EXPONENTS))
def test_numbers_are_exact(steps, exponent):
    found = Grid(steps, [exponent] * 2)
    assert (found.numbers.astype(np.float64) == np.ldexp(steps.astype(np.float64), exponent)).all()


@pytest.mark.parametrize(
    ("steps", "exponents", "match"),
    [
        ([1, 2], (0,), "shape"), (np.zeros((0, 2)), (0, 0), "shape"), ([[0.5]], (0,), "whole"),
        ([[np.nan]], (0,), "beyond"), ([[np.inf]], (0,), "beyond"), ([[32768]], (0,), "beyond"),
        ([[1, 2]], (0,), "1 exponents for 2 columns"), ([[1]], (17,), "exponent of 17"), ([[1]], (-61,), "exponent"),
        ([[1]], (0.0,), "exponent"), ([[1]], (True,), "exponent"), ([["1"]], (0,), "no numbers"),
    ],
)  # fmt: skip
def test_grids_refuse(steps, exponents, match):
    with pytest.raises(ValueError, match=match):
        Grid(steps, exponents)


def test_numbers_that_no_grid_holds():
    for value in (np.nan, np.inf, 1e12):
        with pytest.raises(ValueError, match=r"finite|exponent"):
            Grid.of([[value]])


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: Layer(LAYER.weights, Grid([[1]], (0,))), "one a column"),
        (lambda: Branch([]), "0 outputs"),
        (lambda: Branch([Output(1, LAYER, 0.5)]), "at depth 1"),
        (lambda: Branch([Output(0, LAYER, 0)]), "share of 0"),
        (lambda: Branch([Output(0, LAYER, float("nan"))]), "share of nan"),
        (lambda: Branch([Output(0, LAYER, 1.1)]), "share of 1.1"),
        (lambda: Branch([Output(1, LAYER, 0.5)], [NARROW]), "expected 1 rows"),
        (lambda: Branch([Output(0, LAYER, 0.5)], [NARROW, LAYER]), "as wide"),
        (lambda: Branch([Output(0, LAYER, 0.5)], columns=NARROW.bias), "weights of columns"),
        (lambda: Branch([Output(0, LAYER, 0.5)], length=float("inf")), "length inf"),
        (lambda: Branch([Output(0, LAYER, 0.1)] * 9), "9 outputs"),
        (lambda: attrs.evolve(MADE, branches=[]), "0 branches"),
        (lambda: attrs.evolve(MADE, branches=MADE.branches * 3), "more than 1"),
        (
            lambda: attrs.evolve(MADE, branches=[*MADE.branches, THIN]),
            "different widths",
        ),
        (lambda: Source("", D, 1), "expected letters"),
        (lambda: Source("a\nb", D, 1), "expected letters"),
        (lambda: Source("a" * 201, D, 1), "200"),
        (lambda: Source("a", D, -1), "0 or more"),
        (lambda: Source("a", "sha256:1", 1), "digest"),
        (lambda: Provenance(Part("a"), [], 1), "both or none"),
        (lambda: Provenance(Part("a"), [], 0, D), "both or none"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(make, match):
    with pytest.raises(ValueError, match=match):
        make()


def test_sizes_are_bounded(monkeypatch):
    for name in ("MOST_DIRECTIONS", "MOST_NUMBERS"):
        with monkeypatch.context() as context:
            context.setattr(module, name, 1)
            with pytest.raises(ValueError, match="at most"):
                attrs.evolve(MADE)


def test_anything_else_is_another_one():
    [branch] = MADE.branches
    others = [
        attrs.evolve(MADE, featuriser=Part("fcfp", {"bits": 3})),
        attrs.evolve(MADE, branches=[attrs.evolve(branch, length=1.0)]),
        attrs.evolve(MADE, branches=[attrs.evolve(branch, columns=Grid([[1], [1]], (0,)))]),
        attrs.evolve(MADE, branches=[Branch([Output(0, LAYER, 0.25)])]),
        attrs.evolve(MADE, branches=[branch, branch]),
        attrs.evolve(MADE, branches=[Branch([Output(0, Layer(LAYER.weights, Grid([[1, 0]], (0, 4))), 0.5)])]),
        attrs.evolve(MADE, provenance=attrs.evolve(MADE.provenance, maker=Part("principal"))),
        attrs.evolve(MADE, provenance=attrs.evolve(MADE.provenance, sources=[attrs.evolve(SOURCE, used=8)])),
        attrs.evolve(MADE, provenance=attrs.evolve(MADE.provenance, n_excluded=2)),
    ]
    assert len({value.digest for value in (MADE, *others)}) == len(others) + 1
    assert attrs.evolve(MADE) == MADE
    assert hash(MADE) == hash(attrs.evolve(MADE))


def altered(change):
    """Pack with other facts."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(pack(MADE))) as archive, zipfile.ZipFile(target, "w") as other:
        manifest = json.loads(archive.read("facts.json"))
        change(manifest["facts"])
        other.writestr("facts.json", json.dumps(manifest))
        other.writestr("arrays.safetensors", archive.read("arrays.safetensors"))
    return target.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda facts: facts["branches"][0]["grids"].pop(),
        lambda facts: facts["branches"][0]["grids"].append([1, 1, [0]]),
        lambda facts: facts["branches"][0]["grids"][0].__setitem__(0, -2),
        lambda facts: facts["branches"][0]["grids"][0].__setitem__(0, 1 << 60),
        lambda facts: facts["branches"][0]["grids"][0].__setitem__(0, 2.0),
        lambda facts: facts["branches"][0].update(layers=-1),
        lambda facts: facts["branches"][0].update(outputs=[]),
        lambda facts: facts["branches"][0].update(length="long"),
        lambda facts: facts.update(branches=facts["branches"] * 100),
        lambda facts: facts.update(featuriser={"bits": 2}),
        lambda facts: facts["provenance"].update(sources=[["a", D]]),
        lambda facts: facts["provenance"].update(sources=[[7, D, 1]]),
        lambda facts: facts["provenance"].update(excluded=[1]),
        lambda facts: facts["provenance"].update(excluded=[2, D]),
    ],
)
def test_altered_facts_are_refused(change):
    with pytest.raises(CodecError):
        unpack(altered(change))
    assert unpack(altered(lambda _: None)) == MADE


def test_excluded_skeletons_are_a_set():
    assert skeletons_digest([]) == ""
    assert skeletons_digest(["B", "A", "B"]) == skeletons_digest(["A", "B"]) != skeletons_digest(["AB"])
