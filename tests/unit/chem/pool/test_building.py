"""A transfer set from start to end: the same on any number of workers, and refused where there are too few."""

import json

import attrs
import numpy as np
import pytest
from joblib import parallel_config

from fluidmol.chem.pool import preparing
from fluidmol.chem.pool.building import PickRequest, build_transfer
from fluidmol.chem.pool.known_sets import KnownSet
from fluidmol.chem.pool.private_directions import PrivateDirections
from fluidmol.chem.pool.shards import read_set
from fluidmol.chem.representation import known as representations
from fluidmol.chem.representation.build import build as build_representation
from fluidmol.errors import InputError, OutputError, UsageError
from fluidmol.values.charter import Charter
from fluidmol.values.experts import Experts
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.parts import Part


def built(files, tmp_path, name="set", *, sets=None, **request):
    return build_transfer([str(files)], tmp_path / name, PickRequest(**request), work=tmp_path / "work", **(sets or {}))


@pytest.mark.parametrize("method", [Part("random"), Part("tiling"), Part("near", {"share": 0.5})])
def test_the_digest_depends_neither_on_workers_nor_on_chunks(files, known, tmp_path, monkeypatch, method):
    sets = {"near": [known]}
    first = built(files, tmp_path, size=40, method=method, seed=3, sets=sets)
    monkeypatch.setattr(preparing, "CHUNK", 9)
    with parallel_config(n_jobs=2):
        second = built(files, tmp_path, "other", size=40, method=method, seed=3, sets=sets)
    assert second.digest == first.digest == read_set(tmp_path / "set").digest
    assert (tmp_path / "other" / "manifest.json").read_bytes() == (tmp_path / "set" / "manifest.json").read_bytes()
    assert built(files, tmp_path, "third", size=40, method=method, seed=4, sets=sets).digest != first.digest


def test_a_smaller_random_draw_is_the_beginning_of_a_larger_one(files, tmp_path):
    built(files, tmp_path, "small", size=10)
    built(files, tmp_path, "large", size=50)
    assert read_set(tmp_path / "large").smiles[:10] == read_set(tmp_path / "small").smiles


def test_steps_are_counted(files, known, tmp_path):
    made = built(files, tmp_path, size=20, sets={"exclude": [known]}).made
    assert made["counts"]["rows"] == 142
    assert made["counts"]["usable"] == 140
    assert made["counts"]["repeated"] == 10
    assert made["counts"]["pool"] == 130 - made["counts"]["excluded"]
    assert made["excluded"][0]["n_same"] == 10
    assert not set(known.compounds.inchikeys) & set(read_set(tmp_path / "set").inchikeys)


def test_no_folder_of_this_machine_is_in_the_manifest(files, tmp_path):
    (files / "empty.smi").write_text("")
    built(files, tmp_path, size=20)
    assert str(tmp_path) not in (tmp_path / "set" / "manifest.json").read_text()


def test_too_few_are_refused_with_their_number(files, known, tmp_path):
    with pytest.raises(InputError, match="130 molecules are left of 142 rows, and 131 are asked for"):
        built(files, tmp_path, size=131)
    assert not (tmp_path / "set").exists()
    assert built(files, tmp_path, size=131, allow_fewer=True).size == 130


def test_a_method_that_finds_too_few_is_refused(files, tmp_path):
    far = Part("sphere-exclusion", {"distance": 0.9})
    with pytest.raises(InputError, match=r"sphere-exclusion finds \d+ of 130 molecules, and 100 are asked for"):
        built(files, tmp_path, size=100, method=far)
    assert 1 < built(files, tmp_path, size=100, method=far, allow_fewer=True).size < 100


def test_nothing_left_is_refused_even_where_fewer_may_be(files, chemistry, tmp_path):
    everything = [KnownSet.of("all.csv", chemistry.compounds)]
    with pytest.raises(InputError, match="no molecule is left of 142 rows"):
        built(files, tmp_path, size=5, allow_fewer=True, sets={"exclude": everything})


