"""What requests and answers look like, as the OpenAPI document states them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from fluidmol.exchange.mailbox import LONGEST

NAME = "[A-Za-z0-9][A-Za-z0-9_.-]*(/[A-Za-z0-9][A-Za-z0-9_.-]*){0,3}"
"""What names are made of; :func:`fluidmol.exchange.mailbox.is_proper` asks for more."""

BlobName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST,
        pattern=f"^{NAME}$",
        examples=["replies/3f2a91c04b11/ada-0c8f1b2d3e4f.fluid.age"],
    ),
]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the content, in hexadecimal.")]


def _number(value: object) -> object:
    """Refuse a number in quotes; JSON's 5.0 is as good as 5."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise ValueError("expected a number")


Size = Annotated[int, Field(ge=0, le=1 << 40, description="Bytes."), BeforeValidator(_number)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Announcement(_Form):
    """A blob that is to come."""

    name: BlobName
    size: Size
    sha256: Digest


class State(_Form):
    """How far an upload is."""

    id: str = Field(description="Of the upload; the same for the same announcement.")
    offset: int = Field(description="Bytes that are here; the next part begins there.")
    size: int = Field(description="Bytes that were announced.")
    done: bool = Field(description="Whether the blob has its name.")
    chunk: int = Field(description="Most bytes of one part.")


class ItemForm(_Form):
    """What is known of a blob."""

    name: str
    sha256: str
    size: int
    owner: str = Field(description="Who wrote it.")
    at: str = Field(description="When it was complete, in UTC by the server's clock.")


class Items(_Form):
    """Blobs, by name."""

    items: list[ItemForm]
    more: bool = Field(description="Whether there are more after the last of these.")


class SetAside(_Form):
    """A blob that can't be used, and why."""

    name: BlobName
    reason: str = Field(min_length=1, max_length=4000)


class Moved(_Form):
    """Where a blob is now."""

    name: str


class Refused(BaseModel):
    """Why a request wasn't carried out; some refusals say more, as ``offset`` does."""

    message: str
    hint: str


class Enrolment(_Form):
    """A one-time code, and a request for a certificate."""

    name: str = Field(min_length=1, max_length=64)
    code: str = Field(min_length=1, max_length=100)
    request: str = Field(min_length=1, max_length=8000, description="Certificate signing request, PEM.")


class Enrolled(_Form):
    """A certificate."""

    certificate: str = Field(description="PEM.")


REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Refused, "description": text}
    for status, text in {
        400: "The request can't be read.",
        401: "There is no client certificate.",
        403: "The certificate doesn't count, or its role doesn't allow this.",
        404: "There is no such thing, or it isn't for the caller.",
        408: "Nothing came for too long.",
        409: "Other content has that name; or the upload is at another offset, which the answer says.",
        413: "Too large.",
        416: "The range lies outside of the content.",
        422: "The request isn't as it should be.",
        429: "Too often: Retry-After says when to come again.",
        503: "Not now: Retry-After says when to come again.",
        507: "The quota is used up, or the disk is full.",
    }.items()
}
"""What any route may answer."""
