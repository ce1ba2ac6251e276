"""Columns that have nothing to do with the measurement, and such as look as if they had."""

from __future__ import annotations

import random
from decimal import Decimal

from layouts.cases import Draft
from layouts.numbers import Marks, spelt

_COMMENTS = ("", "", "see ref. 3; Fig. 2", "n = 2", "Outside typical range", "> 3 repeats", "1,2-isomer", "n/a")


def harmless(draft: Draft, marks: Marks, most: int = 5) -> None:
    """Add columns that nobody takes for the measurement or for its unit."""
    rng = draft.rng

    def decimal(low: float, high: float) -> str:
        return f"{rng.uniform(low, high):.2f}".replace(".", marks.decimal)

    flag = rng.choice(["Standard Flag", "potential_duplicate", "is_covalent", "in_house", "Ro5 pass"])
    columns = {
        "Molecular Weight": lambda _: decimal(100, 600),
        "AlogP": lambda _: decimal(-2, 6),
        "#RO5 Violations": lambda _: str(rng.randint(0, 1)),
        "Document Year": lambda _: str(rng.randint(1990, 2024)),
        "Compound ID": lambda _: f"CPD-{rng.randint(1, 99999):05d}",
        "Comment": lambda _: rng.choice(_COMMENTS),
        "Assay Description": lambda _: 'Displacement of [3H]-"astemizole", n = 3',
        flag: lambda _: str(rng.randint(0, 1)),
        "date_measured": lambda _: f"20{rng.randint(10, 24)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}",
        "pH": lambda _: "7" + marks.decimal + "4",
        "replicates": lambda _: str(rng.randint(1, 4)),
        "operator_name": lambda _: rng.choice(["Meier", "Smith", "O'Neill"]),
    }
    for name in rng.sample(sorted(columns), rng.randint(0, most)):
        draft.draw(name, columns[name])


def foreign(draft: Draft, marks: Marks) -> None:
    """Add another assay's values, with their own units and relations: whoever takes these for ours reads wrongly."""
    rng = draft.rng
    draft.plain = False
    stem = rng.choice(["solubility", "hERG_IC50", "dose", "selectivity", "CYP3A4", "Ki_rat", "Cmax", "sol"])
    if rng.random() < 0.9:
        draft.draw(f"{stem}{rng.choice(['', ' value', '_value'])}", lambda _: marks.text(_amount(rng)))
    which = rng.sample(["units", "relation", "p"], rng.randint(1, 3))
    if "units" in which:
        unit = spelt(rng, rng.choice(["nM", "uM", "M"])) if rng.random() < 0.7 else rng.choice(["mg/kg", "ug/mL", "%"])
        name = rng.choice([f"{stem}_units", f"{stem}_unit", f"{stem} Units", f"{stem}_uom"])
        draft.draw(name, lambda _: unit if rng.random() < 0.9 else "")
    if "relation" in which:
        name = rng.choice([f"{stem}_relation", f"{stem}_qualifier", f"{stem} operator", f"{stem}_mod"])
        draft.draw(name, lambda _: rng.choice(["=", ">", "<", ">", "", "="]))
    if "p" in which:
        draft.draw(f"p{stem}", lambda _: f"{rng.uniform(3, 9):.2f}".replace(".", marks.decimal))


def _amount(rng: random.Random) -> Decimal:
    return Decimal(rng.randint(1, 999)).scaleb(rng.randint(-2, 2))
