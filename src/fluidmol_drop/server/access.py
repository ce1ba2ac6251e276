"""Who may read and write which name. The rules look at the role and the name, and at nothing else.

============  ===========================================================  =======================================
role          writes                                                       reads
============  ===========================================================  =======================================
coordinator   charter, public sets, requests, outcome, own agreement        all
partner       own agreement, own replies                                    all but others' replies and quarantine
monitor       nothing                                                       nothing but health and metrics
============  ===========================================================  =======================================
"""

from __future__ import annotations

import re

import attrs

from fluidmol.exchange.mailbox import (
    AGREEMENTS,
    CHARTER,
    OUTCOME,
    QUARANTINE,
    REPLIES,
    REPRESENTATION,
    REQUESTS,
    TRANSFER,
    is_proper,
)

COORDINATOR = "coordinator"
PARTNER = "partner"
MONITOR = "monitor"
ROLES = (COORDINATOR, PARTNER, MONITOR)

# The digits are part of the pattern, lest "ada" could write what begins with "ada-2-".
_REPLY = re.compile(rf"{REPLIES}/[0-9a-f]{{12}}/(.+)-[0-9a-f]{{12}}\.fluid(?:\.age)?")
_AGREEMENT = re.compile(rf"{AGREEMENTS}/([^/]+)\.json")


@attrs.frozen
class Member:
    """Somebody whose certificate the service knows."""

    name: str
    role: str


def may_read(member: Member, name: str, writer: str) -> bool:
    """Say whether a member may see that a blob is there, and its content.

    Examples
    --------
    >>> may_read(Member("bob", "partner"), "replies/3f2a91c04b11/ada-0c8f1b2d3e4f.fluid", "ada")
    False
    """
    if member.role == COORDINATOR:
        return True
    if member.role != PARTNER:
        return False
    if name.startswith((f"{REPLIES}/", f"{QUARANTINE}/")):
        return writer == member.name
    return True


def may_write(member: Member, name: str) -> bool:
    """Say whether a member may write a blob of that name, if there is none yet.

    Examples
    --------
    >>> ada = Member("ada", "partner")
    >>> may_write(ada, "replies/3f2a91c04b11/ada-0c8f1b2d3e4f.fluid"), may_write(ada, "charter.toml")
    (True, False)
    """
    if not is_proper(name):
        return False
    agreement = _AGREEMENT.fullmatch(name)
    if agreement:
        return member.role in (COORDINATOR, PARTNER) and agreement[1] == member.name
    if member.role == COORDINATOR:
        return name in (CHARTER, TRANSFER, REPRESENTATION) or name.startswith((f"{REQUESTS}/", f"{OUTCOME}/"))
    reply = _REPLY.fullmatch(name)
    return member.role == PARTNER and reply is not None and reply[1] == member.name


def may_set_aside(member: Member, name: str) -> bool:
    """Say whether a member may move a blob to the quarantine: the coordinator, whatever isn't there yet."""
    return member.role == COORDINATOR and not name.startswith(f"{QUARANTINE}/")
