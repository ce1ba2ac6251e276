"""TLS 1.3 over uvicorn: members on one port, by client certificate; enrolment on another, without."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import ssl
from collections import Counter
from collections.abc import Iterator

import attrs
import uvicorn

from fluidmol.errors import UnavailableError
from fluidmol_drop.server.app import drop_app
from fluidmol_drop.server.enrolment import enrolment_app
from fluidmol_drop.server.protocol import CertifiedProtocol
from fluidmol_drop.server.service import Service

logger = logging.getLogger(__name__)

LONGEST_HEADERS = 1 << 14
"""Most bytes of a request's headers, 16 KiB."""

SWEEP_SECONDS = 3600

STRANGERS = 64
"""Most connections to the enrolment at a time."""


def tls_context(service: Service, *, certified: bool) -> ssl.SSLContext:
    """Make the server's side of TLS: version 1.3 only, and where ``certified`` no client without a certificate.

    Raises
    ------
    UnavailableError
        If certificate or key can't be read.
    """
    home = service.settings.home
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.options |= ssl.OP_NO_TICKET  # no session outlives a connection
    context.num_tickets = 0
    try:
        context.load_cert_chain(home / "server.pem", home / "server.key")
        if certified:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(home / "ca.pem")
    except (OSError, ssl.SSLError) as problem:
        raise UnavailableError(
            f"the server's certificate in {home} can't be read: {problem.strerror}",
            hint="Make it anew: fluid drop renew.",
        ) from problem
    return context


class _Server(uvicorn.Server):
    """Leaves signals to :func:`serve`, which has two of them to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@attrs.frozen(eq=False)
class Listener:
    """An application on a socket.

    Parameters
    ----------
    service : Service
    socket : socket.socket
        Bound; its address tells where it is reached.
    certified : bool
        Whether clients need a certificate: then it is the drop, else the enrolment.
    """

    service: Service
    socket: socket.socket
    certified: bool

    def server(self) -> uvicorn.Server:
        """Make the server; its context is put in after uvicorn's own loading, which knows no version of TLS."""
        limits = self.service.settings.limits
        config = uvicorn.Config(
            drop_app(self.service) if self.certified else enrolment_app(self.service),
            http=type("Protocol", (CertifiedProtocol,), {"lines": Counter(), "most": limits.lines}),
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=LONGEST_HEADERS,
            limit_concurrency=limits.connections if self.certified else STRANGERS,
            timeout_keep_alive=limits.patience,
            timeout_graceful_shutdown=10,
        )
        config.load()
        config.ssl = tls_context(self.service, certified=self.certified)
        return _Server(config)


def bound(address: str, port: int) -> socket.socket:
    """Bind a socket to listen on.

    Raises
    ------
    UnavailableError
        If that can't be.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # The protocol is named, for asyncio sends small answers at once (TCP_NODELAY) only where it is: 40 ms a request.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(512)
        return listener
    except (OSError, OverflowError) as problem:
        listener.close()
        raise UnavailableError(
            f"{address}:{port} can't be listened on: {problem}", hint="Is another server running there?"
        ) from problem


def serve(service: Service, members: socket.socket, enrolment: socket.socket | None) -> None:
    """Serve until SIGTERM or Ctrl-C; requests that are under way are finished first.

    Parameters
    ----------
    service : Service
    members, enrolment : socket.socket
        Where to listen for members and for those who enrol; None for nobody.
    """
    asyncio.run(serving(service, members, enrolment))


async def serving(
    service: Service, members: socket.socket, enrolment: socket.socket | None, stop: asyncio.Event | None = None
) -> None:
    """Serve until ``stop`` is set or a signal comes, where signals can be heard."""
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Signals reach the main thread only, and not everywhere.
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, stop.set)
    listeners = [Listener(service, members, certified=True)]
    if enrolment is not None:
        listeners.append(Listener(service, enrolment, certified=False))
    servers = [listener.server() for listener in listeners]
    tasks = [
        asyncio.create_task(server.serve(sockets=[listener.socket]))
        for server, listener in zip(servers, listeners, strict=True)
    ]
    logger.info("started, process %d", os.getpid())
    sweeper = asyncio.create_task(_sweep_hourly(service))
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    logger.info("stopping; requests that are under way are finished first")
    for server in servers:
        server.should_exit = True
    sweeper.cancel()
    waiting.cancel()
    await asyncio.gather(*tasks)
    await asyncio.gather(sweeper, waiting, return_exceptions=True)
    for connection in [each for server in servers for each in server.server_state.connections]:
        connection.transport.abort()  # those that weren't done in time
    await asyncio.sleep(0)
    service.database.close()


async def _sweep_hourly(service: Service) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        await asyncio.to_thread(service.sweep)
