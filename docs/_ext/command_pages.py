"""A page for each command of ``fluid``, made of its own help."""

import inspect
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

import typer

from fluidmol.cli.main import app
from made import heading, plain, write

NAMES = {int: "INTEGER", float: "NUMBER", str: "TEXT", Path: "PATH"}
"""How the type of an option's value is called."""


def commands(command: Any, path: tuple[str, ...] = ("fluid",)) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each command that does something, with the words that call it."""
    children = getattr(command, "commands", {})
    if not children:
        yield path, command
    for name, child in children.items():
        yield from commands(child, (*path, name))


def value(parameter: Any, annotation: Any) -> str:
    """Return how the value of an option or argument is called; nothing for a switch."""
    if getattr(parameter, "is_flag", False) or getattr(parameter, "count", False):
        return ""
    if parameter.metavar:
        return str(parameter.metavar)
    while get_origin(annotation) is not None:
        kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
        annotation = kinds[0] if get_origin(annotation) is not Annotated else get_args(annotation)[0]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "|".join(str(one.value) for one in annotation)
    return NAMES.get(annotation, "VALUE")


def entry(parameter: Any, annotation: Any) -> str:
    """Return one option or argument as Sphinx wants it."""
    shown = value(parameter, annotation)
    positional = parameter.param_type_name == "argument"
    names = [shown or parameter.name.upper()] if positional else [*parameter.opts, *parameter.secondary_opts]
    titles = names if positional or not shown else [f"{name} {shown}" for name in names]
    told = [plain(parameter.help or "")]
    if parameter.required:
        told.append("*Required.*")
    given = parameter.default
    if isinstance(given, Enum):
        given = given.value
    if isinstance(given, int | float | str | Path) and given != "" and not isinstance(given, bool):
        told.append(f"Default: ``{given}``.")
    elif isinstance(given, bool) and parameter.secondary_opts:
        told.append(f"Default: ``{(parameter.opts if given else parameter.secondary_opts)[0]}``.")
    if getattr(parameter, "multiple", False) or parameter.nargs == -1:
        told.append("May be repeated.")
    if parameter.envvar:
        told.append(f"Environment variable: ``{parameter.envvar}``.")
    return f".. option:: {', '.join(titles)}\n\n   {' '.join(told)}\n"


def page(path: tuple[str, ...], command: Any) -> str:
    """Return the page of one command."""
    called = " ".join(path)
    kinds = {
        name: one.annotation for name, one in inspect.signature(command.callback, eval_str=True).parameters.items()
    }
    shown = [one for one in command.params if not one.hidden]
    arguments = [one for one in shown if one.param_type_name == "argument"]
    options = [one for one in shown if one.param_type_name != "argument"]
    words = [value(one, kinds.get(one.name)) or one.name.upper() for one in arguments]
    words = [word if one.required else f"[{word}]" for word, one in zip(words, arguments, strict=True)]
    words += [entry_name(one, kinds) for one in options if one.required]
    optional = ["[OPTIONS]"] if any(not one.required for one in options) else []
    usage = " ".join([called, *words, *optional])
    told = plain(inspect.cleandoc(command.help or ""))
    parts = [heading(called), told, f"::\n\n   {usage}", f".. program:: {called}"]
    for title, group in (("Arguments", arguments), ("Options", options)):
        if group:
            parts += [f".. rubric:: {title}", *(entry(one, kinds.get(one.name)) for one in group)]
    return "\n\n".join(parts) + "\n"


def entry_name(parameter: Any, kinds: dict[str, Any]) -> str:
    """Return an option as one types it."""
    return f"{parameter.opts[0]} {value(parameter, kinds.get(parameter.name))}".rstrip()


def overview(tree: dict[tuple[str, ...], Any], epilog: str) -> str:
    """Return the page that lists all commands by what they are for."""
    lines = [
        heading("Command line"),
        "``fluid COMMAND --help`` shows the same on a terminal. Each command ends with one of the codes of "
        ":doc:`../../exit-codes`; ``--debug`` anywhere shows the traceback of an error, ``fluid --version`` says the "
        "version.\n",
        ".. list-table::\n   :widths: 1 2\n   :class: commands\n",
    ]
    for path, command in tree.items():
        first = re.split(r"\n\n|(?<=[.!])\s", inspect.cleandoc(command.help or ""), maxsplit=1)[0]
        lines.append(f"   * - :doc:`{' '.join(path)} <{'-'.join(path[1:])}>`\n     - {plain(' '.join(first.split()))}")
    lines.append("\n.. toctree::\n   :hidden:\n")
    lines += [f"   {' '.join(path)} <{'-'.join(path[1:])}>" for path in tree]
    return "\n".join(lines) + f"\n\n.. rubric:: Exit codes\n\n{plain(epilog.removeprefix('Exit codes: '))}\n"


def make(sphinx: Any) -> None:
    """Write all pages."""
    root = typer.main.get_command(app)
    tree = dict(commands(root))
    pages = {f"{'-'.join(path[1:])}.rst": page(path, command) for path, command in tree.items()}
    write(Path(sphinx.srcdir) / "reference" / "cli", {"index.rst": overview(tree, str(root.epilog)), **pages})


def setup(sphinx: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    sphinx.connect("builder-inited", make)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
