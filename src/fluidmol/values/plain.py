"""Text of others as it may be shown: whatever it holds, it can't move a cursor or look like something of ours."""

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
