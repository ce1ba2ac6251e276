"""JSON that every reader reads alike: a name that stands twice in one object is refused, and so is NaN."""

from __future__ import annotations

import json
from typing import Any, NoReturn


def read_json(text: str | bytes) -> Any:
    """Read a JSON text.

    Python takes the last of two values of one name, other languages the first: a file could say two things.

    Raises
    ------
    ValueError
        If it is no JSON, or a name stands twice in one object.
    RecursionError
        If it is nested too deeply.

    Examples
    --------
    >>> read_json('{"a": 1}')
    {'a': 1}
    >>> read_json('{"a": 1, "a": 2}')
    Traceback (most recent call last):
    ValueError: the name 'a' stands twice
    """
    return json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_constant)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the name {name!r} stands twice")
        found[name] = value
    return found


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
