"""Threshold: whoever is sure of the measured class has learnt it.

Source: Yeom et al. 2018, doi 10.1109/CSF.2018.00027. It needs no shadows.
"""

from __future__ import annotations

from fluidmol.partner.audit.observations import Floats, Observations


def threshold(seen: Observations) -> Floats:
    """Score by the log-odds of the measured class, (n_draws, n_candidates); NaN where the teacher abstains."""
    return seen.confidence
