"""The virtual consortium: public data split into partners, and the paper's analyses."""
