"""A hybrid with all that its answers are explained by, and the folder that it is kept in."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from fluidmol.chem.domain.fragments import FragmentDomain
from fluidmol.chem.domain.neighbours import NeighbourDomain
from fluidmol.chem.representation.known import find, remember
from fluidmol.chem.representation.underlying import representation_of
from fluidmol.errors import CodecError, InputError, MissingFileError, OutputError
from fluidmol.learning.conformal import Conformal
from fluidmol.learning.model import Model
from fluidmol.learning.value_intervals import ValueIntervals
from fluidmol.partner.kept.array_bundle import ArrayBundle
from fluidmol.partner.kept.estimators import Facts
from fluidmol.partner.kept.models import keep_model, recall_model
from fluidmol.partner.notices import notice
from fluidmol.values.charter import Charter
from fluidmol.values.codec import pack, unpack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.parts import Part
from fluidmol.values.publication import Publication
from fluidmol.values.representation import Representation

FORMAT = "fluidmol hybrid 3"
"""Version of the folder's format."""

MANIFEST = "model.json"
"""What is in the folder, with a digest of each other file; written last."""

DIRECTIONS = "representation.fluid"
"""The public directions, where the charter names some."""

NOTICE = "PRIVATE.txt"
"""Who may have the folder; for whoever finds it, and not needed to read it."""

INTERVALS = ("truth", "said", "similarity")
"""Arrays of a regression's intervals."""

LIBRARIES = ("fluidmol", "rdkit", "chembl-structure-pipeline", "numpy", "scipy", "scikit-learn", "lightgbm")
"""Libraries whose versions are noted: another featuriser may give other predictions."""


@attrs.frozen(kw_only=True, eq=False)
class KeptHybrid:
    """A model for use, and what tells how far to believe it. Private compounds are in it."""

    model: Model[CompoundSet] = attrs.field(repr=False)
    """The hybrid's model, or the student's."""

    public: Publication = attrs.field(repr=False)
    """What the consortium gave."""

    near_public: NeighbourDomain = attrs.field(repr=False)
    """Whether a molecule is near to the transfer set."""

    fragments: FragmentDomain = attrs.field(repr=False)
    """What is in own compounds or in labelled molecules, by element. It tells of private compounds."""

    near_own: NeighbourDomain | None = attrs.field(default=None, repr=False)
    """Whether a molecule is near to own compounds; None for a student, which knows none."""

    conformal: Conformal | None = attrs.field(default=None, repr=False)
    """Calibrated on own compounds; None where there are none, or too few, or values."""

    intervals: ValueIntervals | None = attrs.field(default=None, repr=False)
    """Likewise, of a regression."""

    facts: Mapping[str, Any] = attrs.field(factory=dict)
    """What it was made from, for people."""


