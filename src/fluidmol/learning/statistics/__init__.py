"""Statistics of predictions: thresholds, intervals, paired comparisons, calibration."""
