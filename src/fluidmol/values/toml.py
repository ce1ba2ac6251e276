"""TOML that others wrote: read without being led astray."""

from __future__ import annotations

import tomllib
from typing import Any

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
