"""What can go wrong, as a small closed family.

Each error says what was found, where, what was expected and what to do. The
command line prints that text, without a traceback, and exits with the error's
``exit_code`` (the numbers follow BSD ``sysexits.h`` where it has one).
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar


class FluidError(Exception):
    """Root of every error that fluidmol raises on purpose.

    Parameters
    ----------
    message : str
        What was found, and where.
    hint : str, optional
        What was expected, or what to do about it.

    Examples
    --------
    >>> str(InputError("assay.csv has no SMILES column", hint="Name it with `smiles_column`."))
    'assay.csv has no SMILES column. Name it with `smiles_column`.'
    """

    exit_code: ClassVar[int] = 70

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = message.rstrip()
        self.hint = hint.strip()
        super().__init__(message, hint)

    def __reduce__(self) -> tuple[object, ...]:
        # Errors of worker processes travel to the one that waits for them, with their hints.
        return partial(type(self), hint=self.hint), (self.message,)

    def __str__(self) -> str:
        if not self.hint:
            return self.message
        if "\n" in self.message:  # what another program said ends with its own line
            return f"{self.message}\n{self.hint}"
        stop = "" if self.message.endswith((".", "?", "!", ":")) else "."
        return f"{self.message}{stop} {self.hint}"


class UsageError(FluidError):
    """Options that contradict one another or are out of range (exit 64)."""

    exit_code = 64


class InputError(FluidError):
    """A file whose content can't be used (exit 65)."""

    exit_code = 65


class MissingFileError(FluidError):
    """A file that isn't there or can't be read (exit 66)."""

    exit_code = 66


class UnavailableError(FluidError):
    """Something outside can't be had: a network address, an optional package (exit 69)."""

    exit_code = 69


class QuorumError(FluidError):
    """Fewer partners answered than the charter asks for (exit 71)."""

    exit_code = 71


class OutputError(FluidError):
    """An output folder that exists already or can't be written (exit 73)."""

    exit_code = 73


class AwaitingError(FluidError):
    """Replies are missing; the same command, run again later, goes on (exit 75, EX_TEMPFAIL)."""

    exit_code = 75


class CodecError(FluidError):
    """Bytes that aren't what they claim to be, or a type that may not cross a wall (exit 76)."""

    exit_code = 76


class SignatureError(FluidError):
    """Something that its alleged sender didn't say: forged, altered, or meant for somebody else (exit 76)."""

    exit_code = 76


class LedgerError(FluidError):
    """A ledger that doesn't hold what it must hold, or another one than before (exit 76)."""

    exit_code = 76


class PolicyError(FluidError):
    """The gate refuses a release (exit 77)."""

    exit_code = 77


class CharterError(FluidError):
    """A charter that can't be carried out (exit 78)."""

    exit_code = 78
