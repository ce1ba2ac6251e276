"""Running tasks side by side on the ambient joblib backend (:func:`joblib.parallel_config`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from joblib import Parallel, delayed, effective_n_jobs, parallel_config

T = TypeVar("T")


def jobs() -> int:
    """Say how many tasks may run at once here: 1 unless ``parallel_config(n_jobs=...)`` says more.

    Examples
    --------
    >>> with parallel_config(n_jobs=2):
    ...     jobs()
    2
    """
    return int(effective_n_jobs(None))


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


def _alone(task: Callable[..., T], given: tuple[Any, ...]) -> T:
    with parallel_config(n_jobs=1):
        return task(*given)
