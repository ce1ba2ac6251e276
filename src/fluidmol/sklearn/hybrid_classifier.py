"""A partner's hybrid as a scikit-learn classifier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import attrs

from fluidmol.chem.intake.labelled import Labelled
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.partner.kept.saved_hybrid import KeptHybrid
from fluidmol.sklearn.class_column import ClassColumn, ClassPair
from fluidmol.sklearn.hybrid_model import HybridModel
from fluidmol.sklearn.molecule_classifier import MoleculeClassifier
from fluidmol.sklearn.molecule_column import MoleculeColumn
from fluidmol.values.charter import Charter


class FluidClassifier(MoleculeClassifier, HybridModel):
    """A partner's hybrid, of own molecules with classes and of what a consortium published.

    With the same files it is the hybrid of ``fluid hybrid fit``, and says what ``fluid predict`` says. It is private:
    its model holds own compounds.

    Parameters
    ----------
    labels : str, Path, FederatedLabels or Publication
        ``labels.fluid`` of a round or a simulation, or the folder that holds it; or values, as
        :func:`fluidmol.federate` makes them.
    charter : str, Path or Charter, optional
        By default ``charter.toml`` beside the labels.
    transfer : str, Path or CompoundSet, optional
        The transfer set; by default what lies beside the labels.
    name : str, optional
        Yours in the consortium: your own expert isn't asked, for your own compounds say more.
    newcomer : bool, default=False
        Instead of a name: your company took no part.
    hybrid, union : str, mapping or Part, optional
        Another estimator of hybrids, and another way to put own compounds and labels together, than the charter's:
        ``"mixture"``, ``{"name": "local", "power": 2.0}``. They are your own affair, and nobody learns of them.
    own_model : estimator or str, optional
        A scikit-learn classifier, or its place ``module:object``, that is the own model within a mixture, and has
        spoken in the round; the charter's teacher by default.
    folds : int, default=10
        Of the conformal calibration, 2 or more; 0: none, which is quicker by far, say in a search.
    confidence : float, default=0.8
        Promised coverage of the conformal sets, between 0 and 1.
    n_evidence : int, default=3
        Public molecules shown with each prediction, 0 to 20.
    on_error : {"raise", "nan"}, default="raise"
        What becomes of rows that can't be used: unreadable structures, and in ``fit`` missing classes, and compounds
        that are active in one row and inactive in another. ``nan``: they are left out and listed in ``rejected_``, as
        the command line does with files, and predictions of them are NaN.
    smiles_column : str, optional
        Column of a DataFrame; its only one, or one of a usual name, by default.
    cache : bool, default=True
        Whether standardised structures are kept on disk for next time (``FLUID_CACHE`` names the folder).

    Attributes
    ----------
    model_ : KeptHybrid
        The hybrid with its domains, its calibration, and what was published.
    classes_ : ndarray
        Both classes, sorted, (2,).
    active_class_
        The one of them that means active.
    rejected_ : DataFrame
        Rows that were left out: position, SMILES, reason.
    cautions_ : tuple of str
        What a person should look at before the model is believed; ``fit`` warns of each.
    n_features_in_ : int
        1: the column of SMILES.
    feature_names_in_ : ndarray
        Its name, if X was a DataFrame.

    Examples
    --------
    >>> import attrs
    >>> from fluidmol import Assay, Charter, LocalChannel, Partner, compound_set, federate
    >>> from fluidmol.studies.synthetic import synthetic_consortium
    >>> data = synthetic_consortium(seed=1, n_labelled=120, n_external=10, n_transfer=200)
    >>> transfer = compound_set(data.transfer_smiles)
    >>> charter = attrs.evolve(
    ...     Charter.from_preset("open"), transfer_digest=transfer.digest, transfer_size=len(transfer)
    ... )
    >>> halves = {"acme": slice(60), "zeta": slice(60, None)}
    >>> outcome = federate(charter, transfer, LocalChannel([
    ...     Partner(name, Assay(compound_set(data.source_smiles[half]), data.source_active[half]), transfer)
    ...     for name, half in halves.items()
    ... ]))
    >>> hybrid = FluidClassifier(outcome.labels, charter=charter, transfer=transfer, name="acme", folds=0)
    >>> hybrid = hybrid.fit(data.source_smiles[:60], data.source_active[:60])
    >>> hybrid.predict_proba(data.external_smiles).shape, hybrid.classes_.tolist()
    ((10, 2), [False, True])
    """

    def _read(self, asked: MoleculeColumn, y: Any, charter: Charter) -> tuple[Labelled, dict[str, Any]]:
        column = ClassColumn.of(y)
        table = column.beside(asked.smiles, asked.name)
        read, outcomes = self._understood(asked, table, OutcomeColumns(active_column=column.name), charter)
        return read, {"classes": attrs.asdict(column.pair(outcomes))}

    def _made(self, model: KeptHybrid, told: Mapping[str, Any], column: str) -> Self:
        return self._fitted(model, ClassPair(**told["classes"]), column)
