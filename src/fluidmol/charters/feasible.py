"""Whether a charter can be carried out: every part built once, before anyone computes."""

from __future__ import annotations

from fluidmol.chem.featurisers import FEATURISERS
from fluidmol.chem.proximity import PROXIMITIES
from fluidmol.coordinator.student import check_student
from fluidmol.errors import CharterError
from fluidmol.learning.aggregation import AGGREGATIONS
from fluidmol.learning.distillation import DISTILLATIONS
from fluidmol.learning.estimators import ESTIMATORS, STUDENTS
from fluidmol.learning.experts.asking import check_pointwise
from fluidmol.learning.selection import SELECTIONS
from fluidmol.learning.union import UNIONS
from fluidmol.learning.weighting import WEIGHTINGS
from fluidmol.partner.teachers.private import check_private
from fluidmol.values.charter import Charter


def check_parts(charter: Charter) -> None:
    """Build every part once, so that a mistake in a charter is found before anyone computes.

    Raises
    ------
    CharterError
        If a part or one of its options is unknown.
    """
    for catalogue, part in (
        (FEATURISERS, charter.featuriser), (PROXIMITIES, charter.proximity), (WEIGHTINGS, charter.weighting),
        (AGGREGATIONS, charter.aggregation), (DISTILLATIONS, charter.distillation),
    ):  # fmt: skip
        catalogue.build(part)
    of_classes = {
        "teacher": ESTIMATORS.build(charter.teacher).of_classes,
        "selection": SELECTIONS.build(charter.selection).of_classes,
        "student": STUDENTS.build(charter.student).of_classes,
        "hybrid": ESTIMATORS.build(charter.hybrid).of_classes,
        "union": UNIONS.build(charter.union).of_classes,
    }
    for name, alone in of_classes.items():
        if alone and charter.scale is not None:
            raise CharterError(
                f"[{name}] {getattr(charter, name).name!r}, as it is set, is for classes, and the endpoint is a"
                " regression",
                hint="Start from the preset open. What balances or rounds classes means nothing for values: a random"
                " forest takes balanced = false, a selection is all or random with hard = false.",
            )
    check_pointwise(charter)
    check_private(charter)
    if charter.union.name == "mixture" and charter.distillation.name != "experts":
        raise CharterError(
            f"the union 'mixture' asks experts, and the distillation {charter.distillation.name!r} makes none",
            hint='Take the distillation "experts", or a union of labels: "weighted", "local", "undersampled".',
        )


def check_feasible(charter: Charter) -> None:
    """Check the parts, and that what the charter asks of a coordinator can be done on this machine.

    Raises
    ------
    CharterError
        If a part or one of its options is unknown.
    UnavailableError
        If something that a part needs isn't installed.
    """
    check_parts(charter)
    check_student(charter)
