"""Transfer sets of ours where a file of molecules is expected: packed ones, and folders of ``fluid transfer build``."""

from __future__ import annotations

from pathlib import Path

from fluidmol.chem.intake.table import RawTable
from fluidmol.chem.pool.shards import is_built, read_set
from fluidmol.values.codec import read_value
from fluidmol.values.compounds import CompoundSet


def is_packed(path: Path) -> bool:
    """Tell whether a path is a transfer set of ours: ``.fluid``, or a folder with a manifest."""
    return path.suffix == ".fluid" or is_built(path)


def read_packed(path: Path) -> CompoundSet:
    """Read a transfer set of ours, as it says that it is.

    Raises
    ------
    MissingFileError
        If it, or a part of it, isn't there.
    CodecError
        If it is damaged, or something else.

    Examples
    --------
    >>> import tempfile
    >>> from fluidmol.values.codec import pack
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "transfer.fluid")
    ...     _ = path.write_bytes(pack(CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))))
    ...     read_packed(path).smiles
    ('Oc1ccccc1',)
    """
    return read_set(path) if is_built(path) else read_value(path, CompoundSet)


def packed_table(path: Path) -> RawTable:
    """Read its structures as rows of a file, without what it says of their keys; raises as :func:`read_packed`."""
    found = read_packed(path)
    lines = range(1, len(found) + 1)
    return RawTable(path, list(found.smiles), lines, {}, found.digest.removeprefix("sha256:"), word="row")
