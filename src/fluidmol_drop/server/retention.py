"""What may go because of its age: nothing that a round which isn't finished may still need.

The service opens nothing, but names tell enough: the coordinator alone writes outcomes and closings, the last of all.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from fluidmol.exchange.layout import SUMMARY
from fluidmol.exchange.mailbox import QUARANTINE, REQUESTS
from fluidmol_drop.server.shelf import Shelf

_CLOSED = re.compile(rf"{REQUESTS}/\d-learn-[0-9a-f]{{12}}\.closed\.json")


def is_finished(names: Collection[str]) -> bool:
    """Say whether a round has come to its end.

    Examples
    --------
    >>> is_finished(["charter.toml", "outcome/labels.fluid.age"])
    False
    >>> is_finished(["outcome/outcome.json", "requests/2-learn-3f2a91c04b11.closed.json"])
    True
    """
    return SUMMARY in names and any(map(_CLOSED.fullmatch, names))


def aged(shelf: Shelf, before: str, *, even_running: bool = False) -> tuple[list[str], list[str]]:
    """Give names of blobs that were complete before a time: those that may go, and those that a round may need.

    Parameters
    ----------
    shelf : Shelf
    before : str
        Time, as :func:`~fluidmol_drop.server.tables.moment` writes it.
    even_running : bool
        Whether all may go, though the round isn't finished. Otherwise only what was set aside may.
    """
    old = shelf.older(before)
    if even_running or is_finished(shelf.names()):
        return old, []
    gone = [name for name in old if name.startswith(f"{QUARANTINE}/")]
    return gone, [name for name in old if name not in set(gone)]
