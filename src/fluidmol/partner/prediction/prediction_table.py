"""Predictions as rows of a CSV file, one for each molecule that was asked about."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence

from fluidmol.chem.intake.parents import Standardised
from fluidmol.chem.intake.stream import MoleculeEntry
from fluidmol.partner.prediction.predictor import Evidence, MoleculePredictions, Predictor
from fluidmol.values.compounds import CompoundSet

COLUMNS = (
    "smiles", "id", "inchikey", "probability", "class", "applicability", "near_to", "own_similarity",
    "public_similarity", "conformal_set",
)  # fmt: skip
"""Columns before the evidence; ``problem`` follows it."""

EVIDENCE = ("smiles", "similarity", "label", "partners")
"""Columns of each transfer molecule that is shown, as ``evidence_1_smiles``."""

SETS = {(True, False): "inactive", (False, True): "active", (True, True): "both", (False, False): "none"}
"""Names of conformal sets: both means undecided, none unlike what the model was calibrated on."""


def column_names(n_evidence: int) -> list[str]:
    """Return the names of all columns.

    Examples
    --------
    >>> column_names(0)[:3]
    ['smiles', 'id', 'inchikey']
    """
    shown = [f"evidence_{i}_{name}" for i in range(1, n_evidence + 1) for name in EVIDENCE]
    return [*COLUMNS, *shown, "problem"]


def rows(asked: Sequence[MoleculeEntry], found: Sequence[Standardised], predictor: Predictor) -> str:
    """Predict molecules, and give a line for each in the order asked; for unusable ones with the reason.

    Parameters
    ----------
    asked : sequence of MoleculeEntry
        Length n.
    found : sequence of Standardised
        What became of each, length n.
    predictor : Predictor
    """
    distinct = {item.inchikey: item for item in found if not item.reason}
    compounds = CompoundSet([item.smiles for item in distinct.values()], list(distinct))
    said = predictor(compounds)
    place = {key: i for i, key in enumerate(distinct)}
    width = len(COLUMNS) - 3 + len(EVIDENCE) * predictor.n_evidence
    lines: list[list[str]] = []
    for entry, item in zip(asked, found, strict=True):
        # One line a molecule, whatever a name may hold.
        about = [" ".join(entry.smiles.split()), " ".join(entry.name.split()), item.inchikey]
        if item.reason:
            lines.append([*about, *[""] * width, item.reason])
        else:
            lines.append([*about, *_cells(said, place[item.inchikey], predictor.n_evidence), ""])
    return _lines(lines)


def _cells(said: MoleculePredictions, i: int, n_evidence: int) -> list[str]:
    probability = float(said.probability[i])
    shown = [cell for evidence in said.evidence[i] for cell in _evidence(evidence)]
    # A transfer set may be smaller than the evidence that is asked for.
    shown += [""] * (len(EVIDENCE) * n_evidence - len(shown))
    return [
        f"{probability:.6f}",
        "active" if probability > 0.5 else "inactive",
        "inside" if said.inside[i] else "outside",
        said.near_to(i),
        "" if said.own_similarity is None else f"{said.own_similarity[i]:.3f}",
        f"{said.public_similarity[i]:.3f}",
        "" if said.conformal is None else SETS[bool(said.conformal[i, 0]), bool(said.conformal[i, 1])],
        *shown,
    ]


def _evidence(evidence: Evidence) -> list[str]:
    label = "" if math.isnan(evidence.label) else f"{evidence.label:.3f}"
    return [evidence.smiles, f"{evidence.similarity:.3f}", label, str(evidence)]


def _lines(rows: Sequence[Sequence[str]]) -> str:
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows(rows)
    return target.getvalue()
