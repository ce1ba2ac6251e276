"""The charter: all that is agreed before anyone computes.

Its digest is the consortium's handshake: every reply names it, and a reply to
another charter is refused. It is kept as a TOML file that a person can read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from importlib import resources
from typing import Any

import attrs

from fluidmol.errors import CharterError
from fluidmol.values.endpoint import Endpoint as Endpoint  # noqa: PLC0414 - charters are where others look for it
from fluidmol.values.endpoint import endpoint_of
from fluidmol.values.parties import Party as Party  # noqa: PLC0414 - as above
from fluidmol.values.parties import check_parties, in_order, party_of
from fluidmol.values.parts import Part, nearest, refuse_unknown
from fluidmol.values.scale import Scale
from fluidmol.values.toml import read_toml, write_toml

FORMAT = 2
"""Version of the charter's format, part of its digest. Version 1 had no ``[distillation]``: always ``labels``."""

WITH_PARTIES = 3
"""Version of a charter that names its parties; all others stay what they were, to the byte."""

WITH_MEASURE = 4
"""Version of a charter whose endpoint has a measure, with parties or without."""

WITH_PRIVACY = 5
"""Version of a charter whose teachers speak under differential privacy, with parties and measure or without."""

WITH_SCALE = 6
"""Version of a charter whose endpoint is a regression, with parties and privacy or without."""

FORMATS = (1, FORMAT, WITH_PARTIES, WITH_MEASURE, WITH_PRIVACY, WITH_SCALE)
"""All versions that are read."""

RENAMED = {
    "default": "It is called 'open', for it is: what it publishes gives single compounds away; fluid charter show says"
    " how surely. Where that does no harm, ask for the preset open."
}
"""Presets that had other names, and what to say to those who ask for them. As a charter's own note they remain."""

PARTS = (
    "featuriser", "teacher", "proximity", "weighting", "aggregation", "selection", "distillation", "student", "hybrid",
    "union",
)  # fmt: skip
"""The tables of a charter that each choose one part by name."""


def _whole(_charter: object, field: attrs.Attribute[int], value: object) -> None:
    # True is an int to Python, but another text in TOML, hence another digest.
    if type(value) is not int:
        raise TypeError(f"{field.name} is {value!r}: expected a whole number")


