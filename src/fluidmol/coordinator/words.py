"""A charter's parts in plain words, for those who sign it."""

from __future__ import annotations

from string import Formatter
from typing import Any

import attrs

from fluidmol.chem.featurisers import FEATURISERS
from fluidmol.chem.proximity import PROXIMITIES
from fluidmol.learning.aggregation import AGGREGATIONS
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.estimators import ESTIMATORS, STUDENTS
from fluidmol.learning.selection import SELECTIONS
from fluidmol.learning.union import UNIONS
from fluidmol.learning.weighting import WEIGHTINGS
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Catalogue, Part

CATALOGUES: dict[str, Catalogue[Any]] = {
    "featuriser": FEATURISERS, "teacher": ESTIMATORS, "proximity": PROXIMITIES, "weighting": WEIGHTINGS,
    "aggregation": AGGREGATIONS, "selection": SELECTIONS, "distillation": DISTILLATIONS, "student": STUDENTS,
    "hybrid": ESTIMATORS, "union": UNIONS,
}  # fmt: skip
"""The catalogue of each of a charter's parts."""

_NEAR = "how near the molecule is to your compounds"
_ESTIMATORS = {
    "lightgbm": "gradient boosting, {rounds} rounds",
    "logistic": "a logistic regression, a model that can be written down as one number a feature",
    "random-forest": "a random forest of {trees} trees",
}
_AMOUNT = "{size:,} molecules"

WORDS: dict[str, dict[str, str]] = {
    "featuriser": {
        "additive": "structural features with {bits} columns a kind, and properties, in which models add up",
        "combined": "feature-Morgan and Morgan fingerprints (radius {radius}, {bits} columns each), and properties",
        "descriptor-steps": "physicochemical properties, as steps",
        "descriptors": "physicochemical properties",
        "directions": "public directions of molecules: rows, of length 1 at most, of the representation {digest}",
        "ecfp-counts": "Morgan fingerprints (radius {radius}, {bits} columns, counts)",
        "fcfp": "feature-Morgan fingerprints (radius {radius}, {bits} bits)",
        "feature-pairs": "pairs of pharmacophoric features ({bits} columns)",
        "torsions": "paths of four atoms ({bits} columns)",
    },
    "estimator": _ESTIMATORS,
    "student": {
        **_ESTIMATORS,
        "chemprop": "the mean of {members} message-passing networks (chemprop) of depth {depth} and width {hidden},"
        " which read structures instead of features",
    },
    "proximity": {
        "euclidean-neighbours": _NEAR + ": the mean distance to the {neighbours} nearest of a random part"
        " ({reference_fraction:.0%}) of them",
        "resemblance": "how like all of your compounds together the molecule is, in the first {columns} columns of the"
        " features, on a logarithmic scale of {scale:g}",
        "tanimoto-neighbours": _NEAR + ": the mean Tanimoto similarity to the {neighbours} nearest of them",
        "uniform": "always 1, which says nothing about your compounds",
    },
    "weighting": {
        "as-stated": "each opinion counts by its weight",
        "powered": "each opinion counts by its weight to the power of {power:g}",
        "resemblance": "each opinion counts by the resemblance that its weight states on a logarithmic scale of"
        " {scale:g}, plus {offset:g}, to the power of {power:g}",
        "rescaled": "weights are stretched to 0 to 1 over all partners, and each opinion counts by its weight to the"
        " power of {power:g}",
    },
    "aggregation": {
        "log-odds": "the label is the weighted mean of the opinions' log-odds",
        "reliability": "the label is the weighted mean of the opinions, after partners that the others contradict"
        " have been weighted down",
        "trimmed-mean": "the label is the weighted mean of the opinions without the outermost {trim:.0%} at each end",
        "weighted-mean": "the label is the weighted mean of the opinions",
        "weighted-median": "the label is the weighted median of the opinions",
    },
    "selection": {
        "all": "all labelled molecules",
        "balanced": f"{_AMOUNT}, half of each class",
        "confident": f"{_AMOUNT} whose labels are most certain, half of each class",
        "confident-diverse": f"{_AMOUNT} whose labels are certain and which differ from one another",
        "least-confident": f"{_AMOUNT} whose labels are least certain",
        "random": f"{_AMOUNT}, drawn at random",
    },
    "distillation": {
        "experts": "the student is made of experts: a simple model of each single teacher, understood from its answers",
        "labels": "the student is a model of the federated labels",
    },
    "union": {
        "local": "all of your compounds, and federated labels that count by how near they are to your chemistry",
        "mixture": "a model of your own, and the other partners' experts, as your own cross-validation prefers",
        "undersampled": "your compounds and the federated labels, the larger class thinned out",
        "weighted": "your compounds, counting {own_weight:g} times as much each, and the federated labels",
    },
}
"""What each part does, by the kind of its catalogue; options in braces. The other options are named behind it."""

TOLD_ELSEWHERE = {"selection": {"hard"}}
"""Options by kind of which the terms speak in words of their own."""


def in_words(charter: Charter, name: str) -> str:
    """Say what one part of a charter does.

    Parameters
    ----------
    charter : Charter
    name : str
        Such as ``weighting``.

    Raises
    ------
    CharterError
        If the part or one of its options is unknown.

    Examples
    --------
    >>> in_words(Charter.from_preset("open"), "weighting")
    'each opinion counts by its weight to the power of 6'
    >>> in_words(Charter.from_preset("open"), "teacher")
    'a logistic regression, a model that can be written down as one number a feature (strength: 0.05)'
    """
    part: Part = getattr(charter, name)
    catalogue = CATALOGUES[name]
    known = attrs.asdict(catalogue.build(part), recurse=False)
    words = WORDS[catalogue.kind][part.name]
    told = {field for _, field, _, _ in Formatter().parse(words)} | TOLD_ELSEWHERE.get(catalogue.kind, set())
    rest = [f"{option}: {_plain(value)}" for option, value in known.items() if option not in told]
    return words.format(**known) + (f" ({', '.join(rest)})" if rest else "")


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)
