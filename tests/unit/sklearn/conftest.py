"""What a small consortium published, for classifiers to learn from."""

import attrs
import pytest

from fluidmol import Charter, LocalChannel, Partner, federate
from fluidmol.values.parts import Part
from fluidmol.values.publication import Publication


@pytest.fixture(scope="session")
def public(assays, transfer):
    """Labels and experts of three partners, by the open recipe made quick."""
    charter = attrs.evolve(
        Charter.from_preset("open"),
        featuriser=Part("additive", {"bits": 256}),
        hybrid=Part("lightgbm", {"rounds": 15, "leaf": 2}),
        union=Part("mixture", {"folds": 2}),
        transfer_digest=transfer.digest,
        transfer_size=len(transfer),
    )
    partners = [Partner(name, assay, transfer) for name, assay in assays.items()]
    outcome = federate(charter, transfer, LocalChannel(partners))
    return Publication(charter=charter, transfer=transfer, labels=outcome.labels)


@pytest.fixture(scope="session")
def own(assays):
    """SMILES and classes of a partner, ada."""
    return list(assays["ada"].compounds.smiles), assays["ada"].active
