"""Commands that other packages bring, such as ``fluid serve``: entry points of the group ``fluidmol.commands``."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer

GROUP = "fluidmol.commands"
"""Each is a function with Typer's options, or a :class:`typer.Typer` with a help text; importing it must be quick."""


def add_extensions(app: typer.Typer) -> None:
    """Add to a command line what other packages bring; what it has already stays.

    A command that can't be loaded is listed all the same, and says why when it is called.

    Parameters
    ----------
    app : typer.Typer
    """
    known = {group.name for group in app.registered_groups}
    known |= {each.name or getattr(each.callback, "__name__", "") for each in app.registered_commands}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        if entry.name in known:
            continue
        try:
            command = entry.load()
        except Exception as problem:  # whatever another package does when it is imported
            _add_broken(app, entry, problem)
            continue
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=entry.name)
        else:
            app.command(entry.name)(command)


def _add_broken(app: typer.Typer, entry: EntryPoint, problem: Exception) -> None:
    reason = f"{type(problem).__name__}: {problem}"

    def broken(context: typer.Context) -> None:
        from fluidmol.errors import UnavailableError  # noqa: PLC0415

        raise UnavailableError(
            f"fluid {context.info_name} can't be loaded ({entry.value}: {reason})",
            hint=f"Install {entry.dist.name if entry.dist else 'its package'} again.",
        )

    loose: dict[str, Any] = {"ignore_unknown_options": True, "allow_extra_args": True}
    app.command(entry.name, help=f"Can't be loaded: {reason}", context_settings=loose)(broken)
