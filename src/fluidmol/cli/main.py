"""The command ``fluid``: options in, messages and exit codes out. Commands load what they need when they run."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from fluidmol.cli import charter, data, hybrid, keys, ledger, party, policy, representation, transfer
from fluidmol.cli.annotate import annotate
from fluidmol.cli.answer import answer
from fluidmol.cli.argument_names import in_options
from fluidmol.cli.audit import audit
from fluidmol.cli.caches import closed
from fluidmol.cli.card import card
from fluidmol.cli.demo import demo
from fluidmol.cli.export import export
from fluidmol.cli.extensions import add_extensions
from fluidmol.cli.federate import federate
from fluidmol.cli.inspect import inspect
from fluidmol.cli.interrupts import Commands, heard_interrupts, leave
from fluidmol.cli.party_defaults import COMMANDS, defaults, party_path, written
from fluidmol.cli.plain import plain
from fluidmol.cli.predict import predict
from fluidmol.cli.report import report
from fluidmol.cli.simulate import simulate
from fluidmol.cli.status import status
from fluidmol.cli.study import study
from fluidmol.cli.swallowed import check_words
from fluidmol.errors import AwaitingError, FluidError, OutputError

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

BUG = 70
"""Exit code when fluidmol itself is at fault."""

LONGEST = 5_000
"""Characters of a message at most."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""What systems say when nothing more can be written."""

app = typer.Typer(
    name="fluid",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Learn from each other's data without showing it: federated learning using information distillation (FLuID).",
    epilog="Exit codes: 0 done, 2 and 64 wrong options, 65 unusable input, 66 file not found, 69 unavailable, 71 no "
    "quorum, 73 output can't be written, 75 try again later, 76 damaged or forged, 77 forbidden by your policy, "
    "78 unusable charter, 130 interrupted. "
    "docs/exit-codes.md explains them.",
)
app.command()(simulate)
app.command()(demo)
app.command()(study)
app.command()(report)
app.command()(predict)
app.command()(export)
app.command()(card)
app.command()(federate)
app.command()(audit)
app.command()(annotate)
app.command()(answer)
app.command()(status)
app.command()(inspect)
app.add_typer(keys.app, name="keys", help="A party's keys: make them, look at them, keep them elsewhere.")
app.add_typer(charter.app, name="charter", help="What a consortium agrees on: make, check, read and sign it.")
app.add_typer(party.app, name="party", help="How your company takes part: one file, from which commands take options.")
app.add_typer(policy.app, name="policy", help="What may leave your company.")
app.add_typer(ledger.app, name="ledger", help="What has left your company.")
app.add_typer(hybrid.app, name="hybrid", help="What a hybrid gives to one partner.")
app.add_typer(
    representation.app, name="representation", help="Public directions of molecules: make, read and check them."
)
app.add_typer(transfer.app, name="transfer", help="Transfer sets from pools of millions: build, read and check them.")
app.add_typer(data.app, name="data", help="Look at files of measurements; fetch public data.")
add_extensions(app)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415

        typer.echo(f"fluidmol {version('fluidmol')}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
    party_file: Annotated[
        Path | None,
        typer.Option(
            "--party", help="Your settings, from which options are taken that aren't given; party.toml here by default."
        ),
    ] = None,
) -> None:
    """Learn from each other's data without showing it."""
    del version, debug  # seen before
    context.call_on_close(closed)
    path = party_path(party_file)
    if path is None or context.invoked_subcommand not in COMMANDS or (party_file is None and "--help" in context.obj):
        return
    if context.invoked_subcommand == "party":
        context.obj = (*context.obj, path)
        return
    from fluidmol.cli.place_options import keep_out  # noqa: PLC0415 - heavy, as is that below
    from fluidmol.rounds.partner.party_file import PartyFile  # noqa: PLC0415

    party = PartyFile.read(path)
    if party.address is not None:
        keep_out(party.address, written(context.obj))
    context.default_map = defaults(party, context.obj)
    typer.echo(f"Options that aren't given are those of {path}.", err=True)


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
            words = [word for word in given if word != "--debug"]
            command = typer.main.get_command(app)
            check_words(command, words)
            command(args=words, prog_name="fluid", obj=tuple(words))
    except BrokenPipeError:
        # Whoever read our output has gone; point stdout elsewhere so that the interpreter's last flush is quiet.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except (Exception, KeyboardInterrupt, SystemExit) as problem:  # the last resort of a command line
        # Typer turns Ctrl-C into a silent exit; its other exits have said what they have to say.
        if isinstance(problem, SystemExit) and problem.code != INTERRUPTED:
            raise
        if debug:
            raise
        text, code = explain(problem)
        # Names and reasons of others may be in it, which are text and no commands to the terminal.
        typer.echo(plain(text, LONGEST), err=True)
        if arguments is None:
            leave(code)
        sys.exit(code)


def explain(problem: BaseException) -> tuple[str, int]:
    """Say what went wrong, and with which code to end.

    Examples
    --------
    >>> explain(KeyboardInterrupt())[1]
    130
    >>> explain(FluidError("there is no paper", hint="Buy some."))
    ('Error: there is no paper. Buy some.', 70)
    >>> explain(FluidError("there is no sheet", hint="Name it with `sheet`."))[0]
    'Error: there is no sheet. Name it with --sheet.'
    >>> explain(AwaitingError("awaiting the opinion of bob"))
    ('Awaiting the opinion of bob', 75)
    """
    if isinstance(problem, AwaitingError):  # no error to those who read it: it is the others' turn
        said = in_options(str(problem))
        return f"{said[:1].upper()}{said[1:]}", problem.exit_code
    if isinstance(problem, FluidError):
        return f"Error: {in_options(str(problem))}", problem.exit_code
    if isinstance(problem, KeyboardInterrupt | SystemExit):
        return "Interrupted. Nothing is half-written; the same command goes on where it can.", INTERRUPTED
    if isinstance(problem, OSError) and problem.errno in FULL:
        text = f"Error: nothing can be written: {problem.strerror}. Make room, then run the same command again."
        return text, OutputError.exit_code
    what = f"{type(problem).__name__}: {problem}"
    return f"Error in fluidmol itself: {what}. Please report it, with what --debug shows.", BUG
