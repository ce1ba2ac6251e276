"""What every request passes before anything else: who is it, how often, how large, how slow.

It is outside of all routes, so that none can be without it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
from collections.abc import Awaitable, Callable
from typing import Any

import attrs
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fluidmol_drop.server.metrics import Metrics
from fluidmol_drop.server.refusals import RequestRefusedError

SMALL = 1 << 14
"""Most bytes of a request that isn't part of a blob, 16 KiB."""

SLOWEST = 256
"""Bytes a second that a reader must manage in the long run."""

HEADERS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
"""Sent with every answer that doesn't say otherwise."""


@attrs.frozen(eq=False)
class Admittance:
    """Middleware around an application.

    Parameters
    ----------
    app : ASGI application
    admit : callable
        Is given the connection's scope, and raises :class:`RequestRefusedError` if the request may not go on.
    metrics : Metrics
    patience : float
        Seconds that the other side may be silent while something is expected of it.
    chunk : int
        Most bytes of a part of a blob; of all other requests, :data:`SMALL`.
    """

    app: ASGIApp
    admit: Callable[[Scope], Awaitable[None]]
    metrics: Metrics
    patience: float
    chunk: int = SMALL

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        line = _Line(receive, send, self.metrics, self.patience, self._most(scope))
        self.metrics.active += 1
        try:
            await self.admit(scope)
            line.check_length(scope)
            await self.app(scope, line.receive, line.send)
        except RequestRefusedError as problem:
            if not line.begun:
                await answer(problem, line.send)
        except TimeoutError:
            pass  # nobody reads: uvicorn closes what wasn't finished
        finally:
            self.metrics.active -= 1

    def _most(self, scope: Scope) -> int:
        part = scope["method"] == "PUT" and scope["path"].startswith("/v1/uploads/")
        return self.chunk if part else SMALL


@attrs.define(eq=False)
class _Line:
    """Both directions of one request, watched."""

    _receive: Receive
    _send: Send
    _metrics: Metrics
    _patience: float
    _most: int
    _count: int = 0
    _complete: bool = False
    begun: bool = False

    def check_length(self, scope: Scope) -> None:
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value) > self._most:
                raise _too_large(self._most)

    async def receive(self) -> Message:
        if self._complete:
            return await self._receive()  # only waits for the other side to hang up
        try:
            message = await asyncio.wait_for(self._receive(), self._patience)
        except TimeoutError:
            raise RequestRefusedError(
                408, f"nothing came for {self._patience:g} s", "Go on where it stopped."
            ) from None
        size = len(message.get("body", b""))
        self._count += size
        self._metrics.received += size
        self._complete = not message.get("more_body", False)
        if self._count > self._most:
            raise _too_large(self._most)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            self._metrics.requests[message["status"]] += 1
            named = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(pair for pair in HEADERS if pair[0] not in named)]
        size = len(message.get("body", b""))
        self._metrics.sent += size
        await asyncio.wait_for(self._send(message), self._patience + size / SLOWEST)


async def answer(problem: RequestRefusedError, send: Send) -> None:
    """Send a refusal as JSON."""
    body = json.dumps(problem.body()).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), *wait_header(problem)]
    with contextlib.suppress(TimeoutError):
        await send({"type": "http.response.start", "status": problem.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def wait_header(problem: RequestRefusedError) -> list[tuple[bytes, bytes]]:
    """Say when to come again, where the refusal knows."""
    wait: Any = problem.facts.get("wait")
    return [] if wait is None else [(b"retry-after", b"%d" % max(1, math.ceil(wait)))]


def _too_large(most: int) -> RequestRefusedError:
    return RequestRefusedError(413, "the request is too large", f"The most is {most} bytes.", most=most)
