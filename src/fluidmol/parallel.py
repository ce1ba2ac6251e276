"""Running tasks side by side on the ambient joblib backend (:func:`joblib.parallel_config`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice, starmap
from threading import RLock
from typing import Any, Generic, TypeVar

from joblib import Parallel, delayed, parallel_config
from joblib.parallel import ThreadingBackend, get_active_backend

T = TypeVar("T")


class Once(Generic[T]):
    """A value that is made when it is first asked for; of several threads that ask, one makes it, and the others wait.

    Examples
    --------
    >>> made = Once(list)
    >>> made.get() is made.get()
    True
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: list[T] = []
        self._lock = RLock()

    def get(self) -> T:
        """Give the value; what making it raises is raised, and the next who asks tries again."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]


_one_by_one = RLock()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep linear algebra on one thread: sums in one order, hence the same bytes on any number of cores.

    The limit is the whole process's, and nobody may lift it in the middle: threads that ask for it take turns. So
    nobody who has it may wait for a thread that asks for it.

    Examples
    --------
    >>> with one_blas_thread(), one_blas_thread():
    ...     pass
    """
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - needed where there is linear algebra only

    with _one_by_one, threadpool_limits(1):
        yield


def jobs() -> int:
    """Count the tasks that may run at once on this machine: 1 unless ``parallel_config(n_jobs=...)`` says more.

    Examples
    --------
    >>> with parallel_config(n_jobs=2):
    ...     jobs()
    2
    """
    backend, asked = get_active_backend()
    # A cluster's backend counts the cluster's cores.
    return int((ThreadingBackend() if _is_cluster(backend) else backend).effective_n_jobs(asked))


def in_threads(task: Callable[..., T], arguments: Iterable[tuple[Any, ...]]) -> Iterator[T]:
    """Run a task once for each tuple of arguments, in threads; results come in order.

    For work that releases the interpreter's lock (kernels, scikit-learn's trees, LightGBM). What a task runs in
    parallel itself runs on its one thread: the cores are busy already.

    Examples
    --------
    >>> list(in_threads(pow, [(2, 3), (3, 2)]))
    [8, 9]
    """
    # The number is explicit: with a hint (``prefer``) alone, joblib forgets the ambient one and runs in sequence.
    found: Iterator[T] = Parallel(n_jobs=jobs(), prefer="threads", require="sharedmem", return_as="generator")(
        delayed(_alone)(task, given) for given in arguments
    )
    return found


def on_backend(task: Callable[..., T], arguments: Iterable[tuple[Any, ...]], n_jobs: int | None = None) -> Iterable[T]:
    """Run a task once for each tuple of arguments on the ambient backend, mostly in processes; results come in order.

    Parameters
    ----------
    task : callable
        A function of a module, so that other processes find it.
    arguments : iterable of tuple
    n_jobs : int, optional
        How many at once; by default as the ambient ``parallel_config`` says, or all cores of a cluster. 1: here, one
        after the other.

    Examples
    --------
    >>> list(on_backend(pow, [(2, 3), (3, 2)]))
    [8, 9]
    """
    if n_jobs == 1:
        return starmap(task, arguments)
    backend, asked = get_active_backend()
    if n_jobs is None and _is_cluster(backend):
        n_jobs = -1
    calls = (delayed(task)(*given) for given in arguments)
    try:
        parallel = Parallel(n_jobs=n_jobs, return_as="generator")
    except ValueError:
        wave = WAVE * int(backend.effective_n_jobs(asked if n_jobs is None else n_jobs))
        return _in_waves(calls, wave, n_jobs)
    found: Iterable[T] = parallel(calls)
    return found


WAVE = 64
"""Tasks for each core that are handed together to a backend which gives all answers at once or none: Ray takes a second
or two to start its processes for each such call."""


def _in_waves(calls: Iterator[Any], size: int, n_jobs: int | None) -> Iterator[Any]:
    """Run calls, so many together; what was finished before something goes wrong has been given."""
    while wave := list(islice(calls, size)):
        yield from Parallel(n_jobs=n_jobs)(wave)


def _is_cluster(backend: object) -> bool:
    """Whether a backend isn't one of joblib's own for one machine."""
    return type(backend).__module__ != str(ThreadingBackend.__module__)


def _alone(task: Callable[..., T], given: tuple[Any, ...]) -> T:
    with parallel_config(n_jobs=1):
        return task(*given)
