"""Small representations of a small chemistry."""

import pytest

from fluidmol.chem.features import forget
from fluidmol.chem.representation import known
from fluidmol.chem.representation.build import build
from fluidmol.values.parts import Part

SMALL = Part("principal", {"bits": 256, "directions": 12})
NETWORK = Part(
    "endpoints", {"bits": 256, "directions": 12, "first": 16, "last": 8, "epochs": 30, "batch": 32, "rate": 0.01}
)


@pytest.fixture(autouse=True)
def own_shelf(tmp_path, monkeypatch):
    """Keep representations in a folder of the test's own, and know none at first."""
    monkeypatch.setenv("FLUID_CACHE", str(tmp_path / "cache"))
    known.forget()
    forget()
    yield
    known.forget()
    forget()


@pytest.fixture(scope="session")
def small(chemistry):
    return build(SMALL, chemistry.compounds)


def write_table(path, assay, name="active", values=None, keys=True):
    values = assay.active.astype(int) if values is None else values
    rows = zip(assay.compounds.smiles, assay.compounds.inchikeys, values, strict=True)
    lines = [f"{smiles},{key},{value}" if keys else f"{smiles},{value}" for smiles, key, value in rows]
    path.write_text("\n".join(["smiles,inchikey," + name if keys else "smiles," + name, *lines]) + "\n")
    return path
