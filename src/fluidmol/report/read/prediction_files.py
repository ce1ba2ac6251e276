"""The predictions that a benchmark kept, by data set and kind of model."""

from __future__ import annotations

import numpy as np

from fluidmol.report.read.run import Flags, Floats
from fluidmol.report.read.run_files import read_table
from fluidmol.report.read.studies import ArmResults
from fluidmol.values.results import PUBLIC

Said = dict[str, tuple[Floats, Flags]]
"""By kind: probabilities, and the truth."""


def sizes(arm: ArmResults) -> dict[str, list[tuple[float, float]]]:
    """Give how many compounds a benchmark was judged on, and how many of them are active: by data set, one a seed.

    Raises
    ------
    InputError
        If a file can't be used.
    """
    import pyarrow.compute as pc  # noqa: PLC0415 - heavy

    found: dict[str, list[tuple[float, float]]] = {}
    for path in sorted(arm.results["benchmark"].path.glob("predictions/seed-*.parquet")):
        table = read_table(path, ("arm", "dataset", "kind", "active"), without=("inchikey", "probability"))
        of_all = table.filter(pc.and_(pc.equal(table["arm"], "federation"), pc.equal(table["kind"], "pooled")))
        for dataset in PUBLIC:
            active = of_all.filter(pc.equal(of_all["dataset"], dataset))["active"].to_numpy()
            if len(active):
                found.setdefault(dataset, []).append((len(active), int(active.sum())))
    return found


def pooled(arm: ArmResults) -> dict[str, Said]:
    """Give what the models of the federation said, all seeds together.

    Raises
    ------
    InputError
        If a file can't be used.
    """
    parts: dict[tuple[str, str], list[tuple[Floats, Flags]]] = {}
    for path in sorted(arm.results["benchmark"].path.glob("predictions/seed-*.parquet")):
        table = read_table(path, ("arm", "dataset", "kind", "active", "probability"), without=("inchikey",))
        names = {name: np.asarray(table[name].to_pylist(), dtype=str) for name in ("arm", "dataset", "kind")}
        active = table["active"].to_numpy().astype(bool)
        probability = table["probability"].to_numpy().astype(np.float64)
        for dataset in PUBLIC:
            here = (names["arm"] == "federation") & (names["dataset"] == dataset)
            for kind in dict.fromkeys(names["kind"][here].tolist()):
                mine = here & (names["kind"] == kind)
                parts.setdefault((dataset, kind), []).append((probability[mine], active[mine]))
    found: dict[str, Said] = {}
    for (dataset, kind), pieces in parts.items():
        both = tuple(np.concatenate(side) for side in zip(*pieces, strict=True))
        found.setdefault(dataset, {})[kind] = (both[0], both[1])
    return found
