"""What the commands around a drop share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fluidmol_drop.server.service import Service

Home = Annotated[Path, typer.Argument(help="The drop's folder.", metavar="HOME")]
Database = Annotated[
    str | None,
    typer.Option(
        help="SQLAlchemy URL of the database; SQLite in HOME by default. One with a password belongs into the "
        "environment, where others don't see it.",
        envvar="FLUID_DROP_DATABASE",
        show_envvar=True,
    ),
]
Blobs = Annotated[
    str | None,
    typer.Option(
        help="Folder or fsspec URL of the blobs; a folder in HOME by default.",
        envvar="FLUID_DROP_BLOBS",
        show_envvar=True,
    ),
]


@contextmanager
def explained() -> Iterator[None]:
    """Say which extra is missing, where one is.

    Raises
    ------
    UnavailableError
        If a library of the extra ``server`` isn't installed.
    """
    from fluidmol.errors import UnavailableError  # noqa: PLC0415

    try:
        yield
    except ModuleNotFoundError as problem:
        if problem.name is None or problem.name.split(".")[0] not in ("fastapi", "sqlalchemy", "uvicorn", "fsspec"):
            raise
        raise UnavailableError(
            f"{problem.name} isn't installed", hint="A server needs more: pip install 'fluidmol[server]'."
        ) from problem


@contextmanager
def opened(home: Path, database: str | None, blobs: str | None) -> Iterator[Service]:
    """Open a drop for one command.

    Raises
    ------
    FluidError
        If it can't be.
    """
    with explained():
        from fluidmol_drop.server.service import Service  # noqa: PLC0415 - heavy
        from fluidmol_drop.server.settings import Settings  # noqa: PLC0415

        service = Service.open(Settings.load(home, database, blobs))
    try:
        yield service
    finally:
        service.database.close()
