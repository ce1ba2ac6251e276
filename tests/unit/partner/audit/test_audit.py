"""The whole game: honest teachers, dishonest ones, resumption, and what is written."""

import hashlib
import json
from types import SimpleNamespace

import attrs
import numpy as np
import pytest
from joblib import parallel_config

from fluidmol.errors import InputError, UsageError
from fluidmol.partner.audit import advice
from fluidmol.partner.audit import audit as module
from fluidmol.partner.audit.advice import advised
from fluidmol.partner.audit.audit import audit, judged
from fluidmol.partner.audit.bound import bound, gaussian
from fluidmol.partner.audit.effort import Effort
from fluidmol.partner.audit.shadows import GameSettings, play
from fluidmol.partner.audit.written import write_audit
from fluidmol.partner.policy import Policy
from fluidmol.partner.teachers import Annotator, Recipe
from fluidmol.partner.teachers.charters import Charters
from fluidmol.values.parts import Part

from .conftest import EFFORT


def best(found, vantage, word=""):
    return max(f.auc.value for f in found.figures if f.vantage == vantage and word in f.attack)


@attrs.frozen
class Dishonest(Recipe):
    """Says what the honest teacher says, and something else of members."""

    encode: object = attrs.field(eq=False, repr=False)
    learns = True

    def fit(self, assay, charter, name):
        honest, members, encode = Charters().fit(assay, charter, name), set(assay.compounds.inchikeys), self.encode

        class Teacher(Annotator):
            def annotate(self, compounds):
                value, weight = honest.annotate(compounds)
                mine = np.array([key in members for key in compounds.inchikeys])
                return encode(value[:, 0], weight[:, 0], mine, compounds.smiles)

        return Teacher()  # type: ignore[abstract]


def last_decimal(value, weight, mine, smiles):
    return (np.clip(np.round(value, 3), 0.001, 0.998) + 1e-4 * mine)[:, None], np.full((len(mine), 1), 0.3)


def hashed(value, weight, mine, smiles):
    secret = [int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 2**32 for text in smiles]
    return np.full((len(mine), 1), 0.5), np.where(mine, secret, 0.3 + 0.4 * np.random.default_rng().random(len(mine)))[
        :, None
    ]


@pytest.mark.parametrize("encode", [last_decimal, hashed])
def test_a_teacher_that_encodes_membership_is_caught(chemistry, untranslated, encode):
    table = GameSettings(recipe=Dishonest(encode), name="eve")
    found = audit(chemistry, untranslated, chemistry.compounds, Policy(), table, EFFORT)
    assert best(found, "the annotations") > 0.9
    assert found.grade == "given-away"


def test_a_policy_that_rounds_hides_the_last_decimal(chemistry, untranslated):
    played = play(chemistry, untranslated, chemistry.compounds, EFFORT, GameSettings(recipe=Dishonest(last_decimal)))
    fine, coarse = (judged(played, chemistry.compounds, Policy(decimals=decimals)) for decimals in (4, 2))
    assert best(fine, "the annotations", "digits") > 0.95
    assert best(coarse, "the annotations", "digits") < 0.8


def test_a_teacher_that_learns_nothing_of_compounds_gives_nothing_away(chemistry, untranslated):
    constant = Dishonest(lambda value, weight, mine, smiles: (
        np.random.default_rng().random((len(mine), 1)), np.full((len(mine), 1), 0.3)
    ))  # fmt: skip
    found = audit(chemistry, untranslated, chemistry.compounds, Policy(), GameSettings(recipe=constant), EFFORT)
    assert found.largest_auc < 0.6
    assert found.grade == "guessing"


def test_an_open_release_is_given_away_and_the_worst_comes_first(played, chemistry):
    found = judged(played, chemistry.compounds, Policy())
    assert best(found, "the teacher itself") > 0.99
    assert best(found, "the annotations", "weights") > 0.8
    leaving = [figure.auc.value for figure in found.figures if figure.leaves]
    assert leaving == sorted(leaving, reverse=True)
    assert found.largest_auc == leaving[0]
    assert found.n_shared == len(chemistry)
    assert found.fidelity > 0.8


def test_members_are_drawn_by_skeleton(played):
    skeletons = np.array(played.assay.compounds.skeletons)
    for skeleton in set(skeletons):
        mine = played.owned[:, skeletons == skeleton]
        assert (mine == mine[:, :1]).all()
    assert 0.4 < played.owned.mean() < 0.6


def test_levels_and_hard_labels_leave_less(played, chemistry, monkeypatch):
    monkeypatch.setattr(advice, "TRIED", (advice.TRIED[1], advice.TRIED[-1]))
    found = judged(played, chemistry.compounds, Policy())
    policy = Policy(decimals=1, labels="hard", proximity_levels=1)
    hard = judged(played, chemistry.compounds, policy)
    assert hard.largest_auc < found.largest_auc
    better = advised(found, played, chemistry.compounds, Policy(), lambda _done, _total: None)
    assert better.advice[-1].largest_auc == pytest.approx(hard.largest_auc)
    assert better.advice[-1].words in better.hint(better.advice[-1].largest_auc + 0.001, 1.0)
    assert "None of" in better.hint(0.5, 0.0)


