"""The same over PostgreSQL, where it is installed: a server of our own in a folder, on loopback."""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from drops import Drop

from fluidmol_drop.server.audit_log import records, verify

BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)

pytestmark = pytest.mark.skipif(
    BIN is None or not shutil.which("runuser") or os.name != "posix", reason="PostgreSQL isn't installed"
)


@pytest.fixture(scope="module")
def database():
    """The URL of an empty database."""
    pytest.importorskip("pg8000")
    folder = Path(tempfile.mkdtemp())  # pytest's own are closed to other users
    run = []
    if getpass.getuser() == "root":  # which it refuses to run as
        shutil.chown(folder, "postgres")
        run = ["runuser", "-u", "postgres", "--"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = str(folder / "data")
    subprocess.run([*run, BIN / "initdb", "-A", "trust", "-U", "drop", "-D", data], check=True, capture_output=True)
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    start = [*run, BIN / "pg_ctl", "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start"]
    subprocess.run(start, check=True, stdout=subprocess.DEVNULL, timeout=60)
    yield f"postgresql://drop@127.0.0.1:{port}/postgres"
    subprocess.run([*run, BIN / "pg_ctl", "-D", data, "-m", "immediate", "stop"], check=True, capture_output=True)
    shutil.rmtree(folder)


def test_a_drop_over_postgresql(database, tmp_path):
    with Drop(tmp_path, database=database).running() as drop:
        names = ("ada", "bob", "cleo")
        mailboxes = {name: drop.mailbox(name) for name in ("hub", *names)}

        def write(name):
            for number in range(5):
                mailboxes[name].write(f"replies/aaaaaaaaaaaa/{name}-{number:012x}.fluid", name.encode() * 50_000)

        threads = [threading.Thread(target=write, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(mailboxes["hub"].names("replies")) == 15
        mailboxes["hub"].set_aside("replies/aaaaaaaaaaaa/ada-000000000000.fluid", "because")
        assert len(mailboxes["ada"].names()) == 6
        assert mailboxes["hub"].read("replies/aaaaaaaaaaaa/bob-000000000001.fluid") == b"bob" * 50_000
        assert verify(drop.service.database)[0] == len(list(records(drop.service.database))) >= 24
        before = verify(drop.service.database)
        with drop.service.database.engine.begin() as connection:
            connection.execute(sa.text("UPDATE audit SET who = 'eve'"))
            connection.execute(sa.text("DELETE FROM audit"))
        assert verify(drop.service.database) == before
        drop.service.members.revoke("cleo")
        with drop.as_member("cleo") as client:
            assert client.get("/v1/names").status_code == 403
