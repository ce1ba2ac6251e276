"""Run folders: what a simulation leaves on disk, each file whole or not there at all.

``provenance.json`` is written last: a folder that has it is a finished run.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fluidmol.chem.intake.rejected import Rejected
from fluidmol.chem.representation.shelf import find
from fluidmol.chem.representation.underlying import representation_of
from fluidmol.chem.table import LazyFeatures
from fluidmol.errors import OutputError
from fluidmol.learning.distillation.rows import chosen_rows
from fluidmol.learning.metrics import METRICS
from fluidmol.studies.chart import chart
from fluidmol.studies.simulate import Simulation
from fluidmol.values.codec import pack
from fluidmol.values.files import write_whole
from fluidmol.values.messages import Declined

COLUMNS = ("model", "kind", "partner", "dataset", "n_train", "n_test", "mcc", "mcc_low", "mcc_high", *METRICS[1:])
"""Columns of ``metrics.csv``."""


def write_results(simulation: Simulation, folder: Path) -> None:
    """Write everything but ``rejected.csv``, ``provenance.json`` and the report.

    Parameters
    ----------
    simulation : Simulation
    folder : Path
        Must be there.

    Raises
    ------
    OutputError
        If a file can't be written, say because the disk is full; those before it are whole.
    """
    _write(folder / "charter.toml", simulation.consortium.charter.to_toml())
    if digest := representation_of(simulation.consortium.charter.featuriser):
        _write(folder / "representation.fluid", pack(find(digest)))
    _write(folder / "metrics.csv", metrics_csv(simulation))
    _write(folder / "partners.csv", partners_csv(simulation))
    _write(folder / "labels.parquet", _parquet(labels_table(simulation)))
    _write(folder / "labels.fluid", pack(simulation.outcome.labels))
    _write(folder / "predictions.parquet", _parquet(predictions_table(simulation)))
    _write(folder / "map.parquet", _parquet(chart(simulation.consortium)))


def write_rejected(rejected: Iterable[Rejected], folder: Path) -> None:
    """Write ``rejected.csv``: each row that was left out, with line and reason."""
    rows = [(row.file, row.line, row.smiles, row.reason) for row in rejected]
    _write(folder / "rejected.csv", _csv(("file", "line", "smiles", "reason"), rows))


def write_provenance(facts: Mapping[str, Any], folder: Path) -> None:
    """Write ``provenance.json``, which marks the run as finished."""
    _write(folder / "provenance.json", json.dumps(facts, indent=2, ensure_ascii=False) + "\n")


def metrics_csv(simulation: Simulation) -> str:
    """Write all figures as CSV, one row a model and data set; undefined ones are empty."""
    rows = []
    for judged in simulation.judged:
        who, figures = judged.contender, judged.figures
        numbers = (figures["mcc"], *judged.interval, *(figures[name] for name in METRICS[1:]))
        sizes = (who.n_train, len(judged.probability))
        rows.append((who.model, who.kind, who.partner, judged.dataset, *sizes, *map(_number, numbers)))
    return _csv(COLUMNS, rows)


def partners_csv(simulation: Simulation) -> str:
    """Write who took part, with how many compounds, and who declined why."""
    reasons: dict[str, list[str]] = {}
    for refusal in simulation.outcome.declined:
        reasons.setdefault(refusal.partner, []).append(refusal.reason)
    silent = {name for name in simulation.consortium.assays if name not in simulation.outcome.labels.partners}
    rows = [
        (
            name,
            len(assay),
            assay.n_active,
            "declined" if name in silent else "answered",
            "; ".join(reasons.get(name, ())),
        )
        for name, assay in simulation.consortium.assays.items()
    ]
    return _csv(("partner", "n_compounds", "n_active", "status", "reason"), rows)


def labels_table(simulation: Simulation) -> pa.Table:
    """Give the federated labels as a table: molecule, label, spread, class, whether chosen, and shares."""
    labels, transfer = simulation.outcome.labels, simulation.consortium.transfer
    charter = simulation.consortium.charter
    selected = np.zeros(len(transfer), dtype=bool)
    selected[chosen_rows(labels, LazyFeatures(transfer, charter.featuriser), charter)] = True
    columns: dict[str, Any] = {
        "smiles": list(transfer.smiles),
        "inchikey": list(transfer.inchikeys),
        "value": labels.value[:, 0],
        "spread": labels.spread[:, 0],
        "hard": labels.hard[:, 0],
        "selected": selected,
    }
    for index, name in enumerate(labels.partners):
        columns[f"contribution_{name}"] = labels.contribution[index, :, 0]
    return pa.table(columns)


def predictions_table(simulation: Simulation) -> pa.Table:
    """Give the probability of every model for every molecule of the validation and external sets."""
    tables = []
    for dataset, benchmark in simulation.consortium.benchmarks.items():
        columns: dict[str, Any] = {
            "dataset": [dataset] * len(benchmark),
            "smiles": list(benchmark.compounds.smiles),
            "inchikey": list(benchmark.compounds.inchikeys),
            "active": benchmark.active,
        }
        columns |= {j.contender.model: j.probability for j in simulation.judged if j.dataset == dataset}
        tables.append(pa.table(columns))
    return pa.concat_tables(tables)


def declined_lines(declined: Sequence[Declined]) -> list[str]:
    """Say who declined and why, a line each."""
    return [f"{refusal.partner} declined: {refusal.reason}" for refusal in declined]


def _write(path: Path, content: str | bytes) -> None:
    try:
        write_whole(path, content)
    except OSError as problem:
        raise OutputError(
            f"{path} can't be written: {problem.strerror or problem}",
            hint="Is the disk full, or the folder gone? Once it can be written, the same command goes on.",
        ) from problem


def _parquet(table: pa.Table) -> bytes:
    target = io.BytesIO()
    pq.write_table(table, target, compression="zstd")
    return target.getvalue()


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return target.getvalue()


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6f}"
