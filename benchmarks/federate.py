"""Time and memory of ``fluid federate`` over a folder, for companies that answered already.

    python benchmarks/federate.py [partners] [molecules]

The charter is the paper's, with uniform proximity; the replies are made up, signed and sealed as partners do. Each run
of the command is a process of its own, measured from its start to its end.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import attrs
import numpy as np

from fluidmol.exchange.contents import requests
from fluidmol.exchange.folder import FolderMailbox
from fluidmol.exchange.layout import agreement_name, reply_name
from fluidmol.studies.synthetic import synthetic_consortium
from fluidmol.trust.agreement import agree
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.sealing import seal
from fluidmol.trust.signed import signed
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter, Endpoint
from fluidmol.values.codec import pack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.messages import Annotate, Request, Scorecard
from fluidmol.values.parts import Part

STRUCTURES = 5_000
"""Different molecules; each occurs under many names, for making that many would take longer than to federate them."""

PROGRAM = "from fluidmol.cli.main import main; main()"


def molecules(n: int) -> CompoundSet:
    smiles = synthetic_consortium(1, 1, 1, min(n, STRUCTURES)).transfer_smiles
    letters = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    names = ["".join(letters[[(i // 26**k) % 26 for k in range(13, -1, -1)]]) + "-UHFFFAOYSA-N" for i in range(n)]
    return CompoundSet(tuple(smiles[i % len(smiles)] for i in range(n)), tuple(names))


def founded(root: Path, partners: int, n: int) -> tuple[Charter, dict[str, PrivateKeys]]:
    """Write the coordinator's files; give the charter and everybody's keys."""
    keys = {name: PrivateKeys.generate(name) for name in ("hub", *(f"partner-{i}" for i in range(partners)))}
    parties = tuple(key.public.party("partner" if name != "hub" else "coordinator") for name, key in keys.items())
    compounds = molecules(n)
    charter = attrs.evolve(
        Charter.from_preset("paper-2025"), name="load", endpoints=(Endpoint("rule", description="made up"),),
        proximity=Part("uniform"),
        weighting=Part("as-stated"), parties=parties, transfer_digest=compounds.digest, transfer_size=n,
    )  # fmt: skip
    (root / "charter.toml").write_text(charter.to_toml())
    (root / "transfer.fluid").write_bytes(pack(compounds))
    keys["hub"].save(root / "hub.key", None)
    return charter, keys


def federate(root: Path, what: str) -> None:
    """Run the command once, and print what it took."""
    words = ("federate", root / "charter.toml", root / "place", "--key", root / "hub.key", "--quiet")
    begun = time.perf_counter()
    child = os.posix_spawn(
        sys.executable, [sys.executable, "-c", PROGRAM, *map(str, words)], {**os.environ},
        file_actions=[(os.POSIX_SPAWN_OPEN, fd, root / f"said-{fd}", os.O_WRONLY | os.O_CREAT, 0o600) for fd in (1, 2)],
    )  # fmt: skip
    _, status, used = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 75):
        raise RuntimeError((root / "said-2").read_text())
    print(
        f"{what:<56}{time.perf_counter() - begun:7.1f} s {used.ru_utime + used.ru_stime:7.1f} s of processors"
        f" {used.ru_maxrss / 1e3:7,.0f} MB, exit code {code}",
        flush=True,
    )


def answer(root: Path, request: Request, keys: dict[str, PrivateKeys], hub: str) -> None:
    """Put everybody's reply there, sealed."""
    box, charter = FolderMailbox(root / "place"), request.charter
    for index, (name, key) in enumerate(keys.items()):
        rng, shape = np.random.default_rng(index), (charter.transfer_size, 1)
        said: Annotations | Scorecard = Scorecard(charter.digest, name)
        if isinstance(request, Annotate):
            said = Annotations(charter.digest, name, np.round(rng.beta(0.5, 2, shape), 4), np.ones(shape))
        data = seal(signed(said, request.digest, key), [hub])
        box.write(reply_name(request.digest, name, said.digest, sealed=True), data)


def main(partners: int, n: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        charter, keys = founded(root, partners, n)
        hub = keys.pop("hub").public.sealing
        federate(root, "charter and transfer set into the place")
        box = FolderMailbox(root / "place")
        for party, key in keys.items():
            box.write(agreement_name(party), agree(charter, key).encode())
        federate(root, "signatures read, opinions asked for")
        answer(root, requests(box, charter)[0], keys, hub)
        size = sum(box.entry(reply).size for reply in box.names("replies")) / 1e6
        federate(root, f"{partners} x {n:,} opinions read ({size:.1f} MB), labels published")
        answer(root, requests(box, charter, keys[next(iter(keys))])[1], keys, hub)
        federate(root, "all again, scorecards read, finished")


if __name__ == "__main__":
    main(*(int(word) for word in (sys.argv[1:3] if len(sys.argv) > 2 else ("8", "350000"))))
