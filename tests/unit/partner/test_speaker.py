"""What speaks for a partner: piece by piece it says what it says of all at once, and what is kept isn't asked again."""

import io
import stat
import sys

import attrs
import numpy as np
import pytest

from fluidmol.errors import InputError
from fluidmol.partner import opinion_folder
from fluidmol.partner.opinion_folder import OpinionFolder
from fluidmol.partner.partner import Partner
from fluidmol.partner.speaker import ONE_CLASS, TOO_FEW, Speaker
from fluidmol.partner.teacher import Teacher
from fluidmol.partner.teachers import Annotator, Recipe, columns
from fluidmol.partner.teachers.charters import Charters
from fluidmol.partner.teachers.program import FromProgram
from fluidmol.partner.teachers.translated import Translated
from fluidmol.values import pieces as pieces_module
from fluidmol.values.charter import Charter
from fluidmol.values.messages import Annotate
from fluidmol.values.parts import Part
from fluidmol.values.pieces import InMemory


@attrs.frozen
class Counting(Annotator):
    """Knows what is asked of it."""

    asked: list = attrs.field(factory=list)
    shift: float = 0.0
    weight: float = 0.5

    def predict(self, compounds):
        self.asked.append(compounds)
        said = np.array([0.2 + 0.6 * ("N" in smiles) + self.shift for smiles in compounds.smiles])
        return np.where(["F" in smiles for smiles in compounds.smiles], np.nan, said)

    def annotate(self, compounds):
        return columns(self.predict(compounds), np.full(len(compounds), self.weight))


@attrs.frozen
class Given(Recipe):
    model: Annotator

    @property
    def learns(self):
        return False

    def fit(self, assay, charter, name):
        return self.model


@pytest.fixture(scope="module")
def charter(transfer):
    return attrs.evolve(
        Charter.from_preset("open"), transfer_digest=transfer.digest, transfer_size=len(transfer),
        featuriser=Part("additive", {"bits": 256}), distillation=Part("experts", {"translation": 10}),
    )  # fmt: skip


def speaker(assays, tmp_path, recipe=None, assay=True):
    return Speaker("ada", assays["ada"] if assay else None, recipe or Charters(), tmp_path / "home" / "pieces")


@pytest.mark.parametrize("kind", ["logistic", "random-forest"])
def test_pieces_say_what_the_whole_says(kind, charter, assays, transfer, tmp_path):
    asked = attrs.evolve(charter, teacher=Part(kind))
    whole, parts = Speaker("ada", assays["ada"], Charters()), speaker(assays, tmp_path)
    assert whole.begin(asked, InMemory(transfer)) == parts.begin(asked, InMemory(transfer, size=15)) == ""
    assert isinstance(parts.speaking, Translated) == (kind == "random-forest")
    expected = whole.annotate_all(InMemory(transfer))
    for found, one in zip(parts.annotate_all(InMemory(transfer, size=15)), expected, strict=True):
        np.testing.assert_array_equal(found, one)


def test_what_is_kept_is_not_asked_again(charter, assays, transfer, tmp_path):
    cut, first = InMemory(transfer, size=15), Counting()
    one = speaker(assays, tmp_path, Given(first), assay=False)
    one.begin(charter, cut)
    said = one.annotate(cut, 1)
    assert [one.has(cut, place) for place in range(3)] == [False, True, False]
    again = Counting()
    other = speaker(assays, tmp_path, Given(again), assay=False)
    other.begin(charter, cut)
    probed = len(again.asked)
    np.testing.assert_array_equal(np.hstack(other.annotate(cut, 1)), np.hstack(said))
    assert len(again.asked) == probed
    other.annotate_all(cut)
    assert [len(each) for each in again.asked[probed:]] == [15, 10]


def test_progress_counts_molecules(charter, assays, transfer):
    told = []
    one = Speaker("ada", assays["ada"], Charters(), progress=lambda *done: told.append(done))
    one.begin(charter, InMemory(transfer, size=15))
    one.annotate_all(InMemory(transfer, size=15))
    assert told == [(15, 40), (30, 40), (40, 40)]


def test_another_model_is_refused(charter, assays, transfer, tmp_path):
    cut = InMemory(transfer, size=15)
    speaker(assays, tmp_path, Given(Counting()), assay=False).begin(charter, cut)
    with pytest.raises(InputError, match=r"isn't the one whose opinions are in .* it says 0\.\d+, and said 0\.\d"):
        speaker(assays, tmp_path, Given(Counting(shift=0.1)), assay=False).begin(charter, cut)
    with pytest.raises(InputError, match=r"it says the weight 0\.4, and said 0\.5 before"):
        speaker(assays, tmp_path, Given(Counting(weight=0.4)), assay=False).begin(charter, cut)


