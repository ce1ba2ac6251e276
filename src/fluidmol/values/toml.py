"""TOML: read without being led astray by those who wrote it, and written in one way only."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from fluidmol.values.parts import Scalar

DOTS = 100
"""Most dots of a line. The reader keeps every beginning of a dotted key: 40 kB of dots would take 1.6 GB."""


def read_toml(text: str) -> dict[str, Any]:
    r"""Read a text as TOML, with or without the mark (BOM) that some editors put before it.

    Parameters
    ----------
    text : str
        As long as the caller lets it be; memory stays within some 200 times that.

    Raises
    ------
    ValueError
        If it isn't TOML, or a line has more than :data:`DOTS` dots.
    RecursionError
        If it is nested too deeply.

    Examples
    --------
    >>> read_toml('name = "a.b"')
    {'name': 'a.b'}
    >>> read_toml("\ufeffa = 1")
    {'a': 1}
    >>> read_toml("a." * 1000 + "b = 1")
    Traceback (most recent call last):
    ValueError: line 1 has 1,000 dots: at most 100 are read
    """
    text = text.removeprefix("\ufeff")
    for number, line in enumerate(text.split("\n"), start=1):
        # In texts, too: what is text and what is a key shows only when it is read.
        if (dots := line.count(".")) > DOTS:
            raise ValueError(f"line {number} has {dots:,} dots: at most {DOTS} are read")
    return tomllib.loads(text)


def write_toml(table: Mapping[str, Any]) -> str:
    r"""Write a table of tables, and of lists of tables, whose values are plain.

    Examples
    --------
    >>> print(write_toml({"charter": {"seed": 7}, "party": [{"name": "a\\n"}]}))
    [charter]
    seed = 7
    <BLANKLINE>
    [[party]]
    name = "a\\n"
    <BLANKLINE>
    """
    lines: list[str] = []
    for name, content in table.items():
        for block in content if isinstance(content, list) else [content]:
            lines.append(f"[[{name}]]" if isinstance(content, list) else f"[{name}]")
            lines += [f"{key} = {_scalar(value)}" for key, value in block.items()]
            lines.append("")
    return "\n".join(lines)


def _scalar(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    escaped = "".join(_ESCAPES.get(char, char if char >= " " else f"\\u{ord(char):04x}") for char in value)
    return f'"{escaped}"'


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\x7f": "\\u007f"}
