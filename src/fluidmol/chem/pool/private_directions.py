"""How near molecules are to what partners know, by what they released once under ``[privacy]``."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.features import features, forget
from fluidmol.errors import InputError
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.experts import Experts
from fluidmol.values.labels import FederatedLabels


@attrs.frozen(eq=False)
class PrivateDirections:
    """The partners' proximity vectors of an earlier round.

    They are linear in the charter's public directions, and were fitted to what differentially private models said.
    Whatever is computed from them costs no privacy beyond that round's.
    """

    charter: Charter = attrs.field(repr=False)
    """Of that round."""

    experts: Experts = attrs.field(repr=False)
    """Of its labels."""

    @classmethod
    def of(cls, charter: Charter, labels: FederatedLabels) -> PrivateDirections:
        """Take them from a round.

        Raises
        ------
        InputError
            If the labels are another charter's or have no experts, or the charter has no ``[privacy]``: then what is
            chosen would show more of the partners' compounds than was agreed.
        """
        if labels.charter != charter.digest:
            raise InputError("the labels belong to another charter", hint="Take charter and labels of one round.")
        if charter.privacy is None:
            raise InputError(
                "the charter has no [privacy]: molecules chosen by such labels would show what partners have",
                hint="Take labels of a round with the preset private.",
            )
        if labels.experts is None:
            raise InputError(
                "the labels have no experts, hence no proximity", hint="Take labels of the preset private."
            )
        return cls(charter, labels.experts)

    @property
    def names(self) -> tuple[str, ...]:
        """Whose they are: names, or pseudonyms."""
        return self.experts.partners

    def nearness(self, compounds: CompoundSet) -> NDArray[np.float32]:
        """Compute the logarithm of each partner's weight, (n_partners, n_compounds); larger is nearer."""
        rows = features(compounds, self.charter.featuriser)
        # What is kept of one chunk isn't asked for again, and a pool has thousands.
        forget()
        if rows.shape[1] != self.experts.n_columns:
            raise InputError(
                f"the experts have {self.experts.n_columns} columns, the charter's features {rows.shape[1]}",
                hint="Take charter and labels of one round.",
            )
        proximity = self.experts.proximity.astype(np.float64)
        found = np.asarray(rows @ proximity[:, :-1].T) + proximity[:, -1]
        return np.ascontiguousarray(found.T, dtype=np.float32)
