"""Federated learning using information distillation (FLuID) for drug discovery."""
