"""What a consortium publishes: charter, transfer set and labels, which belong together."""

from __future__ import annotations

import attrs

from fluidmol.errors import InputError
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.labels import FederatedLabels


@attrs.frozen(kw_only=True, eq=False)
class Publication:
    """Charter, transfer set and labels of one consortium.

    Raises
    ------
    InputError
        If they don't belong together.
    """

    charter: Charter = attrs.field(repr=False)
    """All that was agreed."""

    transfer: CompoundSet = attrs.field(repr=False)
    """The transfer set, in the order of the labels."""

    labels: FederatedLabels = attrs.field(repr=False)
    """With experts, where the charter has them."""

    def __attrs_post_init__(self) -> None:
        if self.labels.charter != self.charter.digest:
            raise InputError("the labels belong to another charter", hint="Take charter and labels of one round.")
        if self.charter.transfer_digest != self.transfer.digest or len(self.labels.value) != len(self.transfer):
            raise InputError(
                f"the transfer set ({len(self.transfer):,} molecules) isn't the one that the charter names",
                hint="Take the transfer set of the same round.",
            )
