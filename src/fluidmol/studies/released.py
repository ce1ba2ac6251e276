"""What a coordinator gives to partners, from the folder of a finished run."""

from __future__ import annotations

from pathlib import Path

import attrs
import pyarrow as pa
import pyarrow.parquet as pq

from fluidmol.chem.representation.shelf import remember
from fluidmol.chem.representation.underlying import representation_of
from fluidmol.errors import CodecError, InputError, MissingFileError
from fluidmol.values.charter import Charter
from fluidmol.values.codec import Value, unpack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.representation import Representation


@attrs.frozen(kw_only=True, eq=False)
class Released:
    """The public part of a run."""

    charter: Charter
    transfer: CompoundSet
    """In the order of the labels."""
    labels: FederatedLabels
    """With experts, where the charter has them."""


def read_released(folder: Path) -> Released:
    """Read charter, transfer set and labels, and check that they belong together.

    Parameters
    ----------
    folder : Path
        With ``charter.toml``, ``labels.parquet`` (for the molecules) and ``labels.fluid``.

    Returns
    -------
    Released

    Raises
    ------
    MissingFileError
        If the folder or a file isn't there.
    CharterError, CodecError, InputError
        If a file can't be used, or they don't belong together.
    """
    if not folder.is_dir():
        raise MissingFileError(f"there is no folder {folder}", hint="Name the folder of a finished run with --run.")
    text = _bytes(folder / "charter.toml")
    try:
        charter = Charter.from_toml(text.decode("utf-8-sig"), str(folder / "charter.toml"))
    except UnicodeDecodeError as problem:
        raise InputError(f"{folder / 'charter.toml'} isn't UTF-8 text", hint="A charter is a TOML file.") from problem
    if representation_of(charter.featuriser):
        remember(_directions(folder / "representation.fluid"))
    labels = _labels(folder / "labels.fluid")
    transfer = _transfer(folder / "labels.parquet")
    if labels.charter != charter.digest:
        raise InputError(
            f"{folder / 'labels.fluid'} belongs to another charter than {folder / 'charter.toml'}",
            hint="Take both from one run, unchanged.",
        )
    if charter.transfer_digest != transfer.digest or len(labels.value) != len(transfer):
        raise InputError(
            f"{folder / 'labels.parquet'} holds other molecules than the charter's transfer set",
            hint="Take all files from one run, unchanged.",
        )
    return Released(charter=charter, transfer=transfer, labels=labels)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise MissingFileError(
            f"{path} can't be read: {problem.strerror or problem}",
            hint="Expected the folder of a finished fluid simulate, not of a study; early ones lack labels.fluid.",
        ) from problem


def _value(path: Path) -> Value:
    try:
        return unpack(_bytes(path))
    except CodecError as problem:
        raise CodecError(f"{path}: {problem.message}", hint=problem.hint) from problem


def _directions(path: Path) -> Representation:
    value = _value(path)
    if not isinstance(value, Representation):
        raise InputError(f"{path} holds {type(value).__name__}", hint="Expected public directions.")
    return value


def _labels(path: Path) -> FederatedLabels:
    value = _value(path)
    if not isinstance(value, FederatedLabels):
        raise CodecError(f"{path} holds {type(value).__name__}", hint="Expected federated labels.")
    return value


def _transfer(path: Path) -> CompoundSet:
    try:
        table = pq.read_table(pa.BufferReader(_bytes(path)), columns=["smiles", "inchikey"])
        return CompoundSet(table["smiles"].to_pylist(), table["inchikey"].to_pylist())
    except (pa.ArrowException, KeyError, ValueError, TypeError, OSError) as problem:
        raise InputError(f"{path} holds no molecules: {problem}", hint="Take it from the run again.") from problem
