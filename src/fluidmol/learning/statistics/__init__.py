"""Statistics of predictions: thresholds, intervals, paired comparisons, calibration.

Each question has its function, and its docstring says what is estimated:

- Where does a probability become a class? :func:`best_threshold`; to compare, :func:`matched_threshold`.
- How sure is a figure? :func:`over_seeds`, :func:`over_molecules`, :func:`over_both`.
- Is one method better than another? :func:`compare`, :func:`all_pairs`, :func:`paired_t`, :func:`sign_flip`.
- How many tests were made? :func:`holm`, :func:`benjamini_hochberg`.
- Can probabilities be believed? :func:`reliability_bins`, :func:`calibration_slope_intercept`.

A method is what it said, by seed; molecules that carry names are known again from seed to seed:

>>> truth, names = [True, True, False, False] * 50, range(200)
>>> student = {seed: Predictions(truth, [0.9, 0.7, 0.4, 0.1] * 50, names) for seed in (1, 2, 3)}
>>> teacher = {seed: Predictions(truth, [0.9, 0.2, 0.4, 0.1] * 50, names) for seed in (1, 2, 3)}
>>> found = compare(student, teacher, "accuracy", seed=7)
>>> found.difference, found.low > 0, found.p < 0.01
(0.25, True, True)
"""

from fluidmol.learning.statistics.calibration import calibration_slope_intercept, reliability_bins
from fluidmol.learning.statistics.corrections import benjamini_hochberg, holm
from fluidmol.learning.statistics.intervals import Interval, over_both, over_molecules, over_seeds
from fluidmol.learning.statistics.paired import Comparison, compare, paired_t, sign_flip
from fluidmol.learning.statistics.pairs import Pair, all_pairs
from fluidmol.learning.statistics.predictions import Method, Predictions
from fluidmol.learning.statistics.thresholds import best_threshold, matched_threshold

__all__ = [
    "Comparison",
    "Interval",
    "Method",
    "Pair",
    "Predictions",
    "all_pairs",
    "benjamini_hochberg",
    "best_threshold",
    "calibration_slope_intercept",
    "compare",
    "holm",
    "matched_threshold",
    "over_both",
    "over_molecules",
    "over_seeds",
    "paired_t",
    "reliability_bins",
    "sign_flip",
]
