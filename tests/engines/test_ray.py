"""A real cluster of Ray on this machine: work reaches it, results are the same, and deaths are survived or told."""

import os
import shutil
import signal
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from clusters import digest, free_port, ray_cluster

from fluidmol.chem.intake.standardise import CHUNK, standardise
from fluidmol.engines import ray_cluster as engine_module
from fluidmol.engines.engine import Engine
from fluidmol.errors import UnavailableError, UsageError
from fluidmol.parallel import in_threads, jobs, on_backend

pytest.importorskip("ray", reason="the extra ray isn't installed: make engines runs this")
pytestmark = [pytest.mark.engines, pytest.mark.filterwarnings("default")]


@contextmanager
def started():
    folder = Path(tempfile.mkdtemp(prefix="ray"))
    try:
        with ray_cluster(folder) as found:
            yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def cluster():
    with started() as found:
        yield found


def actors(cluster):
    """The processes of the cluster that do our work."""
    return {process.pid: process for name, process in cluster.processes() if name.startswith("ray::PoolActor")}


def test_molecules_are_standardised_by_the_cluster(cluster, molecules, digest_here, processes):
    notes = []
    with Engine("ray", cluster.address, 2).running(notes.append):
        found = standardise(molecules)
    assert os.getpid() not in processes()
    assert len(processes()) == 2
    assert digest(found) == digest_here
    assert notes == [f"Ray at {cluster.address}: 2 cores of 1 worker"]


def test_threads_stay_here_and_keep_their_number(cluster):
    with Engine("ray", cluster.address, 3).running():
        assert jobs() == 3
        assert set(in_threads(os.getpid, [()] * 6)) == {os.getpid()}
        assert os.getpid() not in set(on_backend(os.getpid, [()] * 6))


def test_a_process_is_killed_midway(cluster, molecules, digest_here, processes):
    killed = []

    def kill():
        """Kill the first process that is seen at our work."""
        end = time.monotonic() + 60
        while not killed and time.monotonic() < end:
            busy = [process for process in actors(cluster).values() if "run_batch" in process.name()]
            for process in busy[:1]:
                process.send_signal(signal.SIGKILL)
                killed.append(process.pid)
            time.sleep(0.05)

    with Engine("ray", cluster.address).running():
        killer = threading.Thread(target=kill)
        killer.start()
        found = standardise(molecules)
        killer.join()
    assert killed
    assert os.getpid() not in processes()
    assert digest(found) == digest_here


def test_no_process_stays_when_the_work_is_done(cluster, molecules):
    with Engine("ray", cluster.address).running():
        standardise(molecules[: 2 * CHUNK])
    end = time.monotonic() + 30
    while actors(cluster) and time.monotonic() < end:
        time.sleep(0.2)
    assert actors(cluster) == {}


def test_an_error_of_a_task_stays_what_it_is(cluster):
    with pytest.raises(ZeroDivisionError), Engine("ray", cluster.address).running():
        list(on_backend(divmod, [(1, 1), (1, 0)]))


def test_the_head_is_killed_midway(molecules):
    def kill():
        end = time.monotonic() + 60
        while time.monotonic() < end and not any("run_batch" in process.name() for process in actors(mortal).values()):
            time.sleep(0.05)
        for _, process in mortal.processes():
            process.kill()

    with started() as mortal:
        killer = threading.Thread(target=kill)
        killer.start()
        with (
            pytest.raises(UnavailableError, match=f"Ray at {mortal.address} was lost in the middle of the work"),
            Engine("ray", mortal.address).running(),
        ):
            standardise(molecules)
        killer.join()


@pytest.mark.parametrize("address", ["nowhere", "ray://10.0.0.5:10001", "auto", "a:b"])
def test_addresses_that_are_none(address):
    with pytest.raises(UsageError, match=r"`address` is .* Expected host:port"):
        Engine("ray", address).running().__enter__()


def test_a_head_that_cannot_be_reached():
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(UnavailableError, match=f"no head of Ray can be reached at {address}"):
        Engine("ray", address).running().__enter__()


def test_something_else_answers(something_else, monkeypatch):
    monkeypatch.setattr(engine_module, "CONNECT", 1.0)
    with pytest.raises(UnavailableError, match=f"no head of Ray can be reached at {something_else}"):
        Engine("ray", something_else).running().__enter__()


class TestCommand:
    def test_the_same_file(self, cluster, data_check):
        here, rows = data_check("here.csv")
        there, same = data_check("there.csv", "--engine", "ray", "--address", cluster.address)
        assert (here.returncode, there.returncode) == (0, 0), there.stderr
        assert rows.count(b"\n") == 1501
        assert same == rows
        assert f"Ray at {cluster.address}: 2 cores of 1 worker" in there.stderr

    def test_nobody_there(self, data_check):
        begun = time.monotonic()
        done, rows = data_check("out.csv", "--engine", "ray", "--address", f"127.0.0.1:{free_port()}")
        assert time.monotonic() - begun < 25
        assert (done.returncode, rows) == (69, b"")
        assert "no head of Ray can be reached" in done.stderr