def _endpoints(values: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True, slots=False)
class Charter:
    """The rules of one consortium.

    Parameters are documented below each field. Two charters are the same charter exactly when
    their digests are equal.

    Examples
    --------
    >>> charter = Charter.from_preset("paper-2025")
    >>> charter.teacher.name, dict(charter.teacher.options)["trees"]
    ('random-forest', 150)
    """

    name: str = attrs.field(default="consortium", validator=attrs.validators.instance_of(str))
    """What the consortium calls itself."""

    preset: str = attrs.field(default="", validator=attrs.validators.instance_of(str))
    """The preset it started from, for people; the parts below decide."""

    seed: int = attrs.field(default=42, validator=[_whole, attrs.validators.ge(0)])
    """All randomness derives from it, 0 or larger."""

    quorum: int = attrs.field(default=2, validator=[_whole, attrs.validators.ge(1)])
    """Fewest partners whose opinions make a label set, 1 or more."""

    endpoints: tuple[Endpoint, ...] = attrs.field(default=(Endpoint("active"),), converter=_endpoints)
    """What is asked; this version federates exactly one endpoint."""

    transfer_digest: str = attrs.field(default="", validator=attrs.validators.instance_of(str))
    """Digest of the transfer set, as :attr:`CompoundSet.digest` gives it; empty in a preset."""

    transfer_size: int = attrs.field(default=0, validator=[_whole, attrs.validators.ge(0)])
    """Number of molecules in the transfer set."""

    featuriser: Part
    """How molecules become numbers, for all three models."""

    teacher: Part
    """Estimator of teachers that partners train with fluidmol (a partner may use a model of its own)."""

    proximity: Part
    """At the partner: how close a molecule is to what the teacher knows, in [0, 1]."""

    weighting: Part
    """At the coordinator: how much each partner's opinion of each molecule counts."""

    aggregation: Part
    """At the coordinator: how weighted opinions become one label."""

    selection: Part
    """Which transfer molecules student and hybrids learn from, and whether as hard or soft labels."""

    distillation: Part
    """What a student is made from: the federated labels, or an expert for each teacher."""

    student: Part
    """Estimator of a student that is made from labels."""

    hybrid: Part
    """Estimator of the hybrids."""

    union: Part
    """How a hybrid puts a partner's own compounds and the federated labels together."""

    privacy: Part | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.instance_of(Part))
    )
    """How what leaves a partner is made differentially private, and how much so; None where nothing is proved."""

    parties: tuple[Party, ...] = attrs.field(default=(), converter=in_order)
    """Who takes part, coordinator first, then partners by name; none in presets and simulations."""

    def __attrs_post_init__(self) -> None:
        if len(self.endpoints) != 1:
            raise CharterError(
                f"the charter has {len(self.endpoints)} endpoints",
                hint="This version federates exactly one endpoint a charter.",
            )
        if self.transfer_digest and not re.fullmatch(r"sha256:[0-9a-f]{64}", self.transfer_digest):
            raise CharterError(
                f"transfer_digest is {self.transfer_digest!r}",
                hint="Expected sha256: and 64 hexadecimal digits.",
            )
        if self.parties:
            check_parties(self.parties, self.quorum)

    @property
    def coordinator(self) -> Party:
        """The party that asks.

        Raises
        ------
        CharterError
            If the charter names no parties.
        """
        if not self.parties:
            raise CharterError("the charter names no parties", hint="Make one that does with: fluid charter new.")
        return self.parties[0]

    @property
    def partners(self) -> tuple[Party, ...]:
        """The parties that answer, by name; none if the charter names no parties."""
        return self.parties[1:]

    @property
    def scale(self) -> Scale | None:
        """Scale of the values, where the endpoint is a regression; None where it has classes."""
        return self.endpoints[0].scale

    @property
    def format(self) -> int:
        """Version of the format in which it is written."""
        if self.scale is not None:
            return WITH_SCALE
        if self.privacy is not None:
            return WITH_PRIVACY
        if self.endpoints[0].measure is not None:
            return WITH_MEASURE
        return WITH_PARTIES if self.parties else FORMAT

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the canonical bytes, ``sha256:`` and 64 hexadecimal digits."""
        return "sha256:" + hashlib.sha256(self.canonical_bytes()).hexdigest()

    def require_classes(self, what: str, hint: str) -> None:
        """Refuse a regression where nothing but classes is understood so far.

        Parameters
        ----------
        what : str
            Who doesn't understand it, say ``an audit``.
        hint : str
            What to do instead.

        Raises
        ------
        CharterError
            If the endpoint is a regression.

        Examples
        --------
        >>> Charter.from_preset("open").require_classes("an audit", "Expected classes.")
        """
        if self.scale is not None:
            raise CharterError(
                f"the endpoint {self.endpoints[0].name} is a regression, and {what} knows classes only so far",
                hint=hint,
            )

    def canonical_bytes(self) -> bytes:
        """Give the bytes that the digest is taken over: every field, defaults too, in a fixed order."""
        return b"fluidmol charter %d\n" % self.format + self.to_toml().encode()

    def to_table(self) -> dict[str, Any]:
        """Give the charter as nested tables of plain values, every field spelled out."""
        head: dict[str, Any] = {
            "format": self.format,
            "name": self.name,
            "preset": self.preset,
            "seed": self.seed,
            "quorum": self.quorum,
            "transfer_digest": self.transfer_digest,
            "transfer_size": self.transfer_size,
        }
        endpoints = [endpoint.as_table() for endpoint in self.endpoints]
        parts = {name: getattr(self, name).as_table() for name in PARTS}
        parties = {"party": [attrs.asdict(party) for party in self.parties]} if self.parties else {}
        private = {} if self.privacy is None else {"privacy": self.privacy.as_table()}
        return {"charter": head, "endpoint": endpoints, **parties, **private, **parts}

    def to_toml(self) -> str:
        """Write the charter as TOML, the form in which people read and keep it."""
        return write_toml(self.to_table())

    @classmethod
    def from_table(cls, table: Mapping[str, Any], where: str = "charter") -> Charter:
        """Read a charter from nested tables; unknown keys are refused.

        Raises
        ------
        CharterError
            If a key is unknown or missing, or a value is of the wrong kind.
        """
        if not isinstance(table.get("charter", {}), Mapping) or not isinstance(table.get("endpoint", []), list):
            raise CharterError(f"{where} has no tables", hint="Write [charter] once and [[endpoint]] for the endpoint.")
        known = ("charter", "endpoint", "party", "privacy", *PARTS)
        refuse_unknown(table, known, where)
        head: dict[str, Any] = dict(table.get("charter", {}))
        version = head.pop("format", FORMAT)
        if version not in FORMATS:
            raise CharterError(
                f"{where} has format {version!r}", hint=f"This version reads {', '.join(map(str, FORMATS))}."
            )
        if version == 1:
            refuse_unknown(table, tuple(name for name in known if name != "distillation"), where)
            table = {**table, "distillation": {"name": "labels"}}
        fields = ("name", "preset", "seed", "quorum", "transfer_digest", "transfer_size")
        refuse_unknown(head, fields, f"{where} [charter]")
        missing = [name for name in PARTS if name not in table]
        if missing:
            raise CharterError(f"{where} lacks [{missing[0]}]", hint="Start from a finished run's charter.toml.")
        parts = {name: Part.from_table(table[name], name) for name in PARTS if name in table}
        if "endpoint" in table:
            head["endpoints"] = tuple(endpoint_of(entry, where) for entry in table["endpoint"])
        _check_measured(head.get("endpoints", ()), version, where)
        head["privacy"] = _privacy(table, version, where)
        head["parties"] = _parties(table.get("party", []), version, where)
        try:
            found = cls(**(head | parts))
            _ = found.digest  # half of a character has none
        except UnicodeEncodeError as problem:
            raise CharterError(f"{where} holds half of a character", hint="Expected text.") from problem
        except (TypeError, ValueError) as problem:
            raise CharterError(f"{where}: {problem.args[0] if problem.args else problem}") from problem
        return found

    @classmethod
    def from_toml(cls, text: str, where: str = "charter") -> Charter:
        """Read a charter from TOML.

        Raises
        ------
        CharterError
            If it isn't TOML, or not a charter.
        """
        try:
            table = read_toml(text)
        except (ValueError, RecursionError) as problem:  # tomllib's own, and what thousands of digits or brackets cause
            raise CharterError(f"{where} isn't TOML: {problem}") from problem
        return cls.from_table(table, where)

    @classmethod
    def from_preset(cls, name: str) -> Charter:
        """Give a recipe that comes with fluidmol, by name.

        Raises
        ------
        CharterError
            If there is no such preset; the message names the nearest, or the new name of an old one.
        """
        if name in RENAMED:
            raise CharterError(f"the preset {name!r} has another name now", hint=RENAMED[name])
        if name not in presets():
            raise CharterError(f"unknown preset {name!r}", hint=nearest(name, presets()))
        return cls.from_toml(resources.files(__package__).joinpath(f"presets/{name}.toml").read_text(), name)


def presets() -> tuple[str, ...]:
    """List the recipes that come with fluidmol.

    Examples
    --------
    >>> presets()
    ('open', 'paper-2025', 'private')
    """
    folder = resources.files(__package__).joinpath("presets")
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")))


def _check_measured(endpoints: Iterable[Endpoint], version: int, where: str) -> None:
    # One charter has one text: what older versions would read as another charter has a format of its own.
    scaled = any(endpoint.scale is not None for endpoint in endpoints)
    if scaled != (version == WITH_SCALE):
        raise CharterError(
            f"{where} has format {version} and {'a' if scaled else 'no'} regression",
            hint=f"Format {WITH_SCALE} is for charters whose [[endpoint]] is a regression, and they for it.",
        )
    measured = any(endpoint.measure is not None for endpoint in endpoints)
    if version == WITH_SCALE:
        return
    if version != WITH_PRIVACY and measured != (version == WITH_MEASURE):
        raise CharterError(
            f"{where} has format {version} and {'a' if measured else 'no'} quantity with unit and threshold",
            hint=f"Format {WITH_MEASURE} is for charters whose [[endpoint]] has them, and they for it.",
        )


def _privacy(table: Mapping[str, Any], version: int, where: str) -> Part | None:
    if version != WITH_SCALE and ("privacy" in table) != (version == WITH_PRIVACY):
        raise CharterError(
            f"{where} has format {version} and {'a' if 'privacy' in table else 'no'} [privacy]",
            hint=f"Format {WITH_PRIVACY} is for charters with [privacy], and they for it.",
        )
    return Part.from_table(table["privacy"], "privacy") if "privacy" in table else None


def _parties(entries: object, version: int, where: str) -> tuple[Party, ...]:
    if not isinstance(entries, list):
        raise CharterError(f"{where} has a party that is no list", hint="Write [[party]] for each.")
    if version not in (WITH_MEASURE, WITH_PRIVACY, WITH_SCALE) and bool(entries) != (version == WITH_PARTIES):
        raise CharterError(
            f"{where} has format {version} and {len(entries)} parties",
            hint=f"Format {WITH_PARTIES} is for charters with parties, and they for it.",
        )
    return tuple(party_of(entry, where) for entry in entries)
