"""Setting a drop up: its folder, authority and server certificate."""

from __future__ import annotations

import secrets
from pathlib import Path

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec

from fluidmol.errors import OutputError, UsageError
from fluidmol.partner.locks import alone
from fluidmol.values.files import write_once, write_whole
from fluidmol_drop.server.audit_log import head
from fluidmol_drop.server.authority import Authority, pem, save_key, server_names
from fluidmol_drop.server.blobs import check_lasting
from fluidmol_drop.server.settings import FILE, RESTORE, UNFINISHED, Settings, make_private, parts_in
from fluidmol_drop.server.tables import Database, founding, now

MARK = "drop.founding"
"""File in the home while a drop is set up: what the database knows it by."""


def found(settings: Settings) -> None:
    """Make a drop in its home.

    Until all is there, its settings are in a file of another name: what an interrupted try left is made again, and no
    other key is ever replaced.

    Raises
    ------
    UsageError
        If the consortium's name or a host can't be used.
    OutputError
        If there is a drop already, or a part of one; if the database is another's, or the home can't be written.
    """
    home = settings.home
    if not settings.consortium.isprintable():
        raise UsageError(f"the consortium's name is {settings.consortium!r}", hint="Expected letters, on one line.")
    server_names(settings.hosts)
    check_lasting(settings.blobs_url)
    _check_free(home)
    with alone(home, "fluid drop init"):
        _check_free(home)  # another one may have been faster
        try:
            make_private(home)
            settings.save(UNFINISHED)
            _claim(settings.database_url, _mark(home))
            for name in ("ca.key", "ca.pem"):
                (home / name).unlink(missing_ok=True)
            Authority.new(settings.consortium).save(home)
            renew(settings)
            (home / UNFINISHED).replace(home / FILE)
            (home / MARK).unlink(missing_ok=True)
        except OSError as problem:
            raise OutputError(f"{home} can't be written: {problem.strerror}", hint="Name another folder.") from problem


def _check_free(home: Path) -> None:
    if (home / FILE).exists():
        raise OutputError(
            f"{home} holds a drop already", hint="Name another folder; fluid drop renew renews its certificate."
        )
    if not (home / UNFINISHED).exists() and (there := parts_in(home)):
        raise OutputError(
            f"{home} has no {FILE}, but holds {', '.join(there)}, and no key is ever replaced",
            hint=f"If that was a drop: {RESTORE} A new drop belongs into another folder.",
        )


def _mark(home: Path) -> str:
    """Return what tells this drop from others while it is set up; an interrupted try has left it."""
    write_once(home / MARK, secrets.token_hex(16).encode(), 0o600)
    return (home / MARK).read_text(encoding="ascii", errors="replace").strip()


def _claim(url: str, mark: str) -> None:
    """Write into the database whose it is: of several drops that are set up with it, one gets it."""
    database = Database(url)
    try:
        length, _ = head(database)
        with database.writing() as connection:
            there = connection.execute(sa.select(founding.c.mark, founding.c.at)).first()
            claimed = None if there is None else (str(there[0]), str(there[1]))
            if claimed is None and not length:
                connection.execute(founding.insert().values(id=1, mark=mark, at=now()))
    except sa.exc.IntegrityError:
        claimed = ("", "just now")
    finally:
        database.close()
    if length:
        raise OutputError(
            f"the database holds another drop: its log has {length} records",
            hint="Name an empty database with `database`.",
        )
    if claimed is not None and claimed[0] != mark:
        raise OutputError(
            f"the database belongs to another drop, which was set up with it ({claimed[1]})",
            hint="Name an empty database with `database`; or delete all tables of this one, if that drop was given up.",
        )


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
