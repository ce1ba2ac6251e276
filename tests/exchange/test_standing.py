"""A round that stands isn't computed anew: what lies in the place is opened and checked."""

import json

import pytest
from rounds import to_the_end

from fluidmol.coordinator import federate as computing
from fluidmol.exchange.layout import LABELS, SUMMARY
from fluidmol.rounds.coordinator.coordinating import Round, conduct
from fluidmol.rounds.coordinator.standing import Standing
from fluidmol.trust.sealing import seal
from fluidmol.trust.signed import signed
from fluidmol.values.messages import Learn


@pytest.fixture
def finished(answered, hub, companies):
    return to_the_end(hub, companies, answered)


@pytest.fixture
def computed(monkeypatch):
    """Count how often labels and student are computed."""
    count = []
    for name in ("federated", "distil"):
        real = getattr(computing, name)
        monkeypatch.setattr(computing, name, lambda *given, real=real, name=name: (count.append(name), real(*given))[1])
    return count


def everything(folder):
    return {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}


def test_a_finished_round_is_read_and_not_computed(finished, hub, answered, computed):
    before = everything(answered)
    again = hub.go()
    assert computed == []
    assert isinstance(again, Standing)
    assert again.labels == finished.labels
    assert again.published == finished.published
    assert again.pseudonyms == finished.pseudonyms
    assert again.scorecards == finished.scorecards
    assert again.declined == finished.declined
    assert [opinion.digest for opinion in again.opinions] == [opinion.digest for opinion in finished.opinions]
    assert again.student.n_train == finished.student.n_train
    assert "nothing has changed since the labels were published" in hub.said[-1]
    assert everything(answered) == before


def test_while_scorecards_are_awaited_nothing_is_computed(answered, hub, companies, computed):
    hub.go()
    assert sorted(computed) == ["distil", "federated"]
    for _ in range(2):
        assert "awaiting the scorecards of ada, bob, cleo" in hub.go()
    assert len(computed) == 2
    for company in companies.values():
        company.visit(answered)
    assert not isinstance(hub.go(), str)
    assert len(computed) == 4  # once more, for the student
    assert isinstance(hub.go(), Standing)
    assert len(computed) == 4


def test_computed_again_if_wanted(finished, answered, charter, keys, computed):
    again = conduct(Round(answered, charter, keys["hub"], again=True))
    assert sorted(computed) == ["distil", "federated"]
    assert again.published == finished.published


def altered_summary(folder, _charter, _keys, _finished):
    path = folder.path / SUMMARY
    table = json.loads(path.read_text())
    path.write_text(json.dumps(table | {"partners": ["mallory"]}, indent=1) + "\n")


def no_summary(folder, *_):
    (folder.path / SUMMARY).unlink()


def damaged_labels(folder, *_):
    path = folder.path / LABELS
    path.write_bytes(path.read_bytes()[:-20])


def labels_of_mallory(folder, charter, keys, finished):
    other = finished.published.renamed({finished.published.partners[0]: "anon-0"})
    data = signed(other, Learn(charter, other).digest, keys["mallory"])
    (folder.path / LABELS).write_bytes(seal(data, [party.sealing for party in charter.parties]))


def labels_of_other_opinions(folder, charter, keys, finished):
    """Signed by the coordinator, but not what came out."""
    other = finished.published.renamed({finished.published.partners[0]: "anon-0"})
    data = signed(other, Learn(charter, other).digest, keys["hub"])
    (folder.path / LABELS).write_bytes(seal(data, [party.sealing for party in charter.parties]))


def labels_about_nothing(folder, charter, keys, finished):
    data = signed(finished.published, "", keys["hub"])
    (folder.path / LABELS).write_bytes(seal(data, [party.sealing for party in charter.parties]))


def no_transfer(folder, *_):
    (folder.path / "transfer.fluid").unlink()


def no_agreement(folder, *_):
    (folder.path / "agreements" / "hub.json").unlink()


def no_closing(folder, *_):
    next(folder.path.glob("requests/1-annotate-*.closed.json")).unlink()


@pytest.mark.parametrize(
    "change",
    [
        altered_summary, no_summary, damaged_labels, labels_of_mallory, labels_of_other_opinions, labels_about_nothing,
        no_transfer, no_agreement, no_closing,
    ],
)  # fmt: skip
def test_what_differs_is_computed_and_mended(change, finished, hub, answered, charter, keys, computed):
    before = (answered.path / SUMMARY).read_bytes()
    change(answered, charter, keys, finished)
    again = hub.go()
    assert sorted(computed) == ["distil", "federated"]
    assert again.published == finished.published
    assert (answered.path / SUMMARY).read_bytes() == before
    assert isinstance(hub.go(), Standing)


def test_a_late_or_altered_reply_is_set_aside_without_computing(finished, hub, answered, companies, keys, computed):
    path = sorted(answered.path.glob("replies/*/bob-*.fluid.age"))[0]
    extra = path.with_name(path.name.replace("bob", "cleo"))
    extra.write_bytes(b"garbage")
    assert isinstance(hub.go(), Standing)
    assert not extra.exists()
    assert computed == []


def test_a_lost_reply_is_awaited(finished, hub, answered, companies, computed):
    for path in answered.path.glob("replies/*/bob-*.fluid.age"):
        path.unlink()
    assert "awaiting the opinion of bob" in hub.go()
    assert computed == []
    assert to_the_end(hub, companies, answered).published == finished.published


def test_the_student_of_a_known_outcome_is_what_the_place_says(finished, hub, answered):
    path = answered.path / SUMMARY
    table = json.loads(path.read_text())
    for wrong in (True, 0, "60", None, 10**9):
        path.write_text(json.dumps(table | {"student": {"molecules": wrong}}, indent=1) + "\n")
        assert hub.go().student.n_train == finished.student.n_train
        assert json.loads(path.read_text()) == table
