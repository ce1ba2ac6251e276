"""Predictions for use: probability, applicability, conformal set and the nearest public evidence, file to file."""
