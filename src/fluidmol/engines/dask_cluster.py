"""Tasks on a cluster of Dask, by joblib's own backend."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from joblib import parallel_config

from fluidmol.engines.versions import check_workers, versions_here
from fluidmol.errors import UnavailableError

CONNECT = 10.0
"""Seconds to reach a scheduler, and again to see a first worker."""

PATIENCE = 60.0
"""Seconds that a cluster may be without any worker in the middle of the work."""


@contextmanager
def on_dask(address: str, threads: int, note: Callable[[str], None]) -> Iterator[None]:
    """Send what joblib spreads over processes to the workers of a scheduler, within the context.

    Dask gives the tasks of a worker that dies to others. A task that was running on three that died is given up.

    Parameters
    ----------
    address : str
        As Dask writes it: ``tcp://host:port``; ``tls://`` with Dask's own configuration.
    threads : int
        Of this machine, for what needs shared memory.
    note : callable
        Is told where tasks go.

    Raises
    ------
    UnavailableError
        If the cluster can't be used, or is lost.
    """
    try:
        import distributed  # noqa: PLC0415 - an extra
    except ImportError as problem:
        raise UnavailableError(
            f"the engine dask isn't installed: {problem}", hint="Install it with pip install 'fluidmol[dask]'."
        ) from problem
    # What it has to say is said by our errors.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    client = _connected(distributed, address)
    lost: list[str] = []
    done = threading.Event()
    try:
        note(_checked(client, address))
        watcher = threading.Thread(target=_watch, args=(client, address, done, lost, note), daemon=True)
        watcher.start()
        with parallel_config(backend="dask", client=client, wait_for_workers_timeout=CONNECT, n_jobs=threads):
            yield
    except (distributed.CancelledError, distributed.KilledWorker, TimeoutError, distributed.comm.CommClosedError) as e:
        why = lost[0] if lost else f"the connection to the scheduler, or too many of its workers: {type(e).__name__}"
        raise UnavailableError(
            f"Dask at {address} was lost in the middle of the work ({why})",
            hint="What was finished is kept in the cache, if there is one. Run the same command again.",
        ) from e
    finally:
        done.set()
        client.close(timeout=CONNECT)


def _connected(distributed: Any, address: str) -> Any:
    found: list[Any] = []

    def tried() -> None:
        try:
            distributed.comm.get_address_host_port(address, strict=True)
            found.append(distributed.Client(address, timeout=CONNECT, set_as_default=False))
        except (OSError, ValueError, TypeError, NotImplementedError) as problem:  # a time that is out is an OSError
            found.append(problem)

    # The address is read first: a client that fails while it is made leaves a loop behind. And Dask's own limit ends
    # with the connection: to what answers there, and isn't Dask, it would listen for ever.
    attempt = threading.Thread(target=tried, daemon=True)
    attempt.start()
    attempt.join(CONNECT + 2.0)
    problem = found[0] if found else TimeoutError("what is there doesn't answer as one")
    if not isinstance(problem, Exception):
        return problem
    raise UnavailableError(
        f"no Dask scheduler can be reached at {address}: {problem}",
        hint="Expected the address that the scheduler prints, say tcp://10.0.0.5:8786, and a network between.",
    ) from problem


def _checked(client: Any, address: str) -> str:
    """Wait for a first worker, then ask all of them."""
    end = time.monotonic() + CONNECT
    while not (cores := sum(client.ncores().values())) and time.monotonic() < end:
        time.sleep(0.2)
    found = client.run(versions_here(), on_error="return") if cores else {}
    for worker, answer in found.items():
        if isinstance(answer, BaseException):
            raise UnavailableError(
                f"Dask at {address}: the worker {worker} can't run what it is asked: {answer}",
                hint="It needs the same Python and the same fluidmol as this machine.",
            ) from answer
    return check_workers(found, cores, f"Dask at {address}")


def _watch(client: Any, address: str, done: threading.Event, lost: list[str], note: Callable[[str], None]) -> None:
    """Give up a cluster that has lost all its workers: by itself Dask waits for others for ever."""
    since: float | None = None
    while not done.wait(1.0):
        try:
            present = client.ncores()
        except Exception:  # whatever it is, the main thread hears of it, too
            return
        if present:
            since = None
        elif since is None:
            since = time.monotonic()
            note(f"Dask at {address} has no worker left; waiting {PATIENCE:.0f} s for another")
        elif time.monotonic() - since > PATIENCE:
            lost.append(f"no worker for {PATIENCE:.0f} s")
            client.close(timeout=CONNECT)
            return
