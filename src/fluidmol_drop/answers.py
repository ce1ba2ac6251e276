"""What a server answers, read with care: whoever runs it may send anything at all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import attrs
import httpx

from fluidmol.errors import UnavailableError

MOST = 1 << 20
"""Most bytes of an answer that isn't a blob's content, 1 MiB: four times the longest page of names."""

HUGE = 1 << 60
"""More than any size or number of bytes."""


def unlike(url: str, what: str) -> UnavailableError:
    """Say that a server doesn't answer as a drop does."""
    return UnavailableError(f"{url} isn't a drop: {what}", hint="Check the address; if it is right, tell the operator.")


def pieces(answer: httpx.Response, url: str) -> Iterator[bytes]:
    """Give an answer's content piece by piece, as it is on the line.

    Raises
    ------
    UnavailableError
        If it is packed, which was not asked for: a few bytes might become gigabytes.
    """
    if answer.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise unlike(url, "it sends packed content, unasked")
    yield from answer.iter_bytes()


def whole(answer: httpx.Response, url: str) -> httpx.Response:
    """Read an answer that must be small.

    Raises
    ------
    UnavailableError
        If it is packed, or has more than :data:`MOST` bytes.
    """
    content = bytearray()
    for piece in pieces(answer, url):
        content += piece
        if len(content) > MOST:
            raise unlike(url, f"it answers with more than {MOST:,} bytes")
    return httpx.Response(answer.status_code, headers=answer.headers, content=bytes(content))


@attrs.frozen
class ServerTable:
    """A table that a server has sent: each field that is taken is what it must be, or the server isn't a drop.

    Examples
    --------
    >>> said = ServerTable("https://host", {"offset": 10, "id": "abc"})
    >>> said.number("offset"), said.text("id", "[a-z]+")
    (10, 'abc')
    >>> said.number("offset", most=5)
    Traceback (most recent call last):
    fluidmol.errors.UnavailableError: https://host isn't a drop: offset in its answer isn't what it should be...
    """

    url: str
    """Who has said it."""

    fields: Mapping[str, Any]

    @classmethod
    def of(cls, answer: httpx.Response, url: str) -> ServerTable:
        """Read an answer that must be a table, as JSON."""
        try:
            said = json.loads(answer.content)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise unlike(url, f"it answers {answer.status_code}, and not as a drop does")
        return cls(url, said)

    def __contains__(self, key: str) -> bool:
        return key in self.fields

    def number(self, key: str, least: int = 0, most: int = HUGE) -> int:
        """Take a whole number between two, both included."""
        found = self.fields.get(key)
        # True is an int to Python.
        if type(found) is not int or not least <= found <= most:
            raise self._wrong(key)
        return found

    def truth(self, key: str) -> bool:
        """Take true or false."""
        found = self.fields.get(key)
        if not isinstance(found, bool):
            raise self._wrong(key)
        return found

    def text(self, key: str, pattern: str = r"(?s:.*)") -> str:
        """Take a text, all of which must fit a regular expression."""
        found = self.fields.get(key)
        if not isinstance(found, str) or not re.fullmatch(pattern, found):
            raise self._wrong(key)
        return found

    def moment(self, key: str) -> datetime:
        """Take a time, which must have a time zone; it is given in UTC."""
        try:
            found = datetime.fromisoformat(self.text(key))
            if found.tzinfo is None:
                raise self._wrong(key)
            return found.astimezone(UTC)
        except (ValueError, OverflowError):
            raise self._wrong(key) from None

    def tables(self, key: str, most: int) -> list[ServerTable]:
        """Take a list of tables, of no more than so many."""
        found = self.fields.get(key)
        if not isinstance(found, list) or len(found) > most or not all(isinstance(item, dict) for item in found):
            raise self._wrong(key)
        return [ServerTable(self.url, item) for item in found]

    def _wrong(self, key: str) -> UnavailableError:
        return unlike(self.url, f"{key} in its answer isn't what it should be")
