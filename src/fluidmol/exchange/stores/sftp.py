"""SFTP as a store. Hosts, accounts and keys come from SSH's own files; a server with an unknown key isn't talked to."""

from __future__ import annotations

import contextlib
import errno
import getpass
import os
import stat
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import paramiko

from fluidmol.exchange.disk import STALE, is_temporary, temporary_name
from fluidmol.exchange.stores.store import StoredFile

PASSWORD = "FLUID_SFTP_PASSWORD"  # noqa: S105 - the name of a variable
"""Environment variable with the account's password, or that of its key, for servers and keys that have one."""

SILENCE = 60.0
"""Seconds after which a server that says nothing is given up."""


class SftpStore:
    """A :class:`~fluidmol.exchange.stores.store.Store` in a folder of an SFTP server.

    Parameters
    ----------
    url : str
        ``sftp://[user@]host[:port]/folder``; the host may be an alias in ``~/.ssh/config``.
    create : bool
        Whether the folder is made if it isn't there.

    Raises
    ------
    FileNotFoundError
        If it isn't there.
    OSError, paramiko.SSHException
        If the server can't be reached, or doesn't let us in.
    """

    whole = False
    """Others may write without renaming."""

    def __init__(self, url: str, *, create: bool = False) -> None:
        address = urlsplit(url)
        self._root = unquote(address.path).rstrip("/")
        self._client = _connected(address.hostname or "", address.username, address.port)
        try:
            self._files = self._client.open_sftp()
            self._files.get_channel().settimeout(SILENCE)
            if create:
                self._make(self._root or "/")
            self._files.stat(self._root or "/")
        except BaseException:
            self._client.close()
            raise

    def children(self, folder: str) -> list[StoredFile]:
        """List plain files and folders right within a folder; links are passed over."""
        found = []
        for facts in self._files.listdir_attr(self._path(folder)):
            mode = facts.st_mode or 0
            if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
                found.append(_item(f"{folder}/{facts.filename}".lstrip("/"), facts))
        return found

    def look(self, name: str) -> StoredFile:
        """Return what is known of a plain file or folder; a link is neither."""
        facts = self._files.lstat(self._path(name))
        if not (stat.S_ISREG(facts.st_mode or 0) or stat.S_ISDIR(facts.st_mode or 0)):
            raise FileNotFoundError(errno.ENOENT, "not a plain file")
        return _item(name, facts)

    def content(self, name: str, size: int) -> bytes:
        """Read no more than ``size`` bytes of a file."""
        with self._files.open(self._path(name), "rb") as file:
            file.prefetch(size)
            return bytes(file.read(size))

    def put(self, name: str, data: bytes) -> None:
        """Write a file, in place of one of that name."""
        part = self._part(name, data)
        try:
            self._files.posix_rename(part, self._path(name))
        finally:
            self._discard(part)

    def put_new(self, name: str, data: bytes) -> bool:
        """Write beside, then rename: SFTP's rename refuses a name that is taken."""
        self._sweep(name.rpartition("/")[0])
        part = self._part(name, data)
        try:
            self._files.rename(part, self._path(name))
        except OSError:
            try:
                self._files.lstat(self._path(name))
            except FileNotFoundError:
                pass
            else:
                return False
            raise
        finally:
            self._discard(part)
        return True

    def move(self, source: str, target: str) -> None:
        """Move a file, in place of one that has the new name."""
        self._make(self._path(target).rpartition("/")[0])
        self._files.posix_rename(self._path(source), self._path(target))

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def _part(self, name: str, data: bytes) -> str:
        """Write a temporary file beside a name, and return its path."""
        above, _, last = self._path(name).rpartition("/")
        self._make(above)
        part = f"{above}/{temporary_name(last)}"
        try:
            with self._files.open(part, "wbx") as file:
                file.set_pipelined(True)
                file.write(data)
            if self._files.stat(part).st_size != len(data):
                raise OSError(errno.EIO, "the server didn't keep all of it")
        except OSError as problem:
            self._discard(part)
            # A server's refusal has no number, and neither has a line that broke.
            if problem.errno is None and self._alive():
                raise OSError(errno.EIO, f"the server says: {problem}") from problem
            raise
        return part

    def _make(self, path: str) -> None:
        """Make a folder of the place, and those above it, where they aren't there; somebody else may be at it, too."""
        if self._is_folder(path):
            return
        if path.rpartition("/")[0]:
            self._make(path.rpartition("/")[0])
        try:
            self._files.mkdir(path)
        except OSError:
            if not self._is_folder(path):
                raise

    def _is_folder(self, path: str) -> bool:
        try:
            return stat.S_ISDIR(self._files.stat(path).st_mode or 0)
        except FileNotFoundError:
            return False

    def _sweep(self, folder: str) -> None:
        with contextlib.suppress(OSError):
            for item in self.children(folder):
                old = item.when is not None and time.time() - item.when.timestamp() > STALE
                if old and is_temporary(item.name.rpartition("/")[2]):
                    self._files.remove(self._path(item.name))

    def _discard(self, path: str) -> None:
        with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
            self._files.remove(path)

    def _alive(self) -> bool:
        line = self._client.get_transport()
        return line is not None and line.is_active()

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}" if name else self._root or "/"


def _connected(host: str, user: str | None, port: int | None) -> paramiko.SSHClient:
    """Connect as ``ssh`` would: by its configuration, its keys and agent, and the hosts that it knows."""
    home = Path.home() / ".ssh"
    settings: dict[str, Any] = {}
    if (home / "config").is_file():
        settings = dict(paramiko.SSHConfig.from_path(str(home / "config")).lookup(host))
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    for known in settings.get("userknownhostsfile", str(home / "known_hosts")).split():
        if Path(known).expanduser().is_file():
            client.load_system_host_keys(str(Path(known).expanduser()))
    try:
        client.connect(
            settings.get("hostname", host),
            port=port or int(settings.get("port", 22)),
            username=user or settings.get("user") or getpass.getuser(),
            password=os.environ.get(PASSWORD),
            key_filename=[str(Path(key).expanduser()) for key in settings.get("identityfile", [])] or None,
            timeout=20,
            banner_timeout=20,
            auth_timeout=20,
        )
        line = client.get_transport()
        assert line is not None
        line.set_keepalive(15)
    except BaseException:
        client.close()
        raise
    return client


def _item(name: str, facts: paramiko.SFTPAttributes) -> StoredFile:
    when = datetime.fromtimestamp(facts.st_mtime, UTC) if facts.st_mtime else None
    return StoredFile(name, facts.st_size or 0, when, folder=stat.S_ISDIR(facts.st_mode or 0))
