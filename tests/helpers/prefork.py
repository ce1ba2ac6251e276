"""``fluid``, started many times without waiting for its imports: one process has them, and forks for each command.

    python prefork.py SOCKET BIN

listens on the socket, and writes a small ``BIN/fluid`` that hands its words, folder, environment and standard streams
over. All that it saves is the start of Python, and the work that guessing a passphrase costs: what runs is the command
itself, in a process of its own.
"""

import atexit
import contextlib
import importlib
import json
import os
import socket
import sys
from pathlib import Path

from fluidmol.cli.main import main as fluid
from fluidmol.trust import keyfile

SHIM = """#!{python} -IS
import json, os, signal, socket, sys
there = socket.socket(socket.AF_UNIX)
there.connect({path!r})
asked = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(there, [len(asked).to_bytes(8, "big")], [0, 1, 2])
there.sendall(asked)
child = int.from_bytes(there.recv(8), "big")
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda number, frame: os.kill(child, number))
sys.exit((there.recv(1) or b"\\x01")[0])
"""

EARLY = (
    "fluidmol.rounds.partner.partner_round", "fluidmol.cli.private", "fluidmol.coordinator.founding",
    "fluidmol.rounds.coordinator.coordinating",
    "fluidmol.exchange.places", "fluidmol.partner.gate", "fluidmol.partner.kept.fitting", "fluidmol.studies.simulation",
    "fluidmol_drop.client", "fluidmol_drop.server.listen", "pyarrow.parquet", "sklearn.ensemble",
)  # fmt: skip
"""What most commands need; nothing of it may start a thread when it is imported."""


def main(path: str, folder: str) -> None:
    for name in EARLY:
        with contextlib.suppress(ImportError):  # the server's libraries are an extra
            importlib.import_module(name)
    # Key files say what their passphrase costs; those made here are cheap, and nothing else is.
    keyfile.WORK = 1 << 10
    if hasattr(os, "sched_setaffinity"):
        # On one core, commands start no workers, which takes longer than what workers would do here.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen(8)
    shim = Path(folder, "fluid")
    shim.write_text(SHIM.format(python=sys.executable, path=path))
    shim.chmod(0o755)
    print("ready", flush=True)
    while True:
        asking, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            sys.exit(run(asking))
        asking.close()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def run(asking):
    size, streams, _, _ = socket.recv_fds(asking, 8, 3)
    words, here, environ = json.loads(asking.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(here)
    os.environ.clear()
    os.environ.update(environ)
    code = 70

    def leave():
        asking.sendall(bytes([code]))

    atexit.register(leave)  # registered first, hence called last
    asking.sendall(os.getpid().to_bytes(8, "big"))
    try:
        fluid(words)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    sys.stdout.flush()
    return code


if __name__ == "__main__":
    main(*sys.argv[1:])
