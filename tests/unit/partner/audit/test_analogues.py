"""Named molecules: near to private compounds where weights say so, and no nearer than chance where they don't."""

import json

import attrs
import numpy as np
import pytest

from fluidmol.chem.features import features
from fluidmol.chem.similarity import nearest_tanimoto, pack_bits
from fluidmol.partner.audit.analogues import analogues
from fluidmol.partner.audit.audit import audit
from fluidmol.partner.audit.effort import Effort
from fluidmol.partner.audit.observations import Observations, TransferStatements
from fluidmol.partner.audit.shadows import GameSettings, Played
from fluidmol.partner.audit.written import write_audit
from fluidmol.partner.policy import Policy
from fluidmol.partner.teachers.charters import Charters
from fluidmol.values.parts import Part

DRAWS = 8
BITS = Part("ecfp-counts", {"radius": 2, "bits": 1024})


@pytest.fixture(scope="module")
def made(chemistry, open_charter):
    """A partner with a third of the chemistry; the rest, and some of its own, are public."""
    mine = np.arange(len(chemistry)) % 3 == 0
    assay = chemistry.take(np.flatnonzero(mine))
    asked = chemistry.compounds.take(np.flatnonzero(~mine | (np.arange(len(chemistry)) % 6 == 0)).tolist())
    owned = np.random.default_rng(1).random((DRAWS, len(assay))) < 0.5
    return Played(assay, open_charter, asked, owned, (), Effort(draws=DRAWS))


def seen(played, weight):
    """What is stated with weights of the public molecules, and nothing else."""
    zeros = np.zeros((DRAWS, len(played.assay)))
    rows = features(played.asked, BITS)
    return Observations(
        owned=played.owned, active=played.assay.active, opinion=zeros, weight=zeros,
        public=TransferStatements(rows, np.zeros_like(weight), weight),
    )  # fmt: skip


def test_weights_that_say_how_near_a_molecule_is_name_analogues_of_members(made, monkeypatch):
    monkeypatch.setattr("fluidmol.partner.audit.analogues.NAMED", 6)
    own, public = (pack_bits(features(c, BITS)) for c in (made.assay.compounds, made.asked))
    weight = np.array([nearest_tanimoto(public, own[member], 3).mean(axis=1) for member in made.owned])
    found = analogues(made, seen(made, weight.astype(float)))
    assert found.n_named == 6
    assert found.close.value > found.close_random.value + 0.1
    assert found.named.low <= found.named.value <= found.named.high


def test_weights_that_say_nothing_name_no_better_than_chance(made):
    weight = np.random.default_rng(3).random((DRAWS, len(made.asked)))
    found = analogues(made, seen(made, weight))
    assert found.named.value == pytest.approx(found.random.value, abs=0.05)
    assert found.gain.value <= 0.05
    assert found.named.value == pytest.approx(found.strangers.value, abs=0.08)


def test_own_compounds_that_are_public_are_never_named(made):
    """Otherwise similarities of 1 would be found by chance."""
    private = set(made.assay.compounds.skeletons)
    weight = np.tile([float(s in private) for s in made.asked.skeletons], (DRAWS, 1))
    assert weight.any()
    found = analogues(made, seen(made, weight))
    assert found.named.value < 0.95


def test_a_page_says_what_was_named(chemistry, open_charter, tmp_path):
    """A partner whose chemistry is public but for its own compounds."""
    mine = chemistry.take(np.flatnonzero(np.arange(len(chemistry)) % 2 == 0))
    public = chemistry.compounds.take(np.flatnonzero(np.arange(len(chemistry)) % 2 == 1).tolist())
    charter = attrs.evolve(open_charter, transfer_digest=public.digest, transfer_size=len(public))
    found = audit(mine, charter, public, Policy(), GameSettings(recipe=Charters(), name="ada"), Effort(draws=4))
    write_audit(found.shared, tmp_path)
    assert found.analogues.n_named == len(public) // 2
    assert "Structures that an attacker would name" in (tmp_path / "audit.html").read_text()
    assert (
        json.loads((tmp_path / "audit.json").read_text())["analogues"]["named"]["value"] == found.analogues.named.value
    )


def test_nothing_is_named_where_all_public_molecules_are_the_partners_own(made):
    alone = attrs.evolve(made, asked=made.assay.compounds)
    assert analogues(alone, seen(alone, np.ones((DRAWS, len(alone.asked))))) is None
