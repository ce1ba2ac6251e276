"""From an address to the mailbox of its store, and what to install where something is missing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from fluidmol.errors import UnavailableError, UsageError
from fluidmol.exchange.stores.mailbox import StoreMailbox

SFTP = "sftp"

NO_PLACES = (
    "memory", "data", "http", "https", "git", "github", "zip", "tar", "libarchive", "reference", "dir", "local",
    "simplecache", "filecache", "blockcache", "cached", "generic", "arrow_hdfs", "jupyter", "jlab", "asynclocal",
)  # fmt: skip
"""What fsspec opens and no consortium can meet in: one process's memory, archives, caches, what can't be written."""

PACKAGES = {
    "s3": "'fluidmol[s3]'",
    "s3a": "'fluidmol[s3]'",
    "sftp": "'fluidmol[sftp]'",
    "gs": "'fluidmol[stores]' gcsfs",
    "gcs": "'fluidmol[stores]' gcsfs",
    "az": "'fluidmol[stores]' adlfs",
    "abfs": "'fluidmol[stores]' adlfs",
    "abfss": "'fluidmol[stores]' adlfs",
    "webdav": "'fluidmol[stores]' 'webdav4[fsspec]'",
    "dav": "'fluidmol[stores]' 'webdav4[fsspec]'",
}
"""What pip installs for a scheme."""


def open_store(
    scheme: str, place: str, *, create: bool = False, said: Callable[[str], None] = lambda _: None
) -> StoreMailbox:
    """Open a store by its address.

    Parameters
    ----------
    scheme : str
        In small letters.
    place : str
        The address, ``scheme://...``.
    create : bool
        Whether a folder that isn't there is made, where the store has folders; buckets are never made.
    said : callable
        Called with a sentence when the store can't promise something, or doesn't answer at first.

    Raises
    ------
    UsageError
        If the address has a password in it, or no consortium can meet there.
    UnavailableError
        If nothing that is installed opens it. Whether the store can be reached shows later.
    """
    address = urlsplit(place)
    if address.password is not None:
        raise UsageError(
            "the address has a password in it, which others could read off the command line",
            hint="Leave it out; docs/stores.md says where it belongs.",
        )
    if scheme in NO_PLACES:
        raise UsageError(
            f"a consortium can't meet at {scheme}://", hint="Give a folder, or the address of a store: docs/stores.md."
        )
    if not address.netloc:
        raise UsageError(f"{place} names no bucket or host", hint=f"Expected {scheme}://NAME/FOLDER.")
    try:
        if scheme == SFTP:
            from fluidmol.exchange.stores.sftp import SftpStore  # noqa: PLC0415 - an extra

            return StoreMailbox(place, partial(SftpStore, place, create=create), said=said)
        from fluidmol.exchange.stores import objects  # noqa: PLC0415 - an extra

        caution = "" if objects.is_conditional(scheme) else objects.CAUTION
    except ImportError as problem:
        raise UnavailableError(
            f"what opens {scheme}:// isn't installed: {problem}",
            hint=f"pip install {PACKAGES.get(scheme, chr(39) + 'fluidmol[stores]' + chr(39))}",
        ) from problem
    except ValueError as problem:
        raise UnavailableError(
            f"nothing that is installed opens {scheme}:// addresses", hint="docs/stores.md lists what there is."
        ) from problem
    if caution:
        said(caution)
    return StoreMailbox(place, partial(objects.FsspecStore, scheme, place), caution=caution, said=said)
