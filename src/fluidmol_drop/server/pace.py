"""How fast each member may ask."""

from __future__ import annotations

import time
from collections.abc import Callable

import attrs


@attrs.define
class Pace:
    """A token bucket for each key.

    Parameters
    ----------
    rate : float
        Tokens that come back in a second, above 0.
    burst : float
        Most tokens that a key can have, 1 or more.
    keys : int
        Most keys that are remembered; then the fullest are forgotten, which changes nothing for them.
    clock : callable
        Seconds that never run backwards.

    Examples
    --------
    >>> seconds = iter([0.0, 0.0, 0.0, 10.0])
    >>> pace = Pace(rate=0.5, burst=2, clock=lambda: next(seconds))
    >>> [pace.wait("ada") for _ in range(4)]
    [0.0, 0.0, 2.0, 0.0]
    """

    rate: float
    burst: float
    keys: int = 10_000
    clock: Callable[[], float] = time.monotonic
    _left: dict[str, tuple[float, float]] = attrs.field(factory=dict, init=False)

    def wait(self, key: str) -> float:
        """Take a token, and give 0; or give the seconds after which there is one again."""
        moment = self.clock()
        left, since = self._left.get(key, (self.burst, moment))
        left = min(self.burst, left + (moment - since) * self.rate)
        if left < 1:
            self._left[key] = (left, moment)
            return (1 - left) / self.rate
        if key not in self._left and len(self._left) >= self.keys:
            self._shrink(moment)
        self._left[key] = (left - 1, moment)
        return 0.0

    def _shrink(self, moment: float) -> None:
        full = sorted(self._left, key=lambda key: self._left[key][0] + (moment - self._left[key][1]) * self.rate)
        for key in full[len(full) // 2 :]:
            del self._left[key]
