"""What stores and the libraries that reach them raise, as errors of ours."""

from __future__ import annotations

import errno

from fluidmol.errors import FluidError, MissingFileError, OutputError, UnavailableError
from fluidmol.exchange.mailbox import RefusedError
from fluidmol.values.plain import plain

LONGEST_TEXT = 300
"""Characters that are kept of what a store says."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO)
_WRONG = (errno.EINVAL, errno.ENOSYS, errno.EPERM, errno.ENAMETOOLONG)
# By name, for only the library that raises them knows the classes, and it is an extra.
_KEYS = ("NoCredentialsError", "PartialCredentialsError", "AuthenticationException", "PasswordRequiredException")
_CALLS = (ValueError, TypeError, LookupError, ImportError)
_SETTINGS = ("ProfileNotFound", "NoRegionError", "ParamValidationError", "InvalidEndpointConfigurationError")


def code_of(problem: BaseException) -> str:
    """Return the code that a store of objects gave as its reason, such as ``NoSuchBucket``; empty if it gave none."""
    found: BaseException | None = problem
    while found is not None:
        response = getattr(found, "response", None)
        if isinstance(response, dict):
            return str(response.get("Error", {}).get("Code", ""))
        found = found.__cause__ or found.__context__
    return ""


def explained(problem: Exception, url: str, name: str, *, writing: bool) -> FluidError | None:
    """Turn what a store raised into an error of ours.

    Parameters
    ----------
    problem : Exception
    url : str
        The place.
    name : str
        What was read or written; empty for a listing.
    writing : bool
        Whether it was written.

    Returns
    -------
    FluidError or None
        None if the same may succeed in a moment.

    Examples
    --------
    >>> type(explained(PermissionError("denied"), "s3://bucket", "charter.toml", writing=True)).__name__
    'RefusedError'
    >>> explained(TimeoutError(), "s3://bucket", "charter.toml", writing=True)
    """
    kind, text, where = type(problem).__name__, said_by(problem), f"{url}/{name}".rstrip("/")
    if code_of(problem) == "NoSuchBucket":
        return MissingFileError(f"there is no bucket for {url}", hint="Check the address; who owns it must make it.")
    if kind == "BadHostKeyException" or "not found in known_hosts" in text:
        return UnavailableError(
            f"{url} isn't known to be the server that it says it is: {text}",
            hint="Compare its key's fingerprint with what its operator tells you, then connect once with ssh.",
        )
    if isinstance(problem, PermissionError) or kind in _KEYS:
        return RefusedError(
            f"{where} can't be {'written' if writing else 'read'}: the store says: {text}",
            hint="Check the key or account that you use there, and its rights: docs/stores.md.",
        )
    number = getattr(problem, "errno", None)
    if writing and number in _FULL:
        return OutputError(
            f"{where} can't be written: {text}",
            hint="Is the store full, or read-only? Once it can be written, the same command goes on.",
        )
    if number in (*_WRONG, *_FULL) or kind in _SETTINGS or isinstance(problem, _CALLS):
        return UnavailableError(
            f"{where} can't be used: {text}", hint="Check the address, and the store's settings: docs/stores.md."
        )
    return None


def unreachable(problem: Exception, url: str) -> UnavailableError:
    """Say that a store didn't answer, however often it was tried."""
    return UnavailableError(
        f"{url} can't be reached: {said_by(problem)}", hint="Check address and network; the same command goes on later."
    )


def said_by(problem: Exception) -> str:
    """Return the text of an exception on one line, or its kind if it has none."""
    said = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
    return plain(" ".join(str(said).split()), LONGEST_TEXT)
