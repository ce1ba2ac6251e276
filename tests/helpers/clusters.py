"""Real clusters of Dask and Ray on this machine, on loopback, ended with all that they started."""

import hashlib
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psutil

PROGRAMS = Path(sys.executable).parent


def digest(found):
    """Digest standardised molecules."""
    return hashlib.sha256("\n".join(map(repr, found)).encode()).hexdigest()


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class DaskCluster:
    """A scheduler, and workers of one thread each that nobody starts again."""

    def __init__(self, folder, n_workers=2, environment=None):
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.folder = folder
        port = self.address.rpartition(":")[2]
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", port, "--no-show")
        self.workers = [self.start_worker(environment) for _ in range(n_workers)]

    def start_worker(self, environment=None):
        return self._start(
            "worker", self.address, "--host", "127.0.0.1", "--no-nanny", "--nthreads", "1",
            "--local-directory", str(self.folder), environment=environment,
        )  # fmt: skip

    def _start(self, *words, environment=None):
        with (self.folder / "cluster.log").open("ab") as log:
            return subprocess.Popen(
                [PROGRAMS / "dask", *words, "--no-dashboard"], stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, **(environment or {})},
            )  # fmt: skip

    def wait(self):
        import distributed  # noqa: PLC0415 - an extra

        with distributed.Client(self.address, timeout=60, set_as_default=False) as client:
            if self.workers:
                client.wait_for_workers(len(self.workers), timeout=60)
        return self

    def asked(self, question):
        """Ask the scheduler something."""
        import distributed  # noqa: PLC0415 - an extra

        with distributed.Client(self.address, timeout=10, set_as_default=False) as client:
            return client.run_on_scheduler(question)

    def end(self):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@contextmanager
def dask_cluster(folder, **settings):
    cluster = DaskCluster(folder, **settings)
    try:
        yield cluster.wait()
    finally:
        cluster.end()


class RayCluster:
    """A head with two cores. Ray's sockets have long names: its folder must have a short one."""

    def __init__(self, folder):
        # Below the ports that Ray's workers take, 10002 to 19999, and off those that other programs get.
        self.address = f"127.0.0.1:{_low_port()}"
        self.log = folder / "cluster.log"
        with self.log.open("ab") as log:
            self.head = subprocess.Popen(
                [PROGRAMS / "ray", "start", "--head", "--block", "--node-ip-address", "127.0.0.1", "--port",
                 self.address.rpartition(":")[2], "--include-dashboard=false", "--disable-usage-stats",
                 "--dashboard-agent-listen-port", "0", "--num-cpus", "2", "--object-store-memory", "100000000",
                 "--temp-dir", str(folder)],
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def wait(self):
        end = time.monotonic() + 60
        while "ray start" not in self.log.read_text() or not self._has_node():
            assert self.head.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.5)
        return self

    def _has_node(self):
        return any(name == "raylet" for name, _ in self.processes())

    def processes(self):
        """Name and process of all that the head has started and that live."""
        found = []
        if self.head.poll() is not None:
            return found
        for process in psutil.Process(self.head.pid).children(recursive=True):
            try:
                if process.status() != psutil.STATUS_ZOMBIE:
                    found.append((process.name(), process))
            except psutil.NoSuchProcess:
                continue
        return found

    def end(self):
        processes = [process for _, process in self.processes()]
        self.head.terminate()
        for process in psutil.wait_procs(processes, timeout=15)[1]:
            process.kill()
        self.head.kill()
        self.head.wait()


def _low_port():
    for port in range(7400, 7500):
        with socket.socket() as found:
            try:
                found.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port from 7400 to 7499")


@contextmanager
def ray_cluster(folder):
    cluster = RayCluster(folder)
    try:
        yield cluster.wait()
    finally:
        cluster.end()
