"""A line to a server that may not be kept for ever by who sends, or takes, a byte now and then."""

from __future__ import annotations

import ssl
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

from fluidmol.exchange.mailbox import LARGEST

TOO_SLOW, ENDLESS = "comes along too slowly", "has no end"
"""What is wrong with a line, as errors say it."""

GRACE = 60.0
"""Seconds that a request, and then its answer, may take whatever the rate."""

SLOWEST = 250.0
"""Bytes a second that must move after that, on average."""


class TlsLine(ssl.SSLSocket):
    """A socket for :attr:`ssl.SSLContext.sslsocket_class`.

    Timeouts of sockets are about silence. Here each request, and each answer, its headers included, has
    :data:`GRACE` seconds and one more for each :data:`SLOWEST` bytes, from its first bytes on; and no more bytes than
    the largest blob, twice.

    Raises
    ------
    TimeoutError
        If it takes longer or is longer, when reading or writing.
    """

    _taking: bool | None = None
    _since = 0.0
    _moved = 0

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Receive bytes; see :meth:`socket.socket.recv`."""
        data = super().recv(buflen, flags)
        self._count(len(data), taking=True)
        return data

    def send(self, data: ReadableBuffer, flags: int = 0) -> int:
        """Send bytes; see :meth:`socket.socket.send`."""
        sent = super().send(data, flags)
        self._count(sent, taking=False)
        return sent

    def _count(self, moved: int, *, taking: bool) -> None:
        now = time.monotonic()
        if taking is not self._taking:
            self._taking, self._since, self._moved = taking, now, 0
        self._moved += moved
        what = "the answer" if taking else "the request"
        if now - self._since > GRACE + self._moved / SLOWEST:
            raise TimeoutError(f"{what} {TOO_SLOW}")
        if self._moved > 2 * LARGEST:
            raise TimeoutError(f"{what} {ENDLESS}")
