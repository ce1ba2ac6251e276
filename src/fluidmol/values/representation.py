"""A representation: a public map from molecules' features to rows that are no longer than 1."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar

import attrs
import numpy as np
from numpy.typing import ArrayLike

from fluidmol.values.arrays import FloatArray, digest_of
from fluidmol.values.grids import Grid
from fluidmol.values.parts import Part
from fluidmol.values.provenance import Provenance

MOST_BRANCHES = 8
"""Branches of a representation, layers of a branch, and outputs of a branch, at most."""

MOST_DIRECTIONS = 1 << 13
"""Directions of a representation, at most."""

MOST_NUMBERS = 1 << 25
"""Numbers of a representation, at most: 128 MB in memory."""

LONGEST = 1000.0
"""Length that a branch may bring its rows to, at most."""

T = TypeVar("T")

_is_grid = attrs.validators.instance_of(Grid)


@attrs.frozen(eq=False)
class Layer:
    """A linear map: rows times weights, plus a bias.

    Raises
    ------
    ValueError
        If there isn't a bias a column of the weights.
    """

    weights: Grid = attrs.field(validator=_is_grid)
    """(n_in, n_out)."""

    bias: Grid = attrs.field(validator=_is_grid)
    """(1, n_out)."""

    def __attrs_post_init__(self) -> None:
        if self.bias.shape != (1, self.weights.shape[1]):
            raise ValueError(f"weights {self.weights.shape}, a bias {self.bias.shape}: expected one a column")

    @classmethod
    def of(cls, weights: ArrayLike, bias: ArrayLike) -> Layer:
        """Round weights, (n_in, n_out), and biases, (n_out,), onto grids."""
        return cls(Grid.of(weights), Grid.of(np.asarray(bias)[None]))


@attrs.frozen(eq=False)
class Output:
    """Directions that are read off one layer of a branch, and how long they are."""

    depth: int
    """Layers of the branch that come before; 0: read off the features themselves."""

    onto: Layer = attrs.field(validator=attrs.validators.instance_of(Layer))
    """Onto the directions."""

    share: float = attrs.field(converter=float)
    """Share of a row's squared length, in (0, 1]: the directions are brought to length 1, then to its root."""


def _outputs(values: Iterable[Output]) -> tuple[Output, ...]:
    return _all(values, Output)


def _layers(values: Iterable[Layer]) -> tuple[Layer, ...]:
    return _all(values, Layer)


def _all(values: Iterable[T], kind: type[T]) -> tuple[T, ...]:
    found = tuple(values)
    for value in found:
        if type(value) is not kind:
            raise TypeError(f"expected a {kind.__name__}, found a {type(value).__name__}")
    return found


@attrs.frozen(eq=False)
class Branch:
    """One way from the features to directions: columns are weighed, rows brought to one length, layers follow.

    Principal directions are a branch without layers, with one output at depth 0; a network is a branch with an output
    for each of its hidden layers.

    Raises
    ------
    ValueError
        If widths don't follow upon one another, or a number is out of range.
    """

    outputs: tuple[Output, ...] = attrs.field(converter=_outputs)
    """In the order of the directions."""

    layers: tuple[Layer, ...] = attrs.field(default=(), converter=_layers)
    """Each followed by a rectifier, max(x, 0)."""

    columns: Grid | None = attrs.field(default=None, validator=attrs.validators.optional(_is_grid))
    """What each column of the features is multiplied with, (n_columns, 1); None: nothing."""

    length: float = attrs.field(default=0.0, converter=float)
    """Length of the rows that go in; 0: as long as they are."""

    def __attrs_post_init__(self) -> None:
        if not 0 < len(self.outputs) <= MOST_BRANCHES or len(self.layers) > MOST_BRANCHES:
            raise ValueError(f"{len(self.outputs)} outputs of {len(self.layers)} layers: expected 1 to {MOST_BRANCHES}")
        if not 0 <= self.length <= LONGEST:
            raise ValueError(f"rows of length {self.length}: expected 0 to {LONGEST:g}")
        widths = [self.n_columns, *(layer.weights.shape[1] for layer in self.layers)]
        for output in self.outputs:
            if type(output.depth) is not int or not 0 <= output.depth <= len(self.layers):
                raise ValueError(f"an output at depth {output.depth!r}: expected 0 to {len(self.layers)}")
            if not 0 < output.share <= 1:
                raise ValueError(f"a share of {output.share}: expected more than 0, and at most 1")
            if output.onto.weights.shape[0] != widths[output.depth]:
                raise ValueError(f"an output of {output.onto.weights.shape}: expected {widths[output.depth]} rows")
        if [layer.weights.shape[0] for layer in self.layers] != widths[:-1]:
            raise ValueError("a layer isn't as wide as the one before")
        if self.columns is not None and self.columns.shape != (self.n_columns, 1):
            raise ValueError(f"weights of columns of shape {self.columns.shape}: expected ({self.n_columns}, 1)")

    @property
    def n_columns(self) -> int:
        """Columns of the features."""
        first = self.layers[0] if self.layers else self.outputs[0].onto
        return first.weights.shape[0]

    def grids(self) -> Iterator[Grid]:
        """Give all numbers, in a fixed order."""
        if self.columns is not None:
            yield self.columns
        for layer in (*self.layers, *(output.onto for output in self.outputs)):
            yield from (layer.weights, layer.bias)

    def facts(self) -> dict[str, Any]:
        """Say all but the steps, as JSON can."""
        return {
            "columns": self.columns is not None,
            "length": self.length,
            "layers": len(self.layers),
            "outputs": [[output.depth, output.share] for output in self.outputs],
            "grids": [[*grid.shape, list(grid.exponents)] for grid in self.grids()],
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any], grids: Iterable[Grid]) -> Branch:
        """Put a branch together again.

        Raises
        ------
        ValueError
            If there are more or fewer grids than it needs.
        """
        found = list(grids)
        columns = found.pop(0) if facts["columns"] else None
        if not 0 <= facts["layers"] <= MOST_BRANCHES:
            raise ValueError(f"{facts['layers']!r} layers: expected 0 to {MOST_BRANCHES}")
        maps = [Layer(*pair) for pair in zip(found[::2], found[1::2], strict=True)]
        layers, last = maps[: facts["layers"]], maps[facts["layers"] :]
        outputs = [Output(d, onto, share) for (d, share), onto in zip(facts["outputs"], last, strict=True)]
        return cls(outputs, layers, columns, facts["length"])


