"""Three companies and a coordinator: examples/consortium runs, and docs/walkthrough.md tells what it does."""

import fnmatch
import importlib.util
import json
import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from stores import served

from fluidmol.exchange.places import open_place
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.signed import opened
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the scripts are for a POSIX shell")

PHRASE = "seven slow copper herons"
SERVER = ("fastapi", "fsspec", "sqlalchemy", "uvicorn")
HEX = re.compile(r"(?:[0-9a-f]{4} ){7}[0-9a-f]{4}|\b(?=[0-9a-f]*\d)[0-9a-f]{4,}\b")


@pytest.fixture(scope="module")
def script(root, tmp_path_factory):
    """Run one of the scripts; give its folder, and all that was said."""
    folder = tmp_path_factory.mktemp("walk")
    (folder / "bin").mkdir()
    helper = root / "tests" / "helpers" / "prefork.py"
    listening = subprocess.Popen(
        [sys.executable, helper, str(folder / "socket"), str(folder / "bin")], stdout=subprocess.PIPE, text=True
    )
    path = os.pathsep.join((str(folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]))
    environ = {**os.environ, "PATH": path, "FLUID_PASSPHRASE": PHRASE, "OMP_NUM_THREADS": "1", "COLUMNS": "110"}
    environ["MOLECULES"] = "400"  # the page shows a run of 1 500; what is checked here doesn't depend on how many
    environ.pop("FLUID_PASSPHRASE_FILE", None)
    environ["PYTHON"] = "another-python"  # what `make PYTHON=...` hands on is no business of the scripts

    def run(name, *words, **more):
        place = folder / more.pop("folder", name)
        command = ["sh", root / "examples" / "consortium" / f"{name}.sh", place, *words]
        done = subprocess.run(
            command, env={**environ, **more}, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return SimpleNamespace(folder=place, said=done.stdout)

    assert listening.stdout.readline() == "ready\n"
    yield run
    listening.kill()
    listening.communicate()


@pytest.fixture(scope="module")
def by_files(script):
    return script("by_files")


@pytest.fixture(scope="module")
def by_https(script, by_files):
    if missing := [name for name in SERVER if importlib.util.find_spec(name) is None]:
        pytest.skip(f"the extra server isn't installed: {', '.join(missing)}")
    port = two_ports()
    done = script("by_https", by_files.folder, PORT=str(port))
    done.said = done.said.replace(f":{port + 1}", ":8444").replace(f":{port}", ":8443")
    return done


@pytest.fixture(scope="module", params=["s3", "sftp"])
def by_store(request, script, by_files, tmp_path_factory):
    kind, folder = request.param, tmp_path_factory.mktemp("store")
    with served(kind, folder) as server, pytest.MonkeyPatch.context() as patch:
        server.settings(patch, folder)
        told = {"HOME": os.environ["HOME"], "SSH_AUTH_SOCK": ""}
        if kind == "s3":
            told["FSSPEC_S3"] = json.dumps({"endpoint_url": server.endpoint, "key": "testing", "secret": "testing"})
        place = server.bucket("round")
        done = script("by_store", place, by_files.folder, folder=f"by_{kind}", **told)
        box = open_place(place)
        done.blobs = {name: box.read(name) for name in box.names()}
    return done


def two_ports():
    """A free port of which the next one is free, too."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port = first.getsockname()[1]
            try:
                with socket.create_server(("127.0.0.1", port + 1)):
                    return port
            except (OSError, OverflowError):
                continue


def labels_of(run):
    return re.search(r"^Federated labels: (sha256:[0-9a-f]{64})$", run.said, re.MULTILINE)[1]


def test_files_and_https_give_equal_labels(by_files, by_https):
    assert labels_of(by_files) == labels_of(by_https)
    for name in ("acme", "beta", "gamma"):
        assert [f.read_bytes() for f in by_files.folder.glob(f"{name}/{name}-*/labels.fluid")] == [
            f.read_bytes() for f in by_https.folder.glob(f"{name}/{name}-*/labels.fluid")
        ]


def test_files_and_stores_give_equal_labels(by_files, by_store):
    assert labels_of(by_files) == labels_of(by_store)
    tops = {name.partition("/")[0] for name in by_store.blobs}
    assert tops == {"charter.toml", "transfer.fluid", "agreements", "requests", "replies", "outcome"}
    replies = [data for name, data in by_store.blobs.items() if name.startswith("replies/")]
    assert len(replies) == 6
    assert all(data.startswith(b"age-encryption.org/v1\n") for data in replies)


def test_what_lies_between_the_parties_is_signed_sealed_and_nothing_else(by_files):
    share = by_files.folder / "share"
    found = {path.relative_to(share).parts[0] for path in share.rglob("*") if path.is_file()}
    assert found == {"charter.toml", "transfer.fluid", "agreements", "requests", "replies", "outcome"}
    replies = list(share.glob("replies/*/*"))
    assert len(replies) == 6
    assert all(path.read_bytes().startswith(b"age-encryption.org/v1\n") for path in replies)


def test_labels_tell_each_partner_the_weights_of_the_others(by_files):
    """The threat model says so; should it ever be mended, both must change."""
    charter = Charter.from_toml((by_files.folder / "hub" / "charter.toml").read_text())
    hub = PrivateKeys.load(by_files.folder / "hub" / "hub.key", PHRASE)
    replies = [path.read_bytes() for path in by_files.folder.glob("share/replies/*/*")]
    values = [opened(hub.unseal(reply), charter.partners).value for reply in replies]
    weights = {value.partner: value.weight for value in values if isinstance(value, Annotations)}
    outcome = (by_files.folder / "share" / "outcome" / "labels.fluid.age").read_bytes()
    labels = opened(hub.unseal(outcome), [charter.coordinator]).value
    names = {
        known.read_text().strip(): known.parent.parent.name for known in by_files.folder.glob("*/*/pseudonyms.txt")
    }
    labels = labels.renamed(names)  # acme knows its own, and the others' weights by their pseudonyms
    share = dict(zip(labels.partners, labels.contribution.astype(float), strict=True))
    power = dict(charter.weighting.options)["power"]
    for other in ("beta", "gamma"):
        told = weights["acme"] * (share[other] / share["acme"]) ** (1 / power)
        assert np.abs(told - weights[other]).max() < 1e-7


def test_the_server_has_seen_no_opinion_and_tells_no_secret(by_https):
    drop = by_https.folder / "server" / "drop"
    contents = [path.read_bytes() for path in (drop / "blobs").rglob("*") if path.is_file()]
    assert sum(content.startswith(b"age-encryption.org/v1\n") for content in contents) == 8  # labels twice
    everything = b"".join([*contents, (by_https.folder / "server" / "server.log").read_bytes()])
    for secret in (PHRASE.encode(), b"PRIVATE KEY"):
        assert secret not in everything
        assert secret.decode() not in by_https.said
    assert by_https.said.rstrip().splitlines()[-3] == "Stopped; nothing is half-written."


def test_round_and_ledgers_are_good_to_whoever_checks_them_without_fluidmol(by_files, root):
    share, key = by_files.folder / "share", by_files.folder / "hub" / "hub.key"
    ledgers = sorted(by_files.folder.glob("*/*-ledger.jsonl"))
    command = [sys.executable, root / "examples" / "verify.py", share, "--key", key]
    command += [word for ledger in ledgers for word in ("--ledger", ledger)]
    environ = {**os.environ, "FLUID_PASSPHRASE": PHRASE}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(ledgers) == 3
    files = [path for path in share.rglob("*") if path.is_file()]
    assert done.stdout.count("good ") == len(files) + len(ledgers) + 1
    assert "sealed: only" not in done.stdout


@pytest.mark.parametrize("name", ["by_files", "by_https"])
def test_the_page_shows_what_the_script_does(name, root, request):
    both = chapters(root)
    page = both[name]
    run = request.getfixturevalue(name)
    ran = [shlex.split(line[2:]) for line in run.said.splitlines() if line.startswith("$ ")]
    place = 0
    for command in page.commands:
        after = next((i for i in range(place, len(ran)) if alike(ran[i], command)), None)
        assert after is not None, f"the script doesn't run, or runs earlier: {shlex.join(command)}"
        place = after + 1
    said = [masked(line) for line in run.said.splitlines()]
    for line in page.outputs:
        wanted = masked(line.removesuffix("..."))
        assert any(one == wanted or (line.endswith("...") and one.startswith(wanted)) for one in said), line
    told = {command[1] for part in both.values() for command in part.commands if command[0] == "fluid"}
    assert {words[1] for words in ran if words[0] == "fluid"} <= told


def chapters(root):
    """Commands and outputs that the page shows, by the script that the chapter names."""
    found = {}
    for chapter in re.split(r"^## ", (root / "docs" / "walkthrough.md").read_text(), flags=re.MULTILINE)[1:]:
        named = re.search(r"examples/consortium/(by_\w+)\.sh", chapter)
        if named is None:
            continue
        blocks = re.findall(r"^```(sh|text)\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL)
        lines = [line for kind, text in blocks if kind == "sh" for line in text.replace("\\\n", " ").splitlines()]
        commands = [shlex.split(line, comments=True) for line in lines if re.match(r"(fluid|cd) ", line)]
        outputs = [line for kind, text in blocks if kind == "text" for line in text.splitlines()]
        found[named[1]] = SimpleNamespace(
            commands=commands, outputs=[line for line in outputs if line.strip() not in ("", "...")]
        )
    return found


def alike(words, patterns):
    words, patterns = ([HEX.sub("0", word) for word in each] for each in (words, patterns))
    return len(words) == len(patterns) and all(map(fnmatch.fnmatchcase, words, patterns))


def masked(line):
    """A line without what differs from run to run: digests, times, sizes, figures, widths of columns."""
    line = re.sub(r"─+", "─", HEX.sub("0", line))
    line = re.sub(r"#+", "", re.sub(r"\d+(?:[.,:]\d+)*", "0", line))
    return " ".join(line.split())
