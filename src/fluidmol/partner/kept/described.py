"""What a kept model's folder tells of the model, without what it keeps of single compounds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from fluidmol.errors import InputError
from fluidmol.learning.metrics import judge
from fluidmol.learning.prediction_reliability import PredictionReliability
from fluidmol.partner.kept.array_bundle import ArrayBundle
from fluidmol.partner.kept.saved_hybrid import MANIFEST, read_files
from fluidmol.values.charter import Charter


@attrs.frozen(kw_only=True)
class KeptDescription:
    """A kept model in facts and figures: no compound, no fingerprint and no coefficient is in it."""

    charter: Charter
    """The consortium's rules."""

    facts: Mapping[str, Any]
    """What it was made from, as ``model.json`` has it."""

    digest: str
    """Of ``model.json``, which has the digests of all other files."""

    kind: str
    """Kind of model, such as ``mixture``."""

    own_model: str = ""
    """Of a mixture: which own model cross-validation chose (``teacher``, ``other`` or ``both``)."""

    boost: float = 1.0
    """Of a mixture: how much more the own model counts near own compounds than its proximity says, 1 or more."""

    n_others: int = 0
    """Of a mixture: how many other partners' experts it asks."""

    public_threshold: float
    """Least Tanimoto similarity to the transfer set that is inside the domain, in [0, 1]."""

    own_threshold: float | None = None
    """The same to own compounds; None for a student, which knows none."""

    fragment_radius: int
    """Of known fragments, in bonds."""

    scores: Mapping[str, float] = attrs.field(factory=dict)
    """Cross-validated figures on own compounds, by :data:`~fluidmol.values.results.METRICS`; empty without
    calibration."""

    reliability: PredictionReliability | None = None
    """How often it was wrong where it was sure and where it wasn't; None without calibration."""


def describe_kept(folder: Path) -> KeptDescription:
    """Read what a kept model's folder tells of the model, after checking that it is as it was written.

    Raises
    ------
    MissingFileError
        If there is none.
    InputError
        If it was damaged, altered, or is of another format.
    CharterError
        If its charter can't be read.
    """
    manifest, files = read_files(folder)
    charter = Charter.from_toml(files["charter.toml"].decode(), str(folder / "charter.toml"))
    try:
        model, near_own = manifest["model"], manifest["near_own"]
        found = KeptDescription(
            charter=charter,
            facts=manifest["facts"],
            digest=f"sha256:{hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()}",
            kind=str(model["kind"]),
            own_model=str(model.get("own_model", "")),
            boost=float(model.get("boost", 1.0)),
            n_others=len(model.get("others", {}).get("partners", ())),
            public_threshold=float(manifest["near_public"]["threshold"]),
            own_threshold=float(near_own["threshold"]) if near_own else None,
            fragment_radius=int(manifest["fragments"]["radius"]),
        )
        return _with_scores(found, files["arrays.npz"]) if manifest["conformal"] else found
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise InputError(f"{folder} can't be understood: {problem}", hint="Fit the hybrid again.") from problem


def _with_scores(found: KeptDescription, arrays: bytes) -> KeptDescription:
    shelf = ArrayBundle.read_arrays(arrays)
    active, said = shelf.array("conformal.active").astype(bool), shelf.array("conformal.probability").astype(float)
    return attrs.evolve(found, scores=judge(active, said), reliability=PredictionReliability.of(active, said))
