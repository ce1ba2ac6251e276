"""The audit: a partner attacks its own release before it leaves.

The game is that of membership inference (Yeom et al. 2018, doi 10.1109/CSF.2018.00027). A coin for each skeleton
decides whether the partner *owns* it: owned compounds are *members*, the others *strangers* of the very same chemistry.
The partner's own recipe is fitted to the members, and what would leave passes the partner's own policy. That is done
many times. An attacker sees one release, holds the others as *shadows*, made by itself of other compounds of this
chemistry, and scores each candidate: the higher, the likelier a member.

One file an attack, each with its source; :data:`~fluidmol.partner.audit.catalogue.ATTACKS` lists them. An audit is a
lower bound: it may prove that a release gives compounds away, never that it doesn't.
"""