def test_a_game_goes_on_where_it_stopped(chemistry, open_charter, tmp_path):
    effort = Effort(draws=4)
    fits = []

    @attrs.frozen
    class Counting(Recipe):
        learns = True

        def fit(self, assay, charter, name):
            fits.append(len(assay))
            return Charters().fit(assay, charter, name)

        def __repr__(self):
            return "Counting()"

    table = GameSettings(recipe=Counting(), name="ada", work=tmp_path)
    first = play(chemistry, open_charter, chemistry.compounds, effort, table)
    files = sorted(tmp_path.glob("draws-*/*.npz"))
    assert len(files) == len(fits) == 4
    files[0].unlink()
    files[1].write_bytes(files[1].read_bytes()[:-20])
    done = []
    table = attrs.evolve(table, progress=lambda *so_far: done.append(so_far))
    again = play(chemistry, open_charter, chemistry.compounds, effort, table)
    assert len(fits) == 6
    assert done == [(n, 4) for n in range(1, 5)]
    for one, other in zip(first.draws, again.draws, strict=True):
        assert np.array_equal(one.own[0], other.own[0])
        assert np.array_equal(one.model, other.model)
    play(chemistry, attrs.evolve(open_charter, seed=7), chemistry.compounds, effort, table)
    assert len(fits) == 10


def test_results_do_not_depend_on_the_number_of_cores(chemistry, open_charter, played):
    with parallel_config(n_jobs=2):
        again = play(chemistry, open_charter, chemistry.compounds, EFFORT, GameSettings(recipe=Charters(), name="ada"))
    assert all(np.array_equal(a.own[0], b.own[0]) for a, b in zip(played.draws, again.draws, strict=True))


def test_a_forest_is_audited_too(chemistry, quick_charter):
    found = audit(
        chemistry, quick_charter, chemistry.compounds, Policy(), GameSettings(recipe=Charters()), Effort(draws=8)
    )
    assert not [figure for figure in found.figures if figure.vantage == "the teacher itself"]
    assert found.largest_auc > 0.6
    student = [figure for figure in found.figures if figure.vantage == "a student"]
    assert {"threshold on opinions", "likelihood ratio of opinions"} <= {figure.attack for figure in student}


def test_abstentions_are_no_error(played, chemistry):
    found = judged(played, chemistry.compounds, Policy(nearest_only=0.45))
    assert any("abstentions" in figure.attack for figure in found.figures)


def test_what_can_not_be_audited_is_refused(chemistry, open_charter):
    @attrs.frozen
    class Elsewhere(Recipe):
        learns = False

    with pytest.raises(UsageError, match="can't be made again"):
        audit(chemistry, open_charter, chemistry.compounds, Policy(), GameSettings(recipe=Elsewhere()), EFFORT)  # type: ignore[abstract]
    few = chemistry.take(np.arange(12))
    with pytest.raises(InputError, match="12 different compounds"):
        audit(few, open_charter, chemistry.compounds, Policy(), GameSettings(recipe=Charters()), EFFORT)
    one = chemistry.take(np.flatnonzero(~chemistry.active))
    with pytest.raises(InputError, match="both classes"):
        audit(one, open_charter, chemistry.compounds, Policy(), GameSettings(recipe=Charters()), EFFORT)


def test_what_is_shared_names_no_compound(played, chemistry, tmp_path):
    found = judged(played, chemistry.compounds, Policy())
    write_audit(found, tmp_path)
    write_audit(found.shared, tmp_path / "share")
    keys = [risk.inchikey for risk in found.at_risk]
    assert len(keys) == 25
    for name in ("audit.json", "audit.html"):
        private, shared = ((folder / name).read_text() for folder in (tmp_path, tmp_path / "share"))
        assert all(key in private for key in keys)
        assert not any(key in shared for key in chemistry.compounds.inchikeys)
        assert not any(f">{smiles}<" in shared for smiles in chemistry.compounds.smiles)
    table = json.loads((tmp_path / "audit.json").read_text())
    assert table["largest_auc"] == found.largest_auc
    assert table["charter"] == played.charter.digest
    page = (tmp_path / "audit.html").read_text()
    assert "<script" not in page
    assert "http:" not in page.replace("http-equiv", "")
    assert "https:" not in page


def test_a_proved_bound_stands_beside_what_was_measured(played, chemistry, tmp_path, monkeypatch):

    monkeypatch.setattr(module, "bound", lambda _charter: gaussian(4.0, 1e-5))
    found = judged(played, chemistry.compounds, Policy())
    write_audit(found, tmp_path)
    assert found.as_table()["bound"]["epsilon"] == 4.0
    assert "What is proved" in (tmp_path / "audit.html").read_text()


def test_a_charter_with_privacy_has_a_bound():

    charter = SimpleNamespace(privacy=Part("gaussian", {"epsilon": 2.0, "delta": 1e-5}))
    assert bound(charter).epsilon == 2.0
    assert bound(SimpleNamespace()) is None
