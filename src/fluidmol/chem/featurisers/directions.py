"""Public directions: rows of a representation that a charter names by its digest."""

from __future__ import annotations

import attrs
from attrs import validators

from fluidmol.chem.featurisers import Block, Featuriser
from fluidmol.values.arrays import DIGEST


@attrs.frozen
class Directions(Featuriser):
    """Rows of a representation, of length 1 at most; no column of it means anything by itself.

    Unlike other featurisers it isn't made of blocks: :func:`fluidmol.chem.features.features` computes the features that
    the representation names, and maps them.

    Examples
    --------
    >>> Directions("sha256:" + "0" * 64).digest[:10]
    'sha256:000'
    """

    digest: str = attrs.field(default="", validator=validators.matches_re(rf"({DIGEST})?"))
    """Of the representation; empty in a recipe that names none yet, with which nothing can be computed."""

    @property
    def blocks(self) -> tuple[Block, ...]:
        """None: no column means anything by itself."""
        return ()

    @property
    def representation(self) -> str:
        """Digest of the representation."""
        return self.digest
