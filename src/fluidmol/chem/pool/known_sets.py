"""Sets that a pool is compared with: test sets to exclude, and public descriptions of a domain to be near to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import attrs
import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from fluidmol.chem.features import features
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.transfer import read_molecules
from fluidmol.chem.pool.chunk_file import BITS, hash_of, scaffold
from fluidmol.chem.similarity import Packed, nearest_tanimoto, pack_bits
from fluidmol.errors import InputError
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part

_ECFP4 = Part("ecfp-counts", {"radius": 2, "bits": BITS})


@attrs.frozen(eq=False)
class KnownSet:
    """Molecules that a pool is compared with."""

    name: str
    """Of the file, without its folder."""

    compounds: CompoundSet = attrs.field(repr=False)
    """Standardised, each skeleton once."""

    fingerprints: Packed = attrs.field(repr=False)
    """ECFP4, (n, 32)."""

    skeletons: NDArray[np.uint64] = attrs.field(repr=False)
    """Hashes of the skeletons, (n,)."""

    scaffolds: NDArray[np.uint64] | None = attrs.field(default=None, repr=False)
    """Hashes of the scaffolds that are looked for, where it is a list of scaffolds; None otherwise."""

    @classmethod
    def of(cls, name: str, compounds: CompoundSet, *, is_scaffolds: bool = False) -> KnownSet:
        """Make one of standardised molecules."""
        skeletons = np.array([hash_of(skeleton) for skeleton in compounds.skeletons], dtype=np.uint64)
        cores = None
        if is_scaffolds:
            cores = np.array(sorted({_core(text) for text in compounds.smiles}), dtype=np.uint64)
        return cls(name, compounds, pack_bits(features(compounds, _ECFP4)), skeletons, cores)

    def nearness(self, bits: Packed, scaffolds: NDArray[np.uint64]) -> NDArray[np.float32]:
        """Compute how near molecules are, (n,), in [0, 1]: Tanimoto similarity to the nearest; 1 of one's scaffold.

        Parameters
        ----------
        bits : (n, 32) uint64
        scaffolds : (n,) uint64
        """
        found: NDArray[np.float32] = nearest_tanimoto(bits, self.fingerprints, 1)[:, 0]
        if self.scaffolds is not None:
            found[np.isin(scaffolds, self.scaffolds)] = 1
        return found


def read_known(
    paths: Sequence[Path],
    *,
    is_scaffolds: bool = False,
    smiles_column: str | None = None,
    cache: StandardCache | None = None,
    note: Callable[[str], None] = lambda _text: None,
) -> list[KnownSet]:
    """Read sets that a pool is compared with.

    Parameters
    ----------
    paths : sequence of Path
        As for :func:`~fluidmol.chem.intake.tables.read_table`.
    is_scaffolds : bool
        Whether molecules of a file's scaffolds are meant, and not those like its molecules.
    smiles_column, cache
        As for ``read_table`` and :func:`~fluidmol.chem.intake.standardise.standardise`.
    note : callable
        Called with what the user should know: rows that can't be used, and so exclude nothing.

    Raises
    ------
    MissingFileError, InputError
        If one can't be used, or a list of scaffolds has a molecule without rings.
    """
    found = []
    for path in paths:
        read = read_molecules(path, smiles_column=smiles_column, cache=cache)
        if read.rejected:
            note(f"Rows of {path} that can't be used: {len(read.rejected):,}, such as: {read.rejected[0].reason}.")
        made = KnownSet.of(path.name, read.compounds, is_scaffolds=is_scaffolds)
        if made.scaffolds is not None and hash_of("") in made.scaffolds:
            raise InputError(f"{path} has a molecule without rings", hint="Expected scaffolds: ring systems.")
        found.append(made)
    return found


def _core(smiles: str) -> int:
    return hash_of(scaffold(Chem.MolFromSmiles(smiles)))
