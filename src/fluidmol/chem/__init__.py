"""Molecules to numbers: standardisation, fingerprints, similarity."""
