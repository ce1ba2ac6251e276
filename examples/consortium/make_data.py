"""Make the files of a small consortium: three companies' compounds and a public transfer set. All of it is synthetic.

    python examples/consortium/make_data.py FOLDER [MOLECULES]

Each company works on scaffold families of its own and keeps its data in another format, as companies do.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from rdkit import Chem

from fluidmol.studies.synthetic import synthetic_consortium

COMPANIES = {"acme": (0, 1, 2), "beta": (3, 4, 5), "gamma": (6, 7)}
"""Which families of scaffolds a company works on."""


def make(folder: Path, molecules: int = 1500) -> None:
    """Write acme.csv, beta.sdf, gamma.tsv, external.csv, and public.smi with so many molecules."""
    labelled, external = molecules * 3 // 5, molecules // 5
    data = synthetic_consortium(7, n_labelled=labelled, n_external=external, n_transfer=molecules)
    families = sorted(set(data.source_family))
    rows = list(zip(data.source_smiles, data.source_active, data.source_family, strict=True))
    of = {
        name: [(smiles, int(active)) for smiles, active, family in rows if families.index(family) in mine]
        for name, mine in COMPANIES.items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    _table(folder / "acme.csv", ("smiles", "active"), of["acme"])
    _sdf(folder / "beta.sdf", of["beta"])
    _table(folder / "gamma.tsv", ("smiles", "active"), of["gamma"], "\t")
    new = zip(data.external_smiles, map(int, data.external_active), strict=True)
    _table(folder / "external.csv", ("smiles", "active"), list(new))
    (folder / "public.smi").write_text("".join(f"{s}\tpublic-{i}\n" for i, s in enumerate(data.transfer_smiles)))


def _table(path: Path, head: tuple[str, ...], rows: list[tuple[str, int]], delimiter: str = ",") -> None:
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([head, *rows])


def _sdf(path: Path, rows: list[tuple[str, int]]) -> None:
    with Chem.SDWriter(str(path)) as writer:
        for number, (smiles, active) in enumerate(rows):
            molecule = Chem.MolFromSmiles(smiles)
            molecule.SetProp("_Name", f"BETA-{number}")
            molecule.SetIntProp("active", active)
            writer.write(molecule)


if __name__ == "__main__":
    make(Path(sys.argv[1]), *map(int, sys.argv[2:]))
