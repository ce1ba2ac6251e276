"""What a public value was made from: its maker, and the digest of each of its sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from fluidmol.values.arrays import DIGEST, digest_of
from fluidmol.values.parts import Part

MOST_SOURCES = 10_000
"""Sources, at most."""

LONGEST_NAME = 200
"""Letters of a source's name, at most."""


@attrs.frozen
class Source:
    """One public file or set that something was made from.

    Raises
    ------
    ValueError
        If the name is empty or long, or the digest is none.
    """

    name: str
    """Of the file, without its folder."""

    digest: str = attrs.field(validator=attrs.validators.matches_re(DIGEST))
    """Of the transfer set as a value; of a table, SHA-256 of the file as it lies on disk."""

    used: int
    """Compounds of it that were learnt from."""

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.name, str) or not re.fullmatch(r"[^\x00-\x1f\x7f]+", self.name):
            raise ValueError(f"a source called {str(self.name)[:40]!r}: expected letters")
        if len(self.name) > LONGEST_NAME:
            raise ValueError(f"a source called {self.name[:40]!r}...: expected {LONGEST_NAME} letters at most")
        if type(self.used) is not int or self.used < 0:
            raise ValueError(f"{self.used!r} compounds of {self.name} were used: expected 0 or more")


def _sources(values: Iterable[Source]) -> tuple[Source, ...]:
    found = tuple(values)
    if not all(type(source) is Source for source in found):
        raise TypeError("expected sources")
    return found


@attrs.frozen
class Provenance:
    """Maker, sources, and whose compounds were left out on purpose.

    Raises
    ------
    ValueError
        If a number is out of range, or a digest is none.

    Examples
    --------
    >>> made = Provenance(Part("principal"), [Source("transfer set", "sha256:" + "0" * 64, 50)])
    >>> Provenance.from_facts(made.facts()) == made
    True
    """

    maker: Part = attrs.field(validator=attrs.validators.instance_of(Part))
    """Name and options; all of them, those that nobody chose too."""

    sources: tuple[Source, ...] = attrs.field(default=(), converter=_sources, repr=False)
    """All that was learnt from, the transfer set first."""

    n_excluded: int = 0
    """Skeletons that weren't to be learnt from, as an honest study needs it; 0 as a rule."""

    excluded: str = attrs.field(default="", validator=attrs.validators.matches_re(rf"({DIGEST})?"))
    """Their digest; see :func:`skeletons_digest`. Empty if there were none."""

    def __attrs_post_init__(self) -> None:
        if len(self.sources) > MOST_SOURCES:
            raise ValueError(f"{len(self.sources)} sources: expected {MOST_SOURCES} at most")
        if type(self.n_excluded) is not int or self.n_excluded < 0 or bool(self.n_excluded) != bool(self.excluded):
            raise ValueError(f"{self.n_excluded!r} excluded skeletons, digest {self.excluded!r}: expected both or none")

    def facts(self) -> dict[str, Any]:
        """Say it as JSON can."""
        return {
            "maker": self.maker.as_table(),
            "sources": [list(attrs.astuple(source)) for source in self.sources],
            "excluded": [self.n_excluded, self.excluded],
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Provenance:
        """Read what :meth:`facts` said.

        Raises
        ------
        ValueError, KeyError, TypeError, FluidError
            If it isn't that.
        """
        sources = [Source(*source) for source in facts["sources"]]
        return cls(Part.from_table(facts["maker"], "maker"), sources, *facts["excluded"])


def skeletons_digest(skeletons: Iterable[str]) -> str:
    """Hash a set of skeletons, the first 14 letters of InChIKeys; empty if there are none.

    Examples
    --------
    >>> skeletons_digest(["B" * 14, "A" * 14]) == skeletons_digest(["A" * 14, "B" * 14, "B" * 14])
    True
    """
    found = sorted(set(skeletons))
    return digest_of("fluidmol skeletons 1", found) if found else ""
