"""One chunk of a pool: rows of a file to a Parquet file of usable molecules, in whichever process."""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Sequence
from functools import cache as remembered
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from rdkit import Chem, DataStructs, rdBase
from rdkit.Chem import rdFingerprintGenerator
from rdkit.Chem.rdMolDescriptors import CalcCrippenDescriptors, CalcFractionCSP3, CalcNumRings, CalcTPSA
from rdkit.Chem.rdMolDescriptors import _CalcMolWt as molecular_weight

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.parents import Standardised, standardise_one
from fluidmol.chem.pool.limits import PoolLimits
from fluidmol.chem.similarity import Packed
from fluidmol.values.files import write_whole

FORMAT = 1
"""Version of the files; raise it when what is in them changes."""

BITS = 2048
"""Of the fingerprints: ECFP4, binary, as for near duplicates everywhere."""

PROPERTIES = ("heavy atoms", "weight", "logP", "TPSA", "rings", "fraction sp3")
"""What is known of each molecule, in this order; weight in g/mol, TPSA in Å²."""

HASHES = ("skeleton", "molecule", "scaffold")
"""Columns of 64-bit hashes: of the InChIKey's first block, of key and SMILES, of the Bemis-Murcko scaffold."""

_FACTS = b"fluidmol"

PoolRow = tuple[int, str, str]
"""Line, SMILES as it stands there, and why it can't be used, if that is plain already."""


@attrs.frozen
class ChunkFacts:
    """What became of the rows of one chunk."""

    n_rows: int
    """Rows that were looked at."""

    n_usable: int
    """Molecules in the chunk's file; several may be of one skeleton."""

    left_out: dict[str, int]
    """Rows by kind of reason."""

    examples: dict[str, str]
    """The first row of each kind, in words."""


def make_chunk(
    path: Path, rows: Sequence[PoolRow], limits: PoolLimits, cache: StandardCache | None = None
) -> ChunkFacts:
    """Standardise and filter rows, and write what is usable; a file that is there already is taken as it is.

    Parameters
    ----------
    path : Path
        To write; its name must say on what the content depends.
    rows : sequence of (int, str, str)
    limits : PoolLimits
    cache : StandardCache, optional
        Where standardised molecules are looked up and kept.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     facts = make_chunk(Path(folder, "c"), [(1, "OCCC", ""), (2, "C1CC", ""), (3, "C", "")], PoolLimits())
    >>> facts.n_usable, facts.left_out
    (1, {'fewer heavy atoms than 4': 1, 'unreadable SMILES': 1})
    """
    if (known := facts_of(path)) is not None:
        return known
    found = _standardised([smiles for _, smiles, problem in rows if not problem], cache)
    columns: dict[str, list[Any]] = {name: [] for name in ("smiles", "inchikey", "bits", *HASHES)}
    numbers: list[tuple[float, ...]] = []
    left_out: Counter[str] = Counter()
    examples: dict[str, str] = {}
    with rdBase.BlockLogs():
        for line, smiles, problem in rows:
            item = Standardised("", "", problem) if problem else found[smiles]
            reason = item.reason
            if not reason:
                molecule = Chem.MolFromSmiles(item.smiles)
                reason = limits.reason(molecule)
            if reason:
                kind = reason.partition(":")[0]
                left_out[kind] += 1
                examples.setdefault(kind, f"line {line}, {smiles[:60]!r}: {reason}")
                continue
            columns["smiles"].append(item.smiles)
            columns["inchikey"].append(item.inchikey)
            columns["bits"].append(fingerprint(molecule))
            numbers.append(properties(molecule))
            columns["skeleton"].append(hash_of(item.inchikey[:14]))
            columns["molecule"].append(hash_of(f"{item.inchikey} {item.smiles}"))
            columns["scaffold"].append(hash_of(scaffold(molecule)))
    facts = ChunkFacts(len(rows), len(numbers), dict(sorted(left_out.items())), dict(sorted(examples.items())))
    write_whole(path, _packed(columns, numbers, facts))
    return facts


