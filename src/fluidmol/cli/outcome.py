"""What a finished run says on the terminal."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from fluidmol.report.findings.headline import SummaryLine
    from fluidmol.report.read.run import Run, RunFiles
    from fluidmol.report.read.value_run import ValueRun


def print_outcome(folder: Path, *, note: str = "") -> None:
    """Print the small table of a finished run, and where the rest is.

    Parameters
    ----------
    folder : Path
        A run folder with its report.
    note : str
        A line above the table.
    """
    from rich.console import Console  # noqa: PLC0415

    from fluidmol.cli.readings import understood  # noqa: PLC0415
    from fluidmol.report.read.run import RunFiles, read_run  # noqa: PLC0415
    from fluidmol.report.read.value_run import read_value_run  # noqa: PLC0415

    console = Console(highlight=False, markup=False)
    files = RunFiles.read(folder)
    if note:
        console.print(note)
    for line in understood(files.facts["inputs"]):
        console.print(line, soft_wrap=True)
    if files.facts["scale"]:
        values = read_value_run(folder, files)
        console.print(_values(values))
        said = [*_value_gains(values), *_ceiling(files)]
    else:
        run = read_run(folder)
        console.print(_table(run))
        said = [*_gains(run), *_ceiling(run), *_cautions(run)]
    for line in (*said, *_left_out(files, folder)):
        console.print(line, soft_wrap=True)
    cost = f"{files.facts['seconds']:.0f} s, at most {files.facts['peak_mb'] / 1000:.1f} GB."
    console.print(f"{cost} Report: {folder / 'report.html'}", soft_wrap=True)


def _table(run: Run) -> Table:
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from fluidmol.report.findings.headline import summarise  # noqa: PLC0415

    lines = {(line.kind, line.dataset): line for line in summarise(run)}
    datasets = list(dict.fromkeys(dataset for _, dataset in lines))
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("model")
    for dataset in datasets:
        table.add_column(f"{dataset} MCC", justify="right", no_wrap=True)
        table.add_column("AUC", justify="right", no_wrap=True)
    for kind in dict.fromkeys(kind for kind, _ in lines):
        found = [lines.get((kind, dataset)) for dataset in datasets]
        cells = [text for line in found for text in (_figures(line) if line else "  ")]
        table.add_row(next(line.name for line in found if line), *cells, style="bold" if kind == "hybrid" else None)
    return table


def _figures(line: SummaryLine) -> tuple[str, str]:
    """Write MCC and AUC, dashes where the set is of one class."""
    if math.isnan(line.mcc):
        return "–", "–"
    interval = "" if math.isnan(line.low) else f" [{line.low:.3f}, {line.high:.3f}]"
    return f"{line.mcc:.3f}{interval}", f"{line.roc_auc:.3f}"


def _values(run: ValueRun) -> Table:
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from fluidmol.report.findings.value_findings import summarise  # noqa: PLC0415

    lines = {(line.kind, line.dataset): line for line in summarise(run)}
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("model")
    for dataset in run.datasets:
        table.add_column(f"{dataset} RMSE", justify="right", no_wrap=True)
        table.add_column("R²", justify="right", no_wrap=True)
    for kind in dict.fromkeys(kind for kind, _ in lines):
        found = [lines.get((kind, dataset)) for dataset in run.datasets]
        cells = [
            text
            for line in found
            for text in (
                (f"{line.rmse.mean:.3f} [{line.rmse.low:.3f}, {line.rmse.high:.3f}]", f"{line.others[1]:.3f}")
                if line
                else "  "
            )
        ]
        table.add_row(next(line.name for line in found if line), *cells, style="bold" if kind == "hybrid" else None)
    return table


def _value_gains(run: ValueRun) -> Iterator[str]:
    from fluidmol.report.findings.value_findings import gains  # noqa: PLC0415

    yield f"RMSE in {run.unit}, lower is better; in brackets: 95 % bootstrap interval over test molecules."
    for dataset in run.datasets:
        found = gains(run, dataset)
        if found is not None:
            gain = found.gain
            yield (
                f"Error saved by taking part, {dataset}: {-gain.difference:+.3f}"
                f" (95 % interval {-gain.high:+.3f} to {-gain.low:+.3f})."
            )


def _gains(run: Run) -> Iterator[str]:
    from fluidmol.report.findings.gains import compare  # noqa: PLC0415

    yield "In brackets: 95 % bootstrap interval over test molecules. AUC: of the ROC curve."
    for dataset in run.judged:
        comparison = compare(run, dataset)
        if comparison is not None:
            gain = comparison.gain
            yield (
                f"Gain by taking part, {dataset}: {gain.mean:+.3f} MCC"
                f" (95 % interval {gain.low:+.3f} to {gain.high:+.3f})."
            )


def _ceiling(run: RunFiles) -> Iterator[str]:
    """Describe which kind of pooled model T0 is."""
    from fluidmol.report.findings.ceiling_choice import of_facts  # noqa: PLC0415

    if chosen := of_facts(run.facts["t0"]):
        yield chosen.brief()


def _cautions(run: Run) -> Iterator[str]:
    """Say why figures may mean less than they seem to, in the report's words."""
    from fluidmol.report.findings.caveats import far_labels, too_few  # noqa: PLC0415

    for dataset in run.judged:
        if few := too_few(run, dataset):
            yield f"{dataset.capitalize()} set: {few}"
    if far := far_labels(run):
        yield far


def _left_out(run: RunFiles, folder: Path) -> Iterator[str]:
    """Say who and what isn't in the result."""
    from fluidmol.cli.argument_names import in_options  # noqa: PLC0415

    reasons: dict[str, list[str]] = {}
    for partner in run.partners:
        if partner["status"] != "answered" or partner["reason"]:
            reasons.setdefault(partner["reason"], []).append(partner["partner"])
    for reason, names in reasons.items():
        yield f"Declined: {', '.join(names)}: {in_options(reason)}."
    if run.rejected:
        kinds = Counter(row["reason"].partition(":")[0] for row in run.rejected).most_common()
        listed = ", ".join(f"{n:,} {kind}" for kind, n in kinds)
        rows = "1 row" if len(run.rejected) == 1 else f"{len(run.rejected):,} rows"
        yield f"{rows} couldn't be used ({listed}): {folder / 'rejected.csv'}."
    for item in run.facts["inputs"]:
        removed = [f"{n:,} in {name}" for name, n in item.get("removed", {}).items() if n]
        if removed:
            yield f"Removed from the {item.get('role')} set, for they are elsewhere: {', '.join(removed)}."
