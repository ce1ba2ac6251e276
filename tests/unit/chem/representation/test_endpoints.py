"""The maker of networks: principal directions beside layers that know the endpoints, the same on any cores."""

import attrs
import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from fluidmol.chem.features import features
from fluidmol.chem.representation.build import build
from fluidmol.chem.representation.compare import compared
from fluidmol.chem.representation.project import projected
from fluidmol.errors import InputError
from fluidmol.values.codec import pack, unpack
from fluidmol.values.parts import Part

from .conftest import NETWORK, write_table


@pytest.fixture(scope="session")
def tables(chemistry, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    sizes = np.array([len(text) for text in chemistry.compounds.smiles])
    return [
        write_table(folder / "amines.csv", chemistry),
        write_table(folder / "size.csv", chemistry.take(np.arange(100)), "value", sizes[:100]),
    ]


@pytest.fixture(scope="session")
def network(chemistry, tables):
    return build(NETWORK, chemistry.compounds, tables)


def test_halves_and_quarters(chemistry, network):
    rows = projected(network, features(chemistry.compounds, network.featuriser)).astype(float)
    first, second, third = (output.onto.weights.shape[1] for output in network.outputs)
    assert (first, network.n_directions) == (12, first + second + third)
    squares = [part.sum(axis=1) for part in np.split(rows**2, [first, first + second], axis=1)]
    for square, share in zip(squares, (0.5, 0.25, 0.25), strict=True):
        np.testing.assert_allclose(square, share, atol=1e-5)


def test_the_layers_know_the_endpoint(chemistry, network, tables):
    # Two directions that the network made tell amines apart; two principal ones don't.
    rows = projected(network, features(chemistry.compounds, network.featuriser))
    last = rows[:, -network.outputs[2].onto.weights.shape[1] :]

    def right(columns):
        return LogisticRegression(C=100).fit(columns, chemistry.active).score(columns, chemistry.active)

    assert right(last) > 0.95
    assert right(last) > right(rows[:, :2])


@pytest.mark.parametrize("threads", [1, 2])
def test_same_bytes_on_any_threads(chemistry, network, tables, threads):
    with threadpool_limits(threads), joblib.parallel_config(n_jobs=threads):
        assert build(NETWORK, chemistry.compounds, tables[::-1]).digest == network.digest


def test_another_seed_is_another_network(chemistry, network, tables):
    other = build(Part("endpoints", dict(NETWORK.options) | {"seed": 12}), chemistry.compounds, tables)
    assert other.digest != network.digest
    assert other.branches[0].facts() == network.branches[0].facts()


def test_it_crosses_as_it_is(network):
    assert unpack(pack(network)) == network


def test_the_same_sources_make_the_same(chemistry, network, tables):
    found = compared(network, chemistry.compounds, tables)
    assert found.same
    assert (found.direction, found.product, found.digest) == (0, 0, network.digest)


def test_other_sources_are_seen(chemistry, network, tables, tmp_path):
    changed = write_table(tmp_path / "amines.csv", chemistry.take(np.arange(90)))
    compounds = chemistry.compounds
    for transfer, paths, exclude, match in (
        (compounds.take([0, 1, 2, 3]), tables, (), "was made from the transfer set"),
        (compounds, [changed, tables[1]], (), "was made from amines.csv"),
        (compounds, tables[:1], (), "was made from size.csv"),
        (compounds, tables, {"A" * 14}, "was made without 0 skeletons, 1 others are given"),
    ):
        with pytest.raises(InputError, match=match):
            compared(network, transfer, paths, exclude=exclude)


def test_a_made_up_representation_is_seen(chemistry, network, tables):
    main, net = network.branches
    weights = net.outputs[0].onto.weights
    rng = np.random.default_rng(1)
    forged = attrs.evolve(weights, steps=rng.permuted(weights.steps, axis=0))
    onto = attrs.evolve(net.outputs[0].onto, weights=forged)
    outputs = [attrs.evolve(net.outputs[0], onto=onto), net.outputs[1]]
    found = compared(
        attrs.evolve(network, branches=[main, attrs.evolve(net, outputs=outputs)]), chemistry.compounds, tables
    )
    assert not found.same
    assert not found.alike


def test_rounding_is_told_from_making_up(chemistry, network, tables):
    main, net = network.branches
    onto = main.outputs[0].onto
    steps = onto.weights.steps.copy()
    steps[0, 0] += 1
    near = attrs.evolve(main, outputs=[attrs.evolve(main.outputs[0], onto=attrs.evolve(onto, weights=attrs.evolve(
        onto.weights, steps=steps)))])  # fmt: skip
    found = compared(attrs.evolve(network, branches=[near, net]), chemistry.compounds, tables)
    assert not found.same
    assert found.alike


def test_unnamed_tables_are_not_read(chemistry, network, tables, tmp_path):
    said = []
    more = write_table(tmp_path / "more.csv", chemistry.take(np.arange(50)))
    assert compared(network, chemistry.compounds, [*tables, more], note=said.append).same
    assert "tables that it doesn't name, and that aren't read: more.csv" in said
