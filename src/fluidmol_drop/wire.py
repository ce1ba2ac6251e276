"""Requests to a server that may be slow, busy or away for a while: tried again, and refusals in our own errors."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from typing import Any

import attrs
import httpx

from fluidmol.errors import FluidError, InputError, MissingFileError, OutputError, UnavailableError
from fluidmol.exchange.mailbox import RefusedError
from fluidmol.values.plain import plain
from fluidmol_drop.answers import ServerTable, unlike, whole
from fluidmol_drop.line import ENDLESS, TOO_SLOW

PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between tries; a server that restarts is back within these."""

LONGEST_PAUSE = 60.0
"""Most seconds to wait because a server asks for it."""

AGAIN = (408, 429, 500, 502, 503, 504)
"""Statuses after which the same request may succeed."""

TIMEOUT = httpx.Timeout(90.0, connect=20.0)
"""Seconds of silence; see :mod:`fluidmol_drop.line` for slowness."""

LONGEST_TEXT = 500
"""Characters that are kept of what a server says to people."""


def _address(text: str) -> str:
    try:
        parsed = httpx.URL(text)
    except httpx.InvalidURL as problem:
        raise InputError(f"{text!r} is no address: {problem}", hint="Expected https://host:port.") from problem
    if parsed.scheme != "https" or not parsed.host or parsed.path not in ("", "/") or parsed.query:
        raise InputError(f"{text!r} is no server's address", hint="Expected https://host:port.")
    return text


@attrs.frozen(eq=False)
class Wire:
    """A connection to one server.

    Parameters
    ----------
    url : str
        Address, ``https://host:port``.
    context : ssl.SSLContext
    pauses : tuple of float
        Seconds between tries.
    sleep : callable
        Waits so many seconds.
    said : callable
        Called with a sentence when there is no answer at first, and it is tried again.

    Raises
    ------
    InputError
        If the address is none.
    """

    url: str = attrs.field(converter=_address)
    context: ssl.SSLContext = attrs.field(repr=False)
    pauses: tuple[float, ...] = PAUSES
    sleep: Callable[[float], None] = time.sleep
    said: Callable[[str], None] = attrs.field(default=lambda _: None, repr=False)
    client: httpx.Client = attrs.field(init=False, repr=False)

    @client.default
    def _connect(self) -> httpx.Client:
        # What is packed may unpack to anything.
        headers = {"accept-encoding": "identity"}
        return httpx.Client(base_url=self.url, verify=self.context, timeout=TIMEOUT, headers=headers)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask until there is an answer; what isn't done then is raised.

        Raises
        ------
        MissingFileError, OutputError, InputError, RefusedError
            If the server refuses.
        UnavailableError
            If it can't be reached, or is too busy, after all tries; or doesn't answer as a drop does.
        """
        return self.patiently(lambda: self.once(method, path, **more))

    def once(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Try once, and read the answer, which must be a small one."""
        with self.client.stream(method, path, **more) as answer:
            return whole(answer, self.url)

    def patiently(self, attempt: Callable[[], httpx.Response], allowed: tuple[int, ...] = ()) -> httpx.Response:
        """Try until there is an answer, waiting in between as long as the server says or :attr:`pauses` do.

        Refusals with a status that is ``allowed`` are given back, others raised as :meth:`ask` does.
        """
        silent = True
        for pause in (*self.pauses, None):
            try:
                answer = attempt()
            except httpx.TransportError as problem:
                if pause is None or _hopeless(problem):
                    raise self._unreachable(problem) from problem
                if silent:
                    self.said(f"no answer from {self.url} yet; trying again for a minute or more")
                    silent = False
                self.sleep(pause)
                continue
            if answer.status_code not in AGAIN or pause is None:
                break
            if silent and answer.status_code >= 500:
                self.said(f"{self.url} can't answer yet ({answer.status_code}); trying again for a minute or more")
                silent = False
            self.sleep(max(pause, _asked_pause(answer)))
        if 300 <= answer.status_code < 400:
            raise unlike(self.url, f"it sends us elsewhere ({answer.status_code})")
        if answer.status_code >= 400 and answer.status_code not in allowed:
            raise refusal(answer)
        return answer

    def _unreachable(self, problem: Exception) -> UnavailableError:
        text = str(problem) or type(problem).__name__
        if "certificate has expired" in text or "certificate is not yet valid" in text:
            state = "has expired" if "expired" in text else "isn't valid yet"
            return UnavailableError(
                f"the certificate of {self.url} {state}, by this machine's clock",
                hint="If the clock is right, ask the operator: fluid drop renew makes a new one.",
            )
        if "CERTIFICATE_VERIFY_FAILED" in text:
            hint = "The server isn't the one that ca.pem is for: ask the operator before going on."
        elif "alert" in text.lower():
            hint = "The server doesn't take the certificate: enrol again, or ask the operator."
        else:
            hint = "Check address and network; the same command goes on later."
        return UnavailableError(f"{self.url} can't be reached: {text}", hint=hint)


def refusal(answer: httpx.Response) -> FluidError:
    """Turn a server's refusal into an error of ours; what it says is text, and no commands to a terminal."""
    status = answer.status_code
    try:
        said = ServerTable.of(answer, "")
        message, hint = plain(said.text("message"), LONGEST_TEXT), plain(said.text("hint"), LONGEST_TEXT)
    except UnavailableError:
        message, hint = f"the server answered {status}", "Is that address a drop?"
    if status in (401, 403):
        return RefusedError(message, hint=hint)
    if status == 404:
        return MissingFileError(message, hint=hint)
    if status in (409, 413, 507):
        return OutputError(message, hint=hint)
    return UnavailableError(message, hint=hint) if status in AGAIN else InputError(message, hint=hint)


def _hopeless(problem: Exception) -> bool:
    """Say whether trying again is of no use: a certificate stays what it is, and what drips drips on."""
    text = str(problem)
    return any(sign in text for sign in ("CERTIFICATE", "SSLV3_ALERT", "TLSV1", "WRONG_VERSION", TOO_SLOW, ENDLESS))


def _asked_pause(answer: httpx.Response) -> float:
    text = answer.headers.get("retry-after", "")
    return min(float(text), LONGEST_PAUSE) if text.isascii() and text.isdigit() else 0.0
