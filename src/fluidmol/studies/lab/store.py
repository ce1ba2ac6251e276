"""Results on disk, found again by what they depend on."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fluidmol.errors import OutputError
from fluidmol.studies.environment import environment
from fluidmol.values.files import write_whole

logger = logging.getLogger(__name__)

FORMAT = 1
"""Version of how values are kept; part of each key."""

Arrays = dict[str, NDArray[Any]]


class ArrayStore:
    """Arrays by the facts that they follow from.

    A file's name is the SHA-256 of its facts, of fluidmol's version and code, and of its libraries' versions. Files are
    written whole, so that several processes may share a store. What can't be read counts as not there, and is made
    again. Nothing in it is needed: delete it whenever you like.

    Parameters
    ----------
    folder : Path
        It is made when there is something to keep.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     store = ArrayStore(Path(folder))
    ...     once = store.arrays({"kind": "demo"}, lambda: {"x": np.arange(3)})
    ...     store.arrays({"kind": "demo"}, lambda: {})["x"].tolist()
    [0, 1, 2]
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def key(self, facts: Mapping[str, Any]) -> str:
        """Give the name under which what follows from these facts is kept, 64 hexadecimal digits."""
        return key_of({"format": FORMAT, "environment": environment(), **facts})

    def arrays(self, facts: Mapping[str, Any], compute: Callable[[], Arrays]) -> Arrays:
        """Give what is kept, or compute and keep it.

        Parameters
        ----------
        facts : mapping
            All that the arrays depend on, as plain values.
        compute : callable
            Makes the arrays, by name; none of Python objects.

        Raises
        ------
        OutputError
            If the folder can't be written.
        """
        found = self.find(facts)
        if found is None:
            found = compute()
            self.keep(facts, found)
        return found

    def plain(self, facts: Mapping[str, Any], compute: Callable[[], Any]) -> Any:
        """Give plain values (as JSON has them) that are kept, or compute and keep them.

        Raises
        ------
        OutputError
            If the folder can't be written.
        """
        return json.loads(str(self.arrays(facts, lambda: {"plain": np.array(json.dumps(compute()))})["plain"]))

    def has(self, facts: Mapping[str, Any]) -> bool:
        """Say whether something is kept; whether it can be read is only seen when it is."""
        return self._path(facts).exists()

    def find(self, facts: Mapping[str, Any]) -> Arrays | None:
        """Give what is kept, if it is there and whole."""
        path = self._path(facts)
        try:
            # NumPy reads no Python objects unless it is told to.
            with np.load(io.BytesIO(path.read_bytes())) as file:
                return {name: file[name] for name in file.files}
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as problem:
            logger.warning("%s can't be used and is made again: %s", path, problem)
            return None

    def keep(self, facts: Mapping[str, Any], arrays: Arrays) -> None:
        """Write arrays whole; a damaged file of the same name is replaced.

        Raises
        ------
        TypeError
            If one holds Python objects.
        OutputError
            If the folder can't be written.
        """
        for name, array in arrays.items():
            if np.asarray(array).dtype.hasobject:
                raise TypeError(f"{name} holds Python objects: expected numbers or texts")
        target = io.BytesIO()
        np.savez_compressed(target, **arrays)  # type: ignore[arg-type]
        path = self._path(facts)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, target.getvalue())
        except OSError as problem:
            raise OutputError(
                f"{path} can't be written: {problem.strerror or problem}", hint="Make room, or give another `folder`."
            ) from problem

    def _path(self, facts: Mapping[str, Any]) -> Path:
        key = self.key(facts)
        return self.folder / key[:2] / f"{key}.npz"


def key_of(facts: Mapping[str, Any]) -> str:
    """Digest plain values, whatever the order of their names; 64 hexadecimal digits.

    Raises
    ------
    TypeError
        If a value isn't plain.

    Examples
    --------
    >>> key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1})
    True
    """
    text = json.dumps(facts, sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
