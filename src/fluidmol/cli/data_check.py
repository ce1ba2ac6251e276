"""``fluid data check``: what would be read from a file of measurements, before anything is run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fluidmol.cli import options
from fluidmol.cli.measurements import COLUMNS, reads_measurements
from fluidmol.cli.workers import ENGINE, uses_engine, working

if TYPE_CHECKING:
    from rich.table import Table

    from fluidmol.chem.intake.check import FileCheck
    from fluidmol.chem.intake.outcomes import OutcomeColumns
    from fluidmol.engines.engine import Engine

SHOWN = 8
"""Rows that are shown by default."""

_WIDEST = 44


@reads_measurements
@uses_engine
def check(
    file: Annotated[
        Path,
        typer.Argument(help="Measurements: CSV, TSV, SMI, SDF, Parquet or Excel, gzipped or not.", readable=False),
    ],
    columns: OutcomeColumns = COLUMNS,
    charter: Annotated[
        Path | None,
        typer.Option(help="Charter whose endpoint says what is measured: check the file against it.", readable=False),
    ] = None,
    rows: Annotated[int, typer.Option(help="Rows to show as they are understood.")] = SHOWN,
    out: Annotated[Path | None, typer.Option(help="CSV file for all rows as they are understood.")] = None,
    engine: Engine = ENGINE,
    cache: options.Cache = True,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the CSV file.")] = False,
    quiet: options.Quiet = False,
) -> None:
    """Show how a file of measurements would be read: values, units, relations, classes, and what isn't used.

    Nothing is sent or kept but the cache of standardised structures. Exits with 65 where it can't be known.
    """
    from rich.console import Console  # noqa: PLC0415 - heavy, as are those below

    from fluidmol.chem.intake.cache import StandardCache  # noqa: PLC0415
    from fluidmol.chem.intake.check import check_file  # noqa: PLC0415
    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.cli.readings import reading_lines  # noqa: PLC0415
    from fluidmol.partner.measurements import checked_against, wanted_by  # noqa: PLC0415

    n_shown = checked.at_least(0, "--rows", rows)
    _check_place(file, out, overwrite=overwrite)
    rules = None if charter is None else checked.agreed_charter(None, charter, None, None)
    said = wanted_by(rules, columns)
    with working(engine, quiet) as stages, stages.stage(file.name):
        found = check_file(
            checked.existing_file(file), said.columns, cache=StandardCache() if cache else None,
            progress=stages.advance,
        )  # fmt: skip
    cautions = (*found.cautions, *checked_against(rules, found.reading, said))
    if out is not None:
        _write(found, out)
    console = Console(highlight=False, markup=False)
    for line in reading_lines(file.name, found.line, cautions):
        console.print(line, soft_wrap=True)
    for line in found.unused:
        console.print(f"Not used: {line}.", soft_wrap=True)
    if n_shown:
        console.print(_table(found, n_shown))
    compounds = f"{found.n_compounds:,} compounds in {found.reading.n_usable:,} usable rows"
    console.print(f"{compounds} of {len(found.rows):,}.{'' if out is None else f' All rows: {out}'}", soft_wrap=True)


def _check_place(file: Path, out: Path | None, *, overwrite: bool) -> None:
    from fluidmol.errors import OutputError, UsageError  # noqa: PLC0415

    if out is None:
        return
    if out.is_dir():
        raise OutputError(f"{out} is a folder", hint="Give a file with --out.")
    if out.exists() and file.exists() and out.samefile(file):
        raise UsageError(f"--out is {file} itself", hint="Give another file.")
    if out.exists() and not overwrite:
        raise OutputError(f"{out} is there already", hint="Give another file with --out, or add --overwrite.")


def _write(found: FileCheck, out: Path) -> None:
    from fluidmol.errors import OutputError  # noqa: PLC0415
    from fluidmol.values.files import write_whole  # noqa: PLC0415

    try:
        write_whole(out, found.csv())
    except OSError as problem:
        raise OutputError(
            f"{out} can't be written: {problem.strerror or problem}", hint="Give another file with --out."
        ) from problem


def _table(found: FileCheck, n: int) -> Table:
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from fluidmol.cli.argument_names import in_options  # noqa: PLC0415
    from fluidmol.cli.plain import plain  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("row", "structure", "value", "class", "or why not"):
        table.add_column(name, justify="right" if name == "row" else "left")
    for row in found.rows[:n]:
        sign = f"{row.relation} " if row.relation not in ("", "=") else ""
        word = "" if row.active is None else "active" if row.active else "inactive"
        texts = (row.smiles, f"{sign}{row.value} {row.unit}".strip(), word)
        table.add_row(str(row.row), *(plain(text, _WIDEST) for text in texts), plain(in_options(row.reason)))
    return table
