"""What makes a study this study: version, options, and the contents of its files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from importlib.metadata import version
from typing import Any

import attrs

from fluidmol.errors import MissingFileError
from fluidmol.studies.consortium import Setup
from fluidmol.studies.prepare import Sources
from fluidmol.values.charter import Charter

_LATER = {"origin_column": None, "date_column": None, "validation_split": "random"}
"""Options that came later, by what they are where nobody asks: studies that were made before stay what they are."""


def wanted(sources: Sources, charter: Charter, setup: Setup) -> dict[str, Any]:
    """Collect what makes a study this study: version, options, and the files' contents.

    Raises
    ------
    MissingFileError
        If a file can't be read.
    """
    files = {}
    for role, path in (("source", sources.source), ("external", sources.external), ("transfer", sources.transfer)):
        try:
            files[role] = "" if path is None else f"{path.suffix} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        except OSError as problem:
            raise MissingFileError(
                f"{path} can't be read: {problem.strerror}", hint="Check path and rights."
            ) from problem
    tables = [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in sources.tables]
    options = _asked(sources, {*files, "tables"})
    return {"version": version("fluidmol"), "charter": charter.digest, "setup": _asked(setup), "tables": tables,
            **options, **files}  # fmt: skip


def _asked(options: Sources | Setup, left_out: Collection[str] = ()) -> dict[str, Any]:
    """Return options by name, without those of :data:`_LATER` that nobody asks for."""
    found = {name: value for name, value in attrs.asdict(options).items() if name not in left_out}
    return {name: value for name, value in found.items() if name not in _LATER or value != _LATER[name]}


def identity(facts: Mapping[str, Any]) -> str:
    """Digest what makes a study this study: options, inputs, version.

    Examples
    --------
    >>> identity({"seed": 1}) == identity({"seed": 2})
    False
    """
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()
