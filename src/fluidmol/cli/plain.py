"""How texts and sizes are shown on a terminal."""

from __future__ import annotations

from fluidmol.values.plain import MOST as MOST  # noqa: PLC0414 - all that shows texts finds it here
from fluidmol.values.plain import plain as plain  # noqa: PLC0414 - likewise


def size(n: int) -> str:
    """Write a number of bytes.

    Examples
    --------
    >>> size(950), size(1234), size(5600000)
    ('950 bytes', '1.2 kB', '5.6 MB')
    """
    if n < 1000:
        return f"{n} bytes"
    return f"{n / 1000:.1f} kB" if n < 1_000_000 else f"{n / 1_000_000:.1f} MB"
