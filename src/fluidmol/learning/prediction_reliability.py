"""How sure a model must be to be relied on, as compounds show that it hasn't learnt from.

Nearness to known compounds doesn't tell where a hybrid errs; how sure it is does (``benchmarks/applicability.py``).
"""

from __future__ import annotations

import attrs
import numpy as np

from fluidmol.learning.metrics import Flags, Floats

RELIED_ON = 0.7
"""Share of the calibration compounds, the surest, whose predictions count as reliable."""


@attrs.frozen
class PredictionReliability:
    """From which sureness on predictions are relied on, and how often each side was wrong.

    Examples
    --------
    >>> truth = np.array([True, True, False, False, True, False, True, False, True, False])
    >>> said = np.array([0.9, 0.8, 0.1, 0.2, 0.9, 0.1, 0.8, 0.6, 0.4, 0.45])
    >>> found = PredictionReliability.of(truth, said)
    >>> found.high(np.array([0.95, 0.5])).tolist(), found.wrong_high, found.wrong_low
    ([True, False], 0.0, 0.6666666666666666)
    """

    threshold: float
    """Distance of a probability from one half from which on it is relied on, in [0, 0.5]."""

    wrong_high: float
    """Share of the calibration compounds that are relied on and were called wrongly, in [0, 1]."""

    wrong_low: float | None
    """The same of the others, in [0, 1]; None if there are none."""

    @classmethod
    def of(cls, active: Flags, probability: Floats) -> PredictionReliability:
        """Look at compounds that the model hasn't learnt from.

        Parameters
        ----------
        active : (n,) bool
            The truth, of one compound or more.
        probability : (n,) float
            Of the active class, in [0, 1].
        """
        sureness = _sureness(probability)
        threshold = float(np.quantile(sureness, 1 - RELIED_ON))
        high, wrong = sureness >= threshold, (probability > 0.5) != active
        low = float(wrong[~high].mean()) if (~high).any() else None
        return cls(threshold, float(wrong[high].mean()), low)

    def high(self, probability: Floats) -> Flags:
        """Tell which predictions are relied on, (n,)."""
        return np.asarray(_sureness(probability) >= self.threshold)


def _sureness(probability: Floats) -> Floats:
    return np.abs(np.asarray(probability, dtype=np.float64) - 0.5)
