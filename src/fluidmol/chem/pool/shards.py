"""A transfer set on disk: shards named by their content, and a manifest that says what it is and how it was made."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from fluidmol.errors import CodecError, MissingFileError, OutputError
from fluidmol.values import pieces
from fluidmol.values.arrays import DIGEST
from fluidmol.values.codec import pack, read_value
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.files import read_bytes, write_whole
from fluidmol.values.pieces import Pieces
from fluidmol.values.strict_json import read_json

FORMAT = 1
"""Version of the manifest."""

MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 1 << 26
_LARGEST_SHARD = 1 << 28
_NAME = re.compile(r"[0-9a-f]{64}\.fluid")


def _check_size(_facts: object, _field: object, size: Any) -> None:
    if not isinstance(size, int) or size < 1:
        raise ValueError(f"a shard has {size!r} molecules")


@attrs.frozen
class ShardFacts:
    """One shard."""

    digest: str = attrs.field(validator=attrs.validators.matches_re(DIGEST))
    """Of its molecules, a :class:`~fluidmol.values.compounds.CompoundSet`."""

    size: int = attrs.field(validator=_check_size)
    """Molecules."""

    @property
    def file(self) -> str:
        """Name of its file: its digest."""
        return f"{self.digest.removeprefix('sha256:')}.fluid"


@attrs.frozen(eq=False)
class Manifest:
    """What a transfer set is, and how it was made."""

    digest: str
    """Of all its molecules in their order: what a charter names."""

    size: int
    """Molecules."""

    shards: tuple[ShardFacts, ...] = attrs.field(repr=False)
    """In the order of the molecules."""

    made: Mapping[str, Any] = attrs.field(repr=False)
    """How: files, limits, exclusions, method, seed, versions, and how many molecules were left after each step."""


def is_built(path: Path) -> bool:
    """Tell whether a folder has a manifest."""
    return (path / MANIFEST).is_file()


def write_set(
    folder: Path, compounds: CompoundSet, made: Mapping[str, Any], beside: Mapping[str, str] | None = None
) -> Manifest:
    """Write a transfer set whole or not at all.

    Parameters
    ----------
    folder : Path
        Which isn't there yet, or is empty.
    compounds : CompoundSet
    made : mapping
        How it was made, for the manifest.
    beside : mapping of str to str, optional
        Further files by name.

    Raises
    ------
    OutputError
        If the folder has something in it, or can't be written.
    """
    check_free(folder)
    part = folder.absolute().with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        shards = []
        for start in range(0, len(compounds), pieces.PIECE):
            stop = start + pieces.PIECE
            shard = CompoundSet(compounds.smiles[start:stop], compounds.inchikeys[start:stop])
            facts = ShardFacts(shard.digest, len(shard))
            write_whole(part / facts.file, pack(shard))
            shards.append(facts)
        manifest = Manifest(compounds.digest, len(compounds), tuple(shards), made)
        for name, text in (beside or {}).items():
            write_whole(part / name, text)
        write_whole(part / MANIFEST, _text(manifest))
        if folder.exists():
            folder.rmdir()
        part.replace(folder)
    except OSError as problem:
        raise OutputError(
            f"{folder} can't be written: {problem.strerror}", hint="Make room, or choose another place."
        ) from problem
    return manifest


def check_free(folder: Path) -> None:
    """Check that a folder isn't there, or is empty.

    Raises
    ------
    OutputError
        If it has something in it, or is a file.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder} is there already", hint="Choose another folder with `out`.")


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a transfer set.

    Raises
    ------
    MissingFileError
        If there is none.
    CodecError
        If it isn't one of this format.
    """
    if not is_built(folder):
        raise MissingFileError(f"{folder} has no {MANIFEST}", hint="Expected a folder of fluid transfer build.")
    try:
        told = read_json(read_bytes(folder / MANIFEST, _LARGEST_MANIFEST))
        if told["format"] != FORMAT:
            raise CodecError(f"{folder / MANIFEST} has the format {told['format']!r}", hint=f"Expected {FORMAT}.")
        shards = tuple(ShardFacts(shard["digest"], shard["size"]) for shard in told["shards"])
        found = Manifest(told["digest"], told["size"], shards, told["made"])
        if not re.fullmatch(DIGEST, found.digest) or found.size != sum(shard.size for shard in shards):
            raise ValueError("its shards don't add up")
        if not shards or len({shard.digest for shard in shards}) != len(shards):
            raise ValueError("it names no shard" if not shards else "it names a shard twice")
    except CodecError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise CodecError(f"{folder / MANIFEST} is no manifest: {problem}", hint="Get the folder again.") from problem
    return found


@attrs.frozen(eq=False)
class BuiltSet(Pieces):
    """A transfer set on disk whose shards are read when they are asked for."""

    folder: Path
    """Of ``fluid transfer build``."""

    manifest: Manifest = attrs.field(repr=False)
    """What it says of itself; that its shards make up its digest shows only when all are read."""

    @classmethod
    def open(cls, folder: Path) -> BuiltSet:
        """Read the manifest; raises as :func:`read_manifest`."""
        return cls(folder, read_manifest(folder))

    @property
    def digest(self) -> str:
        """Of all molecules in their order, as the manifest says."""
        return self.manifest.digest

    @property
    def sizes(self) -> tuple[int, ...]:
        """Molecules of each shard, (n_shards,)."""
        return tuple(shard.size for shard in self.manifest.shards)

    def name(self, place: int) -> str:
        """Return the digest of a shard."""
        return self.manifest.shards[place].digest

    def piece(self, place: int) -> CompoundSet:
        """Read a shard, and check that it is the one that the manifest names.

        Raises
        ------
        MissingFileError
            If it isn't there.
        CodecError
            If it is damaged, or another one.
        """
        facts = self.manifest.shards[place]
        shard = read_value(self.folder / facts.file, CompoundSet, _LARGEST_SHARD)
        if (shard.digest, len(shard)) != (facts.digest, facts.size):
            raise CodecError(
                f"shard {place + 1} of {self.folder}, {facts.file}, holds other molecules: their digest is"
                f" {shard.digest}",
                hint="It is foreign to this transfer set: get the shard of that name again.",
            )
        return shard


def read_set(folder: Path) -> CompoundSet:
    """Read a transfer set whole, and check that it is what its manifest says.

    Raises
    ------
    MissingFileError
        If the manifest or a shard isn't there.
    CodecError
        If a shard is damaged or another one, or all of them together aren't what the manifest says.
    """
    built = BuiltSet.open(folder)
    smiles: list[str] = []
    keys: list[str] = []
    for shard in built:
        smiles += shard.smiles
        keys += shard.inchikeys
    try:
        found = CompoundSet(smiles, keys)
    except ValueError as problem:
        raise CodecError(f"the shards of {folder} don't make one set: {problem}", hint="Get it again.") from problem
    if found.digest != built.digest:
        raise CodecError(
            f"the molecules of {folder} have the digest {found.digest}, its manifest says {built.digest}",
            hint="It was put together of other shards: get the folder again.",
        )
    return found


def check_set(folder: Path) -> Manifest:
    """Check a transfer set: all its shards and nothing but them, each with its digest, and the digest of all.

    Raises
    ------
    FluidError
        As :func:`read_set`; also if there is a shard that the manifest doesn't name.
    """
    manifest = read_manifest(folder)
    named = {shard.file for shard in manifest.shards}
    foreign = sorted(path.name for path in folder.iterdir() if _NAME.fullmatch(path.name) and path.name not in named)
    if foreign:
        raise CodecError(f"{folder} has a shard that its manifest doesn't name: {foreign[0]}", hint="Take it away.")
    read_set(folder)
    return manifest


def _text(manifest: Manifest) -> str:
    shards = [{"digest": shard.digest, "size": shard.size} for shard in manifest.shards]
    table = {"format": FORMAT, "digest": manifest.digest, "size": manifest.size, "shards": shards,
             "made": manifest.made}  # fmt: skip
    return json.dumps(table, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