def test_near_needs_sets(files, tmp_path):
    with pytest.raises(UsageError, match="it isn't said to what"):
        built(files, tmp_path, size=5, method=Part("near"))


def test_what_is_there_isnt_overwritten(files, tmp_path):
    built(files, tmp_path, size=5)
    with pytest.raises(OutputError, match="is there already"):
        built(files, tmp_path, size=5)


def test_the_pick_is_compared_with_a_random_draw(files, known, tmp_path):
    built(files, tmp_path, size=30, method=Part("near"), sets={"near": [known]})
    spread = json.loads((tmp_path / "set" / "spread.json").read_text())
    nearness = spread["nearness"]["known.csv"]
    assert nearness["chosen"]["mean"] > nearness["random"]["mean"]
    assert nearness["chosen"]["0.95"] == 1
    assert sum(spread["properties"]["pool"]["logP"]["counts"]) == 130
    assert sum(spread["properties"]["chosen"]["weight"]["counts"]) == 30
    assert spread["properties"]["pool"]["weight"]["mean"] > 100
    assert len(spread["map"]["pool"]) == 130
    assert spread["coverage"]["scaffolds"]["chosen"] <= spread["coverage"]["scaffolds"]["occupied"] == 20


@pytest.mark.parametrize("wrong", [{"size": 0}, {"size": 5, "seed": -1}, {"size": 5, "near_duplicate": 0}])
def test_requests_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match="must be"):
        PickRequest(**wrong)


@pytest.fixture
def private(chemistry, tmp_path, monkeypatch):
    """A private round's charter, and labels with experts of two partners: each knows one end of the first direction."""
    monkeypatch.setenv("FLUID_CACHE", str(tmp_path / "cache"))
    representations.forget()
    made = build_representation(Part("principal", {"bits": 256, "directions": 8}), chemistry.compounds, [],
                                note=lambda _: None)  # fmt: skip
    representations.remember(made)
    charter = attrs.evolve(
        Charter.from_preset("private"),
        featuriser=Part("directions", {"digest": made.digest}),
        transfer_digest=chemistry.compounds.digest,
        transfer_size=1,
    )
    toward = np.zeros((2, 9))
    toward[:, 0] = (1, -1)
    experts = Experts(("ada", "bob"), np.zeros((2, 9)), toward, [1, 1], [1, 1])
    labels = FederatedLabels(charter.digest, ("ada", "bob"), [[0.5]], [[0]], [[[0.5]], [[0.5]]], experts)
    yield charter, labels
    representations.forget()


def test_private_directions_pick_evenly_what_partners_are_near_to(files, private, tmp_path):
    charter, labels = private
    directions = PrivateDirections.of(charter, labels)
    built(files, tmp_path, size=20, method=Part("near"), sets={"private": directions})
    chosen = read_set(tmp_path / "set")
    spread = json.loads((tmp_path / "set" / "spread.json").read_text())["nearness"]
    assert spread.keys() == {"ada", "bob"}
    scores = directions.nearness(chosen)
    assert np.allclose(scores[0], -scores[1])
    # Each partner has its half: ten of each end, all beyond what a random draw has in its middle.
    assert (scores[0] > spread["ada"]["random"]["0.5"]).sum() == 10
    assert json.loads((tmp_path / "set" / "manifest.json").read_text())["made"]["private"]["partners"] == ["ada", "bob"]


def test_labels_without_privacy_choose_nothing(private):
    charter, labels = private
    open_charter = attrs.evolve(Charter.from_preset("open"), transfer_digest=charter.transfer_digest)
    with pytest.raises(InputError, match=r"no \[privacy\]"):
        PrivateDirections.of(open_charter, attrs.evolve(labels, charter=open_charter.digest))
    with pytest.raises(InputError, match="another charter"):
        PrivateDirections.of(open_charter, labels)
    with pytest.raises(InputError, match="no experts"):
        PrivateDirections.of(charter, attrs.evolve(labels, experts=None))
