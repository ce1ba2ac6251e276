"""Tasks on a cluster of Ray, by its own backend for joblib."""

from __future__ import annotations

import logging
import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from joblib import parallel_config

from fluidmol.engines.versions import check_workers, versions_here
from fluidmol.errors import UnavailableError, UsageError

CONNECT = 10.0
"""Seconds to reach the head of a cluster."""

ANSWER = 60.0
"""Seconds for each machine to tell its versions: Ray starts a process there first."""

RETRIES = 3
"""How often a process that dies is started again, with the task that it had."""

_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
_SETTINGS = b"\4"
"""How gRPC, which Ray speaks, begins on both sides: HTTP/2's preface, and a frame of settings."""

_ADDRESS = re.compile(r"(?P<host>[^\s/:]+|\[[0-9A-Fa-f:]+\]):(?P<port>\d{1,5})")


@contextmanager
def on_ray(address: str, threads: int, note: Callable[[str], None]) -> Iterator[None]:
    """Send what joblib spreads over processes to a cluster of Ray, within the context.

    A process that dies is started again, and does its task again. Ray gives the results of one step all at once.

    Parameters
    ----------
    address : str
        Of the head, ``host:port``; this machine must be one of the cluster's.
    threads : int
        Of this machine, for what needs shared memory.
    note : callable
        Is told where tasks go.

    Raises
    ------
    UnavailableError
        If the cluster can't be used, or is lost.
    UsageError
        If the address is none.
    """
    _check_reachable(address)
    try:
        import ray  # noqa: PLC0415 - an extra
        from ray.util.joblib import register_ray  # noqa: PLC0415
    except ImportError as problem:
        raise UnavailableError(
            f"the engine ray isn't installed: {problem}", hint="Install it with pip install 'fluidmol[ray]'."
        ) from problem
    _connect(ray, address)
    try:
        note(_checked(ray, address))
        register_ray()
        again = {"max_restarts": RETRIES, "max_task_retries": RETRIES}
        with parallel_config(backend="ray", n_jobs=threads, ray_remote_args=again):
            yield
    except (ray.exceptions.RayError, ConnectionError) as problem:
        first = str(problem).strip().partition("\n")[0]
        raise UnavailableError(
            f"Ray at {address} was lost in the middle of the work ({type(problem).__name__}: {first})",
            hint="What was finished is kept in the cache, if there is one. Run the same command again.",
        ) from problem
    finally:
        ray.shutdown()


def _check_reachable(address: str) -> None:
    """Knock before Ray does, which would knock for minutes, also where something else answers."""
    given = _ADDRESS.fullmatch(address)
    if given is None:
        raise UsageError(f"`address` is {address!r}", hint="Expected host:port of Ray's head, say 10.0.0.5:6379.")
    try:
        with socket.create_connection((given["host"].strip("[]"), int(given["port"])), timeout=CONNECT) as line:
            if not os.environ.get("RAY_USE_TLS"):
                line.sendall(_HELLO)
                if line.recv(9)[3:4] != _SETTINGS:
                    raise ConnectionError("what is there doesn't answer as one")
    except (OSError, OverflowError) as problem:
        raise UnavailableError(
            f"no head of Ray can be reached at {address}: {problem}",
            hint="Expected the address that Ray printed when its head was started, and a network between.",
        ) from problem


def _connect(ray: Any, address: str) -> None:
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.CRITICAL)
    except (ray.exceptions.RayError, OSError, RuntimeError, ValueError, AssertionError) as problem:
        first = str(problem).strip().partition("\n")[0]
        raise UnavailableError(
            f"Ray at {address} takes no work from here: {first}",
            hint="This machine must be a node of the cluster (docs/cluster.md), with the same Ray and Python.",
        ) from problem


def _checked(ray: Any, address: str) -> str:
    """Ask one process of each machine that has cores."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy  # noqa: PLC0415 - an extra

    nodes = {
        node["NodeID"]: f"{node['NodeManagerAddress']} ({node['NodeID'][:8]})"
        for node in ray.nodes()
        if node["Alive"] and node["Resources"].get("CPU")
    }
    asked = ray.remote(versions_here())
    found = {
        name: asked.options(
            num_cpus=0, scheduling_strategy=NodeAffinitySchedulingStrategy(node_id=node, soft=False)
        ).remote()
        for node, name in nodes.items()
    }
    answers = dict(zip(found, ray.get([*found.values()], timeout=ANSWER), strict=True))
    return check_workers(answers, int(ray.cluster_resources().get("CPU", 0)), f"Ray at {address}")
