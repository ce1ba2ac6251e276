"""``fluid ledger``: what has left, and whether the book of it is intact."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fluidmol.partner.ledger import Entry
    from fluidmol.partner.ledger_lines import LedgerReading

FORMS = {"sealed": "sealed: nobody else can open it", "open": "NOT sealed: whoever gets the file can read it"}
"""What an entry says of the form."""

DELTA = 1e-5
"""At which epsilons are shown."""

app = typer.Typer(no_args_is_help=True, help="What has left your company.")

File = Annotated[Path, typer.Argument(help="A ledger, as fluid answer keeps it.", metavar="FILE", readable=False)]


@app.callback()
def ledgers() -> None:
    """Look at the append-only record of all that left your company; docs/gate.md explains."""


@app.command()
def verify(
    file: File,
    releases: Annotated[
        Path | None, typer.Option(help="Folder of releases: each of them must be in the ledger.", readable=False)
    ] = None,
    name: Annotated[
        str | None, typer.Option("--as", help="Your name: leave the releases of others out of account.")
    ] = None,
    head: Annotated[
        str | None, typer.Option(help="A head that you wrote down earlier: the ledger must still hold it.")
    ] = None,
) -> None:
    """Check that no entry was changed, removed or moved; exit code 65 if one was."""
    from fluidmol.partner.ledger_file import intact  # noqa: PLC0415 - heavy

    if name is not None and releases is None:
        from fluidmol.errors import UsageError  # noqa: PLC0415

        raise UsageError("--as is given without --releases", hint="It says whose releases count.")
    reading = intact(file)
    n = len(reading.entries)
    typer.echo(f"{file}: intact, {n:,} {'entry' if n == 1 else 'entries'}")
    if head is not None:
        typer.echo(_since(reading, head.strip(), file))
    if releases is not None:
        _check_releases(reading.entries, releases, name)
    if n:
        typer.echo(f"Head: {reading.head}")
        typer.echo("Write the head down elsewhere: with --head it shows later whether newest entries were cut off.")


@app.command()
def show(file: File) -> None:
    """List what has left, oldest first."""
    from fluidmol.partner.ledger_file import read_ledger, unusable  # noqa: PLC0415 - heavy

    reading = read_ledger(file)
    for number, entry in enumerate(reading.entries, start=1):
        typer.echo("\n".join(entry_lines(number, entry)))
    if not reading.entries:
        typer.echo("No entries.")
    for line in _costs(reading.entries):
        typer.echo(line)
    if reading.fault or reading.torn:
        raise unusable(file, reading)


@app.command()
def mend(file: File) -> None:
    """Put a torn last line aside, which a crash left; what it was about had not left yet."""
    from fluidmol.partner.ledger_file import LedgerFile  # noqa: PLC0415 - heavy

    aside = LedgerFile(file).mend()
    typer.echo(f"{file}: nothing is torn" if aside is None else f"{file}: the torn line is now in {aside}")


def _costs(entries: tuple[Entry, ...]) -> list[str]:
    """Compute what all private models of a ledger have cost together, in words."""
    from fluidmol.partner.budget import spends, spent  # noqa: PLC0415 - heavy

    costs = spends(entries)
    if not costs:
        return []
    models = "1 private model has" if len(costs) == 1 else f"{len(costs)} private models have"
    return [f"{models} spoken: together epsilon {spent(costs, DELTA):.3g} at delta {DELTA:g} for one compound."]


def entry_lines(number: int, entry: Entry) -> list[str]:
    """Say what one entry says.

    Examples
    --------
    >>> from fluidmol.partner.ledger import Ledger
    >>> from fluidmol.values.messages import Declined
    >>> entry = Ledger(lambda: "2026-03-01T09:30:00Z").add(Declined("sha256:" + "0" * 64, "acme", "too few"))
    >>> entry_lines(1, entry)[0]
    '1  2026-03-01T09:30:00Z  Declined  sha256:...'
    """
    from fluidmol.cli.plain import plain  # noqa: PLC0415

    who = "; ".join(plain(recipient) for recipient in entry.recipients) or "nobody in particular"
    private = [f"   privacy   {plain(entry.private)}"] if entry.private else []
    private += [f"   audit     {plain(entry.audit)}"] if entry.audit else []
    return [
        f"{number}  {plain(entry.time)}  {plain(entry.kind)}  {plain(entry.digest)}",
        f"   to        {who}",
        f"   form      {FORMS.get(entry.form, 'not said')}",
        f"   charter   {plain(entry.charter)}",
        f"   question  {plain(entry.request) or 'not said'}",
        f"   policy    {plain(entry.policy) or 'not said'}",
        f"   approved  {_approval(entry)}",
        *private,
    ]


def _approval(entry: Entry) -> str:
    from fluidmol.cli.plain import plain  # noqa: PLC0415
    from fluidmol.partner.release import DIGITS  # noqa: PLC0415

    if not entry.approver:
        return "by nobody: the policy asked for none"
    return f"by {plain(entry.approver)}, as {entry.approval.removeprefix('sha256:')[:DIGITS]}"


def _since(reading: LedgerReading, head: str, file: Path) -> str:
    from fluidmol.errors import InputError  # noqa: PLC0415

    chains = [entry.chain for entry in reading.entries]
    if head not in chains:
        raise InputError(
            f"{file} doesn't hold the head {head!r}",
            hint="Its newest entries were cut off, it was written anew, or it is another ledger.",
        )
    more = len(chains) - 1 - chains.index(head)
    return f"The head that you gave is in it, {f'with {more:,} more since' if more else 'and nothing since'}."


def _check_releases(entries: tuple[Entry, ...], folder: Path, name: str | None) -> None:
    from fluidmol.cli.plain import plain  # noqa: PLC0415
    from fluidmol.errors import InputError  # noqa: PLC0415
    from fluidmol.partner.releases import releases  # noqa: PLC0415

    noted = {entry.digest for entry in entries}
    there = list(releases(folder, noted))
    if not there:
        raise InputError(
            f"there is no release in {folder}, so that nothing was compared",
            hint="Give the folder where releases lie, such as PLACE/replies.",
        )
    found = [one for one in there if name is None or one.partner in (name, "")]
    if name is not None and name not in {one.partner for one in found}:
        others = ", ".join(plain(other) for other in sorted({one.partner for one in there} - {""}))
        raise InputError(
            f"none of the releases in {folder} is known to be that of {plain(name)}",
            hint=f"There are releases of: {others or 'nobody who can be told'}. Give your name as the charter has it.",
        )
    for one in found:
        remark = f" ({plain(one.remark)})" if one.remark else ""
        state = "in the ledger" if one.noted else "NOT in the ledger"
        typer.echo(f"  {state}: {plain(str(one.path))}{remark}")
    missing = [one for one in found if not one.noted]
    n = len(found)
    typer.echo(f"{folder}: {n:,} {'release' if n == 1 else 'releases'}, {len(missing):,} of them not in the ledger")
    if missing:
        raise InputError(
            f"{len(missing):,} of {n:,} releases are not in the ledger, such as {plain(str(missing[0].path))}",
            hint="They left past this gate, or are noted in another ledger; --as leaves others' out of account.",
        )
