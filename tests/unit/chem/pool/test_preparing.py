"""Files to chunks: what is left out and named, and what an interrupted run leaves for the next."""

import gzip

import numpy as np
import pytest
from joblib import parallel_config

from fluidmol.chem.features import features
from fluidmol.chem.pool import chunk_file, preparing
from fluidmol.chem.pool.chunk_file import BITS, PROPERTIES, read_columns
from fluidmol.chem.pool.expanding import expand
from fluidmol.chem.pool.limits import PoolLimits
from fluidmol.chem.pool.preparing import prepare
from fluidmol.chem.scaffolds import scaffolds
from fluidmol.chem.similarity import pack_bits
from fluidmol.errors import InputError, MissingFileError, UsageError
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part


def prepared_from(files, tmp_path, **options):
    return prepare(expand([str(files)], tmp_path / "copies"), PoolLimits(), tmp_path / "work", **options)


def smiles_of(found):
    return [text for path in found.paths for text in read_columns(path, ("smiles",))["smiles"]]


def test_rows_are_counted_by_what_became_of_them(prepared):
    first, second = prepared.files
    assert (first.n_rows, first.n_usable, second.n_rows, second.n_usable) == (72, 70, 70, 70)
    assert first.left_out == {"fewer heavy atoms than 4": 1, "unreadable SMILES": 1}
    assert first.chunks[0].examples["unreadable SMILES"] == "line 71, 'C1CC': unreadable SMILES: syntax error"


def test_a_chunk_holds_what_the_rest_of_the_house_computes(prepared, chemistry):
    found = read_columns(prepared.paths[0], ("smiles", "inchikey", "bits", "scaffold", *PROPERTIES))
    compounds = CompoundSet(found["smiles"], found["inchikey"])
    assert compounds == chemistry.compounds.take(list(range(70)))
    ecfp4 = pack_bits(features(compounds, Part("ecfp-counts", {"radius": 2, "bits": BITS})))
    assert np.array_equal(found["bits"], ecfp4)
    assert found["scaffold"].tolist() == [chunk_file.hash_of(core) for core in scaffolds(compounds)]
    assert found["heavy atoms"][0] == 11


def test_bad_files_are_named_and_the_rest_goes_on(files, tmp_path):
    (files / "empty.smi").write_text("")
    (files / "broken.csv.gz").write_bytes(gzip.compress(b"smiles\nCCO\n" * 100)[:-20])
    (files / "columns.csv").write_text("a,b\n1,2\n")
    (files / "z.smi").write_bytes((files / "a.smi").read_bytes())
    notes = []
    found = prepared_from(files, tmp_path, note=notes.append)
    assert [file.name.rpartition("/")[2] for file in found.files] == ["a.smi", "b.csv"]
    reasons = {name.rpartition("/")[2]: reason for name, reason in found.unusable}
    assert reasons.keys() == {"empty.smi", "broken.csv.gz", "columns.csv", "z.smi"}
    assert "empty" in reasons["empty.smi"]
    assert "broken gzip" in reasons["broken.csv.gz"]
    assert "a.smi" in reasons["z.smi"]
    assert len(notes) == 4


def test_a_file_that_breaks_in_its_middle_is_left_out_whole(files, tmp_path, monkeypatch):
    real = preparing.entries

    def breaking(path, **options):
        for place, entry in enumerate(real(path, **options)):
            if path.name == "a.smi" and place == 50:
                raise InputError("a.smi has ended early")
            yield entry

    monkeypatch.setattr(preparing, "entries", breaking)
    monkeypatch.setattr(preparing, "CHUNK", 20)
    found = prepared_from(files, tmp_path)
    assert [file.n_rows for file in found.files] == [70]
    assert found.unusable[0][1] == "a.smi has ended early"


def test_no_usable_file_is_refused(tmp_path):
    (tmp_path / "empty.smi").write_text("")
    with pytest.raises(InputError, match=r"none of the files can be used: .*empty"):
        prepared_from(tmp_path / "empty.smi", tmp_path)


