"""A plain verdict from paired differences."""

from __future__ import annotations

from collections.abc import Mapping

from fluidmol.learning.statistics import Comparison
from fluidmol.partner.tuning.figures import METRICS

ADOPT, KEEP, HARM = "adopt", "no clear gain: keep your teacher", "harm"
"""What a partner is told."""

SUSPECT = "not clear: others may know these compounds"
"""What it is told of a gain where the labels don't look as if they were made without these compounds."""


LEAST = 0.01
"""Log-loss, in nats a compound, below which a gain isn't worth another model, however sure it is."""


def better(metric: str, difference: Comparison) -> bool:
    """Whether the interval of a difference lies wholly on the good side of 0."""
    return difference.low > 0 if METRICS[metric][1] else difference.high < 0


def worse(metric: str, difference: Comparison) -> bool:
    """Whether it lies wholly on the bad side."""
    return difference.high < 0 if METRICS[metric][1] else difference.low > 0


def verdict(gains: Mapping[str, Comparison]) -> str:
    """Judge a hybrid by its differences to the teacher.

    ``adopt``: the log-loss is better beyond noise and by :data:`LEAST` or more, MCC or ROC AUC gain as well, and none
    of the three is worse beyond noise. ``harm``: one of the three is worse beyond noise, and the log-loss isn't better.
    Otherwise there is no clear gain. The log-loss leads, for it judges each probability and so sees a difference with
    the fewest compounds; undefined figures speak for nothing.

    Examples
    --------
    >>> up, none = Comparison(0.1, 0.05, 0.15, 0.001, 1, 200), Comparison(0.0, -0.1, 0.1, 0.9, 1, 200)
    >>> down = Comparison(-0.1, -0.15, -0.05, 0.001, 1, 200)
    >>> verdict({"mcc": up, "roc_auc": none, "log_loss": down}), verdict({"mcc": none, "roc_auc": none, "log_loss": up})
    ('adopt', 'harm')
    """
    deciding = {name: gains[name] for name in ("mcc", "roc_auc", "log_loss")}
    any_worse = any(worse(name, gain) for name, gain in deciding.items())
    lower_loss = better("log_loss", gains["log_loss"])
    matters = gains["log_loss"].difference <= -LEAST
    higher = any(gains[name].difference > 0 for name in ("mcc", "roc_auc"))
    if lower_loss and matters and higher and not any_worse:
        return ADOPT
    return HARM if any_worse and not lower_loss else KEEP
