"""A company's own model, of which fluidmol knows nothing: SMILES in, one a line; probability and confidence out.

python beta_model.py beta.sdf < molecules.smi

The nearest eight measured compounds vote; the confidence is how similar they are.
"""

from __future__ import annotations

import sys

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from rdkit.DataStructs import BulkTanimotoSimilarity

NEIGHBOURS = 8

fingerprint = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048).GetFingerprint


def main(measured: str) -> None:
    """Answer each line of standard input: probability, tab, confidence; an empty line where there is no opinion."""
    compounds = [molecule for molecule in Chem.SDMolSupplier(measured) if molecule is not None]
    known = [fingerprint(molecule) for molecule in compounds]
    active = np.array([molecule.GetIntProp("active") for molecule in compounds])
    for line in sys.stdin:
        molecule = Chem.MolFromSmiles(line.strip())
        if molecule is None:
            print()
            continue
        similarity = np.array(BulkTanimotoSimilarity(fingerprint(molecule), known))
        nearest = np.argsort(-similarity, kind="stable")[:NEIGHBOURS]
        weight = similarity[nearest] + 1e-6
        probability = (weight * active[nearest]).sum() / weight.sum()
        print(f"{probability:.4f}\t{similarity[nearest].mean():.4f}")


if __name__ == "__main__":
    main(sys.argv[1])
