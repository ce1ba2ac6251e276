"""The library names arguments, as Python has them; only the command line knows options."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_command

import fluidmol
import fluidmol_drop
from fluidmol.cli.argument_names import OPTIONS, in_options
from fluidmol.cli.main import app

SOURCES = [Path(package.__file__).parent for package in (fluidmol, fluidmol_drop)]
MODULES = sorted(
    path for source in SOURCES for path in source.rglob("*.py") if path.relative_to(source).parts[0] != "cli"
)

_OPTION = re.compile(r"--[a-z][a-z0-9-]*")
_ARGUMENT = re.compile(r"(?<![:`\w~])`([a-z][a-z0-9_]*)`(?!`)")


@cache
def options():
    """Collect the options of all commands, those of groups that are loaded when they are called included."""
    found, waiting = set(), [get_command(app)]
    while waiting:
        command = waiting.pop()
        waiting += getattr(command, "commands", {}).values()
        for parameter in command.params:
            found |= {name for name in (*parameter.opts, *parameter.secondary_opts) if name.startswith("--")}
    return found


def texts(source):
    """Give the texts of a module, docstrings and parts of f-strings included, with their lines."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def faults(source):
    """Say which options the texts of a module name."""
    for line, text in texts(source):
        yield from (f"line {line}: {name}" for name in _OPTION.findall(text) if name in options())


def test_all_commands_are_searched():
    assert {"--value-column", "--smiles-column", "--no-seal", "--as", "--set", "--tables", "--blobs"} <= options()


@pytest.mark.parametrize(
    "text",
    ["'Name it with --smiles-column.'", "hint = f'--unit {unit} is missing'", "f'{a} --set'", "def f():\n  '''--as'''",
     "class A:\n  x: int\n  'Like ``--value-unit nM``.'", "raise ValueError('--no-seal' + name)", "{'--out': 1}"],
)  # fmt: skip
def test_the_search_finds(text):
    assert len(list(faults(text))) == 1


@pytest.mark.parametrize(
    "text",
    ["'`smiles_column`'", "# --out", "'{--kind:blue}'", "'sha256sum --check'", "'xn--bcher-kva.example'", "'--'"],
)
def test_the_search_leaves(text):
    assert list(faults(text)) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(SOURCES[0].parent).as_posix())
def test_no_text_of_the_library_names_an_option(module):
    assert list(faults(module.read_text(encoding="utf-8"))) == []


def named():
    """Collect the arguments that texts of the library name."""
    return {
        name for module in MODULES for _, text in texts(module.read_text("utf-8")) for name in _ARGUMENT.findall(text)
    }


def test_the_command_line_knows_each_argument_that_the_library_names():
    # A function, for the command line asks by itself; and what only classifiers have.
    assert named() - OPTIONS.keys() == {"approve", "on_error", "own_model"}


def test_each_argument_is_named():
    assert OPTIONS.keys() - named() == set()


@pytest.mark.parametrize("name", OPTIONS)
def test_each_argument_becomes_an_option_of_the_command_line(name):
    said = _OPTION.findall(in_options(f"Give `{name}`."))
    assert said
    assert set(said) <= options()
