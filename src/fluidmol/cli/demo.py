"""``fluid demo``: a virtual consortium of synthetic chemistry that needs no download."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fluidmol.cli.run import run_simulation
from fluidmol.cli.workers import engine_of, working

PARTNERS = 4
"""Companies in the demo."""

BOTH = ("open", "private")
"""Recipes that are shown side by side: what the method can do, and what it can do with a proof of privacy."""

NOTE = "Synthetic chemistry, made-up endpoint: this shows the method at work, not a real target."


def demo(
    out: Annotated[Path, typer.Option(help="Run folder to write; the second run is in it.")] = Path("demo-run"),
    preset: Annotated[
        str | None,
        typer.Option(help="One recipe only: open, private, or paper-2025.", show_default="open and private"),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of chemistry and models.")] = 42,
    workers: Annotated[int | None, typer.Option(help="Cores to use; all by default.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace another run in the folder.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> None:
    """Show FLuID at work in some minutes, on synthetic molecules with a made-up endpoint: gain and leakage.

    The package makes the molecules itself; figures say how the method behaves, nothing about a real target.
    """
    from tempfile import TemporaryDirectory  # noqa: PLC0415

    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.cli.outcome import print_outcome  # noqa: PLC0415
    from fluidmol.cli.side_by_side import print_side_by_side  # noqa: PLC0415
    from fluidmol.studies.consortium import Setup  # noqa: PLC0415
    from fluidmol.studies.lab.bench import Bench  # noqa: PLC0415
    from fluidmol.studies.prepare import Sources  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.studies.simulation import plan_of  # noqa: PLC0415
    from fluidmol.studies.synthetic import write_synthetic  # noqa: PLC0415

    recipes = [checked.agreed_charter(name, None, seed, None) for name in ((preset,) if preset else BOTH)]
    engine = engine_of(workers)
    shown = {}
    with TemporaryDirectory(prefix="fluidmol-") as folder:
        files = write_synthetic(Path(folder), seed)
        sources = Sources(source=files.source, external=files.external, transfer=files.transfer)
        for place, rules in enumerate(recipes):
            run = out / rules.preset if place else out
            plan, bench = plan_of(sources, rules, Setup(n_partners=PARTNERS)), Bench()
            run_simulation(
                plan, run, engine=engine, cached=False, overwrite=overwrite, quiet=quiet, synthetic=True,
                title=f"Demo: {PARTNERS} partners, synthetic chemistry, preset {rules.preset}", bench=bench,
            )  # fmt: skip
            with working(engine, quiet=True) as stages:
                prepared, _ = bench.lab(plan, seed, run, cache=None, stages=stages)
            shown[rules.preset] = run, prepared.consortium
    for name, (run, _) in shown.items():
        print_outcome(run, note=f"Preset {name}. {NOTE}")
    if not preset:
        print_side_by_side(shown, engine=engine, quiet=quiet)
