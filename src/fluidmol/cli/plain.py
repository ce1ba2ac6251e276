"""Text of others on a terminal: whatever it holds, it can't move the cursor or look like something of ours."""

from __future__ import annotations

MOST = 300
"""Characters that are shown of one text."""


def plain(text: str, most: int = MOST) -> str:
    r"""Give a text of one line that is safe to print.

    Parameters
    ----------
    text : str
    most : int
        Characters after which it is cut.

    Examples
    --------
    >>> plain("acme" + chr(27) + "[2J" + chr(10) + "rest")
    'acme\\x1b[2J\\nrest'
    """
    safe = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text[: most + 1])
    return safe if len(safe) <= most else f"{safe[:most]}..."


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
