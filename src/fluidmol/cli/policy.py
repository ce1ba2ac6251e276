"""``fluid policy``: what a partner lets out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="What may leave your company.")


@app.callback()
def policies() -> None:
    """Say what may leave your company; docs/gate.md explains."""


@app.command()
def new(
    out: Annotated[Path, typer.Option(help="File to write.", readable=False)] = Path("policy.toml"),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
) -> None:
    """Write a policy with a comment at each rule, to be changed by hand."""
    from fluidmol.errors import OutputError  # noqa: PLC0415 - heavier than a help page needs, as are those below
    from fluidmol.partner.policy_file import NEW, to_toml  # noqa: PLC0415
    from fluidmol.values.files import write_whole  # noqa: PLC0415

    if out.exists() and not overwrite:
        raise OutputError(f"{out} is there already", hint="Give another --out, or --overwrite.")
    try:
        write_whole(out, to_toml(NEW))
    except OSError as problem:
        raise OutputError(f"{out} can't be written: {problem.strerror}", hint="Choose another folder.") from problem
    typer.echo(f"Written: {out}. Read and change it, then: fluid policy check {out}")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A policy file.", readable=False)],
) -> None:
    """Say whether a policy can be used, and what it says."""
    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.cli.policy_words import policy_lines  # noqa: PLC0415
    from fluidmol.partner.policy_file import read_policy  # noqa: PLC0415

    for line in policy_lines(read_policy(checked.existing_file(file))):
        typer.echo(line)
