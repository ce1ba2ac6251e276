"""What a simulation shows beside its results: wide tables of them, labels, and who took part."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from fluidmol.chem.intake.rejected import Rejected
from fluidmol.chem.representation.known import find
from fluidmol.chem.representation.underlying import representation_of
from fluidmol.chem.table import LazyFeatures
from fluidmol.learning.distillation.rows import chosen_rows
from fluidmol.partner.assay import Assay
from fluidmol.studies.chart import chart
from fluidmol.studies.consortium import Consortium
from fluidmol.studies.lab.cells import as_parquet
from fluidmol.studies.lab.model_predictions import ModelPredictions
from fluidmol.studies.lab.results import as_csv, write_file
from fluidmol.studies.lab.study import Row
from fluidmol.values.codec import pack
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.results import KINDS, METRICS, VALUE_METRICS

_HEAD = ("model", "kind", "partner", "dataset", "n_train", "n_test")


def write_views(
    folder: Path,
    consortium: Consortium,
    labels: FederatedLabels,
    rows: Iterable[Row],
    answers: Sequence[ModelPredictions],
    declined: Mapping[str, str],
    rejected: Iterable[Rejected],
) -> None:
    """Write everything that a simulation shows, but for its provenance and the report.

    Parameters
    ----------
    folder : Path
        Must be there.
    consortium : Consortium
    labels : FederatedLabels
    rows : iterable of Row
        All figures.
    answers : sequence of ModelPredictions
        All predictions.
    declined : mapping of str to str
        Who had nothing to say, and why.
    rejected : iterable of Rejected
        Rows of the files that can't be used.

    Raises
    ------
    OutputError
        If a file can't be written, say because the disk is full; those before it are whole.
    """
    charter = consortium.charter
    listed = [(row.file, row.line, row.smiles, row.reason) for row in rejected]
    write_file(folder / "rejected.csv", as_csv(("file", "line", "smiles", "reason"), listed))
    write_file(folder / "charter.toml", charter.to_toml())
    if digest := representation_of(charter.featuriser):
        write_file(folder / "representation.fluid", pack(find(digest)))
    write_file(folder / "metrics.csv", metrics_csv(rows))
    write_file(folder / "partners.csv", partners_csv(consortium.assays, declined))
    write_file(folder / "labels.parquet", as_parquet(labels_table(labels, consortium)))
    write_file(folder / "labels.fluid", pack(labels))
    write_file(folder / "predictions.parquet", as_parquet(predictions_table(consortium.benchmarks, answers)))
    write_file(folder / "map.parquet", as_parquet(chart(consortium)))


def metrics_csv(rows: Iterable[Row]) -> str:
    """Write all figures as CSV, one row a model and data set; undefined ones are empty.

    The first metric, MCC or the root mean squared error of a regression, has its interval in two columns more.
    """
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        if row.kind in KINDS:
            found.setdefault((row.model, row.dataset), {})[row.metric] = row
    first, *others = VALUE_METRICS if any(VALUE_METRICS[0] in figures for figures in found.values()) else METRICS
    lines = []
    for figures in sorted(found.values(), key=lambda figures: KINDS.index(figures[first].kind)):
        row = figures[first]
        numbers = (row.value, row.low, row.high, *(figures[name].value for name in others))
        who = (getattr(row, name) for name in _HEAD)
        lines.append((*who, *("" if math.isnan(number) else f"{number:.6f}" for number in numbers)))
    return as_csv((*_HEAD, first, f"{first}_low", f"{first}_high", *others), lines)


def partners_csv(assays: Mapping[str, Assay], declined: Mapping[str, str]) -> str:
    """Write who took part, with how many compounds, and who declined why."""
    rows = [
        (
            name,
            len(assay),
            "" if assay.scale else assay.n_active,
            "declined" if name in declined else "answered",
            declined.get(name, ""),
        )
        for name, assay in assays.items()
    ]
    return as_csv(("partner", "n_compounds", "n_active", "status", "reason"), rows)


def labels_table(labels: FederatedLabels, consortium: Consortium) -> pa.Table:
    """Give the federated labels as a table: molecule, label, spread, class, whether chosen, and shares."""
    transfer, charter, scale = consortium.transfer, consortium.charter, consortium.charter.scale
    selected = np.zeros(len(transfer), dtype=bool)
    selected[chosen_rows(labels, LazyFeatures(transfer, charter.featuriser), charter)] = True
    columns: dict[str, Any] = {
        "smiles": list(transfer.smiles),
        "inchikey": list(transfer.inchikeys),
        "value": labels.value[:, 0],
        "spread": labels.spread[:, 0],
        **({"hard": labels.hard[:, 0]} if scale is None else {"measure": scale.value(labels.value[:, 0])}),
        "selected": selected,
    }
    for index, name in enumerate(labels.partners):
        columns[f"contribution_{name}"] = labels.contribution[index, :, 0]
    return pa.table(columns)


def predictions_table(benchmarks: Mapping[str, Assay], answers: Sequence[ModelPredictions]) -> pa.Table:
    """Give the probability of every model for every molecule of the validation and external sets."""
    tables = []
    ordered = sorted(answers, key=lambda answer: KINDS.index(answer.kind))
    for dataset, benchmark in benchmarks.items():
        columns: dict[str, Any] = {
            "dataset": [dataset] * len(benchmark),
            "smiles": list(benchmark.compounds.smiles),
            "inchikey": list(benchmark.compounds.inchikeys),
            **(
                {"active": benchmark.active}
                if benchmark.scale is None
                else {"value": benchmark.scale.coordinate(benchmark.outcome[:, 0])}
            ),
        }
        columns |= {answer.model: answer.said.probability for answer in ordered if answer.dataset == dataset}
        tables.append(pa.table(columns))
    return pa.concat_tables(tables)
