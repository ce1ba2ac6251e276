"""What each epsilon costs: losses add up, the bound is the accountant's, and a charter without privacy is refused."""

import attrs
import numpy as np
import pytest

from fluidmol.chem.representation.build import build
from fluidmol.chem.representation.known import remember
from fluidmol.errors import CharterError
from fluidmol.learning.privacy.accountant import largest_auc, noise_multiplier
from fluidmol.studies.analyses import STUDIES
from fluidmol.studies.analyses.privacy import LOST, at, epsilons, sizes
from fluidmol.studies.lab.lab import Lab
from fluidmol.studies.lab.study import Row
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part


@pytest.fixture(scope="module")
def private(transfer, quick_charter):
    made = build(Part("principal", {"directions": 8, "bits": 256}), transfer)
    remember(made)
    return attrs.evolve(
        Charter.from_preset("private"), transfer_digest=transfer.digest, transfer_size=len(transfer),
        featuriser=Part("directions", {"digest": made.digest}), proximity=Part("resemblance", {"columns": 8}),
        weighting=Part("resemblance"), hybrid=quick_charter.hybrid, union=Part("mixture", {"folds": 2}),
    )  # fmt: skip


def figures(findings, metric="mcc", dataset="external"):
    return {r.model: r.value for r in findings if isinstance(r, Row) and (r.metric, r.dataset) == (metric, dataset)}


def test_losses_add_up_from_the_pooled_model_to_the_student(consortium, store, private):
    lab = Lab(attrs.evolve(consortium, charter=private), store)
    study = STUDIES.build(Part("privacy", {"epsilons": "4,inf", "attacked": False, "hybrids": False}))
    found = {cell.case["epsilon"]: cell.run() for cell in study.cells(lab)}
    for findings in found.values():
        said = figures(findings)
        lost = sum(said[f"lost to {what}"] for what in LOST)
        assert said["T0-same-make"] - lost == pytest.approx(said["student"])
    assert figures(found["inf"])["lost to noise"] == pytest.approx(0)
    bound = figures(found["4"], "roc_auc", "members")["bound"]
    assert bound == pytest.approx(largest_auc(noise_multiplier(4.0, 1e-5)))
    assert "bound" not in figures(found["inf"], "roc_auc", "members")


def test_a_lab_without_noise_has_the_same_private_models_each_time(consortium, store, private):
    silent = Lab(attrs.evolve(consortium, charter=private), store, noiseless=True)
    again = Lab(attrs.evolve(consortium, charter=attrs.evolve(private, name="other")), store, noiseless=True)
    noisy = Lab(attrs.evolve(consortium, charter=private), store)
    (one, *_), (two, *_), (three, *_) = (lab.annotations() for lab in (silent, again, noisy))
    assert (one.value == two.value).all()
    assert (one.value != three.value).any()


def test_partners_are_cut_to_size(consortium, store, private):
    lab = Lab(attrs.evolve(consortium, charter=private), store)
    study = STUDIES.build(Part("privacy", {"epsilons": "8", "sizes": "20", "attacked": False, "hybrids": False}))
    (cell,) = study.cells(lab)
    assert cell.case == {"size": 20, "epsilon": "8"}
    (n_train,) = {r.n_train for r in cell.run() if isinstance(r, Row) and r.model == "T0-same-make"}
    assert n_train == sum(min(20, len(assay)) for assay in consortium.assays.values())


def test_gains_are_those_of_the_studies_of_own_and_left_out_domains(consortium, store, private):
    lab = Lab(attrs.evolve(consortium, charter=private), store)
    (cell,) = STUDIES.build(Part("privacy", {"epsilons": "4", "attacked": False})).cells(lab)
    said = figures(cell.run(), dataset="members")
    own = [figures(c.run(), dataset=f"held-out-{name}") for c in STUDIES.build(Part("own-domain")).cells(lab)
           for name in lab.partners]  # fmt: skip
    assert said["gain at home"] == pytest.approx(np.nanmean([one["gain"] for one in own]))
    away = [
        figures(c.run(), dataset=c.case["left_out"])["hybrids-gain"]
        for c in STUDIES.build(Part("cross-domain")).cells(lab)
    ]
    assert said["hybrids' gain"] == pytest.approx(np.nanmean(away))


def test_few_firm_steps_where_there_is_much_noise(private):
    assert dict(at(private, 1.0).privacy.options)["steps"] == 2
    assert dict(at(private, 4.0).privacy.options)["steps"] == 8


def test_a_charter_without_privacy_is_refused(quick_charter):
    with pytest.raises(CharterError, match=r"no \[privacy"):
        STUDIES.build(Part("privacy")).check(quick_charter)


@pytest.mark.parametrize("text", ["", "0", "-1", "65", "nan", "four"])
def test_epsilons_out_of_range(text):
    with pytest.raises(CharterError, match="epsilons are"):
        epsilons(text)


@pytest.mark.parametrize("text", ["", "19", "1.5", "some"])
def test_sizes_out_of_range(text):
    with pytest.raises(CharterError, match="sizes are"):
        sizes(text)
