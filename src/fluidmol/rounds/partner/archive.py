"""What a partner's homes keep of earlier rounds, so that a new release can be compared with what left before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    """A home and those beside it, and beside ledger and data: after a new key, old homes lie elsewhere.

    Parameters
    ----------
    home : Home
        Of the present charter.
    name : str
        The partner's; others may have homes beside it.
    charter : Charter
        The present one.
    folders : iterable of Path
        Where other homes of this partner may lie, beside the folder in which this one does.
    """

    def __init__(self, home: Home, name: str, charter: Charter, folders: Iterable[Path] = ()) -> None:
        self._home = home
        self._name = name
        self._charter = charter
        self._folders = tuple(folders)

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
        own = self._home.path.resolve()
        for folder in dict.fromkeys(each.resolve() for each in (self._home.path.absolute().parent, *self._folders)):
            for path in sorted(folder.glob("*")):
                if path.is_dir() and path.resolve() != own:
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
