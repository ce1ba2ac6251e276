"""What a round that isn't finished needs doesn't go because of its age."""

import pytest

from fluidmol_drop.server.retention import aged
from fluidmol_drop.server.tables import entries

NEEDED = [
    "agreements/ada.json",
    "charter.toml",
    "outcome/labels.fluid.age",
    "replies/aaaaaaaaaaaa/ada-bbbbbbbbbbbb.fluid.age",
    "requests/1-annotate-aaaaaaaaaaaa.closed.json",
    "requests/1-annotate-aaaaaaaaaaaa.fluid",
    "requests/2-learn-cccccccccccc.fluid.age",
    "transfer.fluid",
]
ASIDE = ["quarantine/12345678-ada-bbbbbbbbbbbb.fluid", "quarantine/12345678-ada-bbbbbbbbbbbb.fluid.txt"]
OUTCOME, CLOSING = "outcome/outcome.json", "requests/2-learn-cccccccccccc.closed.json"


@pytest.fixture
def shelf(still):
    """Old blobs of a round, and a new one."""

    def filled(*more):
        rows = [{"name": name, "digest": "0", "size": 0, "owner": "hub", "at": "2020"} for name in NEEDED + ASIDE]
        rows += [{"name": name, "digest": "0", "size": 0, "owner": "hub", "at": "2026"} for name in more]
        with still.service.database.writing() as connection:
            connection.execute(entries.insert(), rows)
        return still.service.shelf

    return filled


@pytest.mark.parametrize("more", [(), (OUTCOME,), (CLOSING,), ("outcome/other.json", "agreements/bob.json")])
def test_a_running_round_keeps_what_it_needs(shelf, more):
    shelf = shelf(*more)
    gone, kept = aged(shelf, "2025")
    assert (sorted(gone), sorted(kept)) == (ASIDE, NEEDED)
    gone, kept = aged(shelf, "2025", even_running=True)
    assert (sorted(gone), kept) == (sorted(NEEDED + ASIDE), [])


def test_of_a_finished_round_all_that_is_old_may_go(shelf):
    gone, kept = aged(shelf(OUTCOME, CLOSING), "2025")
    assert (sorted(gone), kept) == (sorted(NEEDED + ASIDE), [])
