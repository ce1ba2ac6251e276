"""The command ``fluid``: options in, messages and exit codes out. Commands load what they need when they run."""

from __future__ import annotations

import errno
import os
import sys
from typing import Annotated, NoReturn

import typer

from fluidmol.cli import data
from fluidmol.cli.demo import demo
from fluidmol.cli.interrupts import heard_interrupts
from fluidmol.cli.report import report
from fluidmol.cli.simulate import simulate
from fluidmol.errors import FluidError, OutputError

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

BUG = 70
"""Exit code when fluidmol itself is at fault."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""What systems say when nothing more can be written."""

app = typer.Typer(
    name="fluid",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Learn from each other's data without showing it: federated learning using information distillation (FLuID).",
    epilog="Exit codes: 0 done, 2 and 64 wrong options, 65 unusable input, 66 file not found, 69 unavailable, 71 no "
    "quorum, 73 output can't be written, 75 try again later, 78 unusable charter, 130 interrupted. "
    "docs/exit-codes.md explains them.",
)
app.command()(simulate)
app.command()(demo)
app.command()(report)
app.add_typer(data.app, name="data", help="Public data sets.")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415

        typer.echo(f"fluidmol {version('fluidmol')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
) -> None:
    """Learn from each other's data without showing it."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command line and exit.

    Parameters
    ----------
    arguments : list of str, optional
        Without the program's name; those of this process by default.
    """
    given = sys.argv[1:] if arguments is None else arguments
    # Accepted anywhere: who needs it has just repeated a long command and put it at the end.
    debug = "--debug" in given or bool(os.environ.get("FLUID_DEBUG"))
    try:
        with heard_interrupts():
            app(args=[word for word in given if word != "--debug"], prog_name="fluid")
    except SystemExit as end:
        # Typer turns Ctrl-C into a silent exit.
        if end.code == INTERRUPTED:
            _interrupted(debug, end)
        raise
    except FluidError as problem:
        if debug:
            raise
        _say(f"Error: {problem}")
        sys.exit(problem.exit_code)
    except KeyboardInterrupt as problem:
        _interrupted(debug, problem)
    except BrokenPipeError:
        # Whoever read our output has gone; point stdout elsewhere so that the interpreter's last flush is quiet.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as problem:
        if debug or problem.errno not in FULL:
            _bug(debug, problem)
        _say(f"Error: nothing can be written: {problem.strerror}. Make room, then run the same command again.")
        sys.exit(OutputError.exit_code)
    except Exception as problem:  # the last resort of a command line
        _bug(debug, problem)


def _bug(debug: bool, problem: Exception) -> NoReturn:
    if debug:
        raise problem
    _say(f"Error in fluidmol itself: {type(problem).__name__}: {problem}. Please report it, with what --debug shows.")
    sys.exit(BUG)


def _interrupted(debug: bool, problem: BaseException) -> NoReturn:
    if debug:
        raise problem
    _say("Interrupted. Nothing is half-written; the same command goes on where it can.")
    sys.exit(INTERRUPTED)


def _say(text: str) -> None:
    typer.echo(text, err=True)
