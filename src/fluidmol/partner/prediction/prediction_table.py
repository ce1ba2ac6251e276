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
from fluidmol.values.scale import Scale

Cell = str | float | None
"""One cell of a row of predictions."""

COLUMNS = (
    "smiles", "id", "inchikey", "probability", "class", "reliability", "applicability", "near_to", "own_similarity",
    "public_similarity", "unknown_fragments", "conformal_set",
)  # fmt: skip
"""Columns before the evidence; ``problem`` follows it."""

COLUMNS_OF_VALUES = (
    "smiles", "id", "inchikey", "value", "lower", "upper", "unit", "applicability", "near_to", "own_similarity",
    "public_similarity", "unknown_fragments",
)  # fmt: skip
"""The same of a regression."""

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
    return [*COLUMNS, *_shown(n_evidence), "problem"]


def value_column_names(n_evidence: int) -> list[str]:
    """Return the names of all columns of a regression.

    Examples
    --------
    >>> value_column_names(0)[3:7]
    ['value', 'lower', 'upper', 'unit']
    """
    return [*COLUMNS_OF_VALUES, *_shown(n_evidence), "problem"]


def _shown(n_evidence: int) -> list[str]:
    return [f"evidence_{i}_{name}" for i in range(1, n_evidence + 1) for name in EVIDENCE]


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
    values = predictor.scale is not None
    columns = (value_column_names if values else column_names)(predictor.n_evidence)[3:-1]
    forms = [_form(name, values=values) for name in columns]
    lines: list[list[str]] = []
    for entry, item in zip(asked, found, strict=True):
        # One line a molecule, whatever a name may hold.
        about = [" ".join(entry.smiles.split()), " ".join(entry.name.split()), item.inchikey]
        if item.reason:
            lines.append([*about, *[""] * len(columns), item.reason])
        else:
            found_cells = cells(*said[item.smiles], predictor.n_evidence)
            lines.append([*about, *map(_text, found_cells, forms), ""])
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
    """Return the columns from the prediction to the last evidence for one molecule; None for what isn't known."""
    shown = [cell for evidence in said.evidence[i] for cell in _evidence(evidence, said.scale)]
    # A transfer set may be smaller than the evidence that is asked for.
    shown += [None] * (len(EVIDENCE) * n_evidence - len(shown))
    return [
        *_prediction(said, i),
        "inside" if said.inside[i] else "outside",
        said.near_to(i),
        None if said.own_similarity is None else float(said.own_similarity[i]),
        float(said.public_similarity[i]),
        _listed(said.unknown_fragments[i]),
        *_conformal_set(said, i),
        *shown,
    ]


def _prediction(said: MoleculePredictions, i: int) -> list[Cell]:
    probability = float(said.probability[i])
    if said.scale is None:
        return [
            probability,
            "active" if probability > 0.5 else "inactive",
            None if said.reliable is None else ("low", "high")[int(said.reliable[i])],
        ]
    bounds: list[Cell] = [None, None] if said.interval is None else said.scale.value(said.interval[i]).tolist()
    return [float(said.scale.value(probability)), *bounds, said.scale.unit]


def _conformal_set(said: MoleculePredictions, i: int) -> list[Cell]:
    if said.scale is not None:
        return []
    return [None if said.conformal is None else SETS[bool(said.conformal[i, 0]), bool(said.conformal[i, 1])]]


def _evidence(evidence: Evidence, scale: Scale | None) -> list[Cell]:
    label = None if math.isnan(evidence.label) else evidence.label
    if label is not None and scale is not None:
        label = float(scale.value(label))
    return [evidence.smiles, evidence.similarity, label, str(evidence)]


def _form(name: str, *, values: bool) -> str:
    """Return how a number of a column is written; values may be of any magnitude."""
    if name == "probability":
        return ".6f"
    return ".6g" if values and not name.endswith("_similarity") else ".3f"


def _listed(fragments: Sequence[str]) -> str | None:
    """Name a few, and count the others."""
    more = len(fragments) - MOST_FRAGMENTS
    return ", ".join([*fragments[:MOST_FRAGMENTS], *([f"{more} more"] if more > 0 else [])]) or None


def _text(cell: Cell, form: str) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else format(cell, form)


def _lines(rows: Sequence[Sequence[str]]) -> str:
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows(rows)
    return target.getvalue()
