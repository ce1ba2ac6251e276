"""What differs between two charters, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fluidmol.values.charter import Charter


def changes(old: Charter, new: Charter) -> tuple[str, ...]:
    """Say what differs, a line a difference; nothing exactly if the charters are the same.

    Examples
    --------
    >>> import attrs
    >>> from fluidmol.values.parts import Part
    >>> old = Charter.from_preset("open")
    >>> changes(old, attrs.evolve(old, weighting=Part("powered", {"power": 4.0})))
    ('[weighting] power 6.0 -> 4.0',)
    """
    return tuple(_between(dict(_flat(old.to_table())), dict(_flat(new.to_table()))))


def _between(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in dict.fromkeys((*old, *new)):
        if key not in new:
            yield f"{key} {old[key]!r} is gone"
        elif key not in old:
            yield f"{key} {new[key]!r} is new"
        # 4 and 4.0 are equal to Python, but not in a charter's text.
        elif repr(old[key]) != repr(new[key]):
            yield f"{key} {old[key]!r} -> {new[key]!r}"


def _flat(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, content in table.items():
        blocks = content if isinstance(content, list) else [content]
        for place, block in enumerate(blocks):
            # A party is known by its name, and the only endpoint by its place.
            which = f" {block['name']}" if name == "party" else f" {place + 1}" if place else ""
            yield from ((f"[{name}{which}] {key}", value) for key, value in block.items())
