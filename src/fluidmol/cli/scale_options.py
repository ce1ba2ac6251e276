"""Options that make a regression of an endpoint: the ends of its scale, and its transformation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from fluidmol.cli.option_groups import in_place_of

if TYPE_CHECKING:
    from fluidmol.values.charter import Charter
    from fluidmol.values.scale import Scale

_PANEL = "Regression: values in place of classes"

OPTIONS: dict[str, Any] = {
    "lowest": Annotated[
        float | None,
        typer.Option(help="Lower end of the scale, in --unit: lower values are taken for it.", rich_help_panel=_PANEL),
    ],
    "highest": Annotated[
        float | None,
        typer.Option(help="Upper end of the scale, in --unit: higher values are taken for it.", rich_help_panel=_PANEL),
    ],
    "transformation": Annotated[
        str | None,
        typer.Option(
            help="In what values are compared: none (the default), log10, or logit (of a fraction).",
            rich_help_panel=_PANEL,
        ),
    ],
}
"""By parameter: its type and help."""

ENDS: Any = None
"""Default of a command's parameter ``ends``, which :func:`takes_ends` gives."""

Ends = tuple[float | None, float | None, str | None]
"""Lower and upper end, and the transformation, as they were given."""

takes_ends = in_place_of("ends", {name: (kind, None) for name, kind in OPTIONS.items()}, lambda said: (*said.values(),))
"""Adds these options to a command in place of its parameter ``ends``."""


def scale_of(ends: Ends, unit: str | None) -> Scale | None:
    """Read the scale of a regression; None if nothing of it is given.

    Raises
    ------
    UsageError
        If something is missing or out of range.

    Examples
    --------
    >>> scale_of((3, 10, None), "p").range
    '3 to 10 (p)'
    >>> scale_of((None, None, None), "nM")
    """
    from fluidmol.errors import UsageError  # noqa: PLC0415
    from fluidmol.values.scale import Scale  # noqa: PLC0415

    lowest, highest, transformation = ends
    if ends == (None, None, None):
        return None
    needed = {"--lowest": lowest, "--highest": highest, "--unit": unit}
    missing = [flag for flag, value in needed.items() if value is None]
    if missing or lowest is None or highest is None or unit is None:
        raise UsageError(
            f"a regression lacks {', '.join(missing)}",
            hint="Give --lowest, --highest and --unit, for instance: --lowest 3 --highest 11 --unit p.",
        )
    try:
        return Scale(unit, lowest, highest, transformation or "none")
    except ValueError as problem:
        text = str(problem.args[0])
        if "transformation" in text:
            text = f"--transformation is {transformation}"
        raise UsageError(text, hint="Expected none, log10 or logit, and ends for which it is defined.") from problem


def asked_about(charter: Charter, scale: Scale | None) -> Charter:
    """Make a regression of a charter's endpoint, where a scale is given.

    Raises
    ------
    UsageError
        If the charter has another scale, or says where active begins.
    """
    import attrs  # noqa: PLC0415

    from fluidmol.errors import UsageError  # noqa: PLC0415

    if scale is None or charter.scale == scale:
        return charter
    [endpoint] = charter.endpoints
    if charter.scale is not None or endpoint.measure is not None:
        said = f"values from {charter.scale.range}" if charter.scale else "classes with a threshold"
        raise UsageError(
            f"the charter's endpoint has {said}, and the options say {scale.range}",
            hint="Leave --lowest, --highest and --transformation away.",
        )
    return attrs.evolve(charter, endpoints=(attrs.evolve(endpoint, name="value", kind="regression", scale=scale),))
