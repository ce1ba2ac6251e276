"""A drop that runs on loopback in a thread, and parties with certificates for it."""

import asyncio
import socket
import ssl
import threading
from contextlib import contextmanager

import httpx

from fluidmol_drop.client import HttpMailbox
from fluidmol_drop.identity import Identity
from fluidmol_drop.server.founding import found
from fluidmol_drop.server.listen import bound, serving
from fluidmol_drop.server.service import Service
from fluidmol_drop.server.settings import Limits, Settings
from fluidmol_drop.wire import Wire

ROLES = {"hub": "coordinator", "ada": "partner", "bob": "partner", "cleo": "partner", "watch": "monitor"}
LIMITS = Limits(chunk=65536, rate=1000, burst=1000, patience=5)
PAUSES = (0.05,) * 40


class Drop:
    """A drop in a folder, and who is known there."""

    def __init__(self, folder, limits=LIMITS, **settings):
        self.folder = folder
        self.home = folder / "home"
        self.settings = Settings(self.home, "tests", hosts=("127.0.0.1",), limits=limits, **settings)
        found(self.settings)
        self.service = Service.open(self.settings)
        self.url = self.enrolment = ""

    def identity(self, name, folder=None):
        """Enrol without the network; the folder with key and certificate is kept for the next time."""
        identity = Identity(self.folder / (folder or name))
        if not (identity.folder / "certificate.pem").exists():
            code = self.service.members.invite(name, ROLES.get(name, "partner"))
            text = self.service.members.enrol(self.service.authority(), name, code, identity.request(name))
            identity.keep(text, (self.home / "ca.pem").read_text())
        return identity

    def wire(self, name, folder=None):
        return Wire(self.url, self.identity(name, folder).context(), pauses=PAUSES)

    def mailbox(self, name):
        return HttpMailbox(self.url, self.identity(name).folder, wire=self.wire(name))

    @contextmanager
    def client(self, context):
        with httpx.Client(base_url=self.url, verify=context, timeout=20, trust_env=False) as client:
            yield client

    @contextmanager
    def as_member(self, name, folder=None):
        with self.client(self.identity(name, folder).context()) as client:
            yield client

    def stranger(self):
        """A client's side of TLS without a certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.home / "ca.pem")
        return context

    @contextmanager
    def running(self, port=0):
        """Serve until the end of the context."""
        members, enrolment = bound("127.0.0.1", port), bound("127.0.0.1", 0)
        self.url = f"https://127.0.0.1:{members.getsockname()[1]}"
        self.enrolment = f"https://127.0.0.1:{enrolment.getsockname()[1]}"
        loop, stop = asyncio.new_event_loop(), asyncio.Event()

        def serve():
            try:
                loop.run_until_complete(serving(self.service, members, enrolment, stop))
            finally:
                # A server that couldn't start must refuse its clients: sockets that nobody serves keep them for ever.
                members.close()
                enrolment.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            # Handshakes wait until the server serves. Tests make applications too, and pydantic can't make two at once.
            connected(self.enrolment, _trusting()).close()
            yield self
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(30)
            loop.close()


def _trusting():
    """A client's side of TLS that takes any server: a test's may have an expired certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def connected(url, context):
    """Open a TLS connection for bytes of one's own making."""
    host, port = url.removeprefix("https://").split(":")
    plain = socket.create_connection((host, int(port)), timeout=20)
    return context.wrap_socket(plain, server_hostname=host)