def facts_of(path: Path) -> ChunkFacts | None:
    """Read what became of a chunk's rows; None if its file isn't there, or isn't whole."""
    try:
        told = pq.read_schema(path).metadata[_FACTS]
        return ChunkFacts(**json.loads(told))
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError):
        return None


def read_columns(path: Path, names: Sequence[str]) -> dict[str, Any]:
    """Read columns of a chunk's file: numbers as arrays, texts as lists, ``bits`` as :data:`Packed` rows."""
    table = pq.read_table(path, columns=list(names), use_threads=False)
    found: dict[str, Any] = {}
    for name in names:
        column = table[name].combine_chunks()
        if name == "bits":
            found[name] = packed_rows(column.to_pylist())
        else:
            found[name] = column.to_pylist() if name in ("smiles", "inchikey") else column.to_numpy()
    return found


def packed_rows(fingerprints: Sequence[bytes]) -> Packed:
    """Put fingerprints below each other, (n, 32)."""
    return np.frombuffer(b"".join(fingerprints), dtype="<u8").reshape(-1, BITS // 64).astype(np.uint64)


def hash_of(text: str) -> int:
    """Hash a text to 64 bits.

    Examples
    --------
    >>> hash_of("ISWSIDIOOBJBQZ") < 1 << 64
    True
    """
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


@remembered
def _generator() -> Any:
    return rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=BITS)


def fingerprint(molecule: Any) -> bytes:
    """Return the ECFP4 bits of an RDKit molecule: 256 bytes, the lowest bit first."""
    return bytes(DataStructs.BitVectToBinaryText(_generator().GetFingerprint(molecule)))


def scaffold(molecule: Any) -> str:
    """Return the Bemis-Murcko scaffold as SMILES without stereo; empty of an acyclic molecule."""
    return str(Chem.MolToSmiles(Chem.MurckoDecompose(molecule), isomericSmiles=False))


def properties(molecule: Any) -> tuple[float, ...]:
    """Compute :data:`PROPERTIES` of an RDKit molecule."""
    return (
        float(molecule.GetNumHeavyAtoms()), molecular_weight(molecule), CalcCrippenDescriptors(molecule)[0],
        CalcTPSA(molecule), float(CalcNumRings(molecule)), CalcFractionCSP3(molecule),
    )  # fmt: skip


def numbers_of(columns: dict[str, Any]) -> NDArray[np.float32]:
    """Put the properties that were read of a chunk beside each other, (n, n_properties)."""
    return np.stack([columns[name] for name in PROPERTIES], axis=1).astype(np.float32, copy=False)


def _standardised(smiles: Sequence[str], cache: StandardCache | None) -> dict[str, Standardised]:
    distinct = list(dict.fromkeys(smiles))
    known = cache.get(distinct) if cache is not None else {}
    fresh = {text: standardise_one(text) for text in distinct if text not in known}
    if cache is not None:
        cache.put(fresh)
    return {**known, **fresh}


def _packed(columns: dict[str, list[Any]], numbers: list[tuple[float, ...]], facts: ChunkFacts) -> bytes:
    arrays: dict[str, Any] = {name: pa.array(columns[name], pa.string()) for name in ("smiles", "inchikey")}
    arrays["bits"] = pa.array(columns["bits"], pa.binary(BITS // 8))
    arrays |= {name: pa.array(columns[name], pa.uint64()) for name in HASHES}
    matrix = np.asarray(numbers, dtype=np.float32).reshape(-1, len(PROPERTIES))
    arrays |= {name: pa.array(np.ascontiguousarray(matrix[:, i])) for i, name in enumerate(PROPERTIES)}
    table = pa.table(arrays).replace_schema_metadata({_FACTS: json.dumps(attrs.asdict(facts)).encode()})
    target = io.BytesIO()
    # Hashes and keys don't repeat: a dictionary of them would only cost.
    pq.write_table(table, target, compression="zstd", use_dictionary=False)
    return target.getvalue()
