"""The endpoint of a charter: what teachers have an opinion about."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from fluidmol.errors import CharterError
from fluidmol.values.measure import Measure
from fluidmol.values.parts import refuse_unknown
from fluidmol.values.scale import Scale

KINDS = ("classification", "regression")
"""What an endpoint asks for: the probability of the active class, or a value."""


@attrs.frozen
class Endpoint:
    """One thing that teachers have an opinion about.

    Examples
    --------
    >>> Endpoint("herg").kind
    'classification'
    """

    name: str = attrs.field(validator=attrs.validators.matches_re(r"[A-Za-z0-9][A-Za-z0-9_.-]*"))
    """Short name, used in columns and file names."""

    kind: str = attrs.field(default="classification", validator=attrs.validators.in_(KINDS))
    """``classification``: an opinion is the probability of the active class, in [0, 1]; ``regression``: it is a
    position on the endpoint's scale, in [0, 1]."""

    description: str = attrs.field(default="", validator=attrs.validators.instance_of(str))
    """What is measured, and when it counts as active."""

    measure: Measure | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.instance_of(Measure))
    )
    """The same in numbers; None leaves it to each partner's reading of the description."""

    scale: Scale | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.instance_of(Scale))
    )
    """Of a regression, and of nothing else: unit, range and transformation of the values."""

    def __attrs_post_init__(self) -> None:
        if (self.kind == "regression") != (self.scale is not None):
            raise ValueError(
                f"kind is {self.kind!r} {'without' if self.scale is None else 'with'} a scale: expected unit, lowest,"
                " highest and transformation for a regression, and none of lowest, highest and transformation otherwise"
            )
        if self.scale is not None and self.measure is not None:
            raise ValueError("a regression has a threshold: expected a scale alone, for nothing is active or inactive")

    def as_table(self) -> dict[str, str | float]:
        """Return the endpoint as a flat table, as charters write it: a measure's or scale's fields if there is one."""
        numbers = self.measure or self.scale
        measured = {} if numbers is None else attrs.asdict(numbers)
        return {"name": self.name, "kind": self.kind, "description": self.description, **measured}


def endpoint_of(entry: object, where: str) -> Endpoint:
    """Read an endpoint from a flat table.

    Raises
    ------
    CharterError
        If a key is unknown, a measure is given in part only, or a value is out of range.

    Examples
    --------
    >>> endpoint_of({"name": "herg", "quantity": "IC50"}, "charter")
    Traceback (most recent call last):
    fluidmol.errors.CharterError: charter [[endpoint]] has quantity, but lacks unit, threshold, ... or none of them.
    """
    if not isinstance(entry, Mapping):
        raise CharterError(f"{where} has an endpoint that is no table", hint="Write [[endpoint]] and name = ....")
    numbers = Scale if entry.get("kind") == "regression" else Measure
    parts = tuple(field.name for field in attrs.fields(numbers))
    refuse_unknown(entry, ("name", "kind", "description", *parts), f"{where} [[endpoint]]")
    plain = {key: value for key, value in entry.items() if key not in parts}
    measured = {key: entry[key] for key in parts if key in entry}
    missing = [key for key in parts if key not in entry]
    if measured and missing:
        raise CharterError(
            f"{where} [[endpoint]] has {', '.join(measured)}, but lacks {', '.join(missing)}",
            hint=f"Write each of {', '.join(parts)}, or none of them.",
        )
    try:
        if numbers is Scale:
            return Endpoint(**plain, scale=Scale(**measured) if measured else None)
        return Endpoint(**plain, measure=Measure(**measured) if measured else None)
    except (TypeError, ValueError) as problem:
        raise CharterError(f"{where} [[endpoint]]: {problem.args[0] if problem.args else problem}") from problem
