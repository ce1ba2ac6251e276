"""HTTP/1.1 as uvicorn speaks it, with what it lacks: whose connection it is, and an end to idle and to many ones."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, ClassVar

import h11
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from fluidmol_drop.server.identify import CERTIFICATE


class CertifiedProtocol(H11Protocol):
    """HTTP/1.1 that tells the application whose certificate a connection has, which uvicorn doesn't.

    It also closes connections on which no request begins in time, for uvicorn waits for ever for the first one, and
    connections of one client beyond a number, lest it takes all.
    """

    lines: ClassVar[Counter[object]]
    """Connections of each client, by its certificate, or by its address without one."""

    most: ClassVar[int]
    """Most connections of one client."""

    _whose: object = None
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wrap the application for this connection."""
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        der = tls.getpeercert(binary_form=True) if tls is not None else None
        self.app = _with_certificate(self.app, der)
        self._whose = der or (self.client or ("unknown",))[0]
        self.lines[self._whose] += 1
        if self.lines[self._whose] > self.most:
            transport.abort()
        else:
            self._hurry()

    def data_received(self, data: bytes) -> None:
        """Stop the clock once a request's headers are complete."""
        super().data_received(data)
        if self._timer is not None and self.conn.their_state is not h11.IDLE:
            self._timer.cancel()
            self._timer = None

    def on_response_complete(self) -> None:
        """Start the clock for the next request."""
        self._hurry()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock, and count."""
        self.lines[self._whose] -= 1
        if not self.lines[self._whose]:
            del self.lines[self._whose]
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Hang up at once where nothing is under way: the other side may never say goodbye."""
        super().shutdown()
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()

    def _hurry(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(self.timeout_keep_alive, self.transport.abort)


def _with_certificate(app: Any, der: bytes | None) -> ASGIApp:
    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        scope[CERTIFICATE] = der
        await app(scope, receive, send)

    return wrapped
