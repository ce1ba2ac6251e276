"""A tiny consortium on synthetic molecules: three companies and a coordinator, with keys, data, policy and charter."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import attrs

from fluidmol.cli.main import main
from fluidmol.partner.policy import Policy
from fluidmol.partner.policy_file import to_toml
from fluidmol.studies.synthetic import synthetic_consortium
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part

NAMES = ("ada", "bob", "cleo")
LABELLED, TRANSFER = 180, 120


@attrs.frozen
class Toy:
    """Files that all trials share and nobody changes."""

    root: Path
    """Keys, data, charter and policy."""

    @property
    def charter(self) -> Path:
        """The charter's file."""
        return self.root / "charter.toml"

    def federate(self, place: str, *more: object) -> list[str]:
        """Words of the coordinator's command."""
        words = ("federate", self.charter, place, "--key", self.root / "hub.key", "--workers", 1, *more)
        return [str(word) for word in words]

    def furnish(self, homes: Path) -> None:
        """Put the companies' keys where their folders and ledgers will be."""
        homes.mkdir(parents=True)
        for name in NAMES:
            shutil.copy(self.root / f"{name}.key", homes)

    def answer(self, place: str, name: str, homes: Path, *more: object) -> list[str]:
        """Words of a partner's command."""
        return [
            str(word) for word in (
                "answer", place, "--as", name, "--key", homes / f"{name}.key", "--data", self.root / f"{name}.csv",
                "--policy", self.root / "policy.toml", "--accept", "--workers", 1, "--quiet", *more,
            )
        ]  # fmt: skip


def make(root: Path, seed: int) -> Toy:
    """Write a consortium's files; the cache of standardised molecules lies among them."""
    os.environ["FLUID_CACHE"] = str(root / "cache")
    os.environ.pop("FLUID_DEBUG", None)
    root.mkdir(parents=True)
    data = synthetic_consortium(seed, LABELLED, 10, TRANSFER)
    share = LABELLED // len(NAMES)
    for index, name in enumerate(NAMES):
        rows = range(index * share, (index + 1) * share)
        table = "".join(f"{data.source_smiles[row]},{int(data.source_active[row])}\n" for row in rows)
        (root / f"{name}.csv").write_text("smiles,active\n" + table)
    (root / "public.smi").write_text("".join(f"{s} T{i}\n" for i, s in enumerate(data.transfer_smiles)))
    (root / "rules.toml").write_text(rules().to_toml())
    (root / "policy.toml").write_text(to_toml(Policy()))
    for name in ("hub", *NAMES):
        run("keys", "new", name, "--no-passphrase", "--out", root)
    parties = [word for name in NAMES for word in ("--partner", root / f"{name}.pub")]
    run(
        "charter", "new", "--name", "toy", "--endpoint", "rule", "--description", "made up", "--charter",
        root / "rules.toml", "--transfer", root / "public.smi", "--coordinator", root / "hub.pub", *parties, "--out",
        root / "charter.toml", "--quiet",
    )  # fmt: skip
    return Toy(root)


def rules() -> Charter:
    """Give a recipe in the manner of the paper, for tenths of a second."""
    forest = Part("random-forest", {"trees": 12, "depth": 6})
    return attrs.evolve(
        Charter.from_preset("paper-2025"), featuriser=Part("fcfp", {"bits": 256}), teacher=forest, student=forest,
        hybrid=forest, proximity=Part("tanimoto-neighbours", {"neighbours": 3}), weighting=Part("as-stated"),
        selection=Part("all"),
    )  # fmt: skip


def run(*words: object) -> None:
    """Run a command line in this process; it must succeed."""
    try:
        main([str(word) for word in words])
    except SystemExit as end:
        if end.code:
            raise RuntimeError(f"fluid {' '.join(map(str, words))} ended with {end.code}") from end
