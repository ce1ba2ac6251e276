"""Reading what a consortium published: the files of a round, or those in the folder of a simulation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from fluidmol.chem.intake.claims import check_claims
from fluidmol.chem.intake.packed import is_packed, read_packed
from fluidmol.chem.intake.transfer import read_molecules
from fluidmol.chem.representation.known import remember
from fluidmol.chem.representation.underlying import representation_of
from fluidmol.errors import CodecError, InputError, MissingFileError, SignatureError
from fluidmol.trust.sealing import is_sealed
from fluidmol.trust.signed import is_signed, opened
from fluidmol.values.charter import Charter
from fluidmol.values.codec import read_value, unpack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.files import read_bytes
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Learn
from fluidmol.values.publication import Publication
from fluidmol.values.representation import Representation

BESIDE = ("transfer.fluid", "labels.parquet")
"""Where the transfer set is looked for beside the labels: in a partner's home, or a run folder."""


def standardised(path: Path) -> CompoundSet:
    """Read and standardise a file of molecules, without a cache.

    Raises
    ------
    FluidError
        If it can't be used.
    """
    return read_molecules(path).compounds


def read_transfer(
    path: Path,
    standardised: Callable[[Path], CompoundSet] = standardised,
    look: Callable[[CompoundSet], object] = check_claims,
) -> CompoundSet:
    """Read the transfer set: packed, built, as columns of a run's ``labels.parquet``, or a file of molecules.

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
    if is_packed(path):
        found = read_packed(path)
    elif (data := read_bytes(path))[:4] == b"PAR1":
        try:
            table = pq.read_table(pa.BufferReader(data), columns=["smiles", "inchikey"])
            found = CompoundSet(table["smiles"].to_pylist(), table["inchikey"].to_pylist())
        except (pa.ArrowException, KeyError, ValueError, TypeError, OSError) as problem:
            raise InputError(f"{path} holds no molecules: {problem}", hint="Take it from the run again.") from problem
    else:
        return standardised(path)
    look(found)
    return found


def read_labels(path: Path, charter: Charter) -> FederatedLabels:
    """Read federated labels: packed, or as the coordinator's signed question.

    Raises
    ------
    MissingFileError, CodecError, SignatureError
        If the file can't be used, or was signed by nobody of the charter.
    """
    data = read_bytes(path)
    if is_sealed(data):
        raise CodecError(
            f"{path} is sealed to the parties of its charter",
            hint="Take labels.fluid from your home, where fluid answer puts it unsealed.",
        )
    # Nobody else's word about labels counts.
    coordinators = [party for party in charter.parties if party.role == "coordinator"]
    try:
        value = opened(data, coordinators).value if is_signed(data) else unpack(data)
    except (CodecError, SignatureError) as problem:
        raise type(problem)(f"{path}: {problem.message}", hint=problem.hint) from problem
    if isinstance(value, Learn):
        value = value.labels
    if not isinstance(value, FederatedLabels):
        raise CodecError(f"{path} holds {type(value).__name__}", hint="Expected federated labels.")
    return value


def read_publication(
    charter: Charter,
    labels: Path,
    transfer: Path | None = None,
    read: Callable[[Path], CompoundSet] = read_transfer,
) -> Publication:
    """Read labels and transfer set, and public directions beside them, and check that all belong together.

    Parameters
    ----------
    charter : Charter
    labels : Path
        As for :func:`read_labels`.
    transfer : Path, optional
        The transfer set; what lies beside the labels by default.
    read : callable
        Reads the transfer set.

    Raises
    ------
    FluidError
        If one isn't there, can't be used, or belongs to another round.
    """
    found = transfer or next((path for name in BESIDE if (path := labels.with_name(name)).exists()), None)
    if found is None:
        raise MissingFileError(f"there is no {' or '.join(BESIDE)} beside {labels}", hint="Name the transfer set.")
    directions = labels.with_name("representation.fluid")
    if representation_of(charter.featuriser) and directions.exists():
        remember(read_value(directions, Representation))
    return Publication(charter=charter, labels=read_labels(labels, charter), transfer=read(found))
