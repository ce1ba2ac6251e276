"""Fifty partners upload 350 000 annotations each at once, with slow clients beside them.

    python benchmarks/drop_load.py [--partners 50] [--compounds 350000] [--slow 4]

States seconds, throughput, the server's peak memory, and a plain copy of the same bytes over the same TLS: as many
connections, with client certificates, each written to a file and nothing else. Exits 1 if anything is lost, the server
needs 500 MB or more, or a slow client is starved.
"""

from __future__ import annotations

import argparse
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from fluidmol.values.annotations import Annotations
from fluidmol.values.codec import digest, pack, unpack
from fluidmol_drop.client import HttpMailbox
from fluidmol_drop.identity import Identity
from fluidmol_drop.server.founding import found
from fluidmol_drop.server.service import Service
from fluidmol_drop.server.settings import Limits, Settings

MOST_MEMORY = 500e6
SLOW_RATE = 1000
"""Bytes a second that a slow client sends."""

COPY = """
import socket, ssl, sys, threading
home, folder = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.minimum_version = ssl.TLSVersion.TLSv1_3
context.verify_mode = ssl.CERT_REQUIRED
context.load_cert_chain(home + "/server.pem", home + "/server.key")
context.load_verify_locations(home + "/ca.pem")
listener = socket.create_server(("127.0.0.1", 0), backlog=512)
print(listener.getsockname()[1], flush=True)
def receive(plain, number):
    with context.wrap_socket(plain, server_side=True) as line, open(f"{folder}/{number}", "wb") as file:
        while piece := line.recv(1 << 18):
            file.write(piece)
        line.unwrap()
number = 0
while True:
    plain, _ = listener.accept()
    number += 1
    threading.Thread(target=receive, args=(plain, number), daemon=True).start()
"""


def main() -> int:
    """Run both, and say what came out."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--partners", type=int, default=50)
    parser.add_argument("--compounds", type=int, default=350_000)
    parser.add_argument("--slow", type=int, default=4)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = [f"partner-{n}" for n in range(given.partners)]
        slow = [f"slow-{n}" for n in range(given.slow)]
        home = set_up(folder, ["hub", *names, *slow])
        blobs = {name: opinion(name, n, given.compounds) for n, name in enumerate(names)}
        total = sum(map(len, blobs.values()))
        print(f"{len(blobs)} x {given.compounds:,} annotations: {total / 1e6:.0f} MB")
        plain = copied(folder, home, blobs)
        print(f"plain copy over TLS 1.3:  {plain:6.2f} s  {total / plain / 1e6:6.1f} MB/s")
        return served(folder, home, blobs, slow, plain)


def set_up(folder: Path, names: list[str]) -> Path:
    """Make a drop, and certificates for all."""
    home = folder / "home"
    settings = Settings(home, "load", hosts=("127.0.0.1",), limits=Limits())
    found(settings)
    service = Service.open(settings)
    authority, trusted = service.authority(), (home / "ca.pem").read_text()
    for name in names:
        code = service.members.invite(name, "coordinator" if name == "hub" else "partner")
        identity = Identity(folder / name)
        identity.keep(service.members.enrol(authority, name, code, identity.request(name)), trusted)
    service.database.close()
    return home


def opinion(name: str, seed: int, compounds: int) -> bytes:
    """Make one partner's annotations, as they travel."""
    random = np.random.default_rng(seed)
    value, weight = random.random((2, compounds, 1), np.float32)
    return pack(Annotations("sha256:" + "0" * 64, name, value, weight))


def blob_name(name: str) -> str:
    """Give the name that a partner's reply has."""
    return f"replies/aaaaaaaaaaaa/{name}-bbbbbbbbbbbb.fluid"