def _branches(values: Iterable[Branch]) -> tuple[Branch, ...]:
    return _all(values, Branch)


@attrs.frozen(slots=False, eq=False)
class Representation:
    """Branches side by side over one public featuriser, and what they were made from.

    Whoever has it turns a molecule into the same row, of length 1 at most: each output's directions are brought to
    length 1 and weighed by the root of its share. What it was made from is *said*, not proven: who has the same files
    can make it again.

    Raises
    ------
    ValueError
        If branches are of different features, shares exceed 1, or it is larger than it may be.

    Examples
    --------
    >>> half = Output(0, Layer(Grid([[1, 0], [0, 1]], (0, 0)), Grid([[0, 0]], (0, 0))), share=1)
    >>> made = Representation(Part("fcfp", {"bits": 2}), [Branch([half])], Provenance(Part("by-hand")))
    >>> made.n_columns, made.n_directions
    (2, 2)
    """

    featuriser: Part = attrs.field(validator=attrs.validators.instance_of(Part))
    """Makes the features."""

    branches: tuple[Branch, ...] = attrs.field(converter=_branches, repr=False)
    """In the order of the directions."""

    provenance: Provenance = attrs.field(validator=attrs.validators.instance_of(Provenance), repr=False)
    """What it was made from."""

    def __attrs_post_init__(self) -> None:
        if not 0 < len(self.branches) <= MOST_BRANCHES:
            raise ValueError(f"{len(self.branches)} branches: expected 1 to {MOST_BRANCHES}")
        if len({branch.n_columns for branch in self.branches}) > 1:
            raise ValueError("branches are of different widths: expected all of the same features")
        if sum(output.share for output in self.outputs) > 1 + 1e-9:
            raise ValueError("shares of the squared length add up to more than 1")
        if self.n_directions > MOST_DIRECTIONS or self.size > MOST_NUMBERS:
            raise ValueError(
                f"{self.n_directions} directions of {self.size} numbers: expected {MOST_DIRECTIONS} and"
                f" {MOST_NUMBERS} at most"
            )

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The outputs of all branches, in the order of the directions."""
        return tuple(output for branch in self.branches for output in branch.outputs)

    @property
    def n_columns(self) -> int:
        """Columns of the features."""
        return self.branches[0].n_columns

    @property
    def n_directions(self) -> int:
        """Columns of the rows that come out."""
        return sum(output.onto.weights.shape[1] for output in self.outputs)

    @property
    def size(self) -> int:
        """Numbers in it."""
        return sum(grid.steps.size for branch in self.branches for grid in branch.grids())

    def facts(self) -> dict[str, Any]:
        """Say all but the steps, as JSON can."""
        return {
            "featuriser": self.featuriser.as_table(),
            "branches": [branch.facts() for branch in self.branches],
            "provenance": self.provenance.facts(),
        }

    def numbers(self) -> FloatArray:
        """Give all steps in one row, (size,), as :meth:`from_facts` takes them."""
        steps = [grid.steps.ravel() for branch in self.branches for grid in branch.grids()]
        return np.concatenate(steps).astype(np.float32)

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any], numbers: FloatArray) -> Representation:
        """Put a representation together again.

        Raises
        ------
        ValueError, KeyError, TypeError
            If facts and numbers don't fit.
        """
        branches, start = [], 0
        for told in facts["branches"]:
            grids = []
            for rows, columns, exponents in told["grids"]:
                steps = numbers[start : start + rows * columns].reshape(rows, columns)
                grids.append(Grid(steps, exponents))
                start += rows * columns
            branches.append(Branch.from_facts(told, grids))
        if start != len(numbers):
            raise ValueError(f"{len(numbers)} numbers: expected {start}")
        featuriser = Part.from_table(facts["featuriser"], "featuriser")
        return cls(featuriser, branches, Provenance.from_facts(facts["provenance"]))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all numbers, the featuriser and the provenance."""
        told = json.dumps(self.facts(), sort_keys=True, allow_nan=False)
        return digest_of("fluidmol representation 1", (told,), (self.numbers(),))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Representation) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)
