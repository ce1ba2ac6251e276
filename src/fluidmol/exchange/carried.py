"""Files that people brought by hand: filed by what they are, not by what they are called."""

from __future__ import annotations

import logging

from fluidmol.errors import FluidError, SignatureError
from fluidmol.exchange.closing import read_closing
from fluidmol.exchange.contents import read_request
from fluidmol.exchange.layout import agreement_name, closing_name, open_name, request_name
from fluidmol.exchange.mailbox import Carried, Mailbox, read_note
from fluidmol.trust.agreement import check
from fluidmol.trust.keys import PrivateKeys
from fluidmol.values.charter import Charter

logger = logging.getLogger(__name__)


def loose_files(mailbox: Mailbox) -> list[str]:
    """List files that lie outside of the layout; none in places into which nobody can put anything by hand."""
    return mailbox.loose() if isinstance(mailbox, Carried) else []


def sort_in(mailbox: Mailbox, charter: Charter, keys: PrivateKeys | None = None) -> list[str]:
    """File loose agreements, questions and closings. Replies, which only the coordinator can open, stay where they are.

    Parameters
    ----------
    mailbox : Mailbox
    charter : Charter
    keys : PrivateKeys, optional
        Of a party: without them, labels that are sealed stay where they are, too.

    Returns
    -------
    list of str
        Names under which something was filed.
    """
    filed = []
    for loose in loose_files(mailbox):
        try:
            name = _proper(mailbox, loose, charter, keys)
            if name is not None and isinstance(mailbox, Carried):
                mailbox.settle(loose, name)
                filed.append(name)
        except FluidError as problem:
            logger.info("%s stays where it is: %s", loose, problem)
    return filed


def _proper(mailbox: Mailbox, loose: str, charter: Charter, keys: PrivateKeys | None) -> str | None:
    lower = loose.lower()
    if lower.endswith(".json"):
        return _noted(read_note(mailbox, loose), charter)
    if not lower.endswith(".fluid") and (keys is None or not lower.endswith(".age")):
        return None
    request = read_request(mailbox, loose, charter, keys)
    return request_name(request) if lower.endswith(".age") else open_name(request)


def _noted(text: str, charter: Charter) -> str:
    try:
        return agreement_name(check(text, charter))
    except SignatureError:
        closing = read_closing(text, charter)
        return closing_name(closing.stage, closing.question)
