"""What several recipes gain and what they give away, beside one another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fluidmol.engines.engine import Engine
    from fluidmol.studies.consortium import Consortium


def print_side_by_side(runs: Mapping[str, tuple[Path, Consortium]], *, engine: Engine, quiet: bool) -> None:
    """Attack one partner under each recipe, and print a line a recipe.

    Parameters
    ----------
    runs : mapping of str to tuple of Path and Consortium
        Finished run folders and what they started from, by the recipe's name.
    engine : Engine
    quiet : bool
        Show no progress.

    Raises
    ------
    FluidError
        If nothing can be attacked.
    """
    from rich import box  # noqa: PLC0415 - heavy, as are those below
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from fluidmol.cli.workers import working  # noqa: PLC0415
    from fluidmol.learning.privacy.accountant import at_most, share_at_most  # noqa: PLC0415
    from fluidmol.report.findings.headline import summarise  # noqa: PLC0415
    from fluidmol.report.read.run import read_run  # noqa: PLC0415
    from fluidmol.studies.leakage import leakage  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("preset", "teachers", "student", "hybrids", "attack", "found", "proved: at most"):
        table.add_column(name, justify="left" if name == "preset" else "right", no_wrap=True)
    partner = ""
    for name, (folder, consortium) in runs.items():
        with working(engine, quiet) as stages:
            found = leakage(consortium, stages)
        lines = {line.kind: line for line in summarise(read_run(folder)) if line.dataset == "external"}
        gained = [f"{lines[kind].mcc:.3f}" if kind in lines else "" for kind in ("teacher", "student", "hybrid")]
        bound = "nothing"
        if found.bound is not None:
            bound = f"AUC {at_most(found.bound.auc)}, {share_at_most(found.bound.found)}"
        share = "unknown" if found.largest_found is None else f"{found.largest_found:.0%}"
        table.add_row(name, *gained, f"AUC {found.largest_auc:.2f}", share, bound)
        partner = f"{found.n_compounds:,}"
    console = Console(highlight=False, markup=False)
    console.print()
    console.print("Gain and leakage, side by side", style="bold")
    console.print(table)
    console.print(
        f"Gain: MCC on the external set. Leakage: a quick audit (fluid audit) of the smallest partner, of {partner}"
        " compounds: how well its compounds are told from others of the same chemistry (AUC .5 is guessing), and how"
        " many are found while 1 % of the others are mistaken for its own.",
        soft_wrap=True,
    )
