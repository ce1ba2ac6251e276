"""Ask a web server, patiently, and say plainly when it can't be reached."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import TypeVar

import attrs

from fluidmol.errors import UnavailableError, UsageError

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_WAIT = 60.0
_T = TypeVar("_T")


@attrs.frozen
class Patience:
    """How long to wait for a server, and how often to try again."""

    timeout: float = 30.0
    """Longest silence that is waited through, seconds."""

    attempts: int = attrs.field(default=4, validator=attrs.validators.ge(1))
    """How often to try, 1 or more."""

    first_wait: float = 1.0
    """Pause after the first failure, seconds; it doubles with each further one."""

    def pause(self, failures: int, asked: str | None = None) -> None:
        """Wait after so many failures; longer, up to a minute, where the server asks for it (``Retry-After``)."""
        wait = self.first_wait * 2.0 ** (failures - 1)
        if asked is not None and asked.strip().isdecimal():
            wait = max(wait, float(asked))
        time.sleep(min(wait, _LONGEST_WAIT))


class CutError(OSError):
    """The connection ended before all was there."""


def answer(url: str, headers: Mapping[str, str], timeout: float) -> http.client.HTTPResponse:
    """Open an address; the caller closes what it gets.

    Raises
    ------
    UsageError
        If the address isn't one of the web.
    OSError
        If the server can't be reached or answers with an error.
    """
    if not url.lower().startswith(("http://", "https://")):
        raise UsageError(f"{url!r} isn't a web address", hint="Expected http:// or https://.")
    # Bytes are counted and resumed, so that they must come as they lie on the server.
    asked = {"User-Agent": "fluidmol", "Accept-Encoding": "identity", **headers}
    request = urllib.request.Request(url, headers=asked)  # noqa: S310 - the scheme is checked above
    response: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=timeout)  # noqa: S310
    return response


def persist(url: str, attempt: Callable[[], _T], patience: Patience, hint: str) -> _T:
    """Do something with an address, again after a while where it fails in a way that may pass.

    Parameters
    ----------
    url : str
        What is asked for; for messages.
    attempt : callable
        Does it once; an :class:`OSError` it raises is taken as the network's.
    patience : Patience
        How often, and how long to wait in between.
    hint : str
        What people can do where it fails for good.

    Raises
    ------
    UnavailableError
        If it fails for good.
    """
    for failures in range(1, patience.attempts + 1):
        asked = None
        try:
            return attempt()
        except urllib.error.HTTPError as problem:
            problem.close()
            reason, asked = f"HTTP {problem.code} {problem.reason}", problem.headers.get("Retry-After")
            if problem.code not in _PASSING:
                raise UnavailableError(f"{url} can't be had: {reason}", hint=hint) from problem
        except (OSError, http.client.HTTPException, UnicodeError) as problem:
            # http.client and idna raise errors of their own, which aren't OSErrors.
            reason = _plain(problem)
        if failures < patience.attempts:
            patience.pause(failures, asked)
    times = "once" if patience.attempts == 1 else f"{patience.attempts} times"
    raise UnavailableError(f"{url} can't be reached: {reason} (tried {times})", hint=hint)


def _plain(problem: BaseException) -> str:
    inner = problem.reason if isinstance(problem, urllib.error.URLError) else problem
    if isinstance(inner, TimeoutError):
        return "no answer in time"
    return str(inner) or type(inner).__name__
