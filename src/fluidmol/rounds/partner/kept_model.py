"""The private model of one charter at home: made once, by whichever process is first, and never for another charter."""

from __future__ import annotations

from pathlib import Path

import attrs

from fluidmol.errors import CodecError, InputError, OutputError
from fluidmol.values.charter import Charter
from fluidmol.values.codec import pack, unpack
from fluidmol.values.files import write_once
from fluidmol.values.private_model import PrivateModel


@attrs.frozen
class KeptModel:
    """A folder that holds a private model, and beside it the digests of its charter and of its data."""

    folder: Path
    """Made when a model is kept."""

    @property
    def model(self) -> Path:
        """The private model, packed; all of it is in what was, or would be, released."""
        return self.folder / "private-model.fluid"

    @property
    def charter(self) -> Path:
        """The digest of the charter that it was made for."""
        return self.folder / "private-model.charter"

    @property
    def data(self) -> Path:
        """The digest of the compounds and classes that it was made from; it never leaves."""
        return self.folder / "private-model.data"

    def find(self, charter: Charter, data: str) -> PrivateModel | None:
        """Read the private model that was made for this charter from these data; None if none was.

        Raises
        ------
        InputError
            If it is damaged, or of another charter or other data: another one must not be made by mistake, for it would
            cost again, and an old one must not speak for new data without a word.
        """
        if not self.model.exists():
            return None
        try:
            found = unpack(self.model.read_bytes())
            known = self.charter.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError, CodecError) as problem:
            # Without the codec's hint, which would have it made again.
            reason = problem.message if isinstance(problem, CodecError) else problem
            raise InputError(
                f"{self.model} can't be read: {reason}",
                hint="Restore it, with private-model.charter beside it, or use the version of fluidmol that made it."
                " Another private model costs again, and can't speak under this charter if this one has spoken.",
            ) from problem
        if not isinstance(found, PrivateModel) or known != charter.digest:
            raise InputError(
                f"{self.model} isn't the private model of the charter {charter.digest}",
                hint="Give this charter a `home` of its own.",
            )
        if self.data.exists() and self.data.read_text(encoding="utf-8", errors="replace").strip() != data:
            raise InputError(
                f"the private model of this charter, {self.model}, was made from other compounds or classes than these",
                hint="What has left can't be changed by new data: give those that it was made from. If nothing has left"
                f" yet (fluid ledger show), and these are right, remove the files private-model.* of {self.folder}: the"
                " same command makes another. Never do so to draw noise that pleases: that undoes the proof.",
            )
        return found

    def keep(self, charter: Charter, data: str, model: PrivateModel) -> PrivateModel:
        """Keep a private model, and return it; the one that is here already stays, and is returned instead.

        Raises
        ------
        OutputError
            If it can't be written.
        """
        if (known := self.find(charter, data)) is not None:
            return known
        # The charter first: a model without one belongs to nobody.
        self._write(self.charter, f"{charter.digest}\n".encode())
        self._write(self.data, f"{data}\n".encode())
        self._write(self.model, pack(model))
        # What is there now may be that of another process, or of another charter, which is refused.
        kept = self.find(charter, data)
        return model if kept is None else kept

    def _write(self, path: Path, data: bytes) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_once(path, data)
        except OSError as problem:
            raise OutputError(
                f"{path} can't be written: {problem.strerror or problem}", hint="Give another folder with `home`."
            ) from problem
