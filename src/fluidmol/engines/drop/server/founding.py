"""Setting a drop up: its folder, authority and server certificate."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from fluidmol.engines.drop.server.authority import Authority, pem, save_key
from fluidmol.engines.drop.server.settings import FILE, Settings, make_private
from fluidmol.engines.drop.server.tables import Database
from fluidmol.errors import OutputError
from fluidmol.values.files import write_whole


def found(settings: Settings) -> None:
    """Make a drop in its home.

    Raises
    ------
    OutputError
        If there is one already, or the home can't be written.
    """
    home = settings.home
    if (home / FILE).exists():
        raise OutputError(
            f"{home} holds a drop already", hint="Name another folder; fluid drop renew renews its certificate."
        )
    try:
        make_private(home)
        # The settings last: their file says that all is there. What an interrupted try left is made again.
        for name in ("ca.key", "ca.pem", "server.key", "server.pem"):
            (home / name).unlink(missing_ok=True)
        Database(settings.database_url).close()
        authority = Authority.new(settings.consortium)
        authority.save(home)
        save_key(home / "server.key", ec.generate_private_key(ec.SECP256R1()))
        renew(settings)
        settings.save()
    except OSError as problem:
        raise OutputError(f"{home} can't be written: {problem.strerror}", hint="Name another folder.") from problem


def renew(settings: Settings) -> Path:
    """Give the server a new certificate, for a new key, by the same authority; nobody needs a new ``ca.pem``."""
    home = settings.home
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = Authority.load(home).for_server(settings.hosts, key)
    # Both files can't change at once: a restart in between would fail, and another renewal mends it.
    (home / "server.key").unlink(missing_ok=True)
    save_key(home / "server.key", key)
    write_whole(home / "server.pem", pem(certificate))
    return home / "server.pem"
