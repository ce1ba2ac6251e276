"""Files that people brought by hand: filed by what they are, not by what they are called."""

from __future__ import annotations

import logging

from fluidmol.engines.layout import agreement_name, request_name
from fluidmol.engines.mailbox import Carried, Mailbox
from fluidmol.errors import FluidError, SignatureError
from fluidmol.trust.agreement import check
from fluidmol.trust.signed import opened
from fluidmol.values.charter import Charter
from fluidmol.values.messages import Annotate, Learn

logger = logging.getLogger(__name__)


def loose_files(mailbox: Mailbox) -> list[str]:
    """List files that lie outside of the layout; none in places into which nobody can put anything by hand."""
    return mailbox.loose() if isinstance(mailbox, Carried) else []


def sort_in(mailbox: Mailbox, charter: Charter) -> list[str]:
    """File loose agreements and questions. Replies, which only the coordinator can open, stay where they are.

    Returns
    -------
    list of str
        Names under which something was filed.
    """
    filed = []
    for loose in loose_files(mailbox):
        try:
            name = _proper(mailbox, loose, charter)
            if name is not None and isinstance(mailbox, Carried):
                mailbox.settle(loose, name)
                filed.append(name)
        except FluidError as problem:
            logger.info("%s stays where it is: %s", loose, problem)
    return filed


def _proper(mailbox: Mailbox, loose: str, charter: Charter) -> str | None:
    lower = loose.lower()
    if lower.endswith(".json"):
        return agreement_name(check(mailbox.read(loose).decode("utf-8-sig", "replace"), charter))
    if not lower.endswith(".fluid"):
        return None
    value = opened(mailbox.read(loose), [charter.coordinator]).value
    if not isinstance(value, Annotate | Learn):
        return None
    if value.charter.digest != charter.digest:
        raise SignatureError(f"{loose} is a question of another charter")
    return request_name(value)
