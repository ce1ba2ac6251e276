"""A lab in which some partners lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.predictor import CachedPredictor, Fitted
from fluidmol.studies.malice import Adversary, containing
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet


class AttackedLab(Lab):
    """The same consortium; whatever the dishonest say of any compounds is a lie.

    Parameters
    ----------
    lab : Lab
        Of the honest.
    attack : Adversary
    who : iterable of str
        Names of the dishonest.
    smarts : str
        Substructure that a targeted attack is about.
    """

    def __init__(self, lab: Lab, attack: Adversary, who: Iterable[str], smarts: str) -> None:
        super().__init__(lab.consortium, lab.store, lab.policy)
        self.attack, self.who, self.smarts = attack, tuple(sorted(who)), smarts
        self._memory = lab._memory  # honest opinions are the same

    def annotations(
        self,
        partners: Iterable[str] | None = None,
        compounds: CompoundSet | None = None,
        charter: Charter | None = None,
    ) -> list[Annotations]:
        """Give what several partners send (all by default), of the transfer set by default."""
        honest = super().annotations(partners, compounds, charter)
        asked = self.transfer if compounds is None else compounds
        target = containing(asked, self.smarts) if self.attack.behaviour == "targeted" else None
        return self.attack.applied(honest, self.who, self.charter.seed, target)

    def _predictor(
        self, model: str, kind: str, partner: str, facts: Mapping[str, Any], fit: Callable[[], Fitted]
    ) -> CachedPredictor:
        lies = {"attack": attrs.asdict(self.attack), "who": list(self.who), "smarts": self.smarts}
        # Teachers are honest with themselves, and students follow from labels: only who is asked directly lies anew.
        known = {**facts, **lies} if facts.get("role") == "ensemble" else facts
        return super()._predictor(model, kind, partner, known, fit)
