"""Principal directions of the transfer set: a representation that needs no labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs
from attrs import validators

from fluidmol.chem.representation import Maker, Note
from fluidmol.chem.representation.spectrum import sparse_spectrum
from fluidmol.errors import InputError
from fluidmol.values.parts import Part
from fluidmol.values.representation import Branch, Layer, Output

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from fluidmol.chem.representation.labelled_tables import PublicTables


@attrs.frozen
class Principal(Maker):
    """Principal directions of additive features over the transfer set, each times variance^-power.

    A power of .5 would make all directions alike (whitening), 0 would leave what is common in charge.
    Source: Pearson 1901, doi 10.1080/14786440109462720; the power was chosen on hERG.

    Examples
    --------
    >>> from scipy.sparse import csr_matrix
    >>> rows = csr_matrix([[2.0, 0], [0, 0], [2, 1], [0, 1]])
    >>> [branch] = Principal(directions=2, power=0.5)(rows, None, lambda text: None)
    >>> branch.outputs[0].onto.weights.numbers.tolist()
    [[1.0, 0.0], [0.0, 2.0]]
    """

    reads_tables: ClassVar[bool] = False
    """It learns from the transfer set alone."""

    directions: int = attrs.field(default=512, validator=[validators.ge(2), validators.le(4096)])
    """Directions at most; there may be fewer in a small transfer set."""

    power: float = attrs.field(default=0.4, converter=float, validator=[validators.ge(0), validators.le(1)])
    """Directions are multiplied with their variance to minus this."""

    bits: int = attrs.field(default=2048, validator=[validators.ge(128), validators.le(1 << 14)])
    """Width of the circular fingerprints among the features."""

    @property
    def featuriser(self) -> Part:
        """Featuriser of the molecules."""
        return Part("additive", {"bits": self.bits})

    def __call__(self, transfer: csr_matrix, tables: PublicTables | None, note: Note) -> tuple[Branch, ...]:  # noqa: ARG002
        """Learn from features of the transfer set, (n_compounds, n_columns); tables aren't looked at."""
        return (principal_branch(transfer, self.directions, self.power, 1.0, note),)


def principal_branch(transfer: csr_matrix, directions: int, power: float, share: float, note: Note) -> Branch:
    """Make the branch of principal directions, with a share of a row's squared length.

    Raises
    ------
    InputError
        If all molecules are alike.
    """
    found = sparse_spectrum(transfer, directions)
    if not len(found.variances):
        raise InputError("the molecules of the transfer set are all alike", hint="Expected different molecules.")
    note(
        f"{len(found.variances)} principal directions of {transfer.shape[0]:,} transfer molecules, variances"
        f" {found.variances[0]:.3g} to {found.variances[-1]:.3g}"
    )
    return Branch((Output(0, Layer.of(*found.onto(power)), share),))
