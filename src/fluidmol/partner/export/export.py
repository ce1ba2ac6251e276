"""A kept model to an ONNX file that was seen to agree with it, and a JSON that says what it takes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from fluidmol.chem.featurisers import FEATURISERS
from fluidmol.errors import InputError, OutputError
from fluidmol.partner.export.export_parts import ExportPart, chosen_part, table_of
from fluidmol.partner.export.graph import INPUT, OUTPUT, Graph, library
from fluidmol.partner.kept.saved_hybrid import KeptHybrid, versions
from fluidmol.partner.notices import notice
from fluidmol.values.files import write_whole

CHECKED = 1000
"""Public molecules on which the file must agree with the model."""

BOUND = 1e-5
"""How far its probabilities may differ."""


@attrs.frozen(eq=False)
class Exported:
    """An ONNX file, and what it is."""

    data: bytes = attrs.field(repr=False)
    facts: dict[str, Any]
    """What the JSON says."""

    part: ExportPart

    n_checked: int
    """Public molecules on which it was compared with the model."""

    difference: float
    """Largest difference of a probability, at most :data:`BOUND`."""


def export(kept: KeptHybrid, part: str | None = None) -> Exported:
    """Make an ONNX file, and compare it with the model on molecules of the transfer set.

    Parameters
    ----------
    kept : KeptHybrid
    part : str, optional
        Of a mixture: ``own`` or ``others``.

    Raises
    ------
    UnavailableError
        If onnx or onnxruntime isn't installed.
    UsageError, InputError
        If the model, or its part, can't be exported, or the file doesn't agree with it.
    """
    kept.public.charter.require_classes("an ONNX file", "Predict with fluid predict instead.")
    for name in ("onnx", "onnxruntime"):
        library(name)
    _check_blocks(kept)
    chosen = chosen_part(kept, part)
    compounds = kept.public.transfer.take(list(range(min(CHECKED, len(kept.public.transfer)))))
    table = table_of(kept, compounds)
    graph = Graph()
    data = graph.finished(chosen.add(graph), table.shape[1], notice(private=chosen.private))
    said = run(data, table)
    difference = float(np.abs(said - chosen.predict(compounds)).max(initial=0.0))
    if not difference <= BOUND:
        raise InputError(
            f"the ONNX file differs from the model by up to {difference:.2g} on {len(compounds)} molecules",
            hint=f"Expected at most {BOUND:g}: please report it. Nothing was written.",
        )
    return Exported(data, _facts(kept, chosen, data, len(compounds), difference), chosen, len(compounds), difference)


def run(data: bytes, table: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> np.ndarray[Any, Any]:
    """Ask an ONNX file about a matrix of features, (n, n_columns): probability, (n,)."""
    runtime = library("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = runtime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    return np.asarray(session.run([OUTPUT], {INPUT: table})[0], dtype=np.float64)


def write(exported: Exported, path: Path) -> Path:
    """Write the file, and the JSON beside it, whose path is given back.

    Raises
    ------
    OutputError
        If they can't be written.
    """
    beside = path.with_name(path.name + ".json")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, exported.data)
        write_whole(beside, json.dumps(exported.facts, indent=2, allow_nan=False) + "\n")
    except OSError as problem:
        why = problem.strerror or problem
        raise OutputError(f"{path} can't be written: {why}", hint="Choose another `path`.") from problem
    return beside


def _check_blocks(kept: KeptHybrid) -> None:
    if FEATURISERS.build(kept.public.charter.featuriser).representation is not None:
        raise InputError(
            "the model reads public directions, and the JSON beside an ONNX file can't say how they are computed",
            hint="Use fluid predict, which finds the representation by its digest.",
        )


def _facts(kept: KeptHybrid, part: ExportPart, data: bytes, n: int, difference: float) -> dict[str, Any]:
    featuriser = kept.public.charter.featuriser
    blocks: list[dict[str, Any]] = []
    first = 0
    for block in FEATURISERS.build(featuriser).blocks:
        options = {field.name: getattr(block, field.name) for field in attrs.fields(type(block))}  # type: ignore[arg-type]
        kind = f"{type(block).__module__}:{type(block).__name__}"
        blocks.append({"block": kind, "options": options, "first_column": first, "columns": block.width})
        first += block.width
    return {
        "format": "fluidmol export 1",
        "sha256": hashlib.sha256(data).hexdigest(),
        "part": part.name,
        "what": part.words,
        "private": part.private,
        "notice": notice(private=part.private),
        "input": {"name": INPUT, "type": "float32", "shape": ["n", first]},
        "output": {"name": OUTPUT, "type": "float32", "shape": ["n"], "what": "probability of the active class"},
        "standardise": "fluidmol.chem.intake.standardise: the ChEMBL structure pipeline's neutral parent",
        "featuriser": featuriser.as_table(),
        "blocks": blocks,
        "features": "fluidmol.chem.features.features(compounds, featuriser).toarray()",
        "versions": versions(),
        "checked": {"public_molecules": n, "largest_difference": difference, "allowed": BOUND},
        "endpoint": kept.public.charter.endpoints[0].name,
        "charter": kept.public.charter.digest,
        "labels": kept.public.labels.digest,
    }
