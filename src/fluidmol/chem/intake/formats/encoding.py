"""How the text of a file is encoded, found out in one pass over all of its bytes."""

from __future__ import annotations

import codecs

import attrs

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SURE = ("utf-8", "utf-8-sig", "utf-16")
"""Encodings that a mark tells, or that any text is in which is in no other."""

_HEAD = 4096
_SHORTEST = 8
_UNUSED_IN_CP1252 = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")


def decided_encoding(name: str) -> list[tuple[str, str]]:
    """List the encoding as decided by rows, with what to do about it; nothing if it is one that files should have.

    Examples
    --------
    >>> decided_encoding("utf-8"), decided_encoding("cp1252")
    ([], [('its encoding', 'Save it as UTF-8.')])
    """
    return [] if name in _SURE else [("its encoding", "Save it as UTF-8.")]


@attrs.define
class EncodingGuess:
    r"""Is shown a file piece by piece, and names its encoding then.

    UTF-16 is known by its mark, or by the zeros in every other byte; UTF-8 by having no fault anywhere. What is
    left is text of a Western European Windows program, the whole file: no byte is lost, and none becomes a ``?``.

    Examples
    --------
    >>> guess = EncodingGuess()
    >>> for piece in (b"smiles,name\n", "CCO,\xc4thanol\n".encode("latin-1")):
    ...     guess.feed(piece)
    >>> guess.name
    'cp1252'
    """

    _fixed: str | None = None
    _utf8: codecs.IncrementalDecoder | None = attrs.field(factory=codecs.getincrementaldecoder("utf-8"))
    _windows: bool = True
    _begun: bool = False

    def feed(self, piece: bytes) -> None:
        """Look at the next bytes of the file; the first piece should be 4096 bytes or longer, if there are so many."""
        if not self._begun and piece:
            self._begun = True
            self._fixed = _known_by_its_head(piece[:_HEAD])
        if self._fixed is not None:
            return
        if self._utf8 is not None and not (piece.isascii() and not self._utf8.getstate()[0]):
            try:
                self._utf8.decode(piece)
            except UnicodeDecodeError:
                self._utf8 = None
        if self._windows and not piece.isascii():
            self._windows = not any(byte in piece for byte in _UNUSED_IN_CP1252)

    @property
    def name(self) -> str:
        """Name of the encoding as Python knows it; empty if the file isn't text."""
        if self._fixed is not None:
            return self._fixed
        # A character that the end of the file cuts short is no UTF-8 either.
        if self._utf8 is not None and not self._utf8.getstate()[0]:
            return "utf-8"
        return "cp1252" if self._windows else "latin-1"


def _known_by_its_head(head: bytes) -> str | None:
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    if b"\0" not in head:
        return None
    if len(head) < _SHORTEST or len(head) % 2:
        return ""
    even, odd = head[::2], head[1::2]
    for zeros, letters, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if zeros.count(0) > 0.8 * len(zeros) and not letters.count(0):
            return name
    return ""
