"""``fluid drop``: what a drop's operator does, on the server's own machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fluidmol.cli import checked
from fluidmol_drop.cli.shared import Blobs, Database, Home, explained, opened

app = typer.Typer(no_args_is_help=True, help="A server for a consortium: set it up, invite, revoke, look into its log.")

Name = Annotated[str, typer.Argument(help="Name of the party.", metavar="NAME")]
HOURS = 72


@app.command()
def init(
    home: Home,
    host: Annotated[
        list[str] | None,
        typer.Option(help="Name or address that the server is reached by; may be repeated. 127.0.0.1 by default."),
    ] = None,
    charter: Annotated[Path | None, typer.Option(help="Charter whose parties may be invited.", readable=False)] = None,
    name: Annotated[str | None, typer.Option(help="What the consortium calls itself, without a charter.")] = None,
    database: Database = None,
    blobs: Blobs = None,
) -> None:
    """Set a drop up in the folder HOME: its authority, its certificate, its database."""
    from fluidmol.errors import UsageError  # noqa: PLC0415

    with explained():
        from fluidmol_drop.server.founding import found  # noqa: PLC0415 - heavy
        from fluidmol_drop.server.settings import Settings  # noqa: PLC0415

    called, digest = name or "consortium", ""
    parties: tuple[tuple[str, str], ...] = ()
    if charter is not None:
        from fluidmol.cli.files import charter_in  # noqa: PLC0415

        agreed = charter_in(charter)
        if not agreed.parties:
            raise UsageError(f"{charter} names no parties", hint="Make a charter with: fluid charter new.")
        called, digest = name or agreed.name, agreed.digest
        parties = tuple((party.name, party.role) for party in agreed.parties)
    hosts = tuple(host or ("127.0.0.1",))
    found(Settings(home, called, digest, parties, hosts, database or "", blobs or ""))
    typer.echo(f"A drop for {called} is in {home}, for {', '.join(hosts)}.")
    typer.echo(f"Give {home / 'ca.pem'} to all parties, by a way on which nobody can replace it.")
    typer.echo(f"Next: fluid drop invite {home} NAME for each party, then fluid serve --home {home}.")


@app.command()
def invite(
    home: Home,
    name: Name,
    role: Annotated[
        str | None, typer.Option(help="coordinator, partner or monitor; as the charter says by default.")
    ] = None,
    hours: Annotated[int, typer.Option(help="Hours for which the code counts.")] = HOURS,
    database: Database = None,
    blobs: Blobs = None,
) -> None:
    """Print a one-time code, by which NAME gets a certificate. It is kept nowhere: hand it over at once."""
    from fluidmol.errors import UsageError  # noqa: PLC0415

    checked.at_least(1, "--hours", hours)
    with opened(home, database, blobs) as service:
        parties = dict(service.settings.parties)
        agreed = parties.get(name)
        if parties and agreed is None and role != "monitor":
            raise UsageError(f"{name} is no party of the charter", hint=f"It has: {', '.join(parties)}.")
        if role is not None and agreed not in (None, role):
            raise UsageError(f"{name} is {agreed} in the charter", hint="Leave --role out.")
        if (role := role or agreed) is None:
            raise UsageError(f"the role of {name} isn't known", hint="Give --role coordinator, partner or monitor.")
        code = service.members.invite(name, role, hours)
    typer.echo(code)
    typer.echo(f"For {name}, {role}; counts once, for {hours:g} hours.", err=True)


@app.command()
def revoke(home: Home, name: Name, database: Database = None, blobs: Blobs = None) -> None:
    """Let NAME's certificates and codes count no more, from its next request on; what it has stored stays."""
    with opened(home, database, blobs) as service:
        count = service.members.revoke(name)
    typer.echo(f"Revoked: {count} certificate{'s' * (count != 1)} of {name}.")


@app.command()
def renew(home: Home, database: Database = None, blobs: Blobs = None) -> None:
    """Make the server's certificate anew, for the hosts in drop.toml; restart the server to use it."""
    with explained():
        from fluidmol_drop.server.founding import renew as renewed  # noqa: PLC0415 - heavy
        from fluidmol_drop.server.settings import Settings  # noqa: PLC0415

    typer.echo(f"Made: {renewed(Settings.load(home, database, blobs))}. Restart the server to use it.")


@app.command()
def audit(
    home: Home,
    json_: Annotated[bool, typer.Option("--json", help="Write every record as a line of JSON.")] = False,
    database: Database = None,
    blobs: Blobs = None,
) -> None:
    """Check the audit log's hash chain, and show the log; exit code 65 if it was altered."""
    import json  # noqa: PLC0415

    import attrs  # noqa: PLC0415

    from fluidmol.cli.plain import plain  # noqa: PLC0415

    with opened(home, database, blobs) as service:
        from fluidmol_drop.server.audit_log import records, verify  # noqa: PLC0415 - heavy

        for record in records(service.database):
            facts = (record.what, record.who, record.name, record.digest[:12], record.note)
            line = f"{record.seq:>6}  {record.at}  {'  '.join(fact for fact in facts if fact)}"
            typer.echo(json.dumps(attrs.asdict(record)) if json_ else plain(line))
        count, last = verify(service.database)
    typer.echo(f"Intact: {count} records; head {last}", err=True)


@app.command()
def delete(
    home: Home,
    names: Annotated[list[str], typer.Argument(help="Names of blobs.", metavar="NAME...")],
    reason: Annotated[str | None, typer.Option(help="Why; it is kept in the audit log.")] = None,
    database: Database = None,
    blobs: Blobs = None,
) -> None:
    """Delete blobs and their content; the audit log keeps that they were there."""
    from fluidmol.errors import MissingFileError  # noqa: PLC0415

    with opened(home, database, blobs) as service:
        gone = service.shelf.delete(names, "operator", "delete", (reason or "on request")[:500])
    for name in gone:
        typer.echo(f"Deleted: {name}")
    if missing := sorted(set(names) - set(gone)):
        raise MissingFileError(f"there is no {missing[0]}", hint="fluid status shows what is there.")


@app.command()
def expire(
    home: Home,
    days: Annotated[int, typer.Option(help="Delete what has been there for longer than so many days.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    even_running: Annotated[
        bool,
        typer.Option("--even-running", help="Also what a round needs that isn't finished; it can't go on after that."),
    ] = False,
    database: Database = None,
    blobs: Blobs = None,
) -> None:
    """Delete blobs that are older than a number of days; the audit log keeps that they were there.

    While a round isn't finished, only what was set aside goes.
    """
    import time  # noqa: PLC0415

    checked.at_least(1, "--days", days)
    with opened(home, database, blobs) as service:
        from fluidmol_drop.server.retention import aged  # noqa: PLC0415 - heavy
        from fluidmol_drop.server.tables import moment  # noqa: PLC0415

        old, kept = aged(service.shelf, moment(time.time() - days * 86400), even_running=even_running)
        if not dry_run:
            old = service.shelf.delete(old, "operator", "expire", f"older than {days} days")
    for name in old:
        typer.echo(f"{'Would delete' if dry_run else 'Deleted'}: {name}")
    typer.echo(f"{len(old)} blobs.", err=True)
    if kept:
        typer.echo(
            f"Kept: {len(kept)} that are as old, for the round isn't finished and may need them; --even-running"
            f" {'would delete' if dry_run else 'deletes'} them, too.",
            err=True,
        )
