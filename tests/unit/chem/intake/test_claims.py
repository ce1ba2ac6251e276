"""A transfer set is what it says, or is refused: by name, by place, and before it costs anything."""

from pathlib import Path

import pytest
from joblib import parallel_config

from fluidmol.chem.intake import claims
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.claims import check_claims, fault_of
from fluidmol.chem.intake.standardise import compound_set
from fluidmol.chem.intake.transfer import read_molecules
from fluidmol.errors import CharterError
from fluidmol.studies.synthetic import synthetic_consortium
from fluidmol.values.compounds import CompoundSet

SHARED = Path(__file__).resolve().parents[5] / "shared" / "data"
PHENOL, METHANE = "ISWSIDIOOBJBQZ-UHFFFAOYSA-N", "VNWKTOKETHGBQD-UHFFFAOYSA-N"
HONEST = compound_set(["CCO", "CCN", "C[C@H](N)C(=O)O", "CC[N+](C)(C)C", "O=[N+]([O-])c1ccccc1"])


def test_what_our_own_commands_make_is_sound():
    check_claims(HONEST)
    data = synthetic_consortium(3, n_labelled=20, n_external=10, n_transfer=150)
    check_claims(compound_set(data.transfer_smiles))


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the real data aren't here")
def test_a_real_set_is_sound():
    check_claims(read_molecules(SHARED / "transfer.csv.gz", size=2000, seed=1).compounds)


def test_false_keys_are_counted_and_the_first_is_named():
    lying = CompoundSet((*HONEST.smiles, "Oc1ccccc1", "C"), (*HONEST.inchikeys, METHANE, PHENOL))
    with pytest.raises(CharterError, match=rf"2 of the 7 .* number 6, 'Oc1ccccc1': .*{METHANE}, and is {PHENOL}"):
        check_claims(lying)


@pytest.mark.parametrize(
    ("smiles", "words"),
    [
        ("", "empty SMILES"),
        ("not-a-smiles", "unreadable SMILES"),
        ("C1CC", "unreadable SMILES"),
        ("C(C)(C)(C)(C)C", "unreadable SMILES"),
        ("C phenol", "blanks"),
        ("C\x1b[2J\x00O", "blanks"),
        ("C" * 200_000, "a SMILES of 200000 characters"),
        ("C" * 3000, "too large: 3000 atoms"),
        ("Oc1ccccc1.Cl", "a mixture of 2 fragments"),
        ("*", "its InChIKey is given as"),
    ],
)
def test_molecules_that_nobody_could_work_with(smiles, words):
    assert words in fault_of(smiles, METHANE)
    with pytest.raises(CharterError, match=r"1 of the 6 molecules .* number 6") as caught:
        check_claims(CompoundSet((*HONEST.smiles, smiles), (*HONEST.inchikeys, METHANE)))
    assert len(caught.value.message) < 400
    assert caught.value.message.isprintable()


def test_no_molecules():
    with pytest.raises(CharterError, match="no molecules"):
        check_claims(CompoundSet((), ()))


def test_a_sound_set_is_looked_at_once(tmp_path, monkeypatch):
    cache = StandardCache(tmp_path)
    assert not cache.is_sound(HONEST.digest)
    check_claims(HONEST, cache=cache)
    assert StandardCache(tmp_path).is_sound(HONEST.digest)
    monkeypatch.setattr(claims, "fault_of", lambda *_: pytest.fail("looked at again"))
    check_claims(HONEST, cache=StandardCache(tmp_path))


def test_an_unsound_set_is_refused_each_time(tmp_path):
    lying = CompoundSet(("C",), (PHENOL,))
    for _ in range(2):
        with pytest.raises(CharterError):
            check_claims(lying, cache=StandardCache(tmp_path))


def test_in_chunks_and_processes_places_and_progress_are_the_same(monkeypatch):
    monkeypatch.setattr(claims, "CHUNK", 2)
    lying = CompoundSet((*HONEST.smiles, "C"), (*HONEST.inchikeys, PHENOL))
    seen = []
    with parallel_config(n_jobs=2, backend="threading"), pytest.raises(CharterError, match="number 6, 'C'"):
        check_claims(lying, progress=lambda *now: seen.append(now))
    assert seen == [(2, 6), (4, 6), (6, 6)]
