"""The coordinator's side of a round: it begins, asks, gathers, closes and publishes."""
