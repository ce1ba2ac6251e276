"""Under [privacy] the second answer says nothing, and nothing private decides whether or when it is given."""

import attrs
import pytest

from fluidmol.partner.gate import Gate
from fluidmol.rounds.partner.answering import Desk
from fluidmol.rounds.partner.home import Home
from fluidmol.rounds.partner.questions import OPEN, Question
from fluidmol.values.charter import Charter
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Learn, Scorecard


@pytest.fixture
def private(charter):
    preset = Charter.from_preset("private")
    return attrs.evolve(preset, parties=charter.parties)


def test_a_scorecard_is_empty_whatever_the_data_are_and_without_a_look_at_them(private, keys, folder, tmp_path):
    """A hybrid that fails, or takes long, would be seen by who waits for the reply: none is fitted for it."""

    def partner():
        raise AssertionError("the private data were asked for")

    labels = FederatedLabels(private.digest, ("one", "two"), [[0.5]], [[0.125]], [[[0.25]], [[0.75]]])
    request = Learn(private, labels)
    desk = Desk(folder, private, keys["ada"], Home(tmp_path / "home"))
    question = Question(request, OPEN)
    prepared = desk.prepare(question, Gate(), partner, scored=True)
    assert prepared.release.reply == Scorecard(private.digest, "ada", ())
