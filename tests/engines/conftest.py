"""Molecules enough to keep a cluster busy for seconds, and what this machine's cores make of them."""

import logging
import os
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import product

import pytest
from clusters import digest
from joblib import parallel_config

from fluidmol.chem.intake.standardise import standardise

LOG = "fluidmol.chem.intake.standardise"
CORES = ("c1ccc({})cc1", "c1ccnc({})c1", "C1CCC({})CC1", "c1ccc2cc({})ccc2c1", "C1CCOC({})C1", "O=C1CCC({})C1")
ENDS = ("N(C)C", "O", "C(=O)[O-].[Na+]", "C#N", "F", "S(=O)(=O)N", "C(F)(F)F", "OC", "N1CCCCC1", "Cl", "C(=O)OC", "NC")


@pytest.fixture(scope="session")
def molecules():
    """Some 4 000, distinct, some of them salts."""
    return [core.format("C" * length + end) for core, end, length in product(CORES, ENDS, range(56))]


@pytest.fixture(scope="session")
def digest_here(molecules):
    """The digest that plain joblib gives on this machine."""
    with parallel_config(n_jobs=2):
        return digest(standardise(molecules))


@pytest.fixture
def processes(caplog):
    """The processes that standardised something, as a function."""
    caplog.set_level(logging.DEBUG, logger=LOG)
    return lambda: {record.args[1] for record in caplog.records if record.name == LOG}


@pytest.fixture
def something_else():
    """The address of something that isn't a cluster."""
    with ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def data_check(tmp_path, molecules):
    """``fluid data check``, run as a command on some 1 500 molecules."""
    source = tmp_path / "mine.csv"
    rows = [f"{smiles},{place % 2}" for place, smiles in enumerate(molecules[:1500])]
    source.write_text("\n".join(["smiles,active", *rows]) + "\n")

    def run(out, *words):
        done = subprocess.run(
            [sys.executable, "-m", "fluidmol", "data", "check", source, "--out", tmp_path / out, "--no-cache", *words],
            check=False, capture_output=True, text=True, timeout=200, env={**os.environ, "COLUMNS": "200"},
        )  # fmt: skip
        return done, (tmp_path / out).read_bytes() if (tmp_path / out).exists() else b""

    return run
