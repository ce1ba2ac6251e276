"""Pages after a round of real companies: one for a partner, one for the coordinator. Written at home, offline."""