PROGRAM = """import sys
from pathlib import Path
for line in sys.stdin:
    print(line.strip(), Path({weights!r}).read_text(), sep="\\t")
"""


def test_a_program_that_changed_is_refused_though_its_answers_are_kept(charter, assays, transfer, tmp_path):
    """Its command names no file that has changed."""
    weights, program, cut = tmp_path / "weights", tmp_path / "program.py", InMemory(transfer, size=15)
    program.write_text(PROGRAM.format(weights=str(weights)))
    weights.write_text("0.2")
    asked = FromProgram(command=(sys.executable, str(program)), cache=tmp_path / "home" / "answers")
    one = speaker(assays, tmp_path, asked, assay=False)
    one.begin(charter, cut)
    one.annotate(cut, 0)
    weights.write_text("0.7")
    with pytest.raises(InputError, match=r"it says 0\.7, and said 0\.2 before"):
        speaker(assays, tmp_path, asked, assay=False).begin(charter, cut)


def test_of_two_models_that_begin_at_once_one_is_refused(charter, assays, transfer, tmp_path, monkeypatch):
    cut, write = InMemory(transfer, size=15), opinion_folder.write_once
    other = speaker(assays, tmp_path, Given(Counting(shift=0.1)), assay=False)

    def meanwhile(path, content):
        """The other begins after the first has looked, and before it writes."""
        monkeypatch.setattr(opinion_folder, "write_once", write)
        other.begin(charter, cut)
        return write(path, content)

    monkeypatch.setattr(opinion_folder, "write_once", meanwhile)
    with pytest.raises(InputError, match=r"isn't the one whose opinions"):
        speaker(assays, tmp_path, Given(Counting()), assay=False).begin(charter, cut)


def test_what_a_model_said_must_be_legible(charter, assays, transfer, tmp_path):
    cut = InMemory(transfer, size=15)
    speaker(assays, tmp_path, Given(Counting()), assay=False).begin(charter, cut)
    (path,) = tmp_path.rglob("teacher.npz")
    path.write_bytes(b"")
    with pytest.raises(InputError, match=r"teacher\.npz is damaged"):
        speaker(assays, tmp_path, Given(Counting(shift=0.1)), assay=False).begin(charter, cut)


def test_other_compounds_or_charters_have_a_folder_of_their_own(charter, assays, transfer, tmp_path):
    cut = InMemory(transfer, size=15)
    given = (tmp_path, charter, "ada", assays["ada"], Charters(), cut)
    one = OpinionFolder.of(*given)
    assert OpinionFolder.of(*given) == one
    others = (
        (tmp_path, attrs.evolve(charter, seed=7), *given[2:]), (*given[:2], "bob", *given[3:]),
        (*given[:3], assays["ada"].take(np.arange(20)), *given[4:]), (*given[:4], Given(Counting()), cut),
        (*given[:5], InMemory(transfer.take([*range(15, 40), *range(15)]), size=15)),
    )  # fmt: skip
    assert len({one, *(OpinionFolder.of(*other) for other in others)}) == 6


def test_a_translation_learnt_from_foreign_shards_is_not_taken(charter, assays, transfer, tmp_path):
    """A manifest may name the charter's whole, and shards that aren't it."""
    asked, cut = attrs.evolve(charter, teacher=Part("random-forest")), InMemory(transfer, size=15)
    alone = speaker(assays, tmp_path / "alone")
    alone.begin(asked, cut)
    speaker(assays, tmp_path).begin(asked, InMemory(transfer.take(list(range(20))), size=15))
    one = speaker(assays, tmp_path)
    one.begin(asked, cut)
    np.testing.assert_array_equal(np.hstack(one.annotate(cut, 2)), np.hstack(alone.annotate(cut, 2)))


@pytest.mark.parametrize("damage", [b"", b"PK no archive", None])
def test_a_damaged_piece_is_made_anew(damage, charter, assays, transfer, tmp_path):
    cut = InMemory(transfer, size=15)
    one = speaker(assays, tmp_path)
    one.begin(charter, cut)
    said = one.annotate(cut, 0)
    (path,) = tmp_path.rglob(f"{cut.name(0).removeprefix('sha256:')}.npz")
    data = path.read_bytes()
    middle = len(data) // 2
    path.write_bytes(data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :] if damage is None else damage)
    assert not one.has(cut, 0)
    np.testing.assert_array_equal(np.hstack(one.annotate(cut, 0)), np.hstack(said))
    assert path.read_bytes() == data


