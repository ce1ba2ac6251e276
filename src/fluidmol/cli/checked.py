"""Options checked before any work begins."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import attrs

from fluidmol.errors import InputError, MissingFileError, UsageError
from fluidmol.values.charter import Charter
from fluidmol.values.files import refuse_pipe

T = TypeVar("T")


def existing_molecules(path: Path, *, public: bool = False) -> Path:
    """Return the path if a file of molecules is there, or a folder of ``fluid transfer build``.

    Raises
    ------
    MissingFileError, InputError
        As :func:`existing_file`.
    """
    from fluidmol.chem.pool.shards import is_built  # noqa: PLC0415 - heavy

    return path if is_built(path) else existing_file(path, public=public)


def existing_file(path: Path, *, public: bool = False, pipe: bool = False) -> Path:
    """Give the path back if a regular file is there.

    Parameters
    ----------
    path : Path
    public : bool
        Whether it may be one of the data sets that can be fetched.
    pipe : bool
        Whether it may be a pipe as well.

    Raises
    ------
    MissingFileError
        If nothing is there.
    InputError
        If it is a folder, a device, or a pipe that isn't wanted.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder", hint="Give a file.")
    if not path.exists():
        raise MissingFileError(
            f"{path} isn't there",
            hint="Check the path, or fetch public data with: fluid data fetch." if public else "Check the path.",
        )
    if not pipe:
        refuse_pipe(path)
    return path


def build(cls: type[T], **options: Any) -> T:
    """Make a value from options.

    Raises
    ------
    UsageError
        If one is out of range.
    """
    try:
        return cls(**options)
    except ValueError as problem:
        text = str(problem.args[0] if problem.args else problem)
        said = re.fullmatch(r"'(\w+)' must be ([<>])= (\S+): (\S+)", text)
        if said is None:
            raise UsageError(text) from problem
        field, relation, bound, value = said.groups()
        option = field.removeprefix("n_").replace("_", "-")
        raise UsageError(
            f"--{option} is {value}", hint=f"Expected {bound} or {'more' if relation == '>' else 'less'}."
        ) from problem


def at_least(least: int, option: str, value: int) -> int:
    """Give the number back if it is large enough.

    Raises
    ------
    UsageError
        If it isn't.
    """
    if value < least:
        raise UsageError(f"{option} is {value}", hint=f"Expected {least} or more.")
    return value


def agreed_charter(
    preset: str | None, file: Path | None, seed: int | None, quorum: int | None, *, usual: str = "open"
) -> Charter:
    """Take a preset (the usual one by default) or a charter file, with seed and quorum where they are given.

    Raises
    ------
    FluidError
        If there is no such preset or file, both are given, it is no charter, or a number is out of range.
    """
    if preset is not None and file is not None:
        raise UsageError("both --preset and --charter are given", hint="Give one: each is a complete recipe.")
    if file is None:
        charter = Charter.from_preset(preset or usual)
    else:
        try:
            charter = Charter.from_toml(existing_file(file).read_text(encoding="utf-8"), str(file))
        except OSError as problem:
            raise MissingFileError(f"{file} can't be read: {problem.strerror}", hint="Check its rights.") from problem
        except UnicodeDecodeError as problem:
            raise InputError(f"{file} isn't UTF-8 text", hint="A charter is a TOML file.") from problem
    changes: dict[str, Any] = {}
    if seed is not None:
        changes["seed"] = at_least(0, "--seed", seed)
    if quorum is not None:
        changes["quorum"] = at_least(1, "--quorum", quorum)
    return attrs.evolve(charter, **changes)


def reachable_quorum(charter: Charter, partners: int) -> Charter:
    """Give the charter back if so many partners can reach its quorum.

    Raises
    ------
    UsageError
        If they are too few.
    """
    if charter.quorum > partners:
        raise UsageError(
            f"the quorum is {charter.quorum}, but there are {partners} partners",
            hint="Ask for more --partners, or for a smaller --quorum.",
        )
    return charter
