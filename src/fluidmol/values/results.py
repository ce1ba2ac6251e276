"""Names in results: of metrics, of kinds of models and of data sets, once for all who write or read them."""

from __future__ import annotations

import attrs


@attrs.frozen
class Metric:
    """One metric, as people read it."""

    short: str
    """In the head of a column."""

    meaning: str
    """One line."""


SCORES = {
    "mcc": Metric("MCC", "Matthews correlation coefficient, -1 to 1, with its 95 % interval"),
    "balanced_accuracy": Metric("Bal. acc.", "Balanced accuracy: mean of sensitivity and specificity"),
    "accuracy": Metric("Acc.", "Accuracy: share of right calls"),
    "f1": Metric("F1", "F1 score of the active class"),
    "sensitivity": Metric("Sens.", "Sensitivity: share of actives found"),
    "specificity": Metric("Spec.", "Specificity: share of inactives found"),
    "ppv": Metric("PPV", "Positive predictive value: share of active calls that are right"),
    "npv": Metric("NPV", "Negative predictive value: share of inactive calls that are right"),
    "roc_auc": Metric("ROC AUC", "Area under the receiver operating characteristic curve"),
    "pr_auc": Metric("PR AUC", "Area under the precision-recall curve"),
    "brier": Metric("Brier", "Brier score: mean squared error of the probability; lower is better"),
    "ece": Metric("ECE", "Expected calibration error; lower is better"),
    "mcc_matched": Metric("Matched MCC", "MCC where as many are called active as are: models at one operating point"),
}
"""All metrics by name, in the order of tables."""

METRICS = tuple(SCORES)
"""Their names."""

VALUE_SCORES = {
    "rmse": Metric("RMSE", "Root mean squared error, in the scale's units, with its 95 % interval; lower is better"),
    "mae": Metric("MAE", "Mean absolute error, in the scale's units; lower is better"),
    "r2": Metric("R²", "Coefficient of determination: 1 at best, 0 for whoever says the mean of these molecules"),
    "spearman": Metric("Spearman", "Rank correlation, -1 to 1"),
}
"""All metrics of a regression by name, in the order of tables."""

VALUE_METRICS = tuple(VALUE_SCORES)
"""Their names."""

LOWER_IS_BETTER = frozenset({"rmse", "mae", "brier", "ece"})
"""Metrics of which the smaller figure is the better one."""

DECIDING: dict[str, tuple[str, str]] = {"classification": ("mcc", "roc_auc"), "regression": ("rmse", "r2")}
"""Metrics in which models are compared, by kind of endpoint."""


def gained(metric: str, after: float, before: float) -> float:
    """Return by how much one figure is better than another; negative where it is worse.

    Examples
    --------
    >>> gained("mcc", 0.5, 0.25), gained("rmse", 0.5, 0.75)
    (0.25, 0.25)
    """
    return before - after if metric in LOWER_IS_BETTER else after - before


KINDS = ("pooled", "pooled_same_make", "teacher", "student", "hybrid", "pooled_hybrid", "control")
"""What a model is, in the order of ``metrics.csv``: ``pooled`` is T0, the best model of all partners' data together,
``pooled_same_make`` that of the teachers' own make, and ``pooled_hybrid`` its hybrid; ``control`` is made for
comparison."""

SAME_MAKE = "same-make"
"""The kind of pooled model that the teachers are."""

POOLED_KINDS = {
    SAME_MAKE: "same make as teachers",
    "random-forest": "random forest",
    "lightgbm": "gradient boosting",
    "logistic": "logistic regression",
    "chemprop": "chemprop",
}
"""Kinds of pooled models among which T0 is chosen, as people call them."""

TRAINING = "training"
"""Data set of what is said about the choice of T0: all partners' training compounds."""

CV_AUC, CV_MCC, TAKEN = "cv_roc_auc", "cv_mcc", "taken"
"""Figures of that choice: means over folds, and 1 for the kind that was taken."""

CV_RMSE, CV_R2 = "cv_rmse", "cv_r2"
"""The same of a regression."""

TOO_SMALL = "too_small"
"""Figure of a group of compounds that is too small to be judged: how many there are."""

ACTIVES = "actives"
"""Figure of a group of compounds: how many of them are active."""

BY_ORIGIN, BY_SIMILARITY, UNDIVIDED = "origin", "similarity", "all"
"""By what an external set is divided in the study of shift: sources, nearness to the training compounds, nothing."""

LEFT_OUT = "left-out"
"""In the same place: a source of the training compounds, which all partners did without."""

DERIVED = "derived"
"""Kind of a figure that follows from several models'."""

MEANS = {"teacher": "teachers' mean", "hybrid": "hybrids' mean"}
"""Kinds of which each partner has one: what their mean over partners is called."""

PUBLIC = ("external", "validation")
"""Benchmarks that all parties hold, the more telling first."""
