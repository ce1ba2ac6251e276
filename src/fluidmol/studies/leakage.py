"""What a virtual consortium's charter gives away of one of its partners, by the audit that real partners run."""

from __future__ import annotations

from fluidmol.learning.privacy.noise import Noise
from fluidmol.partner.audit.audit import audit
from fluidmol.partner.audit.effort import QUICK, Effort
from fluidmol.partner.audit.outcome import Audit
from fluidmol.partner.audit.shadows import GameSettings
from fluidmol.partner.policy import Policy
from fluidmol.partner.teachers.charters import Charters
from fluidmol.progress import Stages
from fluidmol.studies.consortium import Consortium, simulated_noise


def leakage(
    consortium: Consortium, stages: Stages, effort: Effort = QUICK, noise: Noise | None = None
) -> Audit:  # fmt: skip
    """Attack what the partner with the fewest compounds, of those large enough to speak, would release.

    Small partners are worst off: each of their compounds matters more.

    Parameters
    ----------
    consortium : Consortium
    stages : Stages
        Shows progress.
    effort : Effort
        How much is computed.
    noise : Noise, optional
        Of a private teacher; simulated by default.

    Raises
    ------
    FluidError
        If nobody has compounds enough to be attacked.
    """
    policy = Policy()
    name, assay = min(
        consortium.assays.items(), key=lambda item: (len(item[1]) < policy.fewest_compounds, len(item[1]))
    )
    recipe = Charters(noise or simulated_noise(consortium.charter, name))
    table = GameSettings(recipe=recipe, name=name, progress=stages.advance, note=stages.note)
    with stages.stage(f"attacks on {name}"):
        return audit(assay, consortium.charter, consortium.transfer, policy, table, effort)
