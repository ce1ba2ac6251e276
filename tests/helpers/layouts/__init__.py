"""Files of measurements with known truth, in the layouts that people have: what readers are held against.

``draw`` makes one from a seeded generator; ``judge`` reads it and asserts that no row has a wrong class.

Examples
--------
>>> import random
>>> case = draw(random.Random(1))
>>> bool(case.truth), len(case.data) > 0
(True, True)
"""

from __future__ import annotations

import random
from collections.abc import Callable

from layouts import chembl, classes, own, traps, vendors
from layouts.cases import Case, Judged, judge

__all__ = ["LAYOUTS", "Case", "Judged", "draw", "judge"]

Generator = Callable[[random.Random], Case]

LAYOUTS: dict[str, tuple[Generator, int]] = {
    "own": (own.own, 24),
    "own, p": (own.own_p, 8),
    "ChEMBL web export": (chembl.chembl_web, 6),
    "ChEMBL client dump": (chembl.chembl_client, 6),
    "MELLODDY": (chembl.melloddy, 3),
    "BindingDB": (vendors.bindingdb, 4),
    "PubChem": (vendors.pubchem, 4),
    "KNIME": (vendors.knime, 3),
    "German Excel": (vendors.german, 6),
    "R": (vendors.r_table, 4),
    "Excel": (vendors.excel, 1),
    "SDF": (vendors.sdf, 5),
    "classes": (classes.classes, 4),
    "PubChem outcomes": (classes.pubchem_outcomes, 2),
    "two candidates": (classes.two_candidates, 2),
    "two columns of one name": (classes.twins, 1),
    "numbers for classes": (classes.signs, 1),
    "negated classes": (classes.negated, 1),
    "values beside classes": (classes.numbers_beside, 1),
    **{trap.__name__: (trap, 1) for trap in traps.TRAPS},
}
"""By name: what draws such a file, and how often it is drawn."""


def draw(rng: random.Random) -> Case:
    """Draw a file in any of the layouts."""
    generators = list(LAYOUTS.values())
    [(generator, _)] = rng.choices(generators, [share for _, share in generators])
    return generator(rng)