def test_wherever_a_file_is_damaged_it_is_made_anew_or_says_the_same(tmp_path):
    folder, said = OpinionFolder(tmp_path), np.linspace(0, 1, 50)[:, None]
    folder.keep("sha256:aa", said, said)
    (path,) = tmp_path.iterdir()
    data = path.read_bytes()
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 255]) + data[place + 1 :])
        found = folder.find("sha256:aa", 50)
        assert found is None or np.array_equal(np.hstack(found), np.hstack([said, said]))


def npz(**arrays):
    target = io.BytesIO()
    np.savez(target, **arrays)
    return target.getvalue()


@pytest.mark.parametrize(
    "arrays",
    [
        {"value": np.full((9, 1), 7.0), "weight": np.ones((9, 1))},
        {"value": np.ones((9, 1)), "weight": np.full((9, 1), np.nan)},
        {"value": np.full((9, 1), "high"), "weight": np.ones((9, 1))},
    ],
)
def test_what_is_no_opinion_is_not_taken(arrays, tmp_path):
    (tmp_path / "aa.npz").write_bytes(npz(**arrays))
    assert OpinionFolder(tmp_path).find("sha256:aa", 9) is None


@pytest.mark.parametrize("n_taught", [3, [], [np.nan], ["three"]])
def test_what_is_no_translation_is_not_taken(n_taught, tmp_path):
    (tmp_path / "translation.npz").write_bytes(npz(model=np.ones(3), n_taught=np.array(n_taught)))
    assert OpinionFolder(tmp_path).find_translation() is None


def test_a_translation_is_made_once(charter, assays, transfer, tmp_path, monkeypatch):
    asked, cut = attrs.evolve(charter, teacher=Part("random-forest")), InMemory(transfer, size=15)
    one = speaker(assays, tmp_path)
    one.begin(asked, cut)
    monkeypatch.setattr("fluidmol.partner.speaker.translated", lambda *_: pytest.fail("it is there already"))
    other = speaker(assays, tmp_path)
    other.begin(asked, cut)
    assert isinstance(other.teacher, Teacher)
    for found, expected in zip(other.annotate(cut, 2), one.annotate(cut, 2), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert other.speaking.n_taught == one.speaking.n_taught == 10


def test_nobody_else_can_read_what_is_kept(charter, assays, transfer, tmp_path):
    one = speaker(assays, tmp_path)
    one.begin(charter, InMemory(transfer, size=15))
    one.annotate_all(InMemory(transfer, size=15))
    folders = [path for path in (tmp_path / "home", *(tmp_path / "home").rglob("*")) if path.is_dir()]
    assert len(folders) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}


def test_of_a_small_set_nothing_is_kept(charter, assays, transfer, tmp_path):
    one = speaker(assays, tmp_path)
    one.begin(charter, InMemory(transfer))
    one.annotate_all(InMemory(transfer))
    assert not (tmp_path / "home").exists()


def test_who_has_nothing_to_say_declines(charter, assays, transfer, tmp_path):
    cut, own = InMemory(transfer, size=15), assays["ada"]
    assert speaker(assays, tmp_path).begin(charter, cut, fewest=len(own) + 1) == TOO_FEW
    active = attrs.evolve(speaker(assays, tmp_path), assay=own.take(np.flatnonzero(own.active)))
    assert active.begin(charter, cut) == ONE_CLASS
    with pytest.raises(ValueError, match="begin"):
        active.annotate(cut, 0)


def test_a_partner_goes_on_where_somebody_stopped(charter, assays, transfer, tmp_path, monkeypatch):
    monkeypatch.setattr(pieces_module, "PIECE", 15)
    alone = Partner("ada", assays["ada"], transfer).answer(Annotate(charter))
    ahead = speaker(assays, tmp_path)
    ahead.begin(charter, InMemory(transfer))
    ahead.annotate(InMemory(transfer), 2)
    partner = Partner("ada", assays["ada"], transfer, kept=tmp_path / "home" / "pieces")
    assert partner.answer(Annotate(charter)).digest == alone.digest
    assert len(list(tmp_path.rglob("*.npz"))) == 4
