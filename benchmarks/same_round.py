"""Play one round of eight companies over a folder, a bucket and a server; see whether the labels are equal.

python benchmarks/same_round.py --source herg_train.csv.gz --transfer transfer.csv.gz [--transfer-size 5000]

Each company has nothing but its data, its keys and ``party.toml``; keys and charter are the same at all places. The
bucket is moto's, the server ``fluid serve``; all of it is on this machine.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
from sklearn.cluster import KMeans

from fluidmol.chem.features import features
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.chem.intake.read import read_labelled
from fluidmol.values.parts import Part

N = 8
FLUID = (sys.executable, "-m", "fluidmol")


def fluid(folder: Path, *words: object, more: Mapping[str, str] | None = None, codes: tuple[int, ...] = (0,)) -> str:
    """Run a command in a folder; return what it says."""
    done = subprocess.run(
        [*FLUID, *map(str, words)], cwd=folder, text=True, capture_output=True, check=False,
        env={**os.environ, **(more or {})},
    )  # fmt: skip
    if done.returncode not in codes:
        raise SystemExit(f"fluid {' '.join(map(str, words))} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def companies(source: Path, root: Path) -> None:
    """Divide the source among the companies by its chemistry."""
    read = read_labelled(source, OutcomeColumns())
    rows = features(read.compounds, Part("fcfp", {"radius": 2, "bits": 512}))
    cluster = KMeans(N, n_init=1, random_state=1).fit_predict(rows.astype(np.float64))
    for number in range(N):
        folder = root / f"company-{number + 1}"
        folder.mkdir(parents=True)
        mine = np.flatnonzero(cluster == number)
        lines = [f"{read.compounds.smiles[row]},{int(read.active[row])}" for row in mine.tolist()]
        (folder / "assay.csv").write_text("\n".join(["smiles,active", *lines]) + "\n")
        fluid(folder, "party", "new", folder.name, "--data", "assay.csv", "--no-passphrase")
        print(f"{folder.name}: {len(mine):,} compounds")


def public(transfer: Path, size: int, out: Path) -> None:
    """Write so many molecules of a gzipped table, evenly over its rows."""
    with gzip.open(transfer, "rt", encoding="utf-8") as file:
        head, *lines = file.read().splitlines()
    chosen = lines[:: max(1, len(lines) // size)][:size]
    out.write_text("\n".join([head, *chosen]) + "\n")


def play(root: Path, address: str, more: Mapping[str, str], identities: bool) -> tuple[str, float]:
    """Play the round at a place; return the labels' digest and the seconds that it took."""
    begun = time.perf_counter()
    hub = root / "hub"
    known = ("--identity", "identity") if identities else ()

    def federate(*codes: int) -> str:
        return fluid(
            hub, "federate", "charter.toml", address, "--key", "hub.key", "--quiet", *known, more=more, codes=codes
        )

    federate(75)
    parties = sorted(root.glob("company-*"))
    for folder in parties:
        file = folder / "party.toml"
        text = re.sub(r"^(# )?address = .*$", f'address = "{address}"', file.read_text(), count=1, flags=re.MULTILINE)
        file.write_text(text.replace('# identity = "identity"', 'identity = "identity"') if identities else text)
        fluid(folder, "answer", "--accept", more=more)
    federate(75)
    for folder in parties:
        seen = fluid(folder, "answer", "--dry-run", "--quiet", more=more).partition("--digest ")[2].split()[0]
        fluid(folder, "answer", "--yes", "Ada Hill", "--digest", seen, "--quiet", more=more)
    federate(75)
    for folder in parties:
        fluid(folder, "answer", "--quiet", more=more)
    said = federate(0)
    found = re.search(r"^Labels of .*: (sha256:[0-9a-f]{64})$", said, re.MULTILINE)
    if found is None:
        raise SystemExit(said)
    return found[1], time.perf_counter() - begun


@contextmanager
def bucket() -> Iterator[tuple[str, dict[str, str]]]:
    """Serve a bucket on loopback."""
    import httpx  # noqa: PLC0415 - not needed elsewhere
    from moto.server import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415 - a tool of tests
    from werkzeug.serving import make_server  # noqa: PLC0415 - likewise

    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    httpx.put(f"{endpoint}/round", trust_env=False).raise_for_status()
    settings = {"endpoint_url": endpoint, "key": "testing", "secret": "testing"}
    try:
        yield "s3://round/place", {"FSSPEC_S3": json.dumps(settings)}
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def served(root: Path) -> Iterator[str]:
    """Run a drop on loopback, at which all parties are enrolled."""
    folder = root / "server"
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    fluid(folder, "drop", "init", "drop", "--host", "127.0.0.1", "--charter", "../hub/charter.toml")
    log = (folder / "server.log").open("w")
    listen = [*FLUID, "serve", "--home", "drop", "--listen", f"127.0.0.1:{port}"]
    process = subprocess.Popen(listen, cwd=folder, stdout=log, stderr=log)
    try:
        while "Enrolment: " not in (folder / "server.log").read_text():
            time.sleep(0.1)
        for party in (root / "hub", *sorted(root.glob("company-*"))):
            code = fluid(folder, "drop", "invite", "drop", party.name).strip().splitlines()[-1]
            words = ("--as", party.name, "--ca", "../server/drop/ca.pem", "--out", "identity")
            fluid(party, "enrol", f"https://127.0.0.1:{port + 1}", *words, more={"FLUID_CODE": code})
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
        log.close()


def main() -> None:
    """Play all three, and say whether they agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--transfer", type=Path, required=True)
    parser.add_argument("--transfer-size", type=int, default=5000)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    root = given.out or Path(mkdtemp())
    begin = root / "begin"
    companies(given.source, begin)
    fluid(begin, "keys", "new", "hub", "--no-passphrase", "--out", "hub")
    public(given.transfer, given.transfer_size, begin / "hub" / "public.csv")
    parties = [word for n in range(N) for word in ("--partner", f"../company-{n + 1}/company-{n + 1}.pub")]
    fluid(
        begin / "hub", "charter", "new", "--name", "eight", "--endpoint", "herg", "--description", "hERG blockade",
        "--transfer", "public.csv", "--preset", "open", "--coordinator", "hub.pub", *parties, "--quiet",
    )  # fmt: skip
    found: dict[str, str] = {}

    def told(kind: str, played: tuple[str, float]) -> None:
        found[kind], seconds = played
        print(f"{kind:<8}{found[kind]}  {seconds:,.0f} s", flush=True)

    for kind in ("folder", "bucket", "server"):
        shutil.copytree(begin, root / kind)
    told("folder", play(root / "folder", "../share", {}, identities=False))
    with bucket() as (address, settings):
        told("bucket", play(root / "bucket", address, settings, identities=False))
    with served(root / "server") as address:
        told("server", play(root / "server", address, {}, identities=True))
    print("equal" if len(set(found.values())) == 1 else "DIFFERENT")
    raise SystemExit(len(set(found.values())) != 1)


if __name__ == "__main__":
    main()
