"""Honest partners of the real hERG files are left alone, and liars among them are named (minutes; `make paper`)."""

from __future__ import annotations

from pathlib import Path

import attrs
import numpy as np
import pytest

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.learning.disagreement import PartnerDisagreement, findings
from fluidmol.partner.partner import Partner
from fluidmol.progress import Stages
from fluidmol.studies.consortium import Setup
from fluidmol.studies.malice import Adversary
from fluidmol.studies.prepare import Sources, prepare
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.messages import Annotate

DATA = Path(__file__).parents[3] / "shared" / "data"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real hERG files aren't there (../shared/data)"),
]


@pytest.fixture(scope="module", params=range(1, 6), ids="seed {}".format)
def said(request: pytest.FixtureRequest) -> tuple[Charter, list[Annotations]]:
    sources = Sources(source=DATA / "herg_train.csv.gz", transfer=DATA / "transfer.csv.gz", transfer_size=5000)
    charter = attrs.evolve(Charter.from_preset("paper-2025"), seed=request.param)
    made = prepare(sources, charter, Setup(), StandardCache(), Stages()).consortium
    partners = [Partner(name, assay, made.transfer) for name, assay in made.assays.items()]
    replies = [partner.answer(Annotate(made.charter)) for partner in partners]
    return made.charter, [reply for reply in replies if isinstance(reply, Annotations)]


def named(found: tuple[PartnerDisagreement, ...]) -> set[str]:
    return {finding.partner for finding in found if finding.disagrees or finding.uninformative}


def test_no_honest_partner_is_named(said: tuple[Charter, list[Annotations]]) -> None:
    charter, opinions = said
    assert len(opinions) == 8
    assert named(findings(opinions, charter)) == set()


@pytest.mark.parametrize("inflated", [False, True], ids=["honest weights", "inflated weights"])
@pytest.mark.parametrize("behaviour", ["flipped", "colluding", "active", "noise"])
def test_liars_are_named_and_nobody_else(
    said: tuple[Charter, list[Annotations]], behaviour: str, inflated: bool
) -> None:
    charter, opinions = said
    rng = np.random.default_rng(charter.seed)
    who = {opinions[int(place)].partner for place in rng.choice(len(opinions), 2, replace=False)}
    found = findings(Adversary(behaviour, inflated).applied(opinions, sorted(who), charter.seed), charter)
    # Noise is told from agreement at a level of one in twenty.
    assert named(found) <= who
    assert len(named(found)) >= (1 if behaviour == "noise" else 2)
