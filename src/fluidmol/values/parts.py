"""Parts: the small exchangeable pieces that a charter chooses by name.

A charter says ``random-forest`` or ``weighted-mean``; a :class:`Part` is that
choice with its options, a value. A :class:`Catalogue` turns it into the object
that does the work, and loads that object's module only then.
"""

from __future__ import annotations

import difflib
import importlib
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeVar

import attrs

from fluidmol.errors import CharterError

Scalar = bool | int | float | str
T = TypeVar("T")


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which names there are, the nearest first.

    Examples
    --------
    >>> nearest("papper-2025", ["open", "paper-2025"])
    'Did you mean paper-2025? There are: open, paper-2025.'
    """
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    guess = f"Did you mean {close[0]}? " if close else ""
    return f"{guess}There are: {', '.join(names)}."


def refuse_unknown(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    """Check that a table has known keys only.

    Raises
    ------
    CharterError
        Naming the first that isn't, and the nearest that is.

    Examples
    --------
    >>> refuse_unknown({"sead": 7}, ("name", "seed"), "charter")
    Traceback (most recent call last):
    fluidmol.errors.CharterError: charter has an unknown key 'sead'. Did you mean seed? There are: name, seed.
    """
    for key in table:
        if key not in known:
            raise CharterError(f"{where} has an unknown key {key[:80]!r}", hint=nearest(key[:80], known))


def _sorted_options(
    options: Mapping[str, Scalar] | Iterable[tuple[str, Scalar]],
) -> tuple[tuple[str, Scalar], ...]:
    pairs = options.items() if isinstance(options, Mapping) else options
    return tuple(sorted((str(key), value) for key, value in pairs))


@attrs.frozen
class Part:
    """One choice of a charter: a name and its options.

    Examples
    --------
    >>> Part("random-forest", {"trees": 150}).as_table()
    {'name': 'random-forest', 'trees': 150}
    """

    name: str = attrs.field(validator=attrs.validators.instance_of(str))
    """Name in the catalogue, such as ``random-forest``."""

    options: tuple[tuple[str, Scalar], ...] = attrs.field(default=(), converter=_sorted_options)
    """Options by name, sorted; only booleans, numbers and strings."""

    def __attrs_post_init__(self) -> None:
        for key, value in self.options:
            # A charter's digest is taken over its TOML: a key must not be able to write a line of its own.
            if not re.fullmatch("[A-Za-z0-9_-]+", key) or key == "name":
                raise CharterError(
                    f"{key!r} can't be an option of {self.name}",
                    hint="Options are named by letters, digits, _ and -, and none is called name.",
                )
            if isinstance(value, float) and not math.isfinite(value):
                raise CharterError(f"option {key} of {self.name} is {value}", hint="Numbers are finite.")
            if not isinstance(value, bool | int | float | str):
                raise CharterError(
                    f"option {key} of {self.name} is a {type(value).__name__}",
                    hint="Options are booleans, numbers or strings.",
                )

    def as_table(self) -> dict[str, Scalar]:
        """Give the part as a flat table, as charters write it."""
        return {"name": self.name, **dict(self.options)}

    @classmethod
    def from_table(cls, table: object, where: str) -> Part:
        """Read a part from a flat table such as ``{name = "random-forest", trees = 150}``.

        Raises
        ------
        CharterError
            If there is no name.
        """
        if not isinstance(table, Mapping) or not isinstance(table.get("name"), str):
            raise CharterError(f"[{where}] has no name", hint='Write, say, name = "random-forest".')
        return cls(table["name"], {key: value for key, value in table.items() if key != "name"})


class Catalogue(Generic[T]):
    """The parts of one kind that there are, each loaded when it is asked for.

    Parameters
    ----------
    kind : str
        What these parts are, for messages: ``estimator``, ``aggregation``.
    places : mapping of str to str
        Name to ``module:class``. The class is an attrs class whose fields are the part's options.
    elsewhere : mapping of str to str, optional
        Names that another catalogue knows, and what to say to those who look for them here.
    """

    def __init__(self, kind: str, places: Mapping[str, str], *, elsewhere: Mapping[str, str] | None = None) -> None:
        self.kind = kind
        self._places = dict(places)
        self._elsewhere = dict(elsewhere or {})

    def __iter__(self) -> Any:
        return iter(sorted(self._places))

    def build(self, part: Part) -> T:
        """Make the object that does what the part says.

        Raises
        ------
        CharterError
            If the name is unknown, or an option is unknown or out of range.
        """
        if part.name in self._elsewhere:
            raise CharterError(f"{part.name!r} can't be used here", hint=self._elsewhere[part.name])
        if part.name not in self._places:
            raise CharterError(f"unknown {self.kind} {part.name!r}", hint=nearest(part.name, self._places))
        module, _, name = self._places[part.name].partition(":")
        cls = getattr(importlib.import_module(module), name)
        known = {field.name: field.default for field in attrs.fields(cls)}
        for key, value in part.options:
            if key not in known:
                raise CharterError(
                    f"the {self.kind} {part.name!r} has no option {key!r}",
                    hint=nearest(key, known) if known else "It has no options.",
                )
            if type(known[key]) is int and type(value) is not int:
                raise CharterError(
                    f"option {key} of the {self.kind} {part.name!r} is {value!r}", hint="Expected a whole number."
                )
            if type(known[key]) is bool and type(value) is not bool:
                raise CharterError(
                    f"option {key} of the {self.kind} {part.name!r} is {value!r}", hint="Expected true or false."
                )
        try:
            built: T = cls(**dict(part.options))
        except (TypeError, ValueError) as problem:
            text = problem.args[0] if problem.args else problem
            raise CharterError(f"the {self.kind} {part.name!r}: {text}") from problem
        return built