def write_kept(kept: KeptHybrid, folder: Path, *, overwrite: bool = False) -> None:
    """Write a folder whole or not at all; it can be read by its owner only.

    Raises
    ------
    OutputError
        If something is there already, or it can't be written.
    """
    check_place(folder, overwrite=overwrite)
    part = folder.with_name(f".{folder.name}.{secrets.token_hex(6)}")
    old = folder.with_name(f".{folder.name}.old.{secrets.token_hex(6)}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part.mkdir(mode=0o700)
        for name, content in _files(kept).items():
            (part / name).write_bytes(content)
        (part / NOTICE).write_text(f"{notice(private=kept.near_own is not None)}\n")
        if folder.exists():
            folder.rename(old)
        part.rename(folder)
    except OSError as problem:
        if old.exists() and not folder.exists():
            old.rename(folder)
        why = problem.strerror or problem
        raise OutputError(f"{folder} can't be written: {why}", hint="Choose another `folder`.") from problem
    finally:
        for leftover in (part, old):
            shutil.rmtree(leftover, ignore_errors=True)


def check_place(folder: Path, *, overwrite: bool) -> None:
    """Refuse a folder that holds something, before any work; ``overwrite`` allows another kept model.

    Raises
    ------
    OutputError
        Saying what is there.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise OutputError(f"{folder} is a file", hint="Give a `folder`.")
    if any(folder.iterdir()) and not (overwrite and (folder / MANIFEST).exists()):
        hint = "Replace it with `overwrite`." if (folder / MANIFEST).exists() else "Give another `folder`."
        raise OutputError(f"{folder} isn't empty", hint=hint)


def read_kept(folder: Path) -> KeptHybrid:
    """Read a folder, and check that it is as it was written.

    Raises
    ------
    MissingFileError
        If there is none.
    InputError
        If it was damaged, altered, or is of another format.
    """
    manifest, files = read_files(folder)
    shelf = ArrayBundle.read_arrays(files["arrays.npz"])
    shelf.texts = {name[:-4]: data.decode() for name, data in files.items() if name.endswith(".txt")}
    charter = Charter.from_toml(files["charter.toml"].decode(), str(folder / "charter.toml"))
    try:
        if DIRECTIONS in files:
            remember(_directions(unpack(files[DIRECTIONS]), folder))
        transfer, labels = unpack(files["transfer.fluid"]), unpack(files["labels.fluid"])
        if not isinstance(transfer, CompoundSet) or not isinstance(labels, FederatedLabels):
            raise InputError(f"{folder} holds other values than it says", hint="Fit the hybrid again.")
        public = Publication(charter=charter, transfer=transfer, labels=labels)
        conformal = None
        if manifest["conformal"]:
            conformal = Conformal(shelf.array("conformal.active"), shelf.array("conformal.probability"))
        intervals = None
        if manifest.get("intervals"):
            intervals = ValueIntervals(*(shelf.array(f"intervals.{name}") for name in INTERVALS))
        return KeptHybrid(
            model=recall_model(manifest["model"], charter, shelf),
            public=public,
            near_public=_recall_domain(manifest["near_public"], "near_public", shelf),
            near_own=_recall_domain(manifest["near_own"], "near_own", shelf) if manifest["near_own"] else None,
            fragments=FragmentDomain(
                shelf.array("fragments.known").astype(np.int64), int(manifest["fragments"]["radius"]), by_element=True
            ),
            conformal=conformal,
            intervals=intervals,
            facts=manifest["facts"],
        )
    except (KeyError, TypeError, ValueError, CodecError) as problem:
        raise InputError(f"{folder} can't be understood: {problem}", hint="Fit the hybrid again.") from problem


def versions() -> dict[str, str]:
    """Give the versions of the libraries that predictions depend on."""
    return {name: version(name) for name in LIBRARIES}


def _files(kept: KeptHybrid) -> dict[str, bytes]:
    shelf = ArrayBundle()
    model = keep_model(kept.model, shelf)
    domains = {"near_public": kept.near_public, "near_own": kept.near_own}
    described = {name: None if d is None else _keep_domain(d, name, shelf) for name, d in domains.items()}
    # Identifiers have 32 bits.
    shelf.put("fragments.known", kept.fragments.known.astype(np.uint32))
    if kept.conformal is not None:
        shelf.put("conformal.active", kept.conformal.active)
        shelf.put("conformal.probability", kept.conformal.probability)
    if kept.intervals is not None:
        for name in INTERVALS:
            shelf.put(f"intervals.{name}", getattr(kept.intervals, name))
    files = {
        "charter.toml": kept.public.charter.to_toml().encode(),
        "transfer.fluid": pack(kept.public.transfer),
        "labels.fluid": pack(kept.public.labels),
        **_own_directions(kept.public.charter),
        "arrays.npz": shelf.packed(),
        **{f"{name}.txt": text.encode() for name, text in shelf.texts.items()},
    }
    manifest = {
        "format": FORMAT,
        "private": notice(private=kept.near_own is not None),
        "facts": dict(kept.facts),
        "model": model,
        **described,
        "fragments": {"radius": kept.fragments.radius},
        "conformal": kept.conformal is not None,
        **({} if kept.intervals is None else {"intervals": True}),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
    }
    return {**files, MANIFEST: (json.dumps(manifest, indent=2, allow_nan=False) + "\n").encode()}


def read_files(folder: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Read what ``model.json`` says and the bytes of all other files, checked against its digests.

    Raises
    ------
    MissingFileError
        If there is no such folder, or a file isn't in it.
    InputError
        If it was damaged, altered, or is of another format.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        if manifest["format"] != FORMAT:
            raise InputError(
                f"{folder} is of format {manifest['format']!r}",
                hint=f"This version of fluidmol reads {FORMAT!r}. Make it anew with: fluid hybrid fit.",
            )
        files = {name: (folder / Path(name).name).read_bytes() for name in manifest["files"]}
    except OSError as problem:
        raise MissingFileError(
            f"{folder} holds no hybrid: {problem.strerror or problem}", hint="Make one with: fluid hybrid fit."
        ) from problem
    except (ValueError, KeyError, TypeError) as problem:
        raise InputError(
            f"{folder / MANIFEST} can't be understood: {problem}", hint="Fit the hybrid again."
        ) from problem
    for name, data in files.items():
        if hashlib.sha256(data).hexdigest() != manifest["files"][name]:
            raise InputError(f"{folder / name} isn't as it was written", hint="Fit the hybrid again.")
    return manifest, files


def _own_directions(charter: Charter) -> dict[str, bytes]:
    """Pack the public directions that a charter names, if it names some: predictions need them."""
    digest = representation_of(charter.featuriser)
    return {DIRECTIONS: pack(find(digest))} if digest else {}


def _directions(found: object, folder: Path) -> Representation:
    if not isinstance(found, Representation):
        raise InputError(f"{folder / DIRECTIONS} holds other values than it says", hint="Fit the hybrid again.")
    return found


def _keep_domain(domain: NeighbourDomain, name: str, shelf: ArrayBundle) -> Facts:
    shelf.put(f"{name}.known", domain.known)
    return {
        "fingerprint": domain.fingerprint.as_table(),
        "neighbours": domain.neighbours,
        "threshold": domain.threshold,
    }


def _recall_domain(facts: Mapping[str, Any], name: str, shelf: ArrayBundle) -> NeighbourDomain:
    fingerprint = Part.from_table(facts["fingerprint"], "fingerprint")
    return NeighbourDomain(
        shelf.array(f"{name}.known"), fingerprint, int(facts["neighbours"]), float(facts["threshold"])
    )
