"""Charter, transfer set and labels belong together, or are no publication."""

import attrs
import numpy as np
import pytest

from fluidmol.errors import InputError
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.publication import Publication

TRANSFER = CompoundSet(("C", "CC"), ("VNWKTOKETHGBQD-UHFFFAOYSA-N", "OTMSDBZUPAUEDD-UHFFFAOYSA-N"))
CHARTER = attrs.evolve(Charter.from_preset("open"), transfer_digest=TRANSFER.digest, transfer_size=2)


def labels(n=2, charter=CHARTER):
    return FederatedLabels(charter.digest, ("a",), np.full((n, 1), 0.5), np.zeros((n, 1)), np.ones((1, n, 1)))


GOOD = Publication(charter=CHARTER, transfer=TRANSFER, labels=labels())


def test_parts_of_one_round_belong_together():
    assert (GOOD.charter, GOOD.transfer, GOOD.labels) == (CHARTER, TRANSFER, labels())


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"charter": attrs.evolve(CHARTER, seed=CHARTER.seed + 1)}, "another charter"),
        ({"labels": labels(charter=attrs.evolve(CHARTER, seed=CHARTER.seed + 1))}, "another charter"),
        ({"labels": labels(3)}, r"transfer set \(2 molecules\) isn't the one"),
        ({"transfer": TRANSFER.take([1, 0])}, "isn't the one that the charter names"),
        ({"transfer": TRANSFER.take([0])}, r"transfer set \(1 molecules\) isn't the one"),
    ],
)
def test_parts_of_two_rounds_are_refused(change, why):
    with pytest.raises(InputError, match=why) as caught:
        attrs.evolve(GOOD, **change)
    assert "same round" in caught.value.hint or "one round" in caught.value.hint
