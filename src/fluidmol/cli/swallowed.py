"""Options without their value: ``--yes --dry-run`` must not mean that somebody called ``--dry-run`` approves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fluidmol.errors import UsageError


def check_words(command: Any, words: Sequence[str]) -> None:
    """Refuse a command line in which an option would take the next option for its value.

    Parameters
    ----------
    command : click.Command
        The whole command line's.
    words : sequence of str
        Without the program's name.

    Raises
    ------
    UsageError
        Naming both.

    Examples
    --------
    >>> import click
    >>> command = click.Command("answer", params=[click.Option(["--yes"]), click.Option(["--dry-run"], is_flag=True)])
    >>> check_words(command, ["--yes", "Ada Hill", "--dry-run"])
    >>> check_words(command, ["--yes", "--dry-run"])
    Traceback (most recent call last):
    fluidmol.errors.UsageError: --yes lacks its value: --dry-run follows. ...
    """
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return
        if not word.startswith("-"):
            # A group's first word is the name of its command; a command's are arguments.
            command = getattr(command, "commands", {}).get(word, command)
            continue
        name, equals, value = word.partition("=")
        option = _valued(command, name)
        if option is None:
            continue
        if equals and not value.startswith("--"):
            continue
        following = value if equals else rest.pop(0) if rest else ""
        if following.startswith("--") or _known(command, following):
            raise UsageError(
                f"{name} lacks its value: {following} follows", hint="Nothing was done. See what it takes with --help."
            )


def _valued(command: Any, name: str) -> Any:
    for option in getattr(command, "params", ()):
        if name in getattr(option, "opts", ()) and option.param_type_name == "option":
            return None if option.is_flag or option.count else option
    return None


def _known(command: Any, word: str) -> bool:
    """Say whether a word such as ``-v`` is an option; a number such as -1 isn't."""
    return word.startswith("-") and any(
        word in (*getattr(option, "opts", ()), *getattr(option, "secondary_opts", ()))
        for option in getattr(command, "params", ())
        if option.param_type_name == "option"
    )
