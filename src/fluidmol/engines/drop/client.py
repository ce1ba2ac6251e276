"""A mailbox that is a server's: see :mod:`fluidmol.engines.mailbox` for what a mailbox does.

Whatever breaks, uploads and downloads go on where they stopped, within one call and from one run to the next.
"""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from fluidmol.engines.drop.identity import Identity
from fluidmol.engines.drop.wire import Wire, refusal
from fluidmol.engines.mailbox import LARGEST, Entry, check_name
from fluidmol.errors import InputError, UnavailableError

PART = 1 << 20
"""Bytes sent in one request, 1 MiB, unless the server takes less."""

CORRECTIONS = 100
"""How often a server may correct us about where an upload is."""

ANEW = 3
"""How often an upload is begun again, because the server has other bytes than were sent."""

Said = Callable[[str], None]
"""Called with a sentence about what is going on."""


class HttpMailbox:
    """A :class:`~fluidmol.engines.mailbox.Mailbox` on a drop.

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

    def __init__(self, url: str, identity: Path, *, wire: Wire | None = None, said: Said = lambda _: None) -> None:
        self._wire = wire or Wire(url.rstrip("/"), Identity(identity).context(), said=said)
        self.url = self._wire.url
        self.asker = Identity(identity).name
        """Who asks: a drop shows a partner its own replies and nobody else's."""
        weakref.finalize(self, self._wire.client.close)

    def names(self, under: str = "") -> list[str]:
        """List full names of the blobs within ``under`` and below that are for us, sorted."""
        if under:
            check_name(under)
        found: list[str] = []
        more = True
        while more:
            after = found[-1] if found else ""
            page = self._json(self._wire.ask("GET", "/v1/names", params={"under": under, "after": after}))
            new = [check_name(str(item["name"])) for item in page["items"]]
            # A server that repeats itself would keep us for ever.
            if new != sorted(new) or (new and new[0] <= after):
                raise UnavailableError(f"{self.url} lists names out of order", hint="Tell the operator.")
            found += new
            more = bool(page["more"] and new)
        return sorted(found)

    def entry(self, name: str) -> Entry:
        """Say what is known of a blob without reading it.

        Raises
        ------
        MissingFileError
            If there is none, or it isn't for us.
        """
        said = self._json(self._wire.ask("GET", f"/v1/items/{check_name(name)}"))
        return Entry(name, int(said["size"]), datetime.fromisoformat(str(said["at"])))

    def read(self, name: str) -> bytes:
        """Give a blob's content.

        Raises
        ------
        MissingFileError
            If there is none, or it isn't for us.
        InputError
            If it is larger than :data:`~fluidmol.engines.mailbox.LARGEST`.
        UnavailableError
            If the server can't be had, or sends other content than it names.
        """
        content = bytearray()
        facts: dict[str, str] = {}

        def attempt() -> httpx.Response:
            headers = {"range": f"bytes={len(content)}-"} if content else {}
            with self._wire.client.stream("GET", f"/v1/blobs/{check_name(name)}", headers=headers) as answer:
                if answer.status_code >= 400:
                    answer.read()
                    return answer
                if answer.status_code == 200:
                    content.clear()
                facts["etag"] = answer.headers.get("etag", "").strip('"')
                for piece in answer.iter_bytes():
                    content.extend(piece)
                    if len(content) > LARGEST:
                        raise InputError(f"{name} at {self.url} is too large", hint=f"The most is {LARGEST} bytes.")
                return answer

        self._wire.patiently(attempt)
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
            state = self._json(self._wire.ask("POST", "/v1/uploads", json=announced))
            if state["done"] or (self._send(state, data) and self._commit(state["id"])):
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

    def _send(self, state: dict[str, Any], data: bytes) -> bool:
        """Send what isn't there yet; False if the server gets nowhere."""
        part, path = min(PART, int(state["chunk"])), f"/v1/uploads/{state['id']}"
        here, corrections = int(state["offset"]), 0
        while here < len(data) and corrections < CORRECTIONS:
            # A try whose answer got lost is corrected at the next one: the server says where it is.
            sent, query = data[here : here + part], {"offset": here}
            answer = self._wire.patiently(partial(self._wire.client.put, path, params=query, content=sent), (409,))
            said = self._json(answer)
            if "offset" not in said:
                raise refusal(answer)
            corrections += answer.status_code == 409
            here = int(said["offset"])
        return corrections < CORRECTIONS

    def _commit(self, key: str) -> bool:
        """Commit; False if the upload must begin anew."""
        answer = self._wire.patiently(partial(self._wire.client.post, f"/v1/uploads/{key}/commit"), (404, 409, 422))
        if answer.status_code >= 400 and answer.status_code != 404 and "offset" not in self._json(answer):
            raise refusal(answer)
        return answer.status_code < 400

    def _json(self, answer: httpx.Response) -> dict[str, Any]:
        try:
            said = answer.json()
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise UnavailableError(f"{self.url} isn't a drop", hint="Check the address.")
        return said
