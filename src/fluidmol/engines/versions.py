"""Whether a cluster's workers are what this machine is: results depend on versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fluidmol.errors import UnavailableError

PACKAGES = ("fluidmol", "chembl-structure-pipeline", "joblib", "numpy", "rdkit")
"""Whose versions must be the same, beside Python's: they make or carry what workers answer."""

MIN_CORES = 2
"""Of a cluster: with one core joblib would do all the work in this process."""


def versions_here() -> Callable[[], dict[str, str]]:
    """Return a function that tells versions where it is run, also where fluidmol isn't installed.

    Examples
    --------
    >>> sorted(versions_here()())
    ['chembl-structure-pipeline', 'fluidmol', 'joblib', 'numpy', 'python', 'rdkit']
    """
    packages = PACKAGES

    # A function within a function travels whole; one of a module travels as its name.
    def found() -> dict[str, str]:
        import sys  # noqa: PLC0415
        from importlib import metadata  # noqa: PLC0415

        versions = {"python": f"{sys.version_info[0]}.{sys.version_info[1]}"}
        for package in packages:
            try:
                versions[package] = metadata.version(package)
            except metadata.PackageNotFoundError:
                versions[package] = ""
        return versions

    return found


def check_workers(found: Mapping[str, Mapping[str, str]], cores: int, cluster: str) -> str:
    """Refuse a cluster that would give other results, or none.

    Parameters
    ----------
    found : mapping of str to mapping
        By worker or machine: what :func:`versions_here` told there.
    cores : int
        Of all workers.
    cluster : str
        What it is called in messages.

    Returns
    -------
    str
        Where tasks go.

    Raises
    ------
    UnavailableError
        Naming a worker, and what it lacks.

    Examples
    --------
    >>> check_workers({"10.0.0.6": versions_here()()}, 8, "Dask at tcp://10.0.0.5:8786")
    'Dask at tcp://10.0.0.5:8786: 8 cores of 1 worker'
    """
    if cores < MIN_CORES:
        raise UnavailableError(
            f"{cluster} has {cores or 'no'} {'core' if cores == 1 else 'cores'}, expected {MIN_CORES} at least",
            hint="Start more workers, or leave out the `engine`.",
        )
    here = versions_here()()
    for worker, versions in sorted(found.items()):
        for package, version in sorted(here.items(), key=lambda item: item[0] != "fluidmol"):
            there = versions.get(package, "")
            if there != version:
                raise UnavailableError(
                    f"{cluster}: the worker {worker} has {f'{package} {there}' if there else f'no {package}'}, and"
                    f" {version} is here",
                    hint="Results depend on it: install the same on all workers.",
                )
    return f"{cluster}: {cores} cores of {len(found)} {'worker' if len(found) == 1 else 'workers'}"
