"""Columns of measurements: which ones belong together, what units, relations and numbers mean, and what a row says."""
