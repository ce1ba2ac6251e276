"""Where fluidmol keeps what can be made or downloaded again."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def cache_folder(environ: Mapping[str, str] | None = None, platform: str | None = None) -> Path:
    """Give the folder for caches; it is not created here.

    ``FLUID_CACHE`` decides where it is set. Otherwise it is ``fluidmol`` in the user's cache folder:
    ``~/Library/Caches`` on macOS, ``LOCALAPPDATA`` on Windows, ``XDG_CACHE_HOME`` or ``~/.cache`` elsewhere.

    Parameters
    ----------
    environ : mapping of str to str, optional
        Environment variables; those of this process by default.
    platform : str, optional
        As :data:`sys.platform` names it; this machine's by default.

    Returns
    -------
    Path
        An absolute path.

    Examples
    --------
    >>> cache_folder({"FLUID_CACHE": "/srv/fluid"}, "linux").as_posix()
    '/srv/fluid'
    >>> cache_folder({"XDG_CACHE_HOME": "/home/ada/.cache"}, "linux").as_posix()
    '/home/ada/.cache/fluidmol'
    """
    known = os.environ if environ is None else environ
    if own := known.get("FLUID_CACHE", ""):
        return Path(own).expanduser().absolute()
    return (_user_cache(known, platform or sys.platform) / "fluidmol").absolute()


def _user_cache(environ: Mapping[str, str], platform: str) -> Path:
    if platform == "darwin":
        return _home() / "Library" / "Caches"
    if platform == "win32":
        local = environ.get("LOCALAPPDATA", "")
        return Path(local) if local else _home() / "AppData" / "Local"
    # The XDG specification says that a relative path is to be ignored.
    base = environ.get("XDG_CACHE_HOME", "")
    return Path(base) if base and Path(base).is_absolute() else _home() / ".cache"


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        # A container may run as a user id without an account, hence without a home.
        return Path.cwd()
