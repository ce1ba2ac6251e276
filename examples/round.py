"""A whole round in Python, without the command line: a coordinator and two companies that share a folder.

    python examples/round.py

Companies would run their part at home, the coordinator its own: nothing passes between them but files in the folder.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from fluidmol import Assay, Charter, Gate, Hybrid, Policy, compound_set
from fluidmol.coordinator.founding import founded
from fluidmol.errors import AwaitingError
from fluidmol.exchange.folder import FolderMailbox
from fluidmol.partner.ledger_file import LedgerFile
from fluidmol.partner.summary import Summary
from fluidmol.rounds.coordinator.coordinating import Round, conduct
from fluidmol.rounds.partner.partner_round import PartnerRound
from fluidmol.trust.keys import PrivateKeys
from fluidmol.values.labels import FederatedLabels

GROUPS = ("CCN(C)C", "CCCN(C)C", "CCNC", "CCCN", "CN1CCCC1", "CCO", "CCC(=O)O", "CCOC", "CC=O", "CCCl")
RINGS = {
    "ada": ("c1ccc({})cc1", "Cc1ccc({})cc1", "Clc1ccc({})cc1", "Fc1ccc({})cc1"),
    "bob": ("c1ccc2cc({})ccc2c1", "Cc1ccc2cc({})ccc2c1", "c1csc({})c1", "Cc1csc({})c1"),
    "public": ("C1CCC({})CC1", "c1ccnc({})c1", "c1coc({})c1", "CC1CCC({})CC1", "Oc1ccc({})cc1", "Nc1ccc({})cc1"),
}


def approve(summary: Summary) -> str | None:
    """Ask the person in front: here, somebody who approves of everything."""
    print(f"{summary.partner} would let out {summary.rows} opinions")
    return "Ada Lovelace"


def main(folder: Path) -> FederatedLabels:
    """Play the round; give the labels that both companies have at home in the end."""
    molecules = {name: [ring.format(g) for ring, g in product(rings, GROUPS)] for name, rings in RINGS.items()}
    transfer = compound_set(molecules.pop("public"))
    # A made-up endpoint: amines are active.
    assays = {name: Assay(compound_set(s), np.array(["N" in text for text in s])) for name, s in molecules.items()}

    # The parties agree on a charter.
    keys = {name: PrivateKeys.generate(name) for name in ("hub", *assays)}
    charter = founded(
        Charter.from_preset("open"), name="example", endpoint="amine", description="contains an amine",
        transfer=transfer, coordinator=keys["hub"].public, partners=[keys[name].public for name in assays],
    )  # fmt: skip
    (folder / "place").mkdir()
    place = FolderMailbox(folder / "place", patience=0)
    hub = Round(place, charter, keys["hub"], transfer)

    # Each turn, the coordinator goes as far as it can, and each company answers what is asked.
    for _ in range(3):
        with suppress(AwaitingError):  # says whose signature or reply is missing
            conduct(hub, print)
        for name, assay in assays.items():
            me = PartnerRound.at(place, keys[name], folder / name, said=print)
            me.accept()
            gate = Gate(Policy(approval=True), LedgerFile(folder / f"{name}-ledger.jsonl"), approve, archive=me.archive)
            me.answer(lambda me=me, assay=assay, gate=gate: me.partner(assay, gate), gate)
    outcome = conduct(hub, print)

    # At home, a company makes a hybrid of its own compounds and the labels.
    mine = outcome.published.renamed({outcome.pseudonyms["ada"]: "ada"})
    hybrid = Hybrid.fit(assays["ada"], mine, transfer, charter, "ada")
    print("N,N-dimethylethanamine of thiophene:", hybrid.predict(compound_set(["CN(C)CCc1ccsc1"])).round(2))
    return outcome.published


if __name__ == "__main__":
    with TemporaryDirectory() as path:
        main(Path(path))
