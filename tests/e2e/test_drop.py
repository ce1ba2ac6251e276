"""A consortium over HTTPS by the commands that its people type: operator, coordinator, partners."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest
import sqlalchemy as sa

from fluidmol.partner.policy import Policy
from fluidmol.partner.policy_file import to_toml

NAMES = ("ada", "bob")


@pytest.fixture(scope="module")
def consortium(tmp_path_factory, fluid, files, rows, as_table):
    """Keys, charter, private files, a policy, and a drop that knows them all."""
    root = tmp_path_factory.mktemp("consortium")
    for name in ("hub", *NAMES):
        assert fluid("keys", "new", name, "--no-passphrase", "--out", root).code == 0
    for index, name in enumerate(NAMES):
        (root / f"{name}.csv").write_text(as_table(rows[index * 78 : (index + 1) * 78]))
    (root / "policy.toml").write_text(to_toml(Policy()))
    parties = [word for name in NAMES for word in ("--partner", root / f"{name}.pub")]
    made = fluid(
        "charter", "new", "--name", "toy", "--endpoint", "amine", "--description", "has a basic amine",
        "--transfer", files.transfer, "--charter", files.forest, "--coordinator", root / "hub.pub", *parties,
        "--out", root / "charter.toml", "--quiet",
    )  # fmt: skip
    assert made.code == 0, made.err
    done = fluid("drop", "init", root / "home", "--charter", root / "charter.toml")
    assert done.code == 0, done.err
    assert "A drop for toy" in done.out
    return root


@pytest.fixture(scope="module")
def address(consortium):
    """Where the drop is, and where one enrols."""
    command = [sys.executable, "-c", "from fluidmol.cli.main import main; main()", "serve", "--home"]
    with (consortium / "log").open("w") as log:
        child = subprocess.Popen(
            [*command, str(consortium / "home"), "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ,
        )  # fmt: skip
    yield tuple(re.search(r"https://\S+", child.stdout.readline())[0] for _ in range(2))
    child.send_signal(signal.SIGINT)
    assert child.wait(20) == 0
    child.stdout.close()
    said = (consortium / "log").read_text()
    assert "Stopped; nothing is half-written." in said
    assert len(re.findall(r"^\S+ \S+ fluid serve: started, process \d+$", said, re.M)) == 1
    assert said.count("fluid serve: stopping") == 1
    assert "uvicorn" not in said


def enrol(fluid, consortium, address, name):
    invited = fluid("drop", "invite", consortium / "home", name)
    assert invited.code == 0, invited.err
    code = invited.out.strip()
    done = fluid(
        "enrol", address[1], "--as", name, "--code", code, "--ca", consortium / "home" / "ca.pem",
        "--out", consortium / f"{name}-identity",
    )  # fmt: skip
    assert done.code == 0, done.err
    return code


def test_a_whole_round(fluid, consortium, address, tmp_path):
    place = address[0]
    codes = [enrol(fluid, consortium, address, name) for name in ("hub", *NAMES)]

    def identity(name):
        return ("--identity", consortium / f"{name}-identity")

    def federate():
        return fluid(
            "federate",
            consortium / "charter.toml",
            place,
            "--key",
            consortium / "hub.key",
            "--workers",
            1,
            *identity("hub"),
        )

    def answer(name):
        return fluid(
            "answer", place, "--as", name, "--key", consortium / f"{name}.key", "--data", consortium / f"{name}.csv",
            "--policy", consortium / "policy.toml", "--home", tmp_path / name, "--workers", 1, "--quiet", "--accept",
            "--ledger", tmp_path / f"{name}.jsonl", *identity(name),
        )  # fmt: skip

    for _ in range(3):
        first = federate()
        assert first.code == 75, first.err
        for name in NAMES:
            said = answer(name)
            assert said.code == 0, said.err
            standing = fluid("status", place, *identity("ada"))
            assert re.search(r"^bob +partner +\w+ +(not asked|not shown to you|answered)", standing.out, re.M), standing
    done = federate()
    assert done.code == 0, done.err
    shown = fluid("status", place, "--json", *identity("hub"))
    assert json.loads(shown.out)["finished"] is True
    assert fluid("status", place, *identity("ada")).code == 0

    home = consortium / "home"
    audit = fluid("drop", "audit", home)
    assert (audit.code, "Intact: " in audit.err) == (0, True)
    assert len(re.findall(r"  store  (?:ada|bob)  replies/", audit.out)) == 4
    logged = (consortium / "log").read_text() + audit.out
    assert not any(code in logged or code.replace("-", "") in logged for code in codes)

    reply = re.search(r"store  ada  (replies/\S+)", audit.out)[1]
    gone = fluid("drop", "delete", home, reply, "nothing", "--reason", "ada asked")
    assert (gone.code, gone.out) == (66, f"Deleted: {reply}\n")
    assert "delete  operator  " + reply in fluid("drop", "audit", home).out
    assert fluid("drop", "revoke", home, "bob").out == "Revoked: 1 certificate of bob.\n"
    refused = fluid("status", place, *identity("bob"))
    assert (refused.code, "revoked" in refused.err) == (77, True)
    assert fluid("status", place).code == 64


def test_what_an_operator_may_get_wrong(fluid, consortium, tmp_path):
    home = consortium / "home"
    again = fluid("drop", "init", home)
    assert (again.code, "holds a drop already" in again.err) == (73, True)
    stranger = fluid("drop", "invite", home, "zoe")
    assert (stranger.code, "no party of the charter" in stranger.err) == (64, True)
    assert fluid("drop", "invite", home, "ada", "--role", "coordinator").code == 64
    assert fluid("drop", "invite", home, "watch", "--role", "monitor").code == 0
    assert fluid("drop", "invite", home, "ada", "--hours", 0).code == 64
    assert fluid("drop", "expire", home, "--days", 0).code == 64
    assert fluid("drop", "audit", tmp_path).code == 66
    secret = fluid("drop", "init", tmp_path / "x", "--database", "postgresql://u:hunter2@127.0.0.1:1/x")
    assert (secret.code, "hunter2" in secret.err) == (69, False)
    assert fluid("serve", "--home", home, "--listen", "here").code == 64
    assert fluid("enrol", "https://127.0.0.1:9", "--as", "ada", "--ca", home / "ca.pem", "--out", tmp_path).code == 64
    (tmp_path / "ca.pem").write_text("hello")
    wrong = ("--code", "abc", "--ca", tmp_path / "ca.pem", "--out", tmp_path / "id")
    assert fluid("enrol", "https://127.0.0.1:9", "--as", "ada", *wrong).code == 65


def test_renewing_and_expiring(fluid, tmp_path):
    home = tmp_path / "home"
    assert fluid("drop", "init", home, "--name", "x", "--host", "drop.example", "--host", "::1").code == 0
    before, authority = (home / "server.pem").read_bytes(), (home / "ca.pem").read_bytes()
    assert fluid("drop", "renew", home).code == 0
    assert (home / "server.pem").read_bytes() != before
    assert (home / "ca.pem").read_bytes() == authority
    assert fluid("drop", "expire", home, "--days", 30, "--dry-run").err == "0 blobs.\n"


def test_a_running_round_is_not_deleted_because_it_is_old(fluid, tmp_path):
    home = tmp_path / "home"
    assert fluid("drop", "init", home, "--name", "x").code == 0
    engine = sa.create_engine(f"sqlite:///{home / 'drop.sqlite'}")
    with engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO entries VALUES ('charter.toml', 'ab', 2, 'hub', '2020-01-01T00:00:00Z')")
        )
    engine.dispose()
    kept = fluid("drop", "expire", home, "--days", 30)
    assert (kept.code, kept.out) == (0, "")
    assert kept.err.startswith("0 blobs.\nKept: 1 that are as old, for the round isn't finished")
    gone = fluid("drop", "expire", home, "--days", 30, "--even-running")
    assert (gone.out, gone.err) == ("Deleted: charter.toml\n", "1 blobs.\n")


def test_an_altered_log_is_told(fluid, tmp_path):
    home = tmp_path / "home"
    assert fluid("drop", "init", home, "--name", "x").code == 0
    assert fluid("drop", "invite", home, "ada", "--role", "partner").code == 0
    engine = sa.create_engine(f"sqlite:///{home / 'drop.sqlite'}")
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER audit_no_update"))
        connection.execute(sa.text("UPDATE audit SET name = 'eve'"))
    engine.dispose()
    told = fluid("drop", "audit", home)
    assert (told.code, "altered at record 1" in told.err) == (65, True)
