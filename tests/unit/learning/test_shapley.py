"""The axioms of Shapley, exactly and sampled, and how far the intervals can be believed."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluidmol.learning.shapley import Game, leave_one_out, shapley


def random_game(n_players, seed, figures=2):
    """A game of any kind: each coalition has a value of its own."""
    names = tuple("abcdefgh"[:n_players])
    rng = np.random.default_rng(seed)
    values = {
        frozenset(team): rng.normal(size=figures)
        for size in range(n_players + 1)
        for team in itertools.combinations(names, size)
    }
    return Game(names, values.__getitem__)


@given(n_players=st.integers(1, 6), seed=st.integers(0, 99), exact=st.booleans())
def test_efficiency(n_players, seed, exact):
    game = random_game(n_players, seed)
    found = shapley(game, exact_up_to=6 if exact else 0, orders=6, seed=seed)
    np.testing.assert_allclose(found.value.sum(axis=0), game(game.everybody) - game(frozenset()), atol=1e-9)


@given(n_players=st.integers(2, 5), seed=st.integers(0, 99))
def test_exact_is_the_mean_over_all_orders(n_players, seed):
    game = random_game(n_players, seed)
    expected = np.zeros((n_players, 2))
    orders = list(itertools.permutations(range(n_players)))
    for order in orders:
        team = frozenset()
        for k in order:
            expected[k] += (game(team | {game.players[k]}) - game(team)) / len(orders)
            team |= {game.players[k]}
    np.testing.assert_allclose(shapley(game).value, expected, atol=1e-9)


@pytest.mark.parametrize("exact_up_to", [6, 0], ids=["exact", "sampled"])
def test_a_null_player_gets_nothing(exact_up_to):
    inner = random_game(4, 3)
    game = Game((*inner.players, "null"), lambda team: inner(team - {"null"}))
    found = shapley(game, exact_up_to=exact_up_to, orders=10)
    np.testing.assert_allclose(found.value[-1], 0, atol=1e-12)
    np.testing.assert_allclose(leave_one_out(game)[-1], 0, atol=1e-12)


def test_twins_get_the_same():
    def value(team):
        return [len(team & {"twin", "other twin"}) > 0, len(team) ** 0.5]

    game = Game(("twin", "x", "other twin", "y"), value)
    exact = shapley(game).value
    np.testing.assert_allclose(exact[0], exact[2])
    # Each alone is dispensable: why leaving one out isn't all there is to say.
    assert leave_one_out(game)[0, 0] == 0
    assert exact[0, 0] == pytest.approx(0.5)
    sampled = shapley(game, exact_up_to=0, orders=400)
    np.testing.assert_allclose(sampled.value[0], sampled.value[2], atol=0.1)


def test_additivity():
    one, two = random_game(4, 1), random_game(4, 2)
    both = Game(one.players, lambda team: one(team) + two(team))
    np.testing.assert_allclose(shapley(both).value, shapley(one).value + shapley(two).value, atol=1e-9)


def test_sampled_intervals_cover_the_exact_values():
    inside, total, errors = 0, 0, []
    for seed in range(60):
        game = random_game(5, seed, figures=1)
        exact, found = shapley(game).value, shapley(game, exact_up_to=0, orders=40, seed=seed)
        inside += int(((found.low <= exact) & (exact <= found.high)).sum())
        total += exact.size
        errors.append((found.value - exact) / found.error)
    assert 0.91 < inside / total < 0.985
    assert 0.85 < np.std(errors) < 1.2


def test_antithetic_pairs_leave_no_error_where_worth_is_linear_in_place():
    # Who comes k-th adds 2k - 1: early in one order is late in the other, and the mean is always the same.
    game = Game(tuple("abcdefgh"), lambda team: len(team) ** 2)
    found = shapley(game, exact_up_to=0, orders=8)
    np.testing.assert_allclose(found.value, 8)
    np.testing.assert_allclose(found.error, 0, atol=1e-12)


def test_truncation_saves_work_and_costs_little():
    def value(team):
        return 1 - 0.3 ** len(team)

    whole, short = Game(tuple("abcdefgh"), value), Game(tuple("abcdefgh"), value)
    full = shapley(whole, orders=40, seed=1)
    cut = shapley(short, orders=40, seed=1, tolerance=0.03)
    assert short.n_asked < whole.n_asked
    np.testing.assert_allclose(cut.value, full.value, atol=0.03)
    assert value(whole.everybody) - cut.value.sum() <= 0.03


def test_each_coalition_is_asked_once():
    asked = []
    game = Game(tuple("abc"), lambda team: asked.append(team) or len(team))
    shapley(game)
    leave_one_out(game)
    assert len(asked) == len(set(asked)) == game.n_asked == 8


@pytest.mark.parametrize("players", [(), ("a", "a")])
def test_refuses_players(players):
    with pytest.raises(ValueError, match="each once"):
        Game(players, len)


@pytest.mark.parametrize("orders", [3, 2, 0])
def test_refuses_orders(orders):
    with pytest.raises(ValueError, match="even number"):
        shapley(Game(tuple("abcdefgh"), len), orders=orders)
