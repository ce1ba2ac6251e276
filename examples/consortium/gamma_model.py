"""A company's own estimator: any of scikit-learn will do. fluidmol clones it, seeds it and fits it to own compounds."""

from sklearn.ensemble import RandomForestClassifier

forest = RandomForestClassifier(n_estimators=100, min_samples_leaf=2)