def test_an_interrupted_run_goes_on_at_the_chunk(files, tmp_path, monkeypatch):
    monkeypatch.setattr(preparing, "CHUNK", 20)
    real, made = chunk_file.standardise_one, []

    def counted(text):
        made.append(text)
        if len(made) == 50:
            raise KeyboardInterrupt
        return real(text)

    monkeypatch.setattr(chunk_file, "standardise_one", counted)
    with pytest.raises(KeyboardInterrupt):
        prepared_from(files, tmp_path)
    found = prepared_from(files, tmp_path)
    assert len(made) == 50 + (142 - 40)  # two chunks were whole
    again = prepared_from(files, tmp_path)
    assert len(made) == 152
    assert again == found


def test_a_damaged_chunk_is_made_again(files, tmp_path, prepared):
    before = prepared.paths[1].read_bytes()
    prepared.paths[1].write_bytes(before[:-30])
    assert smiles_of(prepared_from(files, tmp_path)) == smiles_of(prepared)
    assert prepared.paths[1].read_bytes() == before


def test_other_limits_make_other_chunks(files, tmp_path, prepared):
    found = prepare(expand([str(files)], tmp_path), PoolLimits(max_atoms=12), tmp_path / "work")
    assert not set(found.paths) & set(prepared.paths)
    assert "more heavy atoms than 12" in found.files[0].left_out


def test_workers_change_nothing(files, tmp_path, prepared, monkeypatch):
    with parallel_config(n_jobs=2):
        found = prepare(expand([str(files)], tmp_path), PoolLimits(), tmp_path / "other")
    assert [path.read_bytes() for path in found.paths] == [path.read_bytes() for path in prepared.paths]


@pytest.mark.parametrize(
    ("limits", "text", "reason"),
    [({"elements": ("C", "O", "H")}, "CCCN", "another element: N"),
     ({"max_weight": 50}, "CCCCC", "heavier than 50 g/mol"),
     ({"min_atoms": 6}, "CCCCC", "fewer heavy atoms than 6"), ({}, "CCCCC", "")],
)  # fmt: skip
def test_limits(limits, text, reason):
    from rdkit import Chem  # noqa: PLC0415

    assert PoolLimits(**limits).reason(Chem.MolFromSmiles(text)) == reason


@pytest.mark.parametrize("wrong", [{"min_atoms": 9, "max_atoms": 8}, {"elements": ("C", "Xx")}, {"max_weight": 0}])
def test_limits_that_nothing_meets_are_refused(wrong):
    with pytest.raises(ValueError, match=r"atoms|element|max_weight"):
        PoolLimits(**wrong)


def test_addresses_are_copied_once(files, tmp_path):
    fsspec = pytest.importorskip("fsspec")
    store = fsspec.filesystem("memory")
    store.pipe("/pool/a.smi", (files / "a.smi").read_bytes())
    store.pipe("/pool/notes.txt.bak", b"no molecules")
    notes = []
    try:
        for address in ("memory://pool", "memory://pool/*.smi", "memory://pool/a.smi"):
            [found] = expand([address], tmp_path / "copies", notes.append)
            assert found.path.read_bytes() == (files / "a.smi").read_bytes()
            assert found.name == "memory:///pool/a.smi"
        assert len(notes) == 1
        with pytest.raises(MissingFileError, match="no file is at"):
            expand(["memory://elsewhere/*.smi"], tmp_path / "copies")
    finally:
        store.rm("/pool", recursive=True)


@pytest.mark.parametrize(
    ("given", "error"),
    [("absent.smi", MissingFileError), ("*.none", MissingFileError), ("s3://ada:secret@bucket/a.smi", UsageError)],
)
def test_what_isnt_there_is_refused(given, error, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error):
        expand([given], tmp_path)


def test_a_folder_without_molecules_is_refused(tmp_path):
    (tmp_path / "README.md").write_text("none")
    with pytest.raises(MissingFileError, match="has no file of molecules"):
        expand([str(tmp_path)], tmp_path)
