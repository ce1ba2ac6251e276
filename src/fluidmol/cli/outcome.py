"""What a finished run says on the terminal."""

from __future__ import annotations

from pathlib import Path


def print_outcome(folder: Path, *, note: str = "") -> None:
    """Print the small table of a finished run, and where the rest is.

    Parameters
    ----------
    folder : Path
        A run folder with its report.
    note : str
        A line above the table.
    """
    from rich import box  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from fluidmol.report.gains import compare  # noqa: PLC0415
    from fluidmol.report.run import read_run  # noqa: PLC0415
    from fluidmol.report.summary import summarise  # noqa: PLC0415

    console = Console(highlight=False, markup=False)
    run = read_run(folder)
    lines = summarise(run)
    datasets = list(dict.fromkeys(line.dataset for line in lines))
    if note:
        console.print(note)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("model")
    for dataset in datasets:
        table.add_column(f"{dataset} MCC", justify="right", no_wrap=True)
        table.add_column("AUC", justify="right", no_wrap=True)
    for kind in dict.fromkeys(line.kind for line in lines):
        cells = []
        name = kind
        for dataset in datasets:
            found = [line for line in lines if line.kind == kind and line.dataset == dataset]
            name = found[0].name if found else name
            cells += (
                [f"{found[0].mcc:.3f} [{found[0].low:.3f}, {found[0].high:.3f}]", f"{found[0].roc_auc:.3f}"]
                if found
                else ["", ""]
            )
        style = "bold" if kind == "hybrid" else None
        table.add_row(name, *cells, style=style)
    console.print(table)
    console.print("In brackets: 95 % bootstrap interval over test molecules. AUC: of the ROC curve.")
    for dataset in datasets:
        comparison = compare(run, dataset)
        if comparison is not None:
            gain = comparison.gain
            console.print(
                f"Gain by taking part, {dataset}: {gain.mean:+.3f} MCC"
                f" (95 % interval {gain.low:+.3f} to {gain.high:+.3f})."
            )
    for partner in run.partners:
        if partner["status"] != "answered" or partner["reason"]:
            console.print(f"{partner['partner']} declined: {partner['reason']}", markup=False)
    if run.rejected:
        console.print(
            f"{_rows(len(run.rejected))} couldn't be used; reasons are in {folder / 'rejected.csv'}.",
            soft_wrap=True,
        )
    for item in run.facts["inputs"]:
        removed = [f"{n:,} in {name}" for name, n in item.get("removed", {}).items() if n]
        if removed:
            console.print(f"Removed from the {item.get('role')} set, for they are elsewhere: {', '.join(removed)}.")
    console.print(
        f"{run.facts['seconds']:.0f} s, at most {run.facts['peak_mb'] / 1000:.1f} GB. Report: {folder / 'report.html'}",
        soft_wrap=True, markup=False,
    )  # fmt: skip


def _rows(n: int) -> str:
    return "1 row" if n == 1 else f"{n:,} rows"
