"""The database: SQLite in write-ahead mode by default, PostgreSQL by URL."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from fluidmol.errors import UnavailableError

metadata = sa.MetaData()


def _key(name: str, kind: type[sa.types.TypeEngine[Any]] = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _texts(*names: str, **options: Any) -> Iterator[sa.Column[Any]]:
    return (sa.Column(name, sa.Text, nullable=False, **options) for name in names)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=False)


members = sa.Table("members", metadata, _key("name"), *_texts("role", "since"))

certificates = sa.Table(
    "certificates", metadata, _key("fingerprint"), *_texts("name", index=True),
    *_texts("role", "pem", "issued", "expires"), *_texts("revoked", default=""),
)  # fmt: skip

codes = sa.Table(
    "codes", metadata, _key("hash"), *_texts("name", "role", "expires"),
    # What it was used for: the digest of the public key, and the certificate that was made.
    *_texts("key", "fingerprint", default=""),
)  # fmt: skip

entries = sa.Table(
    "entries", metadata, _key("name"), *_texts("digest", index=True), _number("size"), *_texts("owner", index=True),
    *_texts("at"),
)  # fmt: skip

uploads = sa.Table(
    "uploads", metadata, _key("id"), *_texts("name", "digest"), _number("size"), *_texts("owner", index=True),
    *_texts("at"), sa.Column("done", sa.Boolean, nullable=False, default=False),
)  # fmt: skip

doomed = sa.Table("doomed", metadata, *_texts("digest"))
"""Content to delete once no name has it."""

log = sa.Table(
    "audit", metadata, _key("seq", sa.BigInteger), *_texts("at", "who", "what", "name", "digest"), _number("size"),
    *_texts("note", "hash"),
)  # fmt: skip

chain = sa.Table("chain", metadata, _key("id", sa.Integer), _number("seq"), *_texts("hash"))
"""One row: how long the log is, and its last hash. Whoever writes locks it first, so that writes are in one order."""


founding = sa.Table("founding", metadata, _key("id", sa.Integer), *_texts("mark", "at"))
"""One row: whose database this is, by a mark that its drop's home had while it was set up."""


class Database:
    """Connections to the drop's database.

    Parameters
    ----------
    url : str
        As SQLAlchemy has it.

    Raises
    ------
    UnavailableError
        If the database can't be reached, or its driver isn't installed.

    Examples
    --------
    >>> database = Database("sqlite://")
    >>> with database.reading() as connection:
    ...     connection.execute(sa.select(chain.c.seq)).scalar_one()
    0
    >>> database.close()
    """

    def __init__(self, url: str) -> None:
        try:
            self.engine = sa.create_engine(url, **_options(url))
            if self.engine.dialect.name == "sqlite":
                sa.event.listen(self.engine, "connect", _tune_sqlite)
            with self.engine.begin() as connection:
                metadata.create_all(connection)
                if connection.execute(sa.select(chain.c.id)).first() is None:
                    connection.execute(chain.insert().values(id=1, seq=0, hash=""))
                _forbid_changes(connection)
        except ModuleNotFoundError as problem:
            raise UnavailableError(
                f"the database's driver {problem.name} isn't installed",
                hint="For PostgreSQL: pip install 'fluidmol[postgresql]'.",
            ) from problem
        except sa.exc.SQLAlchemyError as problem:
            # Neither the URL nor the driver's text: both may hold a password.
            raise UnavailableError(
                f"the database can't be opened ({type(problem).__name__})",
                hint="Check its address, rights and room on its disk.",
            ) from None

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection to read with."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection to write with; all that is done within happens, or nothing. One writer at a time."""
        with self.engine.begin() as connection:
            connection.execute(chain.update().values(id=1))
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def now() -> str:
    """Give the time in UTC, to the second; texts of later times are larger."""
    return moment(time.time())


def moment(seconds: float) -> str:
    """Write a time as text.

    Examples
    --------
    >>> moment(0)
    '1970-01-01T00:00:00Z'
    """
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        memory = url in ("sqlite://", "sqlite:///:memory:")
        arguments = {"timeout": 30, "check_same_thread": False}
        return {"connect_args": arguments} | ({"poolclass": sa.pool.StaticPool} if memory else {})
    return {"pool_pre_ping": True}


def _tune_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # what was accepted survives a power cut
    cursor.close()


def _forbid_changes(connection: sa.Connection) -> None:
    """Let the database itself refuse to change the log. Its owner can lift that; the hash chain would tell."""
    for act in ("update", "delete"):
        if connection.dialect.name == "sqlite":
            text = (
                f"CREATE TRIGGER IF NOT EXISTS audit_no_{act} BEFORE {act.upper()} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
            )
        elif connection.dialect.name == "postgresql":
            text = f"CREATE OR REPLACE RULE audit_no_{act} AS ON {act.upper()} TO audit DO INSTEAD NOTHING"
        else:
            continue
        connection.execute(sa.text(text))
