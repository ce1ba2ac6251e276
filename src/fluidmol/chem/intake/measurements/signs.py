"""Relations as people write them: signs, words, and what spreadsheets and web pages make of them."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

_WAYS = {
    "=": "= == ~ ≈ ~= eq equal equals equalto exact ca ca. approx approx. approximately about circa",
    ">": "> >> >>> gt greater greaterthan more morethan higher higherthan over above",
    "<": "< << <<< lt less lessthan lower lowerthan under below",
    ">=": ">= => ≥ ge gte atleast greaterthanorequalto",
    "<=": "<= =< ≤ le lte atmost upto lessthanorequalto",
}
SIGNS = {"": "=", **{way: sign for sign, ways in _WAYS.items() for way in ways.split()}}
"""What a relation means, by how it is written: in small letters, without blanks."""

_DRAWN = str.maketrans("∼≧≦≫⩾≳›≪⩽≲‹", "~≥≤>≥≥><≤≤<")


def shown(text: str) -> str:
    """Return what Excel shows of a text that is protected as a formula.

    Examples
    --------
    >>> shown('="5"'), shown("5")
    ('5', '5')
    """
    match = re.fullmatch(r'\s*="([^"]*)"\s*', text)
    return match[1] if match else text


@lru_cache(maxsize=4096)
def sign_of(text: str) -> str | None:
    """Return what a cell says as a relation; None if it is none.

    Examples
    --------
    >>> sign_of("'>'"), sign_of("LESS_THAN"), sign_of("&gt;"), sign_of("Meier")
    ('>', '<', '>', None)
    """
    plain = unicodedata.normalize("NFKC", html.unescape(shown(text)))
    word = re.sub(r"[\s_]+|(?<=[a-z])-(?=[a-z])", "", plain.strip().strip("'\"").lower())
    return SIGNS.get(word.translate(_DRAWN))


def joined_sign(relation: str, prefix: str) -> str | None:
    """Make one relation of the column's and the value's own; None if they contradict each other or aren't known.

    Examples
    --------
    >>> joined_sign("'>'", ""), joined_sign("", "<="), joined_sign(">", "<")
    ('>', '<=', None)
    """
    found = {sign_of(relation), sign_of(prefix)} - {"="}
    if None in found or len(found) > 1:
        return None
    return found.pop() if found else "="
