"""The coordinator's page names partners whose values lie elsewhere than the others', in the scale's units."""

from types import SimpleNamespace

import attrs
import numpy as np
import pytest

from fluidmol.report.after import coordinator
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.endpoint import Endpoint
from fluidmol.values.parts import Part
from fluidmol.values.scale import Scale

CHARTER = attrs.evolve(
    Charter.from_preset("open"),
    weighting=Part("as-stated"),
    endpoints=(Endpoint("clint", "regression", scale=Scale("mL/min/g", 1, 10_000, "log10")),),
)


def agreement(change):
    """Say what the page says of six partners, one of which is changed."""
    rng = np.random.default_rng(1)
    truth = np.clip(rng.normal(0.5, 0.1, 600), 0, 1)
    said = {name: np.clip(truth + rng.normal(0, 0.04, 600), 0, 1) for name in "abcdef"}
    said["c"] = np.clip(change(said["c"]), 0, 1)
    opinions = [Annotations("", name, value[:, None], np.ones((600, 1))) for name, value in said.items()]
    return coordinator._agreement(SimpleNamespace(opinions=opinions), CHARTER)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda said: said + 0.25, "c's values, where others know the molecules too, lie 1 above theirs"),
        (lambda said: said - 0.25, " below theirs (log10 of mL/min/g): another unit or assay?"),
        (lambda said: 0.5 + 2.3 * (said - 0.5), "times as far apart as theirs: natural for decimal logarithms"),
    ],
)  # fmt: skip
def test_who_lies_elsewhere_is_named(change, said):
    found = agreement(change)
    assert found.title == "Ask c before the labels are used."
    assert said in " ".join(found.sentences)


def test_nobody_is_named_where_all_agree():
    assert agreement(lambda said: said).title == "Nobody contradicts the others beyond chance."
