"""``fluid study``: one analysis of virtual consortia, over seeds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fluidmol.cli import options, public_tables, virtual
from fluidmol.cli.measurements import COLUMNS, reads_measurements
from fluidmol.cli.run import run_plan
from fluidmol.cli.scale_options import ENDS, Ends, asked_about, scale_of, takes_ends
from fluidmol.cli.workers import ENGINE, uses_engine

if TYPE_CHECKING:
    from fluidmol.chem.intake.outcomes import OutcomeColumns
    from fluidmol.engines.engine import Engine


def _list(wanted: bool) -> None:
    if wanted:
        from fluidmol.cli.study_output import listed  # noqa: PLC0415 - heavy

        for line in listed():
            typer.echo(line)
        raise typer.Exit


@reads_measurements
@takes_ends
@uses_engine
def study(
    name: Annotated[
        str,
        typer.Argument(
            help="Which study; paper for all of them, panel for many endpoints; --list shows them.", metavar="NAME"
        ),
    ],
    source: virtual.Source,
    transfer: options.Transfer,
    out: Annotated[
        Path,
        typer.Option(help="Folder of the lab; each study gets one within, and they share a cache.", readable=False),
    ],
    external: virtual.External = None,
    origin_column: virtual.OriginColumn = None,
    transfer_size: options.TransferSize = None,
    seeds: Annotated[str, typer.Option(help="One virtual consortium a seed: 1..5, or 1,2,7.")] = "1..5",
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A setting of the study, NAME=VALUE; --list shows them.")
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(help="For ablation: what of the charter takes which values, say weighting.power=2,4."),
    ] = None,
    called: Annotated[
        str | None, typer.Option("--as", help="Name of the results' folder; the study's by default.")
    ] = None,
    presets: Annotated[
        str | None,
        typer.Option(help="For paper: presets or charter files (.toml) that are studied; paper-2025,open."),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="For paper: leave out what takes long.")] = False,
    partners: virtual.Partners = 8,
    split: virtual.Split = "kmeans",
    mixing: virtual.Mixing = 0.05,
    validation_fraction: virtual.ValidationFraction = 0.2,
    validation_split: virtual.ValidationSplit = "random",
    date_column: virtual.DateColumn = None,
    preset: options.Preset = None,
    charter: options.CharterFile = None,
    quorum: options.Quorum = None,
    table: public_tables.Files = None,
    tables: public_tables.Folder = None,
    without_table: public_tables.Without = None,
    columns: OutcomeColumns = COLUMNS,
    ends: Ends = ENDS,
    engine: Engine = ENGINE,
    cache: options.Cache = True,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace results of other inputs or settings in the folder.")
    ] = False,
    quiet: options.Quiet = False,
    _listing: Annotated[
        bool, typer.Option("--list", callback=_list, is_eager=True, help="List all studies with their settings.")
    ] = False,
) -> None:
    """Run one analysis of the paper, or one of ours, over several seeds; or all of them, with one report.

    Writes results.csv, predictions and study.json into OUT/NAME, and a report of all studies in OUT to OUT/report.html.
    Run again, it goes on where it was interrupted.
    The word paper runs all studies under two charters, into OUT/PRESET/NAME, and writes OUT/report.html.
    """
    from fluidmol.cli import checked, panel, paper  # noqa: PLC0415
    from fluidmol.cli.report import compare  # noqa: PLC0415
    from fluidmol.cli.study_output import chosen, print_results  # noqa: PLC0415 - heavy
    from fluidmol.errors import UsageError  # noqa: PLC0415
    from fluidmol.report import write_report  # noqa: PLC0415
    from fluidmol.studies.lab.plan import StudyPlan  # noqa: PLC0415
    from fluidmol.studies.panel.endpoints import read_panel  # noqa: PLC0415
    from fluidmol.studies.panel.run import STUDY, Panel  # noqa: PLC0415
    from fluidmol.studies.paper import Paper  # noqa: PLC0415

    if name == panel.NAME:
        panel.check_options(
            columns, {"--external": external, "--origin-column": origin_column, "--as": called, "--presets": presets,
                      "--quick": quick, "--lowest": ends[0], "--highest": ends[1], "--transformation": ends[2],
                      "--table": table, "--tables": tables, "--vary": vary}
        )  # fmt: skip
        panel.run(
            Panel(
                endpoints=read_panel(source), transfer=transfer, transfer_size=transfer_size,
                charter=checked.reachable_quorum(checked.agreed_charter(preset, charter, None, quorum), partners),
                setup=virtual.setup(
                    partners, split, mixing, validation_fraction, validation_split, date_column
                ),
                date_column=date_column, seeds=read_seeds(seeds),
                settings=tuple(dict(chosen(STUDY, settings or [], vary or []).options).items()),
            ),
            out, engine=engine, cached=cache, overwrite=overwrite, quiet=quiet,
        )  # fmt: skip
        return
    check_words(name, {"--set": settings, "--vary": vary, "--as": called}, {"--presets": presets, "--quick": quick})
    part = None if name == paper.NAME else chosen(name, settings or [], vary or [])
    sources = virtual.sources(
        source, transfer, external, transfer_size, columns, public_tables.tables_of(table, tables, without_table),
        origin_column, date_column,
    )  # fmt: skip
    setup = virtual.setup(partners, split, mixing, validation_fraction, validation_split, date_column)
    if part is None:
        if scale_of(ends, columns.unit) is not None:
            raise UsageError(
                f"fluid study {paper.NAME} asks about classes, and a regression's scale is given",
                hint="Single studies take one: benchmark, own-domain, cross-domain.",
            )
        arms = paper.arms(presets, preset, charter, quorum)
        for arm in arms:
            checked.reachable_quorum(arm.charter, partners)
        everything = Paper(arms=arms, sources=sources, setup=setup, seeds=read_seeds(seeds), quick=quick)
        paper.run(everything, out, engine=engine, cached=cache, overwrite=overwrite, quiet=quiet)
        return
    agreed = checked.reachable_quorum(checked.agreed_charter(preset, charter, None, quorum), partners)
    agreed = asked_about(agreed, scale_of(ends, columns.unit))
    plan = StudyPlan(
        study=part,
        name=folder_name(called or part.name, part.name),
        sources=sources,
        charter=agreed,
        setup=setup,
        seeds=read_seeds(seeds),
    )
    done = run_plan(plan, out, engine=engine, cached=cache, overwrite=overwrite, quiet=quiet)
    print_results(plan, out, done)
    if not quiet:
        typer.echo("comparing methods by their predictions", err=True)
    compare(out)
    typer.echo(f"Report: {write_report(out)}")


def check_words(name: str, of_one: Mapping[str, object], of_all: Mapping[str, object]) -> None:
    """Refuse options that one study has where all are asked for, and the other way round.

    Raises
    ------
    UsageError
        Naming the option.
    """
    from fluidmol.cli.paper import NAME  # noqa: PLC0415
    from fluidmol.errors import UsageError  # noqa: PLC0415

    wrong = next((word for word, value in (of_one if name == NAME else of_all).items() if value), None)
    if wrong:
        where = "a single study" if name == NAME else f"fluid study {NAME}"
        raise UsageError(f"{wrong} doesn't go with {name}", hint=f"It is an option of {where}.")


def read_seeds(text: str) -> tuple[int, ...]:
    """Read seeds: single ones and ranges, separated by commas.

    Raises
    ------
    UsageError
        If it is something else, or names a seed twice.

    Examples
    --------
    >>> read_seeds("1..3,7")
    (1, 2, 3, 7)
    """
    from fluidmol.errors import UsageError  # noqa: PLC0415

    found: list[int] = []
    for piece in text.split(","):
        match = re.fullmatch(r"(\d{1,9})(?:\.\.(\d{1,9}))?", piece.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if last < first or last - first >= 1000:
            raise UsageError(f"--seeds is {text!r}", hint="Expected say 1..5, or 1,2,7.")
        found += range(first, last + 1)
    if len(set(found)) < len(found):
        raise UsageError(f"--seeds {text} names a seed twice", hint="Each seed counts once.")
    return tuple(found)


def folder_name(name: str, study: str) -> str:
    """Give a name back if the results of a study can have it.

    Raises
    ------
    UsageError
        If no folder can have it on every system, or it is another study's, or one that the lab uses itself. Case
        makes no difference.
    """
    from fluidmol.errors import UsageError  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.studies.analyses import STUDIES  # noqa: PLC0415
    from fluidmol.studies.lab.folder import ACROSS, LAB  # noqa: PLC0415
    from fluidmol.studies.paper import PAPER  # noqa: PLC0415
    from fluidmol.values.names import is_part  # noqa: PLC0415

    if not is_part(name):
        raise UsageError(
            f"--as is {name!r}", hint="Expected letters, digits, and . _ - in between, and no device's name (con, aux)."
        )
    plain = name.casefold()
    if plain in {*STUDIES} - {study}:
        raise UsageError(
            f"--as is {name!r}, but the study is {study}", hint="Another study has that name: give a new one."
        )
    if plain in {"cache", LAB, PAPER, *ACROSS}:
        raise UsageError(f"--as is {name!r}, which the lab uses itself", hint="Give another name.")
    return name
