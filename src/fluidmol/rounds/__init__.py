"""A round between companies: what each party does, over any :class:`~fluidmol.exchange.mailbox.Mailbox`.

``partner`` runs inside one company, ``coordinator`` outside of all; neither imports the other. ``public`` is what both
read before they begin.
"""
