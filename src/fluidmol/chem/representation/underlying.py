"""What public directions are made of."""

from __future__ import annotations

from fluidmol.chem.representation.known import find
from fluidmol.values.parts import Part

DIRECTIONS = "directions"
"""Name of the featuriser that projects onto public directions."""


def representation_of(featuriser: Part) -> str:
    """Return the digest of the public directions that a featuriser projects onto; empty if it does no such thing.

    Examples
    --------
    >>> representation_of(Part("directions", {"digest": "sha256:0"})), representation_of(Part("fcfp"))
    ('sha256:0', '')
    """
    return str(dict(featuriser.options).get("digest", "")) if featuriser.name == DIRECTIONS else ""


def underlying(featuriser: Part) -> Part:
    """Return the featuriser whose features a representation projects; any other featuriser is its own.

    Raises
    ------
    FluidError
        If the representation isn't known here.

    Examples
    --------
    >>> underlying(Part("fcfp")).name
    'fcfp'
    """
    return find(representation_of(featuriser)).featuriser if featuriser.name == DIRECTIONS else featuriser
