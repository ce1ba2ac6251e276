"""Options of ``fluid charter new`` that say in numbers what an endpoint means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fluidmol.cli.scale_options import Ends
    from fluidmol.values.charter import Charter
    from fluidmol.values.measure import Measure

Said = tuple[str | None, float | None, str | None, str | None]
"""Quantity, threshold, unit and what becomes of limits, as they were given."""

Quantity = Annotated[
    str | None, typer.Option(help="What is measured, as files name it, such as IC50; with --threshold and --unit.")
]
Threshold = Annotated[float | None, typer.Option(help="Where active begins, in --unit; itself active.")]
Unit = Annotated[
    str | None,
    typer.Option(
        help="M, mM, uM, nM or pM: active is at or below; or p, for -log10(M): active is at or above. Of a regression,"
        " any unit."
    ),
]
Relations = Annotated[
    str | None,
    typer.Option(
        help="Limits such as > 30: judge, where all they allow lies on one side, or exclude.", show_default="judge"
    ),
]


def measure_of(
    quantity: str | None, threshold: float | None, unit: str | None, relations: str | None
) -> Measure | None:
    """Read what an endpoint means in numbers; None if nothing is given.

    Raises
    ------
    UsageError
        If something is missing or out of range.

    Examples
    --------
    >>> measure_of("IC50", 10, "uM", None).cut
    'at or below 10 uM'
    """
    from fluidmol.chem.intake.measurements.titles import read_title  # noqa: PLC0415
    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.errors import UsageError  # noqa: PLC0415
    from fluidmol.values.measure import Measure  # noqa: PLC0415

    needed = {"--quantity": quantity, "--threshold": threshold, "--unit": unit}
    given = {flag: value for flag, value in {**needed, "--relations": relations}.items() if value is not None}
    if not given:
        return None
    missing = [flag for flag in needed if flag not in given]
    if missing:
        raise UsageError(
            f"{', '.join(given)} given without {', '.join(missing)}",
            hint="Give --quantity, --threshold and --unit, or none of them, for instance:"
            " --quantity IC50 --threshold 10 --unit uM.",
        )
    if read_title(str(quantity)).scale not in ("", "p", "concentration"):
        raise UsageError(
            f"--quantity is {quantity}, which is no potency",
            hint="This version knows molar potencies, such as IC50, Ki or EC50, and their negative logarithms.",
        )
    return checked.build(
        Measure, quantity=quantity, threshold=threshold, unit=unit,
        relations="judge" if relations is None else relations,
    )  # fmt: skip


def asked(recipe: Charter, ends: Ends, said: Said) -> tuple[Charter, Measure | None]:
    """Read what an endpoint means: the scale of a regression, which the recipe has then, or a measure.

    Raises
    ------
    UsageError
        If something is missing or out of range, or the options of both are given.
    """
    from fluidmol.cli.scale_options import asked_about, scale_of  # noqa: PLC0415
    from fluidmol.errors import UsageError  # noqa: PLC0415

    quantity, threshold, unit, relations = said
    of_recipe = recipe.scale is not None and ends == (None, None, None)
    scale = recipe.scale if of_recipe else scale_of(ends, unit)
    if scale is None:
        return recipe, measure_of(*said)
    of_classes = {"--quantity": quantity, "--threshold": threshold, "--relations": relations}
    given = [flag for flag, value in of_classes.items() if value is not None]
    if given or (of_recipe and unit is not None):
        raise UsageError(
            f"{', '.join(given) or '--unit'} is given, and the endpoint is a regression of values from {scale.range}",
            hint="Leave it away. --quantity, --threshold and --relations are for classes; of a regression limits are"
            " left out, and --description says what is measured.",
        )
    return asked_about(recipe, scale), None
