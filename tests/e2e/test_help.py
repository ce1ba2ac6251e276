"""Help pages: every command has one, and every option says what it does."""

import re
from importlib.metadata import version

import pytest
import typer

from fluidmol.cli.main import app


def commands(command, path=()):
    """Give each command of the tree with its path."""
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, (*path, name))


TREE = dict(commands(typer.main.get_command(app)))


def test_the_tree_is_what_is_documented():
    assert {("simulate",), ("demo",), ("report",), ("data", "fetch"), ("data", "list")} <= set(TREE)


@pytest.mark.parametrize("path", TREE, ids=" ".join)
def test_help(path, fluid):
    result = fluid(*path, "--help")
    assert (result.code, result.err) == (0, "")
    assert "Usage: fluid" in result.out
    assert max(map(len, result.out.splitlines())) <= 80
    page = re.sub(r"[\s│]+", "", result.out)
    for option in TREE[path].params:
        assert option.help, option.name
        assert re.sub(r"\s+", "", option.help) in page, option.name
        given = getattr(option, "default", None)
        if isinstance(given, int | float | str) and given != "" and not isinstance(given, bool):
            assert f"[default:{given}]" in page, option.name


@pytest.mark.parametrize("words", [(), ("data",)])
def test_without_a_command_help_is_shown(words, fluid):
    result = fluid(*words)
    assert "Usage: fluid" in result.out + result.err
    assert "Traceback" not in result.err


def test_version(fluid):
    result = fluid("--version")
    assert (result.code, result.out) == (0, f"fluidmol {version('fluidmol')}\n")


@pytest.mark.parametrize("words", [("simulat",), ("data", "fetsh"), ("--vresion",)])
def test_an_unknown_command(words, fluid):
    result = fluid(*words)
    assert result.code == 2
    assert words[-1] in result.err
    assert "Traceback" not in result.err


def test_exit_codes_are_listed_as_documented(fluid, root):
    listed = set(re.findall(r"\b\d+\b", fluid("--help").out.partition("Exit codes:")[2]))
    documented = re.findall(r"^\| (\d+) \|", (root / "docs" / "exit-codes.md").read_text(), re.MULTILINE)
    assert listed <= set(documented)
    assert {"0", "2", "64", "65", "66", "71", "73", "78", "130"} <= listed
