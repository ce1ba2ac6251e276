"""A party's side of enrolment: a one-time code for a client certificate."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

from fluidmol.errors import MissingFileError, UnavailableError, UsageError
from fluidmol.values.parties import check_name
from fluidmol_drop.answers import ServerTable
from fluidmol_drop.identity import Identity, trusting
from fluidmol_drop.wire import Wire


def enrol(
    url: str, name: str, code: str, authority: Path, folder: Path, said: Callable[[str], None] = lambda _: None
) -> datetime.datetime:
    """Make a key, and get a certificate for it. Done again with the same code and folder, the same comes out.

    Parameters
    ----------
    url : str
        The enrolment's address, ``https://host:port``; its port isn't the drop's.
    name : str
        Our name in the consortium, as the code is for.
    code : str
        One-time code from the operator.
    authority : Path
        The operator's ``ca.pem``.
    folder : Path
        Where key and certificate are kept; made if it isn't there.
    said : callable
        Called with a sentence when the server doesn't answer at first.

    Returns
    -------
    datetime.datetime
        Until when the certificate counts.

    Raises
    ------
    FluidError
        If that is no name, the server can't be had or refuses, or the folder can't be written.
    """
    try:
        check_name(name)
    except ValueError as problem:
        raise UsageError(str(problem)) from problem
    wire = Wire(url.rstrip("/"), trusting(authority), said=said)
    try:
        trusted = authority.read_text(encoding="ascii")
        identity = Identity(folder)
        asked = {"name": name, "code": code, "request": identity.request(name)}
        answer = wire.ask("POST", "/v1/enrol", json=asked)
    except (OSError, UnicodeDecodeError) as problem:
        raise MissingFileError(f"{authority} can't be read as text", hint="The operator has ca.pem.") from problem
    finally:
        wire.client.close()
    try:
        certificate = ServerTable.of(answer, url).text("certificate")
    except UnavailableError as problem:
        raise UnavailableError(f"{url} is no drop's enrolment", hint="Check the address and its port.") from problem
    return identity.keep(certificate, trusted)
