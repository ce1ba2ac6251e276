"""How much of training, transfer and test sets is known, or nearly known, in the other sets of a consortium."""

from __future__ import annotations

from typing import Any

from fluidmol.chem.overlap import joined, overlaps
from fluidmol.studies.consortium import Consortium
from fluidmol.values.compounds import CompoundSet

AT_LEAST = 0.9
"""Tanimoto similarity (ECFP4) from which molecules are near duplicates, unless something else is asked for."""

Shares = dict[str, dict[str, dict[str, float]]]
"""Of which set, in which set, what: plain values."""


def overlap_facts(consortium: Consortium) -> dict[str, Any]:
    """Give the overlap as it stands in a run's facts: ``at_least``, and ``sets`` as :func:`repeats` has them."""
    return {"at_least": AT_LEAST, "sets": repeats(consortium)}


def compared_sets(consortium: Consortium) -> dict[str, CompoundSet]:
    """Give the sets by name: ``training`` (all partners' compounds together), ``transfer``, and the benchmarks."""
    training = joined(assay.compounds for assay in consortium.assays.values())
    tests = {name: assay.compounds for name, assay in consortium.benchmarks.items()}
    return {"training": training, "transfer": consortium.transfer, **tests}


def repeats(consortium: Consortium, at_least: float = AT_LEAST) -> Shares:
    """Measure the overlap of each set with each other one.

    Parameters
    ----------
    consortium : Consortium
    at_least : float
        Tanimoto similarity of ECFP4 from which molecules are near duplicates, in (0, 1].

    Returns
    -------
    dict
        ``repeats(...)["external"]["training"]`` has ``n`` (external molecules), ``share_near`` (those of them with a
        near duplicate in training, in [0, 1]) and ``share_same`` (those with the connectivity of one in training).

    Raises
    ------
    ValueError
        If the similarity is out of range.
    """
    return {
        one: {
            other: {
                "n": found.n_compounds,
                "share_near": found.share_near if found.n_compounds else 0.0,
                "share_same": found.n_same_skeleton / found.n_compounds if found.n_compounds else 0.0,
            }
            for other, found in others.items()
        }
        for one, others in overlaps(compared_sets(consortium), at_least).items()
    }
