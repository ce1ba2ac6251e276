"""What chemists' own code works with: hybrids and students as scikit-learn estimators that read SMILES.

:class:`FluidClassifier` and :class:`FluidRegressor` are a partner's hybrid: they learn from own molecules with their
classes or values, and from what a consortium published. :class:`FluidStudent` is the student of the labels alone. All
take a column of SMILES (a list, an array, a Series, a DataFrame), say what the command line says of the same molecules,
and can be cloned, put into a pipeline and searched over. Everything stays on the machine, as with ``fluid hybrid fit``
and ``fluid predict``.

>>> from sklearn.base import clone
>>> hybrid = FluidClassifier("home/labels.fluid", name="acme", folds=0)
>>> clone(hybrid).set_params(union="local")
FluidClassifier(folds=0, labels='home/labels.fluid', name='acme', union='local')
"""

from fluidmol.sklearn.hybrid_classifier import FluidClassifier
from fluidmol.sklearn.hybrid_regressor import FluidRegressor
from fluidmol.sklearn.student_classifier import FluidStudent

__all__ = ["FluidClassifier", "FluidRegressor", "FluidStudent"]
