"""A partner's own folder for one consortium: what it accepted, what it sent, and the labels that it got."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fluidmol.errors import CharterError, CodecError, FluidError, InputError, OutputError
from fluidmol.exchange.mailbox import REPLIES, short
from fluidmol.rounds.partner.kept_model import KeptModel
from fluidmol.rounds.partner.known_ledger import KnownLedger
from fluidmol.values.annotations import Annotations
from fluidmol.values.changes import changes
from fluidmol.values.charter import Charter
from fluidmol.values.codec import pack, unpack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.files import write_whole
from fluidmol.values.labels import FederatedLabels

PSEUDONYMS = "pseudonyms.txt"
"""File beside the labels that tells their partner which of the others' pseudonyms is its own."""


class Home:
    """Files that stay with the partner.

    Parameters
    ----------
    path : Path
        Made when something is kept.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     home = Home(Path(folder, "ada-0c8f1b2d3e4f"))
    ...     home.prepare("replies/a.fluid", b"said").name, home.released("replies/a.fluid")
    ('a.fluid', None)
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def beside(cls, key: Path, name: str, charter: Charter) -> Home:
        """Give the folder beside a key file: ``NAME-<12 digits of the charter>``."""
        return cls(key.parent / f"{name}-{short(charter.digest)}")

    @property
    def charter(self) -> Path:
        """The charter that was accepted."""
        return self.path / "charter.toml"

    @property
    def agreement(self) -> Path:
        """The signature under it."""
        return self.path / "agreement.json"

    @property
    def labels(self) -> Path:
        """The federated labels, packed."""
        return self.path / "labels.fluid"

    @property
    def transfer(self) -> Path:
        """The transfer set, packed."""
        return self.path / "transfer.fluid"

    @property
    def representation(self) -> Path:
        """The public directions, packed, where the charter names some."""
        return self.path / "representation.fluid"

    @property
    def kept_model(self) -> KeptModel:
        """Where the private model of this home's charter is kept."""
        return KeptModel(self.path)

    @property
    def known_ledger(self) -> KnownLedger:
        """What this home knows of the ledger in which its releases are noted."""
        return KnownLedger(self.path)

    @property
    def pieces(self) -> Path:
        """Opinions of pieces of the transfer set, as the teacher gave them: nothing of it has passed the gate."""
        return self.path / "pieces"

    @property
    def pseudonyms(self) -> Path:
        """By what labels may call this partner, a line for each opinion that it sent."""
        return self.path / PSEUDONYMS

    @property
    def audit(self) -> Path:
        """What the latest audit of the own release found."""
        return self.path / "audit.json"

    def opinions(self, digest: str) -> Path:
        """Return the folder of opinions that left, by their digest, with their charter and transfer set."""
        return self.path / "opinions" / short(digest)

    def accept(self, charter: Charter, agreement: str) -> None:
        """Keep a charter and the signature under it.

        Raises
        ------
        CharterError
            If another charter was accepted here.
        OutputError
            If it can't be written.
        """
        if self.charter.exists() and self._charter(self.charter).digest != charter.digest:
            raise CharterError(
                f"another charter was accepted in {self.path}"
                f" ({'; '.join(changes(self._charter(self.charter), charter))})",
                hint="Give another `home` for this one.",
            )
        self._write(self.charter, charter.to_toml().encode())
        self._write(self.agreement, agreement.encode())

    def keep_readings(self, readings: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep how own files were understood when something was answered, in ``readings.json``.

        Parameters
        ----------
        readings : mapping of str to mapping
            Plain facts by the file's name; nothing is written if there are none.

        Raises
        ------
        OutputError
            If they can't be written.
        """
        if readings:
            text = json.dumps(readings, indent=2, ensure_ascii=False) + "\n"
            self._write(self.path / "readings.json", text.encode())

    def changes_since(self, charter: Charter) -> tuple[str, ...]:
        """Say how a charter differs from one that was accepted before, here or beside it.

        Of several the nearest counts, of those that have its name or are of the same parties, whatever their keys.
        """
        found = []
        for path in (self.charter, *sorted(self.path.parent.glob("*/charter.toml"))):
            try:
                old = self._charter(path)
            except FluidError:
                continue
            if old.digest != charter.digest and (old.name == charter.name or _names(old) == _names(charter)):
                found.append(changes(old, charter))
        return min(found, key=len, default=())

    def learn(self, labels: FederatedLabels) -> None:
        """Keep the federated labels; those that are here stay.

        Raises
        ------
        InputError
            If others are here already, or those here can't be read.
        OutputError
            If they can't be written.
        """
        if not self.learnt(labels):
            self._write(self.labels, pack(labels))

    def learnt(self, labels: FederatedLabels) -> bool:
        """Say whether these labels are here already.

        Raises
        ------
        InputError
            If others are, or they can't be read.
        """
        if not self.labels.exists():
            return False
        try:
            known = unpack(self.labels.read_bytes())
        except (OSError, CodecError) as problem:
            raise InputError(
                f"{self.labels} can't be read: {problem}",
                hint="Nothing was sent. Restore it; or remove it, and the labels in the place are kept here.",
            ) from problem
        # By digest: bytes may differ between versions of the libraries that write them.
        if known.digest != labels.digest:
            raise InputError(
                f"the labels in the place are {labels.digest}, and those that you took home before are {known.digest}"
                f" ({self.labels})",
                hint="Nothing was sent, and those at home stay: labels are published once. Ask the coordinator, by"
                " another way than this, which of them count; compare with the other partners.",
            )
        return True

    def known_as(self, pseudonym: str) -> None:
        """Keep by what labels will call this partner if its opinion counts; an empty pseudonym is none.

        Raises
        ------
        OutputError
            If it can't be written.
        """
        known = pseudonyms_in(self.pseudonyms)
        if pseudonym and pseudonym not in known:
            self._write(self.pseudonyms, "".join(f"{name}\n" for name in (*known, pseudonym)).encode())

    def own_in(self, labels: FederatedLabels, name: str) -> str:
        """Say by what labels call this partner; empty if it has no part in them, or this home doesn't know."""
        return own_in(labels, name, pseudonyms_in(self.pseudonyms))

    def prepare(self, name: str, data: bytes) -> Path:
        """Keep what would be sent under a name, and give its path; where it is already, if it was sent before."""
        released = self._path("releases", name)
        return released if _sound(released) == data else self._keep(self._path("prepared", name), data)

    def release(self, name: str, data: bytes) -> Path:
        """Keep what is sent under a name, and give its path."""
        path, prepared = self._keep(self._path("releases", name), data), self._path("prepared", name)
        prepared.unlink(missing_ok=True)
        _sum_of(prepared).unlink(missing_ok=True)
        return path

    def save_opinions(self, said: Annotations, charter: Charter, transfer: CompoundSet) -> None:
        """Keep opinions as they leave: what is sent is sealed to another, and can't be compared with later ones.

        Raises
        ------
        OutputError
            If they can't be written.
        """
        folder = self.opinions(said.digest)
        self._write(folder / "charter.toml", charter.to_toml().encode())
        self._write(folder / "transfer.fluid", pack(transfer))
        self._write(folder / "opinions.fluid", pack(said))

    def released(self, name: str) -> bytes | None:
        """Give what was sent under a name; None if nothing was, or it is damaged."""
        return _sound(self._path("releases", name))

    def releases(self) -> list[str]:
        """Return the names, in the place, of all that was sent and is here as it was written."""
        paths = sorted((self.path / "releases").glob("*/*.fluid*"))
        return [f"{REPLIES}/{path.parent.name}/{path.name}" for path in paths if _sound(path) is not None]

    def prepared(self, name: str) -> bytes | None:
        """Give what was sent under a name, or else only shown to the partner; it may never have passed the gate."""
        released = self.released(name)
        return released if released is not None else _sound(self._path("prepared", name))

    def keep_transfer(self, data: bytes) -> None:
        """Keep the transfer set."""
        self._write(self.transfer, data)

    def keep_representation(self, data: bytes) -> None:
        """Keep the public directions."""
        self._write(self.representation, data)

    def _keep(self, path: Path, data: bytes) -> Path:
        self._write(path, data)
        self._write(_sum_of(path), _sum(path, data))
        return path

    def _path(self, folder: str, name: str) -> Path:
        question, _, base = name.removeprefix("replies/").rpartition("/")
        return self.path / folder / question / base

    @staticmethod
    def _charter(path: Path) -> Charter:
        try:
            return Charter.from_toml(path.read_text(encoding="utf-8"), str(path))
        except (OSError, UnicodeDecodeError) as problem:
            raise CharterError(f"{path} can't be read", hint="Remove it, and accept the charter anew.") from problem

    def _write(self, path: Path, data: bytes) -> None:
        try:
            if path.is_file() and path.read_bytes() == data:
                return
            # What was sent is nobody else's business on a shared machine.
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
        except OSError as problem:
            raise OutputError(
                f"{path} can't be written: {problem.strerror or problem}", hint="Give another folder with `home`."
            ) from problem


def pseudonyms_in(path: Path) -> tuple[str, ...]:
    """Read a file of pseudonyms, one a line; none if it isn't there, or can't be read."""
    try:
        return tuple(path.read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError):
        return ()


def own_in(labels: FederatedLabels, name: str, pseudonyms: Iterable[str]) -> str:
    """Say by what labels call a partner.

    Parameters
    ----------
    labels : FederatedLabels
    name : str
        By which it goes in simulations, and in labels of versions before.
    pseudonyms : iterable of str
        Of its opinions.

    Returns
    -------
    str
        Empty if it has no part in them.
    """
    return next((known for known in (name, *pseudonyms) if known in labels.partners), "")


def _names(charter: Charter) -> set[tuple[str, str]]:
    return {(party.role, party.name) for party in charter.parties}


def _sum_of(path: Path) -> Path:
    """Give the file beside another that holds its checksum, as ``sha256sum -c`` reads it."""
    return path.with_name(f"{path.name}.sha256")


def _sound(path: Path) -> bytes | None:
    """Read a file if it is as it was written: what is sealed to another we can't open, and it may be damaged."""
    try:
        data = path.read_bytes()
        return data if _sum_of(path).read_bytes() == _sum(path, data) else None
    except OSError:
        return None


def _sum(path: Path, data: bytes) -> bytes:
    return f"{hashlib.sha256(data).hexdigest()}  {path.name}\n".encode()
