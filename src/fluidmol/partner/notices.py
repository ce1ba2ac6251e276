"""What files that are made for use say of themselves, so that whoever finds one knows who may have it."""

from __future__ import annotations

PRIVATE = "private: holds coefficients from which own compounds can be decoded; never give it to others"
"""Of whatever was fitted to own compounds."""

OF_PARTIES = "for the parties of the charter only: made of labels and experts that are sealed to them"
"""Of what the consortium's labels alone give: no own compound is in it, but others' opinions are."""


def notice(*, private: bool) -> str:
    """Give the notice of a model.

    Examples
    --------
    >>> notice(private=False).partition(":")[0]
    'for the parties of the charter only'
    """
    return PRIVATE if private else OF_PARTIES
