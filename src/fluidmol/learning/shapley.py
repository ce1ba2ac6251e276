"""Contribution accounting: what each player of a coalition is worth to the result.

A value function says what a set of players achieves together, in any figures: an MCC, a ROC AUC, several of them. The
leave-one-out value of a player is what is lost without it; where two players know the same, both get nothing. The
Shapley value is the mean of what a player adds, over all orders in which they could have come; such values sum to what
all achieve together.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Coalition = frozenset[str]
Value = Callable[[Coalition], ArrayLike]
"""Figures that a set of players achieves, a number or (n_figures,) of them; the empty set too."""


class Game:
    """A value function that is asked once for each coalition.

    Parameters
    ----------
    players : sequence of str
        Names, each once.
    value : callable

    Raises
    ------
    ValueError
        If there is no player, or one occurs twice.

    Examples
    --------
    >>> game = Game(("a", "b"), lambda team: len(team) ** 2)
    >>> game(frozenset("ab")).tolist(), game.n_asked
    ([4.0], 1)
    """

    def __init__(self, players: Sequence[str], value: Value) -> None:
        if not players or len(set(players)) != len(players):
            raise ValueError(f"players are {list(players)}: expected at least one, each once")
        self.players = tuple(players)
        self._value = value
        self._known: dict[Coalition, Floats] = {}

    @property
    def n_asked(self) -> int:
        """Number of coalitions asked about so far."""
        return len(self._known)

    @property
    def everybody(self) -> Coalition:
        """All players."""
        return frozenset(self.players)

    def __call__(self, coalition: Coalition) -> Floats:
        """Give the figures of a coalition, (n_figures,)."""
        if coalition not in self._known:
            self._known[coalition] = np.atleast_1d(np.asarray(self._value(coalition), dtype=np.float64))
        return self._known[coalition]


@attrs.frozen(eq=False)
class Contributions:
    """What each player is worth."""

    players: tuple[str, ...]
    """Names."""

    value: Floats
    """Shapley values, (n_players, n_figures)."""

    error: Floats
    """Their standard errors from the sampling of orders, (n_players, n_figures); 0 where all orders were taken."""

    low: Floats
    """Lower bounds of their intervals over the sampled orders, (n_players, n_figures)."""

    high: Floats
    """Upper bounds."""

    n_orders: int
    """Number of orders that were sampled; 0 where all were taken."""


def shapley(
    game: Game, *, exact_up_to: int = 6, orders: int = 50, seed: int = 0, tolerance: float = 0.0, level: float = 0.95
) -> Contributions:
    """Give the Shapley values of a game, exactly for few players, from sampled orders for more.

    Orders come in antithetic pairs, one the reverse of the other: who comes late in one comes early in the other, which
    lowers the variance. Intervals are of the sampling alone, by t over the pairs; that molecules, partners and seeds
    are samples too, they don't say.

    Parameters
    ----------
    game : Game
    exact_up_to : int
        With at most so many players all 2^n coalitions are asked.
    orders : int
        How many orders are sampled otherwise, an even number of 4 or more.
    seed : int
        Of the orders.
    tolerance : float
        An order is cut short once all figures are as near as this to those of all players: whoever comes later adds 0
        in it. Above 0 it saves work, and the values sum to that of all only so nearly.
    level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    Contributions

    Raises
    ------
    ValueError
        If orders are to be sampled and their number is odd or below 4.

    References
    ----------
    Shapley 1953, doi 10.1515/9781400881970-018. Castro, Gómez and Tejada 2009, doi 10.1016/j.cor.2008.04.004.
    Ghorbani and Zou 2019, Data Shapley, ICML.

    Examples
    --------
    >>> gloves = Game(("left", "right", "right too"), lambda team: "left" in team and len(team) > 1)
    >>> shapley(gloves).value.round(3).ravel().tolist()
    [0.667, 0.167, 0.167]
    """
    if len(game.players) <= exact_up_to:
        value = _exact(game)
        return Contributions(game.players, value, np.zeros_like(value), value, value, 0)
    if orders < 4 or orders % 2:
        raise ValueError(f"{orders} orders: expected an even number of 4 or more, for they come in pairs")
    from scipy.stats import t as student_t  # noqa: PLC0415 - heavy

    rng = np.random.default_rng(seed)
    pairs = []
    for _ in range(orders // 2):
        order = rng.permutation(len(game.players))
        pairs.append((_added(game, order, tolerance) + _added(game, order[::-1], tolerance)) / 2)
    sample = np.stack(pairs)
    value, error = sample.mean(axis=0), sample.std(axis=0, ddof=1) / math.sqrt(len(sample))
    reach = error * student_t.ppf((1 + level) / 2, df=len(sample) - 1)
    return Contributions(game.players, value, error, value - reach, value + reach, orders)


def leave_one_out(game: Game) -> Floats:
    """Give what is lost without each player, (n_players, n_figures).

    Examples
    --------
    >>> leave_one_out(Game(("a", "b"), lambda team: "a" in team)).ravel().tolist()
    [1.0, 0.0]
    """
    return np.stack([game(game.everybody) - game(game.everybody - {player}) for player in game.players])


def _exact(game: Game) -> Floats:
    n = len(game.players)
    found = np.zeros((n, len(game(frozenset()))))
    for k, player in enumerate(game.players):
        others = [other for other in game.players if other != player]
        for size in range(n):
            part = 1 / (n * math.comb(n - 1, size))
            for team in map(frozenset, itertools.combinations(others, size)):
                found[k] += part * (game(team | {player}) - game(team))
    return found


def _added(game: Game, order: NDArray[np.int64], tolerance: float) -> Floats:
    """Give what each player adds when they come in this order, (n_players, n_figures)."""
    team: Coalition = frozenset()
    reached, goal = game(team), game(game.everybody)
    added = np.zeros((len(order), len(reached)))
    for k in order:
        if tolerance > 0 and np.all(np.abs(goal - reached) <= tolerance):
            break
        team |= {game.players[k]}
        before, reached = reached, game(team)
        added[k] = reached - before
    return added
