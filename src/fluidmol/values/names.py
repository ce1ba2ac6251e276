"""Names that become files: each is one file, of that very name, on any system."""

from __future__ import annotations

import re

_PART = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,126}[A-Za-z0-9_-])?")
# Windows takes these for devices, whatever follows the first dot.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


def is_part(text: str) -> bool:
    """Say whether a text can be a part of a name: of a path, without the separators.

    It begins with a letter or digit, ends with one or with _ or -, holds letters, digits, ``_ . -``, and is no device
    of Windows.

    Examples
    --------
    >>> [is_part(text) for text in ("acme-2.fluid", "..", "acme.", "a/b", "aux.json")]
    [True, False, False, False, False]
    """
    return _PART.fullmatch(text) is not None and _DEVICE.fullmatch(text) is None
