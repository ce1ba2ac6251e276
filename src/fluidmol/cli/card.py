"""``fluid card``: what a model is, by the five OECD principles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def card(
    folder: Annotated[
        Path, typer.Argument(help="Folder of fluid hybrid fit, or of a finished simulation.", readable=False)
    ],
    out: Annotated[
        list[Path] | None, typer.Option(help="The card: .html, .md or .json; may be repeated.", readable=False)
    ] = None,
    form: Annotated[
        Path | None,
        typer.Option(help="Write a TOML file to fill in, with a comment for each gap, for --facts.", readable=False),
    ] = None,
    facts: Annotated[
        Path | None,
        typer.Option(help="TOML file of what only people know; without it, that is named as gaps.", readable=False),
    ] = None,
    figures: Annotated[
        bool, typer.Option("--figures/--no-figures", help="Whether counts and figures of own compounds are in it.")
    ] = True,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace other cards, or another form.")] = False,
) -> None:
    """Write the model card of a hybrid or a simulation, by the OECD principles, and name what is missing.

    It is filled from the folder's files. No compound is in it; look at it before it leaves your company.
    """
    from datetime import UTC, datetime  # noqa: PLC0415

    from fluidmol.cli.files import write_new  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.errors import UsageError  # noqa: PLC0415
    from fluidmol.report.card import make_card, renderer  # noqa: PLC0415
    from fluidmol.report.card.facts import facts_form, read_facts  # noqa: PLC0415

    if not out and form is None:
        raise UsageError("neither a card nor a form is asked for", hint="Give --out card.html, or --form facts.toml.")
    renders = [(path, renderer(path)) for path in out or ()]
    stated = {} if facts is None else read_facts(facts)
    found = make_card(folder, stated, datetime.now(UTC).date().isoformat(), figures=figures)
    for path, render in renders:
        write_new(path, render(found), overwrite=overwrite)
        path.chmod(0o600)
        typer.echo(f"Model card: {path}")
    if form is not None:
        write_new(form, facts_form(found), overwrite=overwrite)
        typer.echo(f"Form: {form}  (fill in what you know, and give it with --facts)")
    typer.echo(found.summary)
    for caution in found.cautions:
        typer.echo(caution)
