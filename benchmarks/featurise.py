"""Times features against what RDKit alone takes: parsing, the calls that can't be done without, our own, the disk.

python benchmarks/featurise.py [N_MOLECULES] [ROUNDS]

One core, processor time. Each round times everything once for each piece of some hundred molecules; of a piece the best
of all rounds counts, so that a busy machine is busy for all. "Before" is how features were made until parsing and roles
of atoms were shared.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from rdkit import Chem, rdBase
from rdkit.Chem import rdFingerprintGenerator, rdMolDescriptors

from fluidmol.chem.feature_cache import FeatureCache
from fluidmol.chem.features import features, forget, kept_on_disk, remember
from fluidmol.chem.featurisers.descriptors import DESCRIPTORS
from fluidmol.chem.featurisers.steps import HEIGHT, STEPS
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.transfer import read_molecules
from fluidmol.partner.nearness import compared
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from virtual import DATA

ROLES = {"atomInvariantsGenerator": rdFingerprintGenerator.GetMorganFeatureAtomInvGen()}
FCFP = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
FCFP_ALONE = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048, **ROLES)
ECFP = rdFingerprintGenerator.GetMorganGenerator(radius=3, fpSize=2048)
PAIRS = rdFingerprintGenerator.GetAtomPairGenerator(fpSize=1024)
PAIRS_ALONE = rdFingerprintGenerator.GetAtomPairGenerator(fpSize=1024, **ROLES)
TORSIONS = rdFingerprintGenerator.GetTopologicalTorsionGenerator(fpSize=1024)
CHARTER = Charter.from_preset("open")
FLOOR = "floor of additive: RDKit's calls"
PIECE = 200
BATCH = 50
THRESHOLDS = np.array([step for steps in STEPS.values() for step in steps])
LENGTHS = [len(steps) for steps in STEPS.values()]


def main() -> None:
    if not DATA.is_dir():
        sys.exit(f"{DATA} isn't there: this needs the real transfer set.")
    n, rounds = (int(given) for given in (*sys.argv[1:], *("1000", "10")[len(sys.argv) - 1 :]))
    compounds = read_molecules(DATA / "transfer.csv.gz", size=n, cache=StandardCache()).compounds
    pieces = [compounds.take(list(range(start, min(start + PIECE, n)))) for start in range(0, n, PIECE)]
    best: dict[str, dict[int, float]] = {}
    for _ in range(rounds):
        for place, piece in enumerate(pieces):
            for name, seconds in taken(piece):
                times = best.setdefault(name, {})
                times[place] = min(times.get(place, np.inf), seconds)
    limit = sum(best[FLOOR].values())
    print(f"{len(compounds)} molecules, one core, best of {rounds}")
    for name, times in best.items():
        total = sum(times.values())
        each = total / len(compounds)
        print(f"{name:38s} {each * 1e6:6.0f} us {1 / each:7.0f} a second {total / limit:5.2f} times the floor")


def taken(compounds: CompoundSet) -> Iterator[tuple[str, float]]:
    """Time everything once, in seconds of processor time."""
    parts = CHARTER.featuriser, compared(CHARTER)
    yield "parsing", seconds(lambda: parsed(compounds))
    yield FLOOR, seconds(lambda: floor(compounds))
    yield "additive before", seconds(lambda: before(compounds))
    yield "additive", seconds(lambda: features(compounds, parts[0]))
    yield "FCFP", seconds(lambda: features(compounds, parts[1]))
    yield "open, one pass", seconds(lambda: remember(compounds, *parts))
    yield "open, proximity and then model", seconds(lambda: [features(compounds, part) for part in reversed(parts)])
    with tempfile.TemporaryDirectory() as folder, kept_on_disk(FeatureCache(Path(folder))):
        yield "additive, and written to disk", seconds(lambda: features(compounds, parts[0]))
        yield "additive, read from disk", seconds(lambda: features(compounds, parts[0]))


def seconds(work: Callable[[], Any]) -> float:
    forget()
    begun = time.process_time()
    work()
    return time.process_time() - begun


def parsed(compounds: CompoundSet) -> list[Any]:
    with rdBase.BlockLogs():
        return [Chem.MolFromSmiles(text) for text in compounds.smiles]


def floor(compounds: CompoundSet) -> None:
    """Do what RDKit can't be spared, each in its cheapest documented way; nothing is brought over to numpy."""
    for start in range(0, len(compounds), BATCH):
        molecules = [Chem.MolFromSmiles(text) for text in compounds.smiles[start : start + BATCH]]
        roles = [rdMolDescriptors.GetFeatureInvariants(molecule) for molecule in molecules]
        for generator in (FCFP, PAIRS):
            for molecule, given in zip(molecules, roles, strict=True):
                generator.GetCountFingerprint(molecule, customAtomInvariants=given)
        for generator in (ECFP, TORSIONS):
            for molecule in molecules:
                generator.GetCountFingerprint(molecule)
        for descriptor in DESCRIPTORS.values():
            for molecule in molecules:
                descriptor(molecule)


def before(compounds: CompoundSet) -> None:
    """Roles of atoms found twice, halogens asked one by one, and numbers brought over one by one."""
    for start in range(0, len(compounds), 1000):
        molecules = [Chem.MolFromSmiles(text) for text in compounds.smiles[start : start + 1000]]
        for molecule in molecules:
            columns = np.fromiter(FCFP_ALONE.GetFingerprint(molecule).GetOnBits(), dtype=np.int32)
            np.ones(len(columns), dtype=np.float32)
        for generator in (ECFP, PAIRS_ALONE, TORSIONS):
            for molecule in molecules:
                found = generator.GetCountFingerprint(molecule).GetNonzeroElements()
                columns = np.fromiter(sorted(found), dtype=np.int32, count=len(found))
                np.log2(1 + np.fromiter((found[int(c)] for c in columns), dtype=np.float32, count=len(found)))
        for molecule in molecules:
            values = np.array(
                [halogens(molecule) if name == "halogens" else DESCRIPTORS[name](molecule) for name in STEPS]
            )
            reached = np.flatnonzero(np.repeat(values, LENGTHS) >= THRESHOLDS).astype(np.int32)
            np.full(len(reached), HEIGHT, dtype=np.float32)


def halogens(molecule: Any) -> int:
    return sum(atom.GetAtomicNum() in (9, 17, 35, 53) for atom in molecule.GetAtoms())


if __name__ == "__main__":
    main()
