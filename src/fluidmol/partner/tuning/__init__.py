"""Tuning: what a hybrid would gain on a partner's own compounds, seen before it is adopted. Nothing of it leaves.

- :mod:`~fluidmol.partner.tuning.holdouts`: own compounds are held out, whole clusters of them, or the newest.
- :mod:`~fluidmol.partner.tuning.others`: what the consortium says without what it learnt from these very compounds.
- :mod:`~fluidmol.partner.tuning.candidates`: the charter's hybrid, and settings that a partner may prefer for itself.
- :mod:`~fluidmol.partner.tuning.trials`: all models fitted without the held-out compounds, and asked about them.
- :mod:`~fluidmol.partner.tuning.tune`: figures with intervals, paired differences, and a plain verdict.
"""
