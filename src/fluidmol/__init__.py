"""Federated learning using information distillation (FLuID) for drug discovery.

Companies learn from each other's data without showing it: each trains a private *teacher*, teachers *annotate* public
molecules, a coordinator combines the annotations into *federated labels* and a *student*, and each company trains a
*hybrid* on its own data and the labels. Names below are loaded when they are first used, because what stands behind
them (RDKit, scikit-learn) takes seconds to load.

>>> import fluidmol
>>> charter = fluidmol.Charter.from_preset("open")
>>> charter.aggregation.name
'weighted-mean'
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fluidmol.chem.intake.standardise import compound_set
    from fluidmol.coordinator.federate import Outcome, federate
    from fluidmol.coordinator.student import Student
    from fluidmol.errors import FluidError
    from fluidmol.exchange.local import LocalChannel
    from fluidmol.partner.assay import Assay
    from fluidmol.partner.gate import Gate, Policy
    from fluidmol.partner.hybrid import Hybrid
    from fluidmol.partner.partner import Partner
    from fluidmol.partner.teacher import Teacher
    from fluidmol.values.annotations import Annotations
    from fluidmol.values.charter import Charter
    from fluidmol.values.compounds import CompoundSet
    from fluidmol.values.labels import FederatedLabels

__all__ = [
    "Annotations", "Assay", "Charter", "CompoundSet", "FederatedLabels", "FluidError", "Gate", "Hybrid", "LocalChannel",
    "Outcome", "Partner", "Policy", "Student", "Teacher", "compound_set", "federate",
]  # fmt: skip

_PLACES = {
    "Annotations": "values.annotations",
    "Assay": "partner.assay",
    "Charter": "values.charter",
    "CompoundSet": "values.compounds",
    "FederatedLabels": "values.labels",
    "FluidError": "errors",
    "Gate": "partner.gate",
    "Hybrid": "partner.hybrid",
    "LocalChannel": "exchange.local",
    "Outcome": "coordinator.federate",
    "Partner": "partner.partner",
    "Policy": "partner.gate",
    "Student": "coordinator.student",
    "Teacher": "partner.teacher",
    "compound_set": "chem.intake.standardise",
    "federate": "coordinator.federate",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'fluidmol' has no attribute {name!r}")
    return getattr(importlib.import_module(f"fluidmol.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
