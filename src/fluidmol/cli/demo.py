"""``fluid demo``: a virtual consortium of synthetic chemistry that needs no download."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fluidmol.cli.run import cores, run_simulation

PARTNERS = 4
"""Companies in the demo."""


def demo(
    out: Annotated[Path, typer.Option(help="Run folder to write.")] = Path("demo-run"),
    preset: Annotated[str, typer.Option(help="Recipe: open, private, or paper-2025.")] = "open",
    seed: Annotated[int, typer.Option(help="Seed of chemistry and models.")] = 42,
    workers: Annotated[int | None, typer.Option(help="Cores to use; all by default.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace another run in the folder.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> None:
    """Show FLuID at work in two minutes, on synthetic molecules with a made-up endpoint.

    The package makes the molecules itself; figures say how the method behaves, nothing about a real target.
    """
    from tempfile import TemporaryDirectory  # noqa: PLC0415

    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.cli.outcome import print_outcome  # noqa: PLC0415
    from fluidmol.studies.prepare import Sources  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.studies.simulate import Setup  # noqa: PLC0415
    from fluidmol.studies.synthetic import write_synthetic  # noqa: PLC0415

    rules = checked.agreed_charter(preset, None, seed, None)
    n_workers = checked.at_least(1, "--workers", cores() if workers is None else workers)
    with TemporaryDirectory(prefix="fluidmol-") as folder:
        files = write_synthetic(Path(folder), seed)
        run_simulation(
            Sources(source=files.source, external=files.external, transfer=files.transfer), rules,
            Setup(n_partners=PARTNERS), out,
            workers=n_workers, cached=False, overwrite=overwrite,
            title=f"Demo: {PARTNERS} partners, synthetic chemistry", synthetic=True, quiet=quiet,
        )  # fmt: skip
    print_outcome(out, note="Synthetic chemistry, made-up endpoint: this shows the method at work, not a real target.")
