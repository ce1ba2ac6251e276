"""Roles and names decide, nothing else."""

import pytest

from fluidmol_drop.server.access import Member, may_read, may_set_aside, may_write

HUB, ADA, BOB, WATCH = (
    Member("hub", "coordinator"), Member("ada", "partner"), Member("bob", "partner"), Member("watch", "monitor")
)  # fmt: skip
ASKED = "replies/aaaaaaaaaaaa"
OWN = f"{ASKED}/ada-bbbbbbbbbbbb.fluid"


@pytest.mark.parametrize(
    ("name", "writers"),
    [
        ("charter.toml", {"hub"}),
        ("transfer.fluid", {"hub"}),
        ("requests/1-annotate-aaaaaaaaaaaa.fluid", {"hub"}),
        ("requests/2-learn-aaaaaaaaaaaa.fluid.age", {"hub"}),
        ("outcome/labels.fluid.age", {"hub"}),
        ("agreements/hub.json", {"hub"}),
        ("agreements/ada.json", {"ada"}),
        (OWN, {"ada"}),
        (f"{OWN}.age", {"ada"}),
        # "ada" and "ada-2" may both be names.
        (f"{ASKED}/ada-2-bbbbbbbbbbbb.fluid", set()),
        (f"{ASKED}/ada-bbbbbbbbbbbb.fluid.txt", set()),
        (f"{ASKED}/ada-BBBBBBBBBBBB.fluid", set()),
        (f"{ASKED}/sub/ada-bbbbbbbbbbbb.fluid", set()),
        ("replies/ada-bbbbbbbbbbbb.fluid", set()),
        ("quarantine/a", set()),
        ("inbox/ada", set()),
        ("other", set()),
        ("", set()),
        ("requests/../charter.toml", set()),
        ("requests//a", set()),
        ("outcome/a b", set()),
        ("outcome/con", set()),
    ],
)
def test_who_writes(name, writers):
    assert {member.name for member in (HUB, ADA, BOB, WATCH) if may_write(member, name)} == writers


@pytest.mark.parametrize(
    ("name", "writer", "readers"),
    [
        ("charter.toml", "hub", {"hub", "ada", "bob"}),
        ("requests/2-learn-aaaaaaaaaaaa.fluid.age", "hub", {"hub", "ada", "bob"}),
        ("outcome/labels.fluid.age", "hub", {"hub", "ada", "bob"}),
        ("agreements/ada.json", "ada", {"hub", "ada", "bob"}),
        (OWN, "ada", {"hub", "ada"}),
        ("quarantine/12345678-ada-bbbbbbbbbbbb.fluid", "ada", {"hub", "ada"}),
    ],
)
def test_who_reads(name, writer, readers):
    assert {member.name for member in (HUB, ADA, BOB, WATCH) if may_read(member, name, writer)} == readers


def test_only_the_coordinator_sets_aside_and_only_once():
    assert [may_set_aside(member, OWN) for member in (HUB, ADA, BOB, WATCH)] == [True, False, False, False]
    assert not may_set_aside(HUB, f"quarantine/{OWN}")
