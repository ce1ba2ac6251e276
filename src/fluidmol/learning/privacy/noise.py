"""Noise on the integers: from the operating system for what leaves a company, simulated for studies.

Noise in floating point gives away what it should hide: which of its values are possible depends on what it is added to
(Mironov 2012, doi 10.1145/2382196.2382264). So sums are integers (:mod:`fluidmol.learning.privacy.lattice`), and so is
their noise: x with a probability in proportion to exp(-x^2 / 2s^2). Its delta differs from that of the continuous
mechanism by a share that falls with the square of the lattice's fineness: 1e-4 and less for a compound of 100 lattice
points at epsilon 4, so that for a million, as here, the accountant's own rounding to the safe side is more.

>>> SimulatedNoise(1).draw(deviation=1000, size=3).tolist()
[346, 822, 330]
"""

from __future__ import annotations

import secrets
from typing import ClassVar, Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

LARGEST = 1 << 50
"""Largest deviation: sums with their noise must fit 64 bits."""


class Noise(Protocol):
    """A source of noise."""

    hides: ClassVar[bool]
    """Whether there is any noise; what is learnt allows for as much as the charter says."""

    def draw(self, deviation: int, size: int) -> Integers:
        """Draw integers independently.

        Parameters
        ----------
        deviation : int
            Standard deviation (of the discrete Gaussian: its parameter), at least 1.
        size : int

        Returns
        -------
        (size,) int64
        """


@attrs.frozen
class SystemNoise:
    """What a real partner uses: exact draws, from the operating system's randomness alone.

    It has no seed and no state, so that nobody can repeat its draws, the partner itself included. Only integers decide:
    rejection from a discrete Laplace distribution, whose events of probability exp(-a/b) are made of events of
    probability a/bk (Canonne, Kamath and Steinke 2020, arXiv 2004.00010, algorithms 1 to 3). How long a draw takes
    depends on what is drawn: let nobody measure the time of a release.
    """

    hides: ClassVar[bool] = True

    def draw(self, deviation: int, size: int) -> Integers:
        """Draw integers; see :class:`Noise`."""
        _check(deviation)
        return np.array([_gaussian(deviation) for _ in range(size)], dtype=np.int64)


@attrs.frozen
class SimulatedNoise:
    """For simulations only: whoever knows the seed can take the noise away again, so that it protects nothing.

    Rounded draws of numpy's normal distribution, which are as good as exact ones to learn what noise costs.
    """

    hides: ClassVar[bool] = True

    seed: int
    """Of the stream; each draw goes on in it."""

    _stream: np.random.Generator = attrs.field(init=False, repr=False, eq=False)

    @_stream.default
    def _begin(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)

    def draw(self, deviation: int, size: int) -> Integers:
        """Draw integers; see :class:`Noise`."""
        _check(deviation)
        return np.rint(self._stream.normal(0, deviation, size)).astype(np.int64)


@attrs.frozen
class NoNoise:
    """No noise and **no privacy**, for studies of what noise costs: its models have no epsilon, and can't be packed."""

    hides: ClassVar[bool] = False

    def draw(self, deviation: int, size: int) -> Integers:  # noqa: ARG002 - all sources are asked alike
        """Give zeros."""
        return np.zeros(size, dtype=np.int64)


def _check(deviation: int) -> None:
    if not 1 <= deviation <= LARGEST:
        raise ValueError(f"noise of standard deviation {deviation}: expected a whole number from 1 to {LARGEST}")


def _gaussian(deviation: int) -> int:
    """Draw x in proportion to exp(-x^2 / 2 deviation^2)."""
    variance, scale = deviation * deviation, deviation + 1
    while True:
        drawn = _laplace(scale)
        # exp(-|x|/scale) exp(-(|x| - variance/scale)^2 / 2 variance) is in proportion to what is wanted.
        if _exponentially((abs(drawn) * scale - variance) ** 2, 2 * variance * scale * scale):
            return drawn


def _laplace(scale: int) -> int:
    """Draw x in proportion to exp(-|x| / scale)."""
    while True:
        rest = secrets.randbelow(scale)
        if not _exponentially(rest, scale):
            continue
        wholes = 0
        while _exponentially(1, 1):
            wholes += 1
        size = rest + scale * wholes
        if not secrets.randbits(1):
            return size
        if size:  # or zero would come twice as often
            return -size


def _exponentially(numerator: int, denominator: int) -> bool:
    """Say yes with probability exp(-numerator / denominator), for a fraction of 0 or more."""
    while numerator > denominator:  # exp(-a) = exp(-1) exp(-(a - 1))
        if not _exponentially(1, 1):
            return False
        numerator -= denominator
    # Of events that happen with probability f, f/2, f/3, ... the first that doesn't is the k-th with probability
    # f^(k-1)/(k-1)! - f^k/k!; odd ones together have 1 - f + f^2/2 - ... = exp(-f).
    tried = 1
    while secrets.randbelow(denominator * tried) < numerator:
        tried += 1
    return tried % 2 == 1
