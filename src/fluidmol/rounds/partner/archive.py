"""What a partner's homes keep of earlier rounds, so that a new release can be compared with what left before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fluidmol.errors import FluidError
from fluidmol.partner.earlier import Archive, SavedRelease
from fluidmol.rounds.partner.home import Home
from fluidmol.trust.agreement import check
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.codec import unpack
from fluidmol.values.compounds import CompoundSet


class HomeArchive(Archive):
    """A home and those beside it: the folders in the folder in which it lies.

    Parameters
    ----------
    home : Home
        Of the present charter.
    name : str
        The partner's; others may have homes beside it.
    charter : Charter
        The present one.
    """

    def __init__(self, home: Home, name: str, charter: Charter) -> None:
        self._home = home
        self._name = name
        self._charter = charter

    def find(self, digest: str) -> SavedRelease | None:
        """Return the release of this digest, with charter and transfer set; None if it isn't here, or is damaged."""
        for home in self._homes():
            folder = home.opinions(digest)
            if not folder.is_dir():
                continue
            try:
                said = unpack((folder / "opinions.fluid").read_bytes())
                transfer = unpack((folder / "transfer.fluid").read_bytes())
                charter = _charter_in(folder / "charter.toml")
            except (OSError, FluidError):
                continue
            if not isinstance(said, Annotations) or not isinstance(transfer, CompoundSet) or charter is None:
                continue
            # By digest, beginning with the ledger's: nobody can have put something else there.
            chain = (said.digest, said.charter, charter.transfer_digest)
            if chain == (digest, charter.digest, transfer.digest):
                return SavedRelease(said, charter, transfer)
        return None

    def signed(self) -> tuple[Charter, ...]:
        """Return other charters that this partner accepted, in this folder and those beside it."""
        found = []
        for home in self._homes():
            charter = _charter_in(home.charter)
            if (
                charter is not None
                and charter.digest != self._charter.digest
                and _signer(home.agreement, charter) == self._name
            ):
                found.append(charter)
        return tuple(found)

    def _homes(self) -> Iterator[Home]:
        yield self._home
        for path in sorted(self._home.path.absolute().parent.glob("*")):
            if path.is_dir() and path != self._home.path.absolute():
                yield Home(path)


def _charter_in(path: Path) -> Charter | None:
    try:
        return Charter.from_toml(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError, FluidError):
        return None


def _signer(path: Path, charter: Charter) -> str:
    try:
        return check(path.read_text(encoding="utf-8"), charter)
    except (OSError, UnicodeDecodeError, FluidError):
        return ""
