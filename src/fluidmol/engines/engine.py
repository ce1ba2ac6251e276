"""Which engine carries tasks that are spread over processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs
from joblib import parallel_config

from fluidmol.errors import UsageError

ENGINES = ("local", "dask", "ray")
"""This machine's cores, a cluster of Dask, a cluster of Ray."""


def _known(_engine: object, _field: object, kind: str) -> None:
    if kind not in ENGINES:
        raise UsageError(f"`engine` is {kind!r}", hint=f"Expected one of {', '.join(ENGINES)}.")


@attrs.frozen
class Engine:
    """An engine, and how many cores of this machine are used beside it.

    What is spread over processes (standardisation, features, environments, scaffolds, checks of a transfer set) goes to
    the engine. What needs shared memory (models, nearest neighbours) stays in threads of this machine. Results are the
    same on every engine.

    Raises
    ------
    UsageError
        If the engine is unknown, or comes without its address, or this machine's cores with one.

    Examples
    --------
    >>> Engine("dask")
    Traceback (most recent call last):
    fluidmol.errors.UsageError: no `scheduler` is given for the engine dask. Expected its address, say
    tcp://10.0.0.5:8786.
    """

    kind: str = attrs.field(default="local", validator=_known)
    """One of :data:`ENGINES`."""

    address: str = ""
    """Of Dask's scheduler, or of Ray's head; empty for this machine's cores."""

    workers: int = attrs.field(default=1, validator=attrs.validators.ge(1))
    """Cores of this machine: processes and threads, or beside a cluster threads only."""

    def __attrs_post_init__(self) -> None:
        if self.kind == "local" and self.address:
            raise UsageError(
                f"the address {self.address} is given, and no engine that has one",
                hint="Give the `engine`, too: dask or ray.",
            )
        if self.kind == "dask" and not self.address:
            raise UsageError(
                "no `scheduler` is given for the engine dask", hint="Expected its address, say tcp://10.0.0.5:8786."
            )
        if self.kind == "ray" and not self.address:
            raise UsageError("no `address` is given for the engine ray", hint="Expected its head's, say 10.0.0.5:6379.")

    @contextmanager
    def running(self, note: Callable[[str], None] | None = None) -> Iterator[None]:
        """Send what joblib spreads over processes to this engine, within the context.

        Parameters
        ----------
        note : callable, optional
            Is told where tasks go, and when a cluster has lost all its workers.

        Raises
        ------
        UnavailableError
            If the engine isn't installed, can't be reached, has other versions of fluidmol or its libraries, or is
            lost on the way.

        Examples
        --------
        >>> from fluidmol.parallel import jobs
        >>> with Engine(workers=3).running():
        ...     jobs()
        3
        """
        told = note or (lambda _: None)
        if self.kind == "dask":
            from fluidmol.engines.dask_cluster import on_dask  # noqa: PLC0415 - an extra

            with on_dask(self.address, self.workers, told):
                yield
        elif self.kind == "ray":
            from fluidmol.engines.ray_cluster import on_ray  # noqa: PLC0415 - an extra

            with on_ray(self.address, self.workers, told):
                yield
        else:
            with parallel_config(n_jobs=self.workers):
                yield
