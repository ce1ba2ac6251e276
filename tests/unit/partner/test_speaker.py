"""What speaks for a partner: piece by piece it says what it says of all at once, and what is kept isn't asked again."""

import stat

import attrs
import numpy as np
import pytest

from fluidmol.errors import InputError
from fluidmol.partner.opinion_folder import OpinionFolder
from fluidmol.partner.partner import Partner
from fluidmol.partner.speaker import ONE_CLASS, TOO_FEW, Speaker
from fluidmol.partner.teacher import Teacher
from fluidmol.partner.teachers import Annotator, Recipe, columns
from fluidmol.partner.teachers.charters import Charters
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

    def predict(self, compounds):
        self.asked.append(compounds)
        said = np.array([0.2 + 0.6 * ("N" in smiles) + self.shift for smiles in compounds.smiles])
        return np.where(["F" in smiles for smiles in compounds.smiles], np.nan, said)

    def annotate(self, compounds):
        return columns(self.predict(compounds), np.full(len(compounds), 0.5))


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


def test_other_compounds_or_charters_have_a_folder_of_their_own(charter, assays, transfer, tmp_path):
    given = (tmp_path, charter, "ada", assays["ada"], Charters())
    one = OpinionFolder.of(*given)
    assert OpinionFolder.of(*given) == one
    others = (
        (tmp_path, attrs.evolve(charter, seed=7), *given[2:]), (*given[:2], "bob", *given[3:]),
        (*given[:3], assays["ada"].take(np.arange(20)), given[4]), (*given[:4], Given(Counting())),
    )  # fmt: skip
    assert len({one, *(OpinionFolder.of(*other) for other in others)}) == 5


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
    np.testing.assert_array_equal(np.hstack(one.annotate(cut, 0)), np.hstack(said))
    assert path.read_bytes() == data


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
