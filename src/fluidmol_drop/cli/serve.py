"""``fluid serve``: run a drop. ``fluid enrol``: get a certificate for one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fluidmol.cli import place_options
from fluidmol_drop.cli.shared import Blobs, Database, explained, opened

PORT = 8443


def serve(
    home: Annotated[Path, typer.Option(help="The drop's folder, as fluid drop init makes it.", readable=False)],
    listen: Annotated[str, typer.Option(help="Where members are answered, HOST:PORT.")] = f"127.0.0.1:{PORT}",
    enrol_listen: Annotated[
        str | None,
        typer.Option(help="Where one enrols, HOST:PORT, or off; the next port of the same host by default."),
    ] = None,
    database: Database = None,
    blobs: Blobs = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Don't log each request.")] = False,
) -> None:
    """Run a drop until it is stopped: HTTPS with client certificates, TLS 1.3 only."""
    import logging  # noqa: PLC0415

    host, port = address(listen)
    second = None if enrol_listen == "off" else address(enrol_listen) if enrol_listen else (host, port and port + 1)
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.WARNING if quiet else logging.INFO,
        format="%(asctime)s fluid serve: %(message)s",
    )
    # Two servers run, and each would say when it begins and ends; listen says it once.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    with opened(home, database, blobs) as service, explained():
        from fluidmol_drop.server import listen as listening  # noqa: PLC0415 - heavy

        members = listening.bound(host, port)
        enrolment = None if second is None else listening.bound(*second)
        typer.echo(f"Drop: https://{_shown(members.getsockname())}")
        if enrolment is not None:
            typer.echo(f"Enrolment: https://{_shown(enrolment.getsockname())}")
        sys.stdout.flush()
        listening.serve(service, members, enrolment)
    typer.echo("Stopped; nothing is half-written.", err=True)


def enrol(
    url: Annotated[str, typer.Argument(help="The enrolment's address, https://HOST:PORT.", metavar="ADDRESS")],
    name: Annotated[str, typer.Option("--as", help="Your name in the consortium.")],
    ca: Annotated[Path, typer.Option(help="The operator's ca.pem.", readable=False)],
    out: Annotated[Path, typer.Option(help="Folder for key and certificate.", readable=False)],
    code: Annotated[
        str | None,
        typer.Option(help="One-time code; better in the environment, or asked for.", envvar="FLUID_CODE"),
    ] = None,
) -> None:
    """Exchange a one-time code for a client certificate. The key is made here, and never leaves."""
    from fluidmol.errors import UsageError  # noqa: PLC0415
    from fluidmol_drop.enrolling import enrol as enrolled  # noqa: PLC0415 - heavy

    if not code and not sys.stdin.isatty():
        raise UsageError("there is no code", hint="Give --code, or set FLUID_CODE.")
    code = code or typer.prompt("One-time code", hide_input=True, err=True)
    until = enrolled(url, name, str(code), ca, out, place_options.said)
    typer.echo(f"{name} has a certificate until {until:%Y-%m-%d}. Use it with: --identity {out}")


def address(text: str) -> tuple[str, int]:
    """Read HOST:PORT.

    Raises
    ------
    UsageError
        If it is something else.

    Examples
    --------
    >>> address("[::1]:8443")
    ('::1', 8443)
    """
    from fluidmol.errors import UsageError  # noqa: PLC0415

    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise UsageError(f"{text!r} is no address to listen on", hint="Expected HOST:PORT, say 0.0.0.0:8443.")
    return host.strip("[]"), int(port)


def _shown(name: tuple[str, int]) -> str:
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
