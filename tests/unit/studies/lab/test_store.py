"""Results on disk: found again by their facts, and never half of one."""

import numpy as np
import pytest

from fluidmol.errors import OutputError
from fluidmol.studies.environment import environment
from fluidmol.studies.lab import store
from fluidmol.studies.lab.store import ArrayStore, key_of


def once(values=(1.5, 2.5)):
    calls = []

    def compute():
        calls.append(1)
        return {"x": np.array(values), "n": np.array(3)}

    return calls, compute


def test_a_result_is_computed_once(tmp_path):
    calls, compute = once()
    for _ in range(3):
        found = ArrayStore(tmp_path / "cache").arrays({"kind": "demo", "n": 1}, compute)
        np.testing.assert_array_equal(found["x"], [1.5, 2.5])
        assert int(found["n"]) == 3
    assert len(calls) == 1


def test_other_facts_are_another_result(tmp_path):
    kept = ArrayStore(tmp_path)
    calls, compute = once()
    for facts in ({"a": 1}, {"a": 2}, {"a": "1"}, {"b": 1}):
        kept.arrays(facts, compute)
    assert len(calls) == 4


def test_the_order_of_facts_doesnt_matter():
    assert key_of({"a": 1, "b": [1, 2]}) == key_of({"b": [1, 2], "a": 1})
    assert key_of({"a": [1, 2]}) != key_of({"a": [2, 1]})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_facts_are_numbers_that_json_knows(value):
    with pytest.raises(ValueError, match="JSON"):
        key_of({"a": value})


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "foreign"])
def test_a_damaged_file_is_made_again(tmp_path, damage, caplog):
    kept = ArrayStore(tmp_path)
    calls, compute = once(np.arange(500.0))
    kept.arrays({"a": 1}, compute)
    (path,) = tmp_path.rglob("*.npz")
    data = path.read_bytes()
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 0xFF
    path.write_bytes({"empty": b"", "cut": data[: len(data) // 2], "flipped": bytes(flipped), "foreign": b"no"}[damage])
    found = kept.arrays({"a": 1}, compute)
    np.testing.assert_array_equal(found["x"], np.arange(500.0))
    assert len(calls) == 2
    assert "made again" in caplog.text
    np.testing.assert_array_equal(ArrayStore(tmp_path).find({"a": 1})["x"], np.arange(500.0))


def test_objects_are_never_read(tmp_path):
    kept = ArrayStore(tmp_path)
    kept.arrays({"a": 1}, once()[1])
    (path,) = tmp_path.rglob("*.npz")
    np.savez(path, x=np.array([{"evil": 1}], dtype=object), allow_pickle=True)
    assert kept.find({"a": 1}) is None
    with pytest.raises(TypeError, match="x holds Python objects"):
        kept.keep({"a": 1}, {"x": np.array([{"evil": 1}], dtype=object)})


def test_an_interrupted_computation_leaves_nothing(tmp_path):
    kept = ArrayStore(tmp_path)

    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept.arrays({"a": 1}, interrupted)
    assert not list(tmp_path.rglob("*"))


def test_another_version_finds_nothing(tmp_path, monkeypatch):
    kept = ArrayStore(tmp_path)
    calls, compute = once()
    kept.arrays({"a": 1}, compute)
    monkeypatch.setattr(store, "environment", lambda: "other code")
    kept.arrays({"a": 1}, compute)
    assert len(calls) == 2


def test_a_folder_that_cant_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="can't be written"):
        ArrayStore(tmp_path / "file").arrays({"a": 1}, once()[1])


def test_the_environment_knows_our_code():
    assert len(environment()) == 64
    assert environment() == environment.__wrapped__()
