"""Predictions as rows of a CSV file, one for each molecule that was asked about."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence

from fluidmol.chem.intake.parents import Standardised
from fluidmol.chem.intake.stream import MoleculeEntry
from fluidmol.partner.prediction.predictor import Evidence, MoleculePredictions, Predictor
from fluidmol.partner.prediction.structures import structure_sets

Cell = str | float | None
"""One cell of a row of predictions."""

COLUMNS = (
    "smiles", "id", "inchikey", "probability", "class", "reliability", "applicability", "near_to", "own_similarity",
    "public_similarity", "unknown_fragments", "conformal_set",
)  # fmt: skip
"""Columns before the evidence; ``problem`` follows it."""

EVIDENCE = ("smiles", "similarity", "label", "partners")
"""Columns of each transfer molecule that is shown, as ``evidence_1_smiles``."""

MOST_FRAGMENTS = 3
"""Unknown fragments of a molecule that are written."""

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
    said = predicted(found, predictor)
    width = len(COLUMNS) - 3 + len(EVIDENCE) * predictor.n_evidence
    lines: list[list[str]] = []
    for entry, item in zip(asked, found, strict=True):
        # One line a molecule, whatever a name may hold.
        about = [" ".join(entry.smiles.split()), " ".join(entry.name.split()), item.inchikey]
        if item.reason:
            lines.append([*about, *[""] * width, item.reason])
        else:
            probability, *others = cells(*said[item.smiles], predictor.n_evidence)
            lines.append([*about, f"{probability:.6f}", *map(_text, others), ""])
    return _lines(lines)


def predicted(found: Iterable[Standardised], predictor: Predictor) -> dict[str, tuple[MoleculePredictions, int]]:
    """Predict each structure once; say for each SMILES among which predictions it is, and at which place.

    Parameters
    ----------
    found : iterable of Standardised
        Those with a reason are left out.
    predictor : Predictor
    """
    places: dict[str, tuple[MoleculePredictions, int]] = {}
    for compounds in structure_sets(found):
        said = predictor(compounds)
        places |= {smiles: (said, i) for i, smiles in enumerate(compounds.smiles)}
    return places


def cells(said: MoleculePredictions, i: int, n_evidence: int) -> list[Cell]:
    """Return the columns from the probability to the last evidence for one molecule; None for what isn't known."""
    probability = float(said.probability[i])
    shown = [cell for evidence in said.evidence[i] for cell in _evidence(evidence)]
    # A transfer set may be smaller than the evidence that is asked for.
    shown += [None] * (len(EVIDENCE) * n_evidence - len(shown))
    return [
        probability,
        "active" if probability > 0.5 else "inactive",
        None if said.reliable is None else ("low", "high")[int(said.reliable[i])],
        "inside" if said.inside[i] else "outside",
        said.near_to(i),
        None if said.own_similarity is None else float(said.own_similarity[i]),
        float(said.public_similarity[i]),
        _listed(said.unknown_fragments[i]),
        None if said.conformal is None else SETS[bool(said.conformal[i, 0]), bool(said.conformal[i, 1])],
        *shown,
    ]


def _evidence(evidence: Evidence) -> list[Cell]:
    label = None if math.isnan(evidence.label) else evidence.label
    return [evidence.smiles, evidence.similarity, label, str(evidence)]


def _listed(fragments: Sequence[str]) -> str | None:
    """Name a few, and count the others."""
    more = len(fragments) - MOST_FRAGMENTS
    return ", ".join([*fragments[:MOST_FRAGMENTS], *([f"{more} more"] if more > 0 else [])]) or None


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else f"{cell:.3f}"


def _lines(rows: Sequence[Sequence[str]]) -> str:
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows(rows)
    return target.getvalue()
