"""Models on disk, for the company itself: JSON, arrays, LightGBM's own text, estimators by skops. No pickle, no code.

A kept model knows private compounds (their fingerprints are in it): it never leaves the company, and one that came from
elsewhere is never loaded.
"""
