"""A game that is quick to play: 130 synthetic molecules, a linear teacher, 16 draws."""

import attrs
import pytest

from fluidmol.partner.audit.effort import Effort
from fluidmol.partner.audit.shadows import GameSettings, play
from fluidmol.partner.teachers.charters import Charters
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part

EFFORT = Effort(draws=16)


@pytest.fixture(scope="session")
def open_charter(chemistry):
    """The preset open, narrow; all molecules are public, so that an expert can be understood from them."""
    return attrs.evolve(
        Charter.from_preset("open"),
        featuriser=Part("additive", {"bits": 128}),
        teacher=Part("logistic", {"strength": 1.0}),
        transfer_digest=chemistry.compounds.digest,
        transfer_size=len(chemistry),
    )


@pytest.fixture(scope="session")
def untranslated(open_charter):
    """Teachers of any kind speak for themselves, whatever they say."""
    options = dict(open_charter.distillation.options) | {"translation": 0}
    return attrs.evolve(open_charter, distillation=Part("experts", options))


@pytest.fixture(scope="session")
def played(chemistry, open_charter):
    return play(chemistry, open_charter, chemistry.compounds, EFFORT, GameSettings(recipe=Charters(), name="ada"))
