"""A real cluster of Dask on this machine: work reaches it, results are the same, and deaths are survived or told."""

import os
import time
from itertools import product
from string import ascii_uppercase

import pytest
from clusters import dask_cluster, digest, free_port

from fluidmol.chem.domain.environments import environments
from fluidmol.chem.domain.environments import forget as forget_environments
from fluidmol.chem.features import features, forget
from fluidmol.chem.intake.standardise import CHUNK, standardise
from fluidmol.engines import dask_cluster as engine_module
from fluidmol.engines.engine import Engine
from fluidmol.errors import UnavailableError
from fluidmol.parallel import in_threads, jobs, on_backend
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part

pytest.importorskip("distributed", reason="the extra dask isn't installed: make engines runs this")
pytestmark = [pytest.mark.engines, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with dask_cluster(tmp_path_factory.mktemp("dask")) as found:
        yield found


@pytest.fixture
def mortal(tmp_path):
    """A cluster for a test that kills some of it."""
    with dask_cluster(tmp_path) as found:
        yield found


def test_molecules_are_standardised_by_workers(cluster, molecules, digest_here, processes):
    notes = []
    with Engine("dask", cluster.address, 2).running(notes.append):
        found = standardise(molecules)
    assert processes() == {worker.pid for worker in cluster.workers}
    assert digest(found) == digest_here
    assert notes == [f"Dask at {cluster.address}: 2 cores of 2 workers"]


def test_features_and_environments_are_the_same(cluster):
    many = CompoundSet(
        [f"{'C' * length}O{'C' * more}" for length in range(1, 40) for more in range(1, 40)],
        ["".join(letters).rjust(14, "A") + "-UHFFFAOYSA-N" for letters in product(ascii_uppercase[:12], repeat=3)][
            :1521
        ],
    )

    def made():
        forget()
        forget_environments()
        rows, found = features(many, Part("fcfp")), environments(many)
        return rows.toarray().tobytes(), found.identifiers.tobytes(), found.length.tobytes()

    here = made()
    with Engine("dask", cluster.address).running():
        there = made()
    assert there == here


def test_threads_stay_here_and_keep_their_number(cluster):
    with Engine("dask", cluster.address, 3).running():
        assert jobs() == 3
        assert set(in_threads(os.getpid, [()] * 6)) == {os.getpid()}
        assert list(in_threads(jobs, [(), ()])) == [1, 1]
        assert os.getpid() not in set(on_backend(os.getpid, [()] * 6))


def test_a_worker_is_killed_midway(mortal, molecules, digest_here, processes):
    seen = []

    def kill(done, total):
        seen.append((done, total))
        if done == CHUNK:
            mortal.workers[0].kill()

    with Engine("dask", mortal.address).running():
        found = standardise(molecules, progress=kill)
    assert (CHUNK, len(molecules)) in seen
    assert mortal.workers[0].wait(10) < 0
    assert mortal.workers[1].pid in processes()
    assert os.getpid() not in processes()
    assert digest(found) == digest_here


def test_all_workers_are_killed(mortal, molecules, monkeypatch):
    monkeypatch.setattr(engine_module, "PATIENCE", 2.0)

    def kill(done, _):
        if done == CHUNK:
            for worker in mortal.workers:
                worker.kill()

    notes, begun = [], time.monotonic()
    with (
        pytest.raises(UnavailableError, match=r"was lost in the middle of the work \(no worker for 2 s\)"),
        Engine("dask", mortal.address).running(notes.append),
    ):
        standardise(molecules, progress=kill)
    assert any("has no worker left" in note for note in notes)
    assert time.monotonic() - begun < 60


def test_the_scheduler_is_killed(mortal, molecules):
    def kill(done, _):
        if done == CHUNK:
            mortal.scheduler.kill()

    with (
        pytest.raises(UnavailableError, match=f"Dask at {mortal.address} was lost"),
        Engine("dask", mortal.address).running(),
    ):
        standardise(molecules, progress=kill)


def test_an_error_of_a_task_stays_what_it_is(cluster):
    with pytest.raises(ZeroDivisionError), Engine("dask", cluster.address).running():
        list(on_backend(divmod, [(1, 1), (1, 0)]))


@pytest.mark.parametrize("address", ["nonsense://x", "127.0.0.1:abc", "nowhere"])
def test_addresses_that_are_none(address):
    with pytest.raises(UnavailableError, match=f"no Dask scheduler can be reached at {address}"):
        Engine("dask", address).running().__enter__()


def test_something_else_answers(something_else, monkeypatch):
    monkeypatch.setattr(engine_module, "CONNECT", 1.0)
    with pytest.raises(UnavailableError, match=f"no Dask scheduler can be reached at tcp://{something_else}"):
        Engine("dask", f"tcp://{something_else}").running().__enter__()


def test_a_cluster_without_workers(tmp_path, monkeypatch):
    monkeypatch.setattr(engine_module, "CONNECT", 3.0)
    with (
        dask_cluster(tmp_path, n_workers=0) as empty,
        pytest.raises(UnavailableError, match="has no cores, expected 2 at least"),
    ):
        Engine("dask", empty.address).running().__enter__()


def test_a_worker_with_another_version(tmp_path):
    other = tmp_path / "other" / "rdkit-2001.1.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: rdkit\nVersion: 2001.1\n")
    path = os.pathsep.join([str(other.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    with (
        dask_cluster(tmp_path, environment={"PYTHONPATH": path}) as cluster,
        pytest.raises(UnavailableError, match=r"the worker tcp://127\.0\.0\.1:\d+ has rdkit 2001\.1, and 20\d\d"),
    ):
        Engine("dask", cluster.address).running().__enter__()


class TestCommand:
    def test_the_same_file(self, cluster, data_check):
        here, rows = data_check("here.csv")
        before = cluster.asked(lambda dask_scheduler: dask_scheduler.transition_counter)
        there, same = data_check("there.csv", "--engine", "dask", "--scheduler", cluster.address)
        after = cluster.asked(lambda dask_scheduler: dask_scheduler.transition_counter)
        assert (here.returncode, there.returncode) == (0, 0), there.stderr
        assert rows.count(b"\n") == 1501
        assert same == rows
        assert after > before + 3  # three chunks, and more than one transition each
        assert "2 cores of 2 workers" in there.stderr

    def test_nobody_there(self, data_check):
        address = f"tcp://127.0.0.1:{free_port()}"
        begun = time.monotonic()
        done, rows = data_check("out.csv", "--engine", "dask", "--scheduler", address)
        assert time.monotonic() - begun < 25  # ten of them to reach it; the rest is to start on a busy machine
        assert (done.returncode, rows) == (69, b"")
        assert f"no Dask scheduler can be reached at {address}" in done.stderr
        assert "Traceback" not in done.stderr
