"""Message-passing networks on molecular graphs, by chemprop: they read structures, and make their own features."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, ClassVar

import attrs
import numpy as np

from fluidmol.errors import UnavailableError
from fluidmol.learning.estimators import Estimator
from fluidmol.learning.model import Floats, Model
from fluidmol.learning.seeds import derive_seed

NEEDED = ("torch", "chemprop")
"""What the extra ``chemprop`` installs."""


@attrs.frozen
class Chemprop(Estimator[Sequence[str]]):
    """Directed message-passing networks with cross-entropy on targets in [0, 1]; the mean of one or several.

    Source: Yang et al. 2019, doi 10.1021/acs.jcim.9b00237; Heid et al. 2024, doi 10.1021/acs.jcim.3c01250 (chemprop).

    Runs on one thread of the processor, so that the same seed gives the same predictions on one machine. Nothing is
    written to disk.

    Examples
    --------
    >>> Chemprop(depth=4).hidden
    300
    """

    reads_structures: ClassVar[bool] = True
    """It makes its own features of SMILES."""

    epochs: int = attrs.field(default=30, validator=[attrs.validators.ge(1), attrs.validators.le(1000)])
    """Most passes over the molecules."""

    patience: int = attrs.field(default=5, validator=[attrs.validators.ge(0), attrs.validators.le(1000)])
    """Passes without progress on a random tenth of the molecules after which learning stops, and the best network is
    taken; 0: no tenth is set aside, and all passes are made."""

    depth: int = attrs.field(default=3, validator=[attrs.validators.ge(1), attrs.validators.le(20)])
    """Rounds of messages: how many bonds far an atom sees."""

    hidden: int = attrs.field(default=300, validator=[attrs.validators.ge(8), attrs.validators.le(4096)])
    """Width of the messages, and of the layer above them."""

    dropout: float = attrs.field(
        default=0.0, converter=float, validator=[attrs.validators.ge(0), attrs.validators.lt(1)]
    )
    """Share of the units that are silenced at random while it learns."""

    batch: int = attrs.field(default=64, validator=[attrs.validators.ge(2), attrs.validators.le(4096)])
    """Molecules a step."""

    members: int = attrs.field(default=1, validator=[attrs.validators.ge(1), attrs.validators.le(50)])
    """Networks whose probabilities are averaged, each from a seed of its own."""

    def check(self) -> None:
        """Make sure that chemprop is there, without the ten seconds that its import takes.

        Raises
        ------
        UnavailableError
            Saying what to install.
        """
        lacking = [name for name in NEEDED if find_spec(name) is None]
        if lacking:
            raise UnavailableError(
                f"a student that is a network of chemprop needs {' and '.join(lacking)},"
                f" which {'is' if len(lacking) == 1 else 'are'}n't installed",
                hint="Install it with: pip install 'fluidmol[chemprop]'.",
            )

    def fit(self, smiles: Sequence[str], target: Floats, weight: Floats, seed: int) -> Networks:
        """Fit to targets in [0, 1].

        Raises
        ------
        ValueError
            If all targets are 0, or all are 1, or a SMILES can't be read.
        UnavailableError
            If chemprop isn't installed.
        """
        self.check()
        if not len(target) or target.min() >= 1 or target.max() <= 0:
            raise ValueError("only one class: expected active and inactive compounds")
        from fluidmol.learning.estimators.networks import graphs_of, trained  # noqa: PLC0415 - heavy

        graphs = graphs_of(smiles)
        seeds = [derive_seed(seed, "member", str(number)) for number in range(self.members)]
        return Networks(tuple(trained(graphs, target, weight, self, one) for one in seeds))


@attrs.frozen(eq=False)
class Networks(Model[Sequence[str]]):
    """Fitted networks."""

    members: tuple[Any, ...] = attrs.field(repr=False)
    """chemprop's own objects."""

    def predict(self, smiles: Sequence[str]) -> Floats:
        """Mean probability of the active class, (n_compounds,), in [0, 1].

        Raises
        ------
        ValueError
            If a SMILES can't be read.
        """
        from fluidmol.learning.estimators.networks import said_by  # noqa: PLC0415 - heavy

        return np.asarray(said_by(self.members, smiles), dtype=np.float64)
