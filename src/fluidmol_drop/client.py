"""A mailbox that is a server's: see :mod:`fluidmol.exchange.mailbox` for what a mailbox does.

Whatever breaks, uploads and downloads go on where they stopped, within one call and from one run to the next.
"""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from fluidmol.errors import InputError, UnavailableError, UsageError
from fluidmol.exchange.mailbox import LARGEST, BlobEntry, check_name, is_proper
from fluidmol_drop.answers import ServerTable, pieces, unlike, whole
from fluidmol_drop.identity import Identity
from fluidmol_drop.wire import Wire, refusal

PART = 1 << 20
"""Bytes sent in one request, 1 MiB, unless the server takes less."""

LEAST_PART = 1024
"""Bytes that a server must take in one request."""

CORRECTIONS = 100
"""How often a server may have taken less of an upload than was sent."""

ANEW = 3
"""How often an upload is begun again, because the server has other bytes than were sent."""

PAGES, PAGE = 1000, 1000
"""Most pages that a list of names may have, and most names of each."""

UPLOAD = "[0-9a-f]{32}"
"""What a server calls an upload."""


class HttpMailbox:
    """A :class:`~fluidmol.exchange.mailbox.Mailbox` on a drop.

    Parameters
    ----------
    url : str
        The drop's address, ``https://host:port``.
    identity : Path
        Folder that ``fluid enrol`` has made.
    wire : Wire, optional
        How to talk to it, by default patiently.
    said : callable, optional
        Called with a sentence when the server doesn't answer at first.

    Raises
    ------
    MissingFileError
        If the folder holds no identity.
    UnavailableError
        If its files don't fit each other, or the certificate has expired.
    InputError
        If the address is none.
    """

    def __init__(
        self, url: str, identity: Path, *, wire: Wire | None = None, said: Callable[[str], None] = lambda _: None
    ) -> None:
        self._wire = wire or Wire(url.rstrip("/"), Identity(identity).context(), said=said)
        self.url = self._wire.url
        self.asker = Identity(identity).name
        """Who asks: a drop shows a partner its own replies and nobody else's."""
        weakref.finalize(self, self._wire.client.close)

    def names(self, under: str = "") -> list[str]:
        """List full names of the blobs within ``under`` and below that are for us, sorted.

        Raises
        ------
        UnavailableError
            If the server can't be had, or lists what can't be there.
        """
        if under:
            check_name(under)
        found: list[str] = []
        for _ in range(PAGES):
            after = found[-1] if found else ""
            page = self._said("GET", "/v1/names", params={"under": under, "after": after})
            new = [item.text("name") for item in page.tables("items", PAGE)]
            if not all(is_proper(name) and _is_within(name, under) for name in new):
                raise unlike(self.url, "it lists names that can't be there")
            # A server that repeats itself would keep us for ever.
            if new != sorted(new) or (new and new[0] <= after):
                raise UnavailableError(f"{self.url} lists names out of order", hint="Tell the operator.")
            found += new
            if not (page.truth("more") and new):
                return found
        raise unlike(self.url, "its list of names has no end")

    def entry(self, name: str) -> BlobEntry:
        """Say what is known of a blob without reading it.

        Raises
        ------
        MissingFileError
            If there is none, or it isn't for us.
        """
        said = self._said("GET", f"/v1/items/{check_name(name)}")
        return BlobEntry(name, said.number("size"), said.moment("at"))

    def read(self, name: str) -> bytes:
        """Give a blob's content.

        Raises
        ------
        MissingFileError
            If there is none, or it isn't for us.
        InputError
            If it is larger than :data:`~fluidmol.exchange.mailbox.LARGEST`.
        UnavailableError
            If the server can't be had, or sends other content than it names.
        """
        content = bytearray()
        facts: dict[str, str] = {}

        def attempt() -> httpx.Response:
            headers = {"range": f"bytes={len(content)}-"} if content else {}
            with self._wire.client.stream("GET", f"/v1/blobs/{check_name(name)}", headers=headers) as answer:
                if answer.status_code not in (200, 206):
                    return whole(answer, self.url)
                if answer.status_code == 200:
                    content.clear()
                facts["etag"] = answer.headers.get("etag", "").strip('"')
                for piece in pieces(answer, self.url):
                    content.extend(piece)
                    if len(content) > LARGEST:
                        raise InputError(f"{name} at {self.url} is too large", hint=f"The most is {LARGEST} bytes.")
                return answer

        if (status := self._wire.patiently(attempt).status_code) not in (200, 206):
            raise unlike(self.url, f"it answers {status}, and not with content")
        if hashlib.sha256(content).hexdigest() != facts["etag"]:
            raise UnavailableError(f"{name} came damaged from {self.url}", hint="Run the same command again.")
        return bytes(content)

    def write(self, name: str, data: bytes) -> None:
        """Write a blob, whole or not at all; the same content again changes nothing.

        Raises
        ------
        OutputError
            If there is one of that name with other content, or a quota is used up.
        RefusedError
            If it isn't ours to write.
        UnavailableError
            If the server can't be had.
        """
        digest = hashlib.sha256(data).hexdigest()
        announced = {"name": check_name(name), "size": len(data), "sha256": digest}
        for _ in range(ANEW):
            state = self._said("POST", "/v1/uploads", json=announced)
            if state.truth("done"):
                return
            key = state.text("id", UPLOAD)
            if self._send(key, state, data) and self._commit(key):
                return
        raise UnavailableError(f"{name} doesn't arrive whole at {self.url}", hint="Run the same command again.")

    def set_aside(self, name: str, reason: str) -> None:
        """Move a blob to ``quarantine/``, with the reason as a text beside it.

        Raises
        ------
        MissingFileError
            If there is none.
        RefusedError
            If we aren't the coordinator.
        """
        self._wire.ask("POST", "/v1/set-aside", json={"name": check_name(name), "reason": reason[:4000] or "unusable"})

    def _send(self, key: str, state: ServerTable, data: bytes) -> bool:
        """Send what isn't there yet; False if the server gets nowhere."""
        part, here, short = min(PART, state.number("chunk", LEAST_PART)), state.number("offset", 0, len(data)), 0
        while here < len(data):
            # A try whose answer got lost is corrected at the next one: the server says where it is.
            sent, query = data[here : here + part], {"offset": here}
            once = partial(self._wire.once, "PUT", f"/v1/uploads/{key}", params=query, content=sent)
            answer = self._wire.patiently(once, (409,))
            said = ServerTable.of(answer, self.url)
            if answer.status_code == 409 and "offset" not in said:
                raise refusal(answer)
            there = said.number("offset", 0, len(data))
            short += there < here + len(sent)
            if there < here or short >= CORRECTIONS:
                return False
            here = there
        return True

    def _commit(self, key: str) -> bool:
        """Commit; False if the upload must begin anew."""
        answer = self._wire.patiently(partial(self._wire.once, "POST", f"/v1/uploads/{key}/commit"), (404, 409, 422))
        if answer.status_code == 404:
            return False
        said = ServerTable.of(answer, self.url)
        if answer.status_code < 400:
            return said.truth("done")
        if "offset" not in said:
            raise refusal(answer)
        return False

    def _said(self, method: str, path: str, **more: Any) -> ServerTable:
        return ServerTable.of(self._wire.ask(method, path, **more), self.url)


def open_mailbox(place: str, *, identity: Path | None, who: str, said: Callable[[str], None]) -> HttpMailbox:
    """Open a drop, as :func:`fluidmol.exchange.places.open_place` wants it of the schemes ``https`` and ``http``.

    Raises
    ------
    UsageError
        If there is no identity, or it is another party's.
    FluidError
        As :class:`HttpMailbox` does.
    """
    if identity is None:
        raise UsageError(f"{place} asks for a certificate", hint="Name its folder with `identity`; see fluid enrol.")
    mailbox = HttpMailbox(place, identity, said=said)
    if who and mailbox.asker != who:
        raise UsageError(
            f"the certificate in {identity} is that of {mailbox.asker or 'nobody'}, and not of {who}",
            hint=f"Name the folder that {who} has enrolled into with `identity`.",
        )
    return mailbox


def _is_within(name: str, under: str) -> bool:
    return not under or name == under or name.startswith(f"{under}/")
