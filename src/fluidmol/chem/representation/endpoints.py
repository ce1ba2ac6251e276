"""Principal directions, and beside them the hidden layers of a network of public endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import attrs
import numpy as np
from attrs import validators
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fluidmol.chem.features import features
from fluidmol.chem.representation import Maker, Note
from fluidmol.chem.representation.labelled_tables import PublicTables
from fluidmol.chem.representation.network import Training, trained
from fluidmol.chem.representation.principal import principal_branch
from fluidmol.chem.representation.project import CHUNK, activations, prepared
from fluidmol.chem.representation.spectrum import dense_spectrum
from fluidmol.errors import InputError
from fluidmol.parallel import one_blas_thread
from fluidmol.values.grids import Grid
from fluidmol.values.parts import Part
from fluidmol.values.representation import Branch, Layer, Output

FAINT = 1e-3
"""A layer's directions of less than this share of its largest variance are left out."""

LENGTH = 5.0
"""Of the rows that go into the network."""

PRINCIPAL_SHARE = 0.5
"""Of a row's squared length; the layers have the other half, in equal parts."""


@attrs.frozen
class Endpoints(Maker):
    """Half of a row's squared length are principal directions, a quarter each the hidden layers of a network.

    The network learns all public tables at once; its layers are rotated onto their own principal directions over the
    transfer set, each times variance^-whitening.
    Source: Caruana 1997, doi 10.1023/A:1007379606734 (many tasks at once); settings chosen on hERG.
    """

    reads_tables: ClassVar[bool] = True
    """It learns from labelled tables as well."""

    directions: int = attrs.field(default=512, validator=[validators.ge(2), validators.le(4096)])
    """Principal directions at most."""

    power: float = attrs.field(default=0.4, converter=float, validator=[validators.ge(0), validators.le(1)])
    """Principal directions are multiplied with their variance to minus this."""

    bits: int = attrs.field(default=2048, validator=[validators.ge(128), validators.le(1 << 14)])
    """Width of the circular fingerprints among the features."""

    first: int = attrs.field(default=512, validator=[validators.ge(2), validators.le(2048)])
    """Width of the first hidden layer."""

    last: int = attrs.field(default=192, validator=[validators.ge(2), validators.le(2048)])
    """Width of the last hidden layer."""

    whitening: float = attrs.field(default=0.25, converter=float, validator=[validators.ge(0), validators.le(1)])
    """A layer's directions are multiplied with their variance to minus this."""

    epochs: int = attrs.field(default=4, validator=[validators.ge(1), validators.le(1000)])
    """How often each public compound is learnt from."""

    batch: int = attrs.field(default=1024, validator=[validators.ge(1), validators.le(1 << 16)])
    """Compounds a step."""

    rate: float = attrs.field(default=2e-3, converter=float, validator=[validators.gt(0), validators.le(1)])
    """Of learning, falling linearly to a hundredth."""

    decay: float = attrs.field(default=0.01, converter=float, validator=[validators.ge(0), validators.le(1)])
    """Of weights (AdamW)."""

    dropout: float = attrs.field(default=0.2, converter=float, validator=[validators.ge(0), validators.lt(1)])
    """Share of hidden units that a step goes without."""

    seed: int = attrs.field(default=11, validator=validators.ge(0))
    """Of the network's start, batches and dropout."""

    @property
    def featuriser(self) -> Part:
        """Featuriser of the molecules."""
        return Part("additive", {"bits": self.bits})

    def __call__(self, transfer: csr_matrix, tables: PublicTables | None, note: Note) -> tuple[Branch, ...]:
        """Learn from features of the transfer set, (n_compounds, n_columns), and from tables.

        Raises
        ------
        InputError
            If there are no tables, or a layer says the same of all transfer molecules.
        """
        if tables is None:
            raise InputError("there are no public tables", hint="The maker endpoints learns from some.")
        main = principal_branch(transfer, self.directions, self.power, PRINCIPAL_SHARE, note)
        rows = features(tables.compounds, self.featuriser)
        note(f"features of {len(tables.compounds):,} public compounds")
        return main, self._network(transfer, rows, tables, note)

    def _network(self, transfer: csr_matrix, rows: csr_matrix, tables: PublicTables, note: Note) -> Branch:
        columns = Grid.of(_rare(transfer)[:, None])
        training = Training(
            (self.first, self.last), self.epochs, self.batch, self.rate, self.decay, self.dropout, self.seed
        )
        with one_blas_thread():
            inputs = prepared(rows, columns, LENGTH)
            w1, b1, w2, b2 = trained(inputs, tables.values, tables.classes, training, note)
            layers = Layer.of(w1, b1), Layer.of(w2, b2)
            # Rounded onto their grids already: the rotation is of the layers that are kept.
            hidden = _hidden(transfer, layers, columns)
            outputs = [self._whitened(depth, layer) for depth, layer in enumerate(hidden, start=1)]
        note(f"directions of the hidden layers: {', '.join(str(o.onto.weights.shape[1]) for o in outputs)}")
        return Branch(outputs, layers, columns, LENGTH)

    def _whitened(self, depth: int, hidden: NDArray[np.float32]) -> Output:
        found = dense_spectrum(hidden, FAINT)
        if not len(found.variances):
            raise InputError(
                f"layer {depth} of the network is the same for all transfer molecules",
                hint="It learnt nothing from these tables: give others, or take the maker principal.",
            )
        return Output(depth, Layer.of(*found.onto(self.whitening)), (1 - PRINCIPAL_SHARE) / 2)


def _rare(rows: csr_matrix) -> NDArray[np.float64]:
    """Compute each column's inverse frequency, log 1 / (share + .001)."""
    share = rows.getnnz(axis=0) / rows.shape[0]
    return np.asarray(np.log(1 / (share + 1e-3)))


def _hidden(rows: csr_matrix, layers: Sequence[Layer], columns: Grid) -> list[NDArray[np.float32]]:
    """Compute the activations of all layers, (n, width) each."""
    chunks = (rows[start : start + CHUNK] for start in range(0, rows.shape[0], CHUNK))
    pieces = [list(activations(chunk, layers, columns, LENGTH))[1:] for chunk in chunks]
    return [np.concatenate([np.asarray(piece[i]) for piece in pieces]) for i in range(len(layers))]
