"""What the consortium gives to a partner: charter, labels and transfer set, and whether they belong together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs
import pyarrow as pa
import pyarrow.parquet as pq

from fluidmol.chem.intake.claims import check_claims
from fluidmol.errors import CodecError, InputError, MissingFileError, SignatureError
from fluidmol.trust.sealing import is_sealed
from fluidmol.trust.signed import is_signed, opened
from fluidmol.values.charter import Charter
from fluidmol.values.codec import unpack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Learn
from fluidmol.values.parties import Party


@attrs.frozen(kw_only=True, eq=False)
class Public:
    """Charter, transfer set and labels of one consortium."""

    charter: Charter
    transfer: CompoundSet
    """In the order of the labels."""
    labels: FederatedLabels

    def __attrs_post_init__(self) -> None:
        """Check that they belong together.

        Raises
        ------
        InputError
            Saying what doesn't.
        """
        if self.labels.charter != self.charter.digest:
            raise InputError("the labels belong to another charter", hint="Take charter and labels of one round.")
        if self.charter.transfer_digest != self.transfer.digest or len(self.labels.value) != len(self.transfer):
            raise InputError(
                f"the transfer set ({len(self.transfer):,} molecules) isn't the one that the charter names",
                hint="Take transfer.fluid of the same round.",
            )


def read_labels(path: Path, charter: Charter) -> FederatedLabels:
    """Read federated labels: packed, or as the coordinator's signed question.

    Raises
    ------
    MissingFileError, CodecError, SignatureError
        If the file can't be used, or was signed by nobody of the charter.
    """
    data = bytes_of(path)
    if is_sealed(data):
        raise CodecError(
            f"{path} is sealed to the parties of its charter",
            hint="Take labels.fluid from your home, where fluid answer puts it unsealed.",
        )
    try:
        value = opened(data, _coordinator(charter)).value if is_signed(data) else unpack(data)
    except (CodecError, SignatureError) as problem:
        raise type(problem)(f"{path}: {problem.message}", hint=problem.hint) from problem
    if isinstance(value, Learn):
        value = value.labels
    if not isinstance(value, FederatedLabels):
        raise CodecError(f"{path} holds {type(value).__name__}", hint="Expected federated labels.")
    return value


def read_transfer(
    path: Path,
    standardised: Callable[[Path], CompoundSet],
    look: Callable[[CompoundSet], object] = check_claims,
) -> CompoundSet:
    """Read the transfer set: packed, as columns of a run folder's ``labels.parquet``, or a file of molecules.

    Parameters
    ----------
    path : Path
    standardised : callable
        Reads a file of molecules of any other kind.
    look : callable
        Refuses molecules that aren't what they are said to be; asked of those that somebody else standardised.

    Raises
    ------
    MissingFileError, CodecError, InputError
        If the file can't be used.
    CharterError
        If its molecules aren't what they are said to be.
    """
    found = _stored(path)
    if found is None:
        return standardised(path)
    look(found)
    return found


def _stored(path: Path) -> CompoundSet | None:
    """Read molecules that were standardised before; None if the file is of another kind."""
    if path.suffix == ".fluid":
        try:
            value = unpack(bytes_of(path))
        except CodecError as problem:
            raise CodecError(f"{path}: {problem.message}", hint=problem.hint) from problem
        if not isinstance(value, CompoundSet):
            raise CodecError(f"{path} holds {type(value).__name__}", hint="Expected the transfer set.")
        return value
    data = bytes_of(path)
    if data[:4] == b"PAR1":
        try:
            table = pq.read_table(pa.BufferReader(data), columns=["smiles", "inchikey"])
            return CompoundSet(table["smiles"].to_pylist(), table["inchikey"].to_pylist())
        except (pa.ArrowException, KeyError, ValueError, TypeError, OSError) as problem:
            raise InputError(f"{path} holds no molecules: {problem}", hint="Take it from the run again.") from problem
    return None


def bytes_of(path: Path) -> bytes:
    """Read a file whole.

    Raises
    ------
    MissingFileError
        If it can't be read.
    """
    try:
        return path.read_bytes()
    except OSError as problem:
        raise MissingFileError(
            f"{path} can't be read: {problem.strerror or problem}", hint="Check path and rights."
        ) from problem


def _coordinator(charter: Charter) -> list[Party]:
    # Nobody else's word about labels counts.
    return [party for party in charter.parties if party.role == "coordinator"]
