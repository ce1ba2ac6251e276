"""Options that several commands share, written once and put in place of one parameter."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

Command = Callable[..., None]


def in_place_of(
    parameter: str, group: Mapping[str, tuple[Any, Any]], made: Callable[[dict[str, Any]], Any]
) -> Callable[[Command], Command]:
    """Return a decorator that puts a group of options in place of one of a command's parameters.

    Parameters
    ----------
    parameter : str
        Of the command; it gets what is made of the options.
    group : mapping of str to (type, default)
        By parameter: its annotation, help included, and its default.
    made : callable
        Makes the parameter's value of what was given, by name.

    Returns
    -------
    callable
        From a command to one with the signature that the command line is built from.

    Examples
    --------
    >>> @in_place_of("size", {"width": (int, 2), "height": (int, 3)}, lambda given: given["width"] * given["height"])
    ... def show(size):
    ...     print(size)
    >>> show(width=5, height=3)
    15
    >>> list(inspect.signature(show).parameters)
    ['width', 'height']
    """

    def decorate(command: Command) -> Command:
        signature = inspect.signature(command)
        # Whatever the parameter in question is annotated with is imported for type checkers only.
        unknown = {parameter: Any, **dict.fromkeys(_names(command), Any)}
        kinds = get_type_hints(command, localns=unknown, include_extras=True)
        parameters: list[inspect.Parameter] = []
        for each in signature.parameters.values():
            if each.name == parameter:
                parameters += [
                    inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
                    for name, (kind, default) in group.items()
                ]
            else:
                kind = kinds.get(each.name, each.annotation)
                parameters.append(each.replace(annotation=kind, kind=inspect.Parameter.KEYWORD_ONLY))

        @functools.wraps(command)
        def run(**given: Any) -> None:
            said = {name: given.pop(name) for name in group}
            command(**{parameter: made(said)}, **given)

        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        return run

    return decorate


def _names(command: Command) -> list[str]:
    """Return names in annotations that the command's module doesn't know when it runs."""
    words = [note for note in command.__annotations__.values() if isinstance(note, str) and note.isidentifier()]
    known = vars(inspect.getmodule(command)) if inspect.getmodule(command) else {}
    return [word for word in words if word not in known and word not in ("int", "str", "bool", "float", "None")]
