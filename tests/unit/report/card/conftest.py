"""A hybrid of ada in a folder, a student, and a finished run."""

import json
from types import SimpleNamespace

import attrs
import pytest

from fluidmol.coordinator.federate import federate
from fluidmol.exchange.local import LocalChannel
from fluidmol.partner.kept.fitting import fit_hybrid, student_of
from fluidmol.partner.kept.saved_hybrid import write_kept
from fluidmol.partner.partner import Partner
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part
from fluidmol.values.publication import Publication


@pytest.fixture(scope="session")
def charter(transfer):
    return attrs.evolve(
        Charter.from_preset("open"),
        name="quick | <b>",
        featuriser=Part("additive", {"bits": 128}),
        hybrid=Part("lightgbm", {"rounds": 10, "leaves": 4, "leaf": 2}),
        union=Part("mixture", {"folds": 2}),
        transfer_digest=transfer.digest,
        transfer_size=len(transfer),
    )


@pytest.fixture(scope="session")
def folders(charter, assays, transfer, make_run, tmp_path_factory):
    """Folders of which there are cards."""
    folder = tmp_path_factory.mktemp("cards")
    partners = [Partner(name, assay, transfer) for name, assay in assays.items()]
    labels = federate(charter, transfer, LocalChannel(partners)).labels
    public = Publication(charter=charter, transfer=transfer, labels=labels)
    for name, folds in (("hybrid", 3), ("uncalibrated", 0)):
        write_kept(fit_hybrid(assays["ada"], public, "ada", folds=folds).kept, folder / name)
    write_kept(student_of(public), folder / "student")
    run = make_run(folder / "run")
    (run / "charter.toml").write_text(charter.to_toml())
    told = json.loads((run / "provenance.json").read_text()) | {"charter_digest": charter.digest}
    (run / "provenance.json").write_text(json.dumps(told))
    return SimpleNamespace(**{name: folder / name for name in ("hybrid", "uncalibrated", "student", "run")})
