"""Malice: what dishonest partners of a virtual consortium send instead of what their teachers say."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.errors import UsageError
from fluidmol.learning.seeds import derive_seed
from fluidmol.values.annotations import Annotations
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import nearest

NEAREST = 0.3
"""Share of the molecules that ``nearest`` lies about: those that the liar knows best, where it is heard most."""

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


@attrs.frozen
class Adversary:
    """One way to lie.

    Raises
    ------
    UsageError
        If there is no such behaviour.

    Examples
    --------
    >>> honest = [Annotations("", name, [[0.75], [0.25]], [[0.5], [0.1]]) for name in ("a", "b")]
    >>> sent = Adversary("flipped", inflated=True).applied(honest, ["b"], seed=1)
    >>> sent[0] is honest[0], sent[1].value.ravel().tolist(), sent[1].weight.ravel().tolist()
    (True, [0.25, 0.75], [1.0, 1.0])
    """

    behaviour: str = attrs.field()
    """One of :data:`BEHAVIOURS`."""

    inflated: bool = False
    """Whether it also claims to know every molecule (weight 1) instead of saying honestly how near it is."""

    def __attrs_post_init__(self) -> None:
        if self.behaviour not in BEHAVIOURS:
            raise UsageError(f"unknown behaviour {self.behaviour!r}", hint=nearest(self.behaviour, BEHAVIOURS))

    @property
    def name(self) -> str:
        """Behaviour, and ``+`` where weights are inflated."""
        return self.behaviour + ("+" if self.inflated else "")

    def applied(
        self, opinions: Sequence[Annotations], who: Sequence[str], seed: int, target: Flags | None = None
    ) -> list[Annotations]:
        """Replace the opinions of the dishonest.

        Where an honest teacher abstains, it goes on to do so.

        Parameters
        ----------
        opinions : sequence of Annotations
            What honest teachers would say, of all partners.
        who : sequence of str
            Names of the dishonest.
        seed : int
            Of random values.
        target : (n_compounds,) bool, optional
            Which molecules ``targeted`` lies about, see :func:`containing`.

        Returns
        -------
        list of Annotations
            In the order given; those of the honest as they were.

        Raises
        ------
        UsageError
            If ``targeted`` has no target.
        """
        if self.behaviour == "targeted" and target is None:
            raise UsageError("a targeted attack has no target", hint="Give the molecules that it lies about.")
        theirs = [opinion.value.astype(np.float64) for opinion in opinions if opinion.partner in who]
        sent = []
        for opinion in opinions:
            if opinion.partner not in who:
                sent.append(opinion)
                continue
            rng = np.random.default_rng(derive_seed(seed, "malice", opinion.partner))
            value = BEHAVIOURS[self.behaviour](
                opinion.value.astype(np.float64), opinion.weight.astype(np.float64), theirs, target, rng
            )
            value = np.where(opinion.abstained, np.nan, np.clip(value, 0, 1))
            weight = np.where(opinion.abstained, 0.0, 1.0) if self.inflated else opinion.weight
            sent.append(attrs.evolve(opinion, value=value, weight=weight))
        return sent


def containing(compounds: CompoundSet, smarts: str) -> Flags:
    """Find the molecules with a substructure, say a scaffold.

    Parameters
    ----------
    compounds : CompoundSet
    smarts : str
        Substructure; a scaffold's SMILES will do.

    Returns
    -------
    (n_compounds,) bool

    Raises
    ------
    UsageError
        If RDKit can't read the substructure.

    Examples
    --------
    >>> phenol = CompoundSet(("Oc1ccccc1",), ("ISWSIDIOOBJBQZ-UHFFFAOYSA-N",))
    >>> containing(phenol, "c1ccccc1").tolist(), containing(phenol, "c1ccncc1").tolist()
    ([True], [False])
    """
    from rdkit import Chem, rdBase  # noqa: PLC0415 - heavy

    with rdBase.BlockLogs():
        pattern = Chem.MolFromSmarts(smarts)
    if pattern is None or not smarts:
        raise UsageError(f"RDKit can't read the substructure {smarts!r}", hint="Write SMARTS, such as C1CNCCN1.")
    found = (Chem.MolFromSmiles(text).HasSubstructMatch(pattern) for text in compounds.smiles)
    return np.fromiter(found, dtype=bool, count=len(compounds))


def _flipped(
    value: Values, _weight: Values, _theirs: list[Values], _target: Flags | None, _rng: np.random.Generator
) -> Values:
    return 1 - value


def _active(
    value: Values, _weight: Values, _theirs: list[Values], _target: Flags | None, _rng: np.random.Generator
) -> Values:
    return np.ones_like(value)


def _inactive(
    value: Values, _weight: Values, _theirs: list[Values], _target: Flags | None, _rng: np.random.Generator
) -> Values:
    return np.zeros_like(value)


def _targeted(
    value: Values, _weight: Values, _theirs: list[Values], target: Flags | None, _rng: np.random.Generator
) -> Values:
    return value if target is None else np.where(target[:, None], 1 - value, value)


def _nearest(
    value: Values, weight: Values, _theirs: list[Values], _target: Flags | None, _rng: np.random.Generator
) -> Values:
    return np.where(weight >= np.quantile(weight, 1 - NEAREST, axis=0), 1 - value, value)


def _colluding(
    _value: Values, _weight: Values, theirs: list[Values], _target: Flags | None, _rng: np.random.Generator
) -> Values:
    # The strongest common lie that they can make up among themselves: their joint opinion, turned round and made sure.
    joint = np.mean(np.nan_to_num(np.stack(theirs), nan=0.5), axis=0)
    return np.asarray(joint < np.median(joint, axis=0), dtype=np.float64)


def _noise(
    value: Values, _weight: Values, _theirs: list[Values], _target: Flags | None, rng: np.random.Generator
) -> Values:
    return rng.random(value.shape)


def _shuffled(
    value: Values, _weight: Values, _theirs: list[Values], _target: Flags | None, rng: np.random.Generator
) -> Values:
    return np.nan_to_num(value[rng.permutation(len(value))], nan=0.5)


Behaviour = Callable[[Values, Values, list[Values], Flags | None, np.random.Generator], Values]

BEHAVIOURS: dict[str, Behaviour] = {
    "flipped": _flipped,
    "active": _active,
    "inactive": _inactive,
    "nearest": _nearest,
    "targeted": _targeted,
    "colluding": _colluding,
    "noise": _noise,
    "shuffled": _shuffled,
}
"""What is sent instead of honest opinions; ``noise`` and ``shuffled`` (own opinions of other molecules) are worth
nothing rather than malicious."""
