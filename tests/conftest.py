"""What all tests share: a small chemistry, quick charters, and the folder of helpers on the path."""

import sys
from pathlib import Path

import attrs
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from rdkit import Chem, rdBase

from fluidmol.partner.assay import Assay
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part

sys.path.insert(0, str(Path(__file__).with_name("helpers")))

# The same examples each time: a test that fails on one machine fails on all.
settings.register_profile(
    "fluidmol", deadline=None, max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("fluidmol")

SCAFFOLDS = (
    "c1ccc({})cc1", "c1ccnc({})c1", "C1CCC({})CC1", "c1ccc2cc({})ccc2c1", "c1ccc(-c2ccc({})cc2)cc1",
    "c1csc({})c1", "c1coc({})c1", "O=C1CCC({})C1", "c1ccc2[nH]c({})cc2c1", "C1CCOC({})C1",
)  # fmt: skip
ACTIVE = ("CCN(C)C", "CCCN(C)C", "CN1CCCCC1", "CCNC", "CCCN", "CN(CC)CC")
INACTIVE = ("C", "CO", "CCC(=O)O", "C(=O)OC", "F", "CC#N", "C(F)(F)F")


@pytest.fixture(scope="session")
def chemistry():
    """130 molecules; those with a basic amine are active."""
    smiles, keys, active = [], [], []
    for scaffold in SCAFFOLDS:
        for group in (*ACTIVE, *INACTIVE):
            molecule = Chem.MolFromSmiles(scaffold.format(group))
            smiles.append(Chem.MolToSmiles(molecule))
            with rdBase.BlockLogs():  # it warns about stereo that we left open
                keys.append(Chem.MolToInchiKey(molecule))
            active.append(group in ACTIVE)
    return Assay(CompoundSet(smiles, keys), active)


@pytest.fixture(scope="session")
def transfer(chemistry):
    """Public molecules: 40 of the chemistry."""
    return _dealt(chemistry, 0).compounds


@pytest.fixture(scope="session")
def benchmark_assay(chemistry):
    """A public labelled set of 20."""
    return _dealt(chemistry, 1)


@pytest.fixture(scope="session")
def assays(chemistry):
    """Three partners' private compounds, some 23 each."""
    return {name: _dealt(chemistry, place) for place, name in enumerate(("ada", "bob", "cleo"), start=2)}


def _dealt(chemistry, place):
    order = np.random.default_rng(3).permutation(len(chemistry))
    return chemistry.take(np.sort(np.split(order, [40, 60, 84, 107])[place]))


@pytest.fixture(scope="session")
def quick_charter(transfer):
    """A charter in the manner of the paper, small enough for seconds."""
    forest = Part("random-forest", {"trees": 12, "depth": 6})
    return attrs.evolve(
        Charter.from_preset("paper-2025"),
        name="quick",
        featuriser=Part("fcfp", {"bits": 256}),
        teacher=forest,
        student=forest,
        hybrid=forest,
        proximity=Part("tanimoto-neighbours", {"neighbours": 3}),
        weighting=Part("as-stated"),
        selection=Part("all"),
        transfer_digest=transfer.digest,
        transfer_size=len(transfer),
    )
