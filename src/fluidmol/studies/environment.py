"""What all results depend on beside their data: our own code, and the libraries."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata, resources
from importlib.util import find_spec
from typing import Any

LIBRARIES = (
    "chembl-structure-pipeline", "joblib", "lightgbm", "numba", "numpy", "pyarrow", "rdkit", "scikit-learn", "scipy",
)  # fmt: skip
"""Whose versions can change a result."""

EXTRAS = ("chemprop", "torch")
"""The same of extras, where they are installed."""


def libraries() -> dict[str, str]:
    """Give the versions of the libraries that results depend on."""
    present = {found for found in EXTRAS if find_spec(found) is not None}
    return {name: metadata.version(name) for name in sorted({*LIBRARIES, *present})}


SCIENCE = ("chem", "coordinator", "learning", "partner", "values")
"""Packages whose code decides results."""


@cache
def environment() -> str:
    """Digest our version and code and the libraries' versions: what one of them may have changed is made again."""
    state = hashlib.sha256(metadata.version("fluidmol").encode())
    for name, version in libraries().items():
        state.update(f"{name} {version}\n".encode())
    for package in SCIENCE:
        _add(state, resources.files("fluidmol").joinpath(package))
    return state.hexdigest()


def _add(state: Any, folder: Any) -> None:
    for file in sorted(folder.iterdir(), key=lambda file: str(file.name)):
        if file.is_dir():
            _add(state, file)
        elif file.name.endswith((".py", ".toml")):
            state.update(f"{file.name}\n".encode() + hashlib.sha256(file.read_bytes()).digest())
