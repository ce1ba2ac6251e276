"""Where a drop keeps what, and how much anyone may ask of it: ``drop.toml`` in its home."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs

from fluidmol.errors import InputError, MissingFileError, UsageError
from fluidmol.values.files import write_whole

FILE = "drop.toml"
"""The settings' file, in the drop's home."""

UNFINISHED = "drop.toml.unfinished"
"""What the file is called until all of a new drop is there."""

PARTS = ("ca.key", "ca.pem", "server.key", "server.pem", "drop.sqlite")
"""What else a home holds, of which nothing may be replaced."""

RESTORE = f"restore {FILE} from the backup; without one, see '{FILE} is lost' in docs/operator.md."

ELSEWHERE = "in FLUID_DROP_DATABASE"
"""Kept in the file instead of a database's URL with a password: nobody opens another database by mistake."""

MEBIBYTE = 1 << 20

_positive = [attrs.validators.instance_of(int), attrs.validators.ge(1)]


@attrs.frozen
class Limits:
    """How much one member may ask of the service.

    Examples
    --------
    >>> Limits(chunk=65536).chunk
    65536
    """

    largest: int = attrs.field(default=1 << 30, validator=_positive)
    """Most bytes of one blob."""

    quota: int = attrs.field(default=20 << 30, validator=_positive)
    """Most bytes that one partner may keep, unfinished uploads included as if they were whole."""

    names: int = attrs.field(default=10_000, validator=_positive)
    """Most blobs that one partner may keep."""

    uploads: int = attrs.field(default=4, validator=_positive)
    """Most uploads that one member may have unfinished at a time."""

    chunk: int = attrs.field(default=4 * MEBIBYTE, validator=[*_positive, attrs.validators.ge(1024)])
    """Most bytes of one request, 1024 or more."""

    rate: int = attrs.field(default=50, validator=_positive)
    """Requests a second that one member may make for long."""

    burst: int = attrs.field(default=200, validator=_positive)
    """Requests that one member may make at once."""

    patience: int = attrs.field(default=60, validator=_positive)
    """Seconds that a connection may be silent within a request. Slow is fine, silent isn't."""

    unfinished_days: int = attrs.field(default=14, validator=_positive)
    """Days after which an unfinished upload is forgotten."""

    lines: int = attrs.field(default=16, validator=_positive)
    """Most connections of one member at a time."""

    connections: int = attrs.field(default=512, validator=_positive)
    """Most connections at a time, of all members together."""


@attrs.frozen
class Settings:
    """One drop serves one consortium.

    Examples
    --------
    >>> Settings(Path("home"), "herg", hosts=("127.0.0.1",)).database_url
    'sqlite:///home/drop.sqlite'
    """

    home: Path
    """The drop's folder: its certificates, and by default its database and blobs."""

    consortium: str
    """What the consortium calls itself."""

    charter: str = ""
    """Digest of the charter that its parties were read from; empty if there was none."""

    parties: tuple[tuple[str, str], ...] = ()
    """Names and roles that may be invited; anybody if empty."""

    hosts: tuple[str, ...] = ("127.0.0.1",)
    """Names and addresses that the server's certificate is for."""

    database: str = ""
    """SQLAlchemy URL; SQLite in the home if empty."""

    blobs: str = ""
    """Folder or fsspec URL of the blobs; a folder in the home if empty."""

    limits: Limits = attrs.field(factory=Limits)

    @property
    def database_url(self) -> str:
        """The URL to connect with; PostgreSQL is spoken by pg8000."""
        if not self.database:
            return f"sqlite:///{self.home / 'drop.sqlite'}"
        scheme, _, rest = self.database.partition("://")
        return f"postgresql+pg8000://{rest}" if scheme in ("postgresql", "postgres") else self.database

    @property
    def blobs_url(self) -> str:
        """Where blobs are kept."""
        return self.blobs or str(self.home / "blobs")

    def to_toml(self) -> str:
        """Write the settings as a person may edit them."""
        head: dict[str, Any] = {name: getattr(self, name) for name in ("consortium", "charter", "database", "blobs")}
        head["hosts"] = list(self.hosts)
        lines = ["[drop]", *(f"{key} = {_quoted(value)}" for key, value in head.items())]
        for name, role in self.parties:
            lines += ["", "[[party]]", f"name = {_quoted(name)}", f"role = {_quoted(role)}"]
        lines += ["", "[limits]", *(f"{key} = {value}" for key, value in attrs.asdict(self.limits).items())]
        return "\n".join(lines) + "\n"

    def save(self, name: str = FILE) -> None:
        """Write ``drop.toml``, for the operator's eyes only; a database's URL with a password isn't kept in it."""
        kept = attrs.evolve(self, database=ELSEWHERE) if urlsplit(self.database).password else self
        write_whole(self.home / name, kept.to_toml())
        (self.home / name).chmod(0o600)

    @classmethod
    def load(cls, home: Path, database: str | None = None, blobs: str | None = None) -> Settings:
        """Read the settings of a drop; ``database`` and ``blobs`` go before what the file says.

        Raises
        ------
        MissingFileError
            If there is no drop.
        InputError
            If the file isn't what it should be.
        UsageError
            If the database's address isn't in it and isn't given either.
        """
        path = home / FILE
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            head = dict(table.get("drop", {}))
            parties = tuple((str(party["name"]), str(party["role"])) for party in table.get("party", []))
            limits = Limits(**table.get("limits", {}))
            found = cls(home=home, parties=parties, limits=limits, **(head | {"hosts": tuple(head.get("hosts", ()))}))
        except OSError as problem:
            raise _no_drop(home, problem) from problem
        except (
            tomllib.TOMLDecodeError,
            UnicodeDecodeError,
            TypeError,
            ValueError,
            KeyError,
            AttributeError,
        ) as problem:
            raise InputError(f"{path}: {problem}", hint="See docs/drop.md for what it may say.") from problem
        if found.database == ELSEWHERE and not database:
            raise UsageError(
                "the database's address isn't in drop.toml, for it holds a password",
                hint="Give it in the environment: FLUID_DROP_DATABASE.",
            )
        return attrs.evolve(found, database=database or found.database, blobs=blobs or found.blobs)


def parts_in(home: Path) -> list[str]:
    """List what a folder holds of a drop, but for its settings."""
    return [name for name in PARTS if (home / name).exists()]


def _no_drop(home: Path, problem: OSError) -> MissingFileError:
    if (home / UNFINISHED).exists():
        return MissingFileError(f"{home} holds half a drop", hint="Run the same fluid drop init again.")
    if (home / FILE).exists():
        return MissingFileError(f"{home / FILE} can't be read: {problem.strerror}", hint="Check its rights.")
    if there := parts_in(home):
        hint = f"{RESTORE[:1].upper()}{RESTORE[1:]} Make no new drop there."
        return MissingFileError(f"{home} holds {', '.join(there)}, but no {FILE}", hint=hint)
    return MissingFileError(
        f"{home} holds no drop: {problem.strerror}", hint="Make one: fluid drop init HOME `host` NAME."
    )


def _quoted(value: Any) -> str:
    # TOML knows no surrogates, as JSON's escapes would have them.
    return json.dumps(value, ensure_ascii=False)


def make_private(folder: Path) -> None:
    """Make a folder that only its owner may look into."""
    folder.mkdir(parents=True, exist_ok=True)
    os.chmod(folder, 0o700)  # noqa: PTH101 - the same on a folder that was there
