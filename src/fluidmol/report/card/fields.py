"""What a model card is made of: sections of fields, each stated, withheld, or a gap."""

from __future__ import annotations

import math

import attrs

Cell = str | int | float


@attrs.frozen
class Gap:
    """Something that no file tells: what it is, who would know it, and where to state it."""

    what: str
    """What is missing."""

    who: str
    """Who would know it."""

    where: str
    """Where it can be stated."""

    def __str__(self) -> str:
        return f"not stated: {self.what}. Who would know: {self.who}. Where to state it: {self.where}."


@attrs.frozen
class CardTable:
    """Figures of one field."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@attrs.frozen(kw_only=True)
class CardField:
    """One field: what is stated and by which file, or why nothing is.

    Raises
    ------
    ValueError
        If it states something and is withheld or a gap as well, or neither.

    Examples
    --------
    >>> CardField(key="species", name="Species", gap=Gap("species", "the laboratory", "facts.toml")).status
    'gap'
    """

    key: str
    """Its name in JSON, unique within the card."""

    name: str
    """Its name for people."""

    lines: tuple[str, ...] = ()
    """What is stated: full sentences, or values."""

    source: str = ""
    """Which files state it."""

    qmrf: str = ""
    """Number of the section of the QMRF, version 1.3, that it answers; empty where none corresponds."""

    table: CardTable | None = None
    gap: Gap | None = None
    withheld: str = ""
    """Why something known is left out; empty where nothing is."""

    def __attrs_post_init__(self) -> None:
        stated = bool(self.lines) or self.table is not None
        if [stated, self.gap is not None, bool(self.withheld)].count(True) != 1:
            raise ValueError(f"field {self.key}: expected just one of something stated, a gap, or a reason to withhold")

    @property
    def status(self) -> str:
        """``stated``, ``gap`` or ``withheld``."""
        return "gap" if self.gap is not None else "withheld" if self.withheld else "stated"


@attrs.frozen(kw_only=True)
class CardSection:
    """One heading with its fields."""

    key: str
    title: str
    short: str
    """Its name in the contents."""

    fields: tuple[CardField, ...]


@attrs.frozen(kw_only=True)
class ModelCard:
    """All that a card says, before it becomes HTML, Markdown or JSON."""

    title: str
    subject: str
    """What kind of model it describes."""

    version: str
    """Of fluidmol, which made the model."""

    sections: tuple[CardSection, ...]
    cautions: tuple[str, ...] = ()
    """What must be known first."""

    @property
    def fields(self) -> tuple[CardField, ...]:
        """All fields, in order."""
        return tuple(field for section in self.sections for field in section.fields)

    @property
    def gaps(self) -> tuple[CardField, ...]:
        """The fields that no file fills."""
        return tuple(field for field in self.fields if field.status == "gap")

    @property
    def withheld(self) -> tuple[CardField, ...]:
        """The fields that are left out at the writer's wish."""
        return tuple(field for field in self.fields if field.status == "withheld")

    @property
    def summary(self) -> str:
        """How many fields are stated, and which aren't."""
        n, gaps, withheld = len(self.fields), self.gaps, self.withheld
        stated = f"{n - len(gaps) - len(withheld)} of {n} fields are stated."
        named = ", ".join(field.name.lower() for field in gaps)
        left = f" {len(withheld)} withheld: {', '.join(field.name.lower() for field in withheld)}." if withheld else ""
        return f"{stated} {_gaps(len(gaps))}{f': {named}' if named else ''}.{left}"


def _gaps(number: int) -> str:
    return "1 gap" if number == 1 else f"{number or 'No'} gaps"


def shown(cell: Cell) -> str:
    """Write a cell for people; a dash where a number isn't known.

    Examples
    --------
    >>> shown(12345), shown(0.12345), shown(float("nan")), shown("hERG"), shown(1e-05)
    ('12,345', '0.123', '–', 'hERG', '1e-05')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int):
        return f"{cell:,}"
    if not math.isfinite(cell):
        return "–"
    return f"{cell:.3f}" if cell == 0 or abs(cell) >= 1e-3 else f"{cell:.2g}"
