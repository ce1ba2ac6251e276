"""Models on disk, for the company itself: JSON, NumPy arrays and LightGBM's own text. No pickle, no code.

A kept model knows private compounds (their fingerprints are in it): it never leaves the company, and one that came from
elsewhere is never loaded.
"""