def copied(folder: Path, home: Path, blobs: dict[str, bytes]) -> float:
    """Send all at once over plain TLS; give the seconds until all is acknowledged."""
    target = folder / "copy"
    target.mkdir()
    server = subprocess.Popen([sys.executable, "-c", COPY, home, target], stdout=subprocess.PIPE, text=True)
    port = int(server.stdout.readline())

    def send(item: tuple[str, bytes]) -> None:
        with connected(folder, item[0], port) as line:
            line.sendall(item[1])
            line.unwrap()

    seconds = at_once(send, list(blobs.items()))
    server.kill()
    server.wait()
    return seconds


def served(folder: Path, home: Path, blobs: dict[str, bytes], slow: list[str], plain: float) -> int:
    """Upload all at once to a drop, slow clients beside it; check all that should be there."""
    command = [sys.executable, "-c", "from fluidmol.cli.main import main; main()", "serve", "--home", home, "--quiet"]
    server = subprocess.Popen(
        [*command, "--listen", "127.0.0.1:0", "--enrol-listen", "off"], stdout=subprocess.PIPE, text=True
    )
    url = re.search(r"https://\S+", server.stdout.readline())[0]
    stop, sent = threading.Event(), {}
    dribbling = [threading.Thread(target=dribble, args=(folder, name, url, stop, sent)) for name in slow]
    for thread in dribbling:
        thread.start()
    time.sleep(1)

    def send(item: tuple[str, bytes]) -> float:
        start = time.perf_counter()
        HttpMailbox(url, folder / item[0]).write(blob_name(item[0]), item[1])
        return time.perf_counter() - start

    seconds = at_once(send, list(blobs.items()))
    total = sum(map(len, blobs.values()))
    time.sleep(1)
    stop.set()
    for thread in dribbling:
        thread.join()
    peak = int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{server.pid}/status").read_text())[1]) * 1024
    hub = HttpMailbox(url, folder / "hub")
    lost = [name for name, data in blobs.items() if digest(unpack(hub.read(blob_name(name)))) != digest(unpack(data))]
    starved = [name for name, (given, kept) in sent.items() if kept < given]
    server.terminate()
    server.wait()
    rate = total / seconds / 1e6
    print(f"drop:                     {seconds:6.2f} s  {rate:6.1f} MB/s  ({plain / seconds:.0%} of the plain copy)")
    print(f"lost: {len(lost)}; server's peak memory: {peak / 1e6:.0f} MB")
    print(f"slow clients: {', '.join(f'{kept} of {given} bytes kept' for given, kept in sent.values())}")
    return int(bool(lost or starved or len(sent) != len(slow) or peak >= MOST_MEMORY))


def dribble(folder: Path, name: str, url: str, stop: threading.Event, sent: dict[str, tuple[int, int]]) -> None:
    """Upload at 1 kB a second until told to stop; note what was sent, and what the server has kept of it."""
    mailbox = HttpMailbox(url, folder / name)
    announced = {"name": blob_name(name), "size": 1_000_000, "sha256": "0" * 64}
    path = f"/v1/uploads/{mailbox._wire.ask('POST', '/v1/uploads', json=announced).json()['id']}"
    count = 0
    with connected(folder, name, int(url.rpartition(":")[2])) as line:
        line.sendall(f"PUT {path}?offset=0 HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n".encode())
        while not stop.wait(1):
            line.sendall(bytes(SLOW_RATE))
            count += SLOW_RATE
        line.unwrap()
    time.sleep(1)
    sent[name] = count, mailbox._wire.ask("GET", path).json()["offset"]


def connected(folder: Path, name: str, port: int) -> ssl.SSLSocket:
    """Connect with a partner's certificate."""
    plain = socket.create_connection(("127.0.0.1", port))
    return Identity(folder / name).context().wrap_socket(plain, server_hostname="127.0.0.1")


def at_once(send: object, items: list[tuple[str, bytes]]) -> float:
    """Do it for all at the same time; give the seconds until the last is done."""
    with ThreadPoolExecutor(len(items)) as pool:
        start = time.perf_counter()
        took = [each for each in pool.map(send, items) if each is not None]
    if took:
        print(f"a partner waits {min(took):.2f} to {max(took):.2f} s")
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
