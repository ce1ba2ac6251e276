"""Numerics that know no party: estimators, weighting, aggregation, selection, distillation, metrics."""
