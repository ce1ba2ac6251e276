"""What a small consortium gives, under the recipe open and the paper's."""

import attrs
import pytest

from fluidmol.coordinator.federate import federate
from fluidmol.exchange.local import LocalChannel
from fluidmol.partner.kept.fitting import fit_hybrid
from fluidmol.partner.partner import Partner
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part
from fluidmol.values.publication import Publication

BOOSTED = Part("lightgbm", {"rounds": 10, "leaves": 4, "leaf": 2})


@pytest.fixture(scope="session")
def charters(quick_charter, transfer):
    """Charters by the kind of hybrid that comes of them."""
    mixture = attrs.evolve(
        Charter.from_preset("open"),
        featuriser=Part("additive", {"bits": 128}),
        hybrid=BOOSTED,
        union=Part("mixture", {"folds": 2}),
        transfer_digest=transfer.digest,
        transfer_size=len(transfer),
    )
    soft = {"selection": Part("all", {"hard": False}), "union": Part("weighted")}
    numbers = Part("combined", {"bits": 128})
    return {
        "mixture": mixture,
        "bits": quick_charter,
        "forest": attrs.evolve(quick_charter, featuriser=numbers),
        "boosting": attrs.evolve(quick_charter, featuriser=numbers, hybrid=BOOSTED, student=BOOSTED, **soft),
        "linear": attrs.evolve(quick_charter, hybrid=Part("logistic"), student=Part("logistic"), **soft),
    }


@pytest.fixture(scope="session")
def publics(charters, assays, transfer):
    """What each consortium gives."""

    def given(charter):
        partners = [Partner(name, assay, transfer) for name, assay in assays.items()]
        labels = federate(charter, transfer, LocalChannel(partners)).labels
        return Publication(charter=charter, transfer=transfer, labels=labels)

    return {name: given(charter) for name, charter in charters.items()}


@pytest.fixture(scope="session")
def kept(publics, assays):
    """The hybrid of ada in each."""
    return {name: fit_hybrid(assays["ada"], public, "ada", folds=3).kept for name, public in publics.items()}
