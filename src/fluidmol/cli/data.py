"""``fluid data``: look at measurements before they are used, and fetch public data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fluidmol.cli.data_check import check

if TYPE_CHECKING:
    from fluidmol.studies.downloads import Fetched
    from fluidmol.studies.sources import DataSource

app = typer.Typer(no_args_is_help=True, help="Check files of measurements; fetch public data.")
app.command()(check)


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="What to fetch; `fluid data list` shows the names.")],
    to: Annotated[Path | None, typer.Option(help="Folder for the files; the cache folder by default.")] = None,
    base_url: Annotated[str, typer.Option(help="Address of a mirror, for one data set.")] = "",
) -> None:
    """Fetch public data; run again, it goes on where it was interrupted."""
    from fluidmol.errors import UsageError  # noqa: PLC0415
    from fluidmol.studies.sources import chosen  # noqa: PLC0415 - heavier than a help page needs

    wanted = chosen(name)
    if base_url and len(wanted) > 1:
        raise UsageError(
            f"--base-url is given for {name}, which is {len(wanted)} data sets",
            hint=f"Fetch them one by one: {', '.join(source.name for source in wanted)}.",
        )
    for source in wanted:
        _report(source, _fetch(source, to, base_url))


@app.command("list")
def list_sources(
    to: Annotated[Path | None, typer.Option(help="Folder for the files; the cache folder by default.")] = None,
) -> None:
    """List what can be fetched, with licences."""
    from fluidmol.studies.sources import data_folder, sources  # noqa: PLC0415

    folder = to or data_folder()
    for source in sources().values():
        there = all((folder / source.name / file.name).exists() for file in source.files)
        typer.echo(f"{source.name}  ({'fetched' if there else 'not fetched'})")
        typer.echo(f"  {source.title}\n  Licence: {source.licence}\n  Cite: {source.citation}")
        for address in source.addresses():
            typer.echo(f"  From: {address}")
    typer.echo(f"Files go to {folder}; `herg` fetches both hERG data sets.")


def _fetch(source: DataSource, to: Path | None, base_url: str) -> list[Fetched]:
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    from fluidmol.errors import OutputError  # noqa: PLC0415

    # On stderr, and only where somebody looks: what is fetched goes to stdout, for scripts.
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks = {file.name: bars.add_task(file.name, total=None, visible=False) for file in source.files}

        def show(name: str, done: int, total: int | None) -> None:
            bars.update(tasks[name], completed=done, total=total, visible=True)

        try:
            return source.fetch(to, base_url, show)
        except OutputError as problem:
            raise OutputError(problem.message, hint="Name another folder with --to.") from problem


def _report(source: DataSource, files: list[Fetched]) -> None:
    for file in files:
        state = "fetched" if file.new else "was there"
        check = "as expected" if file.checked else "recorded for next time"
        typer.echo(f"{file.path}  ({state}; SHA-256 {file.sha256[:12]}..., {check})")
    typer.echo(f"Licence: {source.licence}. Cite: {source.citation}.")
