"""What is true of a measurement, whatever a file makes of it: the oracle that readers are held against."""

from __future__ import annotations

import random
from decimal import Decimal
from functools import cache

import attrs

COMPOUNDS = (
    "CCO", "Cn1c(=O)c2c(ncn2C)n(C)c1=O", "CCOc1nn(-c2cccc(OCc3ccccc3)c2)c(=O)o1", "CC(=O)Nc1ccc(O)cc1",
    "CC(=O)Oc1ccccc1C(=O)O", "CC(C)Cc1ccc(C(C)C(=O)O)cc1", "c1ccc2[nH]ccc2c1", "CN1CCC[C@H]1c1cccnc1", "Nc1ccccc1",
    "Oc1ccccc1", "CCN(CC)CC", "COc1ccccc1", "Cc1ccncc1", "O=C(O)c1ccccc1", "c1ccc(-c2ccccc2)cc1", "CCCCO",
    "CC(C)NCC(O)COc1cccc2ccccc12", "CN(C)CCc1c[nH]c2ccccc12", "Clc1ccccc1", "Fc1ccc(Br)cc1", "N#Cc1ccccc1",
    "O=C1CCCN1", "C1CCNCC1", "c1ccc2ncccc2c1", "CC(N)Cc1ccccc1", "CSc1ccccc1", "CCOC(=O)c1ccccc1",
    "NC(=O)c1ccncc1", "Cc1ccc(S(N)(=O)=O)cc1", "OCC1CCCO1", "CC#N", "C1COCCN1",
)  # fmt: skip
"""Distinct compounds, in the form that standardising leaves as it is."""

EXPONENTS = {"M": 0, "mM": -3, "uM": -6, "nM": -9, "pM": -12}
FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "~": "=", "": ""}
"""A relation of a concentration, as it is on the p scale."""

_NEAR = Decimal("1.05")


@attrs.frozen
class Limit:
    """A threshold as the user states it."""

    number: Decimal
    unit: str

    @property
    def molar(self) -> Decimal:
        """The concentration that it stands for."""
        return from_p(self.number) if self.unit == "p" else self.number.scaleb(EXPONENTS[self.unit])


@attrs.frozen
class Measured:
    """One measurement, always as a concentration: small is potent."""

    smiles: str
    relation: str = "="
    """Of the concentration: ``=  <  <=  >  >=  ~``."""

    molar: Decimal | None = None
    """In M; None where nothing was measured."""

    def active(self, limit: Limit) -> bool | None:
        """Return the true class at a threshold; None where this measurement doesn't tell.

        Examples
        --------
        >>> Measured("C", ">", Decimal("1e-5")).active(Limit(Decimal(10), "uM"))
        False
        >>> Measured("C", ">=", Decimal("1e-5")).active(Limit(Decimal(10), "uM")) is None
        True
        """
        if self.molar is None:
            return None
        if self.relation in {"<", "<="}:
            return True if self.molar <= limit.molar else None
        if self.relation == ">":
            return False if self.molar >= limit.molar else None
        if self.relation == ">=":
            return False if self.molar > limit.molar else None
        return self.molar <= limit.molar


@cache
def from_p(number: Decimal) -> Decimal:
    """Return the concentration in M."""
    return Decimal(10) ** -number


@cache
def to_p(molar: Decimal) -> Decimal:
    """Return -log10(M) to two decimals."""
    return round(-molar.log10(), 2)


def draw_limit(rng: random.Random, *, p: bool = False) -> Limit:
    """Draw a threshold that people use."""
    if p:
        return Limit(Decimal(rng.choice(["5", "5", "6", "5.5", "6.5", "7"])), "p")
    return Limit(*rng.choice([
        (Decimal(10), "uM"), (Decimal(10), "uM"), (Decimal(1), "uM"), (Decimal(10_000), "nM"), (Decimal(1000), "nM"),
        (Decimal(100), "nM"), (Decimal("0.5"), "uM"), (Decimal(30), "uM"), (Decimal("0.01"), "mM"),
        (Decimal("0.3"), "uM"), (Decimal("0.1"), "uM"),
        (Decimal("0.00001"), "M"), (Decimal(1_000_000), "pM"),
    ]))  # fmt: skip


def draw_measured(
    rng: random.Random, limit: Limit, *, p: bool = False, censored: float = 0.2, extreme: bool = False
) -> list[Measured]:
    """Draw the rows of a table, mostly of distinct compounds.

    Where ``p``, values have two decimals on the p scale. Where ``extreme``, ``>`` stands on weak compounds only and
    ``<`` on potent ones, as a laboratory's range makes it. No value is so near the threshold that rounding matters.
    """
    compounds = rng.sample(COMPOUNDS, rng.randint(3, 12))
    if rng.random() < 0.1:
        compounds.append(compounds[0])
    rows = [_one(rng, smiles, limit, p=p, censored=censored, extreme=extreme) for smiles in compounds]
    if len({row.active(limit) for row in rows}) < 2:  # a table of one class can hide any mistake
        rows[0] = Measured(rows[0].smiles, "=", _round(limit.molar / 20, p=p))
        rows[1] = Measured(rows[1].smiles, "=", _round(limit.molar * 20, p=p))
    return rows


def _one(rng: random.Random, smiles: str, limit: Limit, *, p: bool, censored: float, extreme: bool) -> Measured:
    if rng.random() < 0.04:
        return Measured(smiles)
    relation = rng.choice(["<", "<=", ">", ">", ">", ">=", "~"]) if rng.random() < censored else "="
    if relation != "=" and (extreme or rng.random() < 0.7):
        weak = relation in {">", ">="}
        molar = Decimal(rng.choice(["1e-5", "3e-5", "1e-4"] if weak else ["1e-9", "3e-9", "1e-8"]))
    elif rng.random() < 0.05:
        molar = limit.molar
    else:
        molar = Decimal(rng.randint(1, 10 ** rng.randint(1, 4) - 1)).scaleb(rng.randint(-10, -7))
    if molar != limit.molar and limit.molar / _NEAR < molar < limit.molar * _NEAR:
        molar = limit.molar * 3
    return Measured(smiles, relation, _round(molar, p=p))


def _round(molar: Decimal, *, p: bool) -> Decimal:
    return from_p(to_p(molar)) if p else molar
