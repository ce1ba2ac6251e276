"""What a result depends on, as plain values: parts of the charter, data by digest, our own code."""

from __future__ import annotations

from typing import Any

import attrs

from fluidmol.partner.assay import Assay
from fluidmol.values.arrays import digest_of, frozen_floats
from fluidmol.values.charter import Charter
from fluidmol.values.labels import FederatedLabels

IRRELEVANT = {
    "teacher": ("weighting", "aggregation", "selection", "distillation", "student", "hybrid", "union", "privacy"),
    "opinion": ("weighting", "aggregation", "selection", "distillation", "student", "hybrid", "union"),
    "alone": ("weighting", "aggregation", "selection", "distillation", "student", "privacy"),
    "student": ("hybrid", "union"),
    "hybrid": (),
}
"""Parts of a charter that a model surely doesn't depend on; all others count, also those to come."""


def rules(charter: Charter, role: str) -> dict[str, Any]:
    """Give what of a charter decides a model, apart from its data.

    Parameters
    ----------
    charter : Charter
    role : str
        ``teacher``, ``opinion`` (what leaves of it), ``student``, ``hybrid``, or ``alone`` (a hybrid before it has
        heard anybody).

    Examples
    --------
    >>> sorted(rules(Charter.from_preset("open"), "teacher"))
    ['featuriser', 'proximity', 'seed', 'teacher']
    """
    table = charter.to_table()
    head = {"seed": charter.seed}
    if role not in ("teacher", "opinion"):
        head["transfer"] = charter.transfer_digest  # type: ignore[assignment]
    left_out = ("charter", "endpoint", *IRRELEVANT[role])
    return head | {name: part for name, part in table.items() if name not in left_out}


def assay_digest(assay: Assay) -> str:
    """SHA-256 over compounds and outcomes."""
    return digest_of("fluidmol assay 1", (assay.compounds.digest,), (frozen_floats(assay.outcome, 2),))


def labels_digest(labels: FederatedLabels) -> str:
    """SHA-256 over all of the labels but their charter: charters with equal labels share their models."""
    return attrs.evolve(labels, charter="").digest
