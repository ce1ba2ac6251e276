"""What every policy promises of whatever leaves by it."""

import numpy as np
import strategies
from hypothesis import given
from hypothesis import strategies as st

from fluidmol.partner.gate import Gate
from fluidmol.partner.policy import REPEATED, Policy
from fluidmol.partner.policy_file import from_toml, to_toml
from fluidmol.values.annotations import Annotations


@st.composite
def policies(draw):
    decimals = draw(st.integers(1, 7))
    hard = draw(st.booleans())
    surest = 0.0 if hard else draw(st.integers(0, 5 * 10 ** (decimals - 1) - 1)) / 10**decimals
    return Policy(
        decimals=decimals,
        labels="hard" if hard else "soft",
        surest=surest,
        proximity_levels=draw(st.integers(0, min(60, 10**decimals + 1))),
        nearest_only=draw(st.floats(0, 1, exclude_max=True)),
        fewest_compounds=draw(st.integers(2, 1000)),
        withheld=tuple(draw(st.lists(st.text(max_size=8), max_size=2))),
        recipients=tuple(draw(st.lists(st.text(max_size=8), max_size=2))),
        scorecards=draw(st.booleans()),
        approval=draw(st.booleans()),
        min_neighbours=draw(st.integers(1, 200)),
        max_strength=draw(st.floats(0, 1e6, exclude_min=True)),
        min_quorum=draw(st.integers(1, 9)),
        experts_allowed=draw(st.booleans()),
        max_known=draw(st.floats(0, 1)),
        max_near=draw(st.floats(0, 1)),
        repeated_releases=draw(st.sampled_from(REPEATED)),
    )


def leaving(said, policy):
    """Give what may leave under the rules that change numbers."""
    numbers = Policy(
        decimals=policy.decimals, labels=policy.labels, surest=policy.surest, nearest_only=policy.nearest_only,
        proximity_levels=policy.proximity_levels,
    )  # fmt: skip
    return Gate(numbers).examine(said)


def has_decimals(numbers, decimals):
    there = numbers[~np.isnan(numbers)]
    return np.array_equal(there, np.round(there.astype(np.float64), decimals).astype(np.float32))


@given(strategies.annotations(), policies())
def test_no_number_has_more_decimals(said, policy):
    reply = leaving(said, policy).reply
    assert has_decimals(reply.value, policy.decimals)
    assert has_decimals(reply.weight, policy.decimals)


def test_each_level_is_what_its_decimals_say():
    steps = np.arange(32) / 31
    said = Annotations("sha256:" + "0" * 64, "ada", np.full((32, 1), 0.5), steps[:, None])
    reply = leaving(said, Policy(proximity_levels=32, decimals=7)).reply
    assert reply.weight[:, 0].tolist() == np.round(steps, 7).astype(np.float32).tolist()


@given(strategies.annotations(), policies())
def test_weights_have_no_other_levels(said, policy):
    reply = leaving(said, policy).reply
    levels = policy.proximity_levels
    if levels:
        allowed = np.linspace(0, 1, levels) if levels > 1 else np.ones(1)
        allowed = np.round(allowed, policy.decimals).astype(np.float32)
        assert np.isin(reply.weight[~reply.abstained], allowed).all()
        assert len(np.unique(reply.weight[~reply.abstained])) <= levels


@given(strategies.annotations(), policies())
def test_hard_labels_are_0_or_1_on_the_side_of_the_opinion(said, policy):
    reply = leaving(said, policy).reply
    if policy.labels == "hard":
        spoken = ~reply.abstained
        assert np.array_equal(reply.value[spoken], (said.value[spoken] > 0.5).astype(np.float32))


@given(strategies.annotations(), policies())
def test_no_opinion_is_surer_than_the_surest(said, policy):
    reply = leaving(said, policy).reply
    spoken = reply.value[~reply.abstained]
    assert (spoken >= np.float32(policy.surest)).all()
    assert (spoken <= np.float32(1 - policy.surest)).all()


@given(strategies.annotations(), policies())
def test_nobody_speaks_of_what_is_far_away_or_where_nobody_spoke(said, policy):
    reply = leaving(said, policy).reply
    assert (reply.weight[~reply.abstained] >= np.float32(policy.nearest_only)).all()
    assert reply.abstained[said.abstained].all()


@given(strategies.annotations(), policies())
def test_what_is_released_again_is_the_same(said, policy):
    once = leaving(said, policy)
    again = leaving(once.reply, policy)
    assert again.digest == once.digest
    assert all(change.changed == 0 for change in again.changes)


@given(strategies.annotations(), policies())
def test_equal_digests_say_that_nothing_changed(said, policy):
    release = leaving(said, policy)
    assert (release.digest == said.digest) == all(change.changed == 0 for change in release.changes)
    assert all(0 <= change.changed <= change.of == said.value.size for change in release.changes)


@given(policies())
def test_policies_survive_their_file(policy):
    again = from_toml(to_toml(policy), "policy.toml")
    assert again == policy
    assert again.digest == policy.digest


@given(policies(), policies())
def test_digests_tell_policies_apart(one, other):
    assert (one == other) == (one.digest == other.digest)
