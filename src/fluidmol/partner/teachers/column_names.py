"""What the name of a column says that a probability in it would be about."""

from __future__ import annotations

import re
from typing import Literal

from fluidmol.chem.intake.binary import binary

PREDICTED_WORDS = frozenset({"pred", "predict", "predicted", "prediction", "predictions"})
_PROBABILITY_WORDS = frozenset({"p", "prob", "probs", "proba", "probability", "probabilities"})
_CLASS_WORDS = frozenset({"class", "label", "outcome"})
_FILLERS = PREDICTED_WORDS | {"of", "for", "is", "being", "y", "the", "model"} | _CLASS_WORDS

Kind = Literal["active", "inactive", "predicted", "plain", ""]


def words(name: str) -> list[str]:
    """Split a name into words and numbers, in small letters.

    Examples
    --------
    >>> words("P (Activity=active)"), words("prob_1"), words("predictedClass")
    (['p', 'activity', 'active'], ['prob', '1'], ['predicted', 'class'])
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"predicted(?=[a-z])|[a-z]+|\d+", apart.lower())


def probability_of(name: str) -> Kind:
    """Return which class's probability a column holds by its name.

    Parameters
    ----------
    name : str
        Of the column.

    Returns
    -------
    str
        ``active``, ``inactive``, ``predicted`` (the class that is predicted), ``plain`` where it doesn't say, empty
        where the name isn't that of a probability.

    Examples
    --------
    >>> [probability_of(name) for name in ("p_active", "prob_0", "P (hERG=non-blocker)", "Probability", "p_value")]
    ['active', 'inactive', 'inactive', 'plain', '']
    >>> probability_of("probability_of_predicted_class")
    'predicted'
    """
    before, _, after = name.rpartition("=")
    start = words(before or name)
    if not _PROBABILITY_WORDS & set(start):
        return ""
    rest = [word for word in (words(after) if before else start) if word not in _PROBABILITY_WORDS | _FILLERS]
    if not rest:
        if start == ["p"]:
            return ""  # of anything, a test's for instance
        about_predicted = PREDICTED_WORDS & set(start) and _CLASS_WORDS & set(start)
        return "predicted" if about_predicted else "plain"
    word = "-".join(rest)
    said = binary(word) if len(word) > 1 or word.isdigit() else None
    return "" if said is None else "active" if said else "inactive"


def is_class_name(name: str) -> bool:
    """Whether a column is named as one that states a class.

    Examples
    --------
    >>> [is_class_name(name) for name in ("Label", "call", "probability_of_predicted_class", "name")]
    [True, True, False, False]
    """
    return not probability_of(name) and bool(set(words(name)) & (_CLASS_WORDS | {"call", "active", "activity"}))
