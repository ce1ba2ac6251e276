"""What the service refuses, each with its HTTP status."""

from __future__ import annotations

from typing import Any

from fluidmol.errors import FluidError


class RequestRefusedError(FluidError):
    """A request that isn't carried out.

    Parameters
    ----------
    status : int
        HTTP status, 400 or larger.
    message, hint : str
        What was found, and what to do.
    facts
        More for the client to go on with, say the offset that was expected.

    Examples
    --------
    >>> RequestRefusedError(409, "the upload is at 10", offset=10).body()
    {'message': 'the upload is at 10', 'hint': '', 'offset': 10}
    """

    def __init__(self, status: int, message: str, hint: str = "", **facts: Any) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.facts = facts

    def body(self) -> dict[str, Any]:
        """Give the answer's JSON."""
        return {"message": self.message, "hint": self.hint, **self.facts}


def absent(name: str) -> RequestRefusedError:
    """Refuse what isn't there; also what the caller may not know to be there, in the same words."""
    return RequestRefusedError(404, f"there is no {name}", "Nothing of that name is here, or it isn't for you.")


def forbidden(what: str) -> RequestRefusedError:
    """Refuse what the caller's role doesn't allow."""
    return RequestRefusedError(403, what, "Your certificate's role doesn't allow that: see docs/drop.md.")
