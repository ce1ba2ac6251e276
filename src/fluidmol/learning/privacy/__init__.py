"""Private releases: a partner's model, with a proof of how little it says about any one compound.

A partner adds noise *while* it learns, once. What comes out, a :class:`~fluidmol.values.private_model.PrivateModel`,
is differentially private: with or without any one compound, nearly the same models are as likely. All that is computed
from it afterwards (annotations, labels, experts, students, answers to whatever question) says no more, for whoever
holds the model could compute it too.

- :mod:`.settings`: how private, and how the budget is spent.
- :mod:`.merging`: compounds of one skeleton count as one, for that is what is protected.
- :mod:`.mechanism`: the release, and the proof.
- :mod:`.lattice`, :mod:`.noise`: integers and exact noise on them, without which the proof doesn't hold for computers.
- :mod:`.accountant`: what several releases together give away, what a series of analogues, what an attacker can gain.
- :mod:`.canaries`, :mod:`.bounds`: attacks that find a broken mechanism, and what they prove.

>>> from fluidmol.values.parts import Part
>>> PRIVACIES.build(Part("gaussian", {"epsilon": 2.0})).epsilon
2.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fluidmol.values.parts import Catalogue

if TYPE_CHECKING:
    from fluidmol.learning.privacy.settings import Gaussian

PRIVACIES: Catalogue[Gaussian] = Catalogue("privacy", {"gaussian": "fluidmol.learning.privacy.settings:Gaussian"})
"""Private releases by name."""
