"""Hybrids on disk: the same answers after as before, whole or not at all, and nothing that runs."""

import hashlib
import json
import zipfile

import attrs
import numpy as np
import pytest
from containers import of_the_first_format

from fluidmol.coordinator.student import Student
from fluidmol.errors import CharterError, CodecError, InputError, MissingFileError, OutputError, SignatureError
from fluidmol.learning.conformal import coverage
from fluidmol.partner.hybrid import Hybrid
from fluidmol.partner.kept.fitting import fit_hybrid, student_of
from fluidmol.partner.kept.saved_hybrid import read_kept, write_kept
from fluidmol.partner.local_models import LocalModels
from fluidmol.partner.mixture import MixtureModel
from fluidmol.partner.publication import read_labels, read_transfer
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.sealing import seal
from fluidmol.trust.signed import signed
from fluidmol.values.codec import pack
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.messages import Learn
from fluidmol.values.parties import Party

KINDS = ("mixture", "bits", "forest", "boosting", "linear")


@pytest.mark.parametrize("kind", KINDS)
class TestAsBefore:
    def test_the_same_answers(self, kind, kept, chemistry, tmp_path):
        write_kept(kept[kind], tmp_path / "hybrid")
        found = read_kept(tmp_path / "hybrid")
        asked = chemistry.compounds
        assert np.array_equal(found.model.predict(asked), kept[kind].model.predict(asked))
        for mine, other in ((found.near_own, kept[kind].near_own), (found.near_public, kept[kind].near_public)):
            assert np.array_equal(mine.covers(asked), other.covers(asked))
        assert found.fragments.unknown(asked) == kept[kind].fragments.unknown(asked)
        said = np.linspace(0, 1, 7)
        assert np.array_equal(found.conformal.p_values(said), kept[kind].conformal.p_values(said))
        assert found.facts == kept[kind].facts
        assert found.public.labels == kept[kind].public.labels

    def test_the_same_bytes_each_time(self, kind, kept, tmp_path):
        for name in ("a", "b"):
            write_kept(kept[kind], tmp_path / name)
        files = sorted(path.name for path in (tmp_path / "a").iterdir())
        assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)

    def test_it_is_the_partners_hybrid(self, kind, kept, publics, assays, chemistry):
        public = publics[kind]
        hybrid = Hybrid.fit(assays["ada"], public.labels, public.transfer, public.charter, "ada")
        assert np.array_equal(kept[kind].model.predict(chemistry.compounds), hybrid.predict(chemistry.compounds))

    def test_the_student_is_the_coordinators(self, kind, publics, chemistry):
        public = publics[kind]
        student = Student.distilled(public.labels, public.transfer, public.charter)
        found = student_of(public)
        assert np.array_equal(found.model.predict(chemistry.compounds), student.predict(chemistry.compounds))
        assert found.near_own is None
        assert found.conformal is None


@pytest.mark.parametrize("kind", KINDS)
def test_under_pseudonyms_it_is_the_same_hybrid(kind, kept, publics, assays, chemistry):
    public, names = publics[kind], {"ada": "anon-f0", "bob": "anon-a1", "cleo": "anon-77"}
    told = attrs.evolve(public, labels=public.labels.renamed(names))
    found = fit_hybrid(assays["ada"], told, "ada", own_as="anon-f0", folds=3).kept
    # Others are asked in another order, so that sums may differ in their last digits.
    assert np.allclose(
        found.model.predict(chemistry.compounds), kept[kind].model.predict(chemistry.compounds), atol=1e-6
    )
    assert (found.facts["partner"], found.facts["labels"]) == ("ada", told.labels.digest)
    assert found.public.labels == told.labels
    if kind == "mixture":
        assert found.model.others.partners == ("anon-77", "anon-a1")


class TestFolder:
    @pytest.fixture
    def folder(self, kept, tmp_path):
        write_kept(kept["mixture"], tmp_path / "hybrid")
        return tmp_path / "hybrid"

    def test_only_its_owner_can_read_it(self, folder):
        assert (folder.stat().st_mode & 0o077) == 0

    def test_it_says_that_it_is_private_and_needs_no_note_to_be_read(self, folder):
        said = "private: holds coefficients from which own compounds can be decoded; never give it to others"
        assert (folder / "PRIVATE.txt").read_text() == f"{said}\n"
        assert json.loads((folder / "model.json").read_text())["private"] == said
        (folder / "PRIVATE.txt").unlink()
        assert read_kept(folder).near_own is not None

    def test_it_holds_tables_and_texts_only(self, folder):
        assert {path.suffix for path in folder.iterdir()} == {".json", ".npz", ".toml", ".fluid", ".txt"}
        with zipfile.ZipFile(folder / "arrays.npz") as archive:
            for name in archive.namelist():
                assert b"'descr': '|O'" not in archive.read(name)[:200]

    def test_values_of_the_first_format_are_named(self, folder):
        manifest = json.loads((folder / "model.json").read_text())
        for name in ("transfer.fluid", "labels.fluid"):
            old = of_the_first_format((folder / name).read_bytes())
            (folder / name).write_bytes(old)
            manifest["files"][name] = hashlib.sha256(old).hexdigest()
        (folder / "model.json").write_text(json.dumps(manifest))
        with pytest.raises(InputError, match=r"hybrid can't be understood: container format 1.*Fit the hybrid again"):
            read_kept(folder)

    def test_nothing_is_replaced_unasked(self, folder, kept):
        with pytest.raises(OutputError, match="`overwrite`"):
            write_kept(kept["bits"], folder)
        assert isinstance(read_kept(folder).model, MixtureModel)
        write_kept(kept["bits"], folder, overwrite=True)
        assert not isinstance(read_kept(folder).model, MixtureModel)
        assert [path.name for path in folder.parent.iterdir()] == ["hybrid"]

    def test_a_folder_of_something_else_is_never_replaced(self, kept, tmp_path):
        (tmp_path / "letters").mkdir()
        (tmp_path / "letters" / "dear.txt").write_text("mine")
        with pytest.raises(OutputError, match="isn't empty"):
            write_kept(kept["bits"], tmp_path / "letters", overwrite=True)
        (tmp_path / "file").write_text("mine")
        with pytest.raises(OutputError, match="is a file"):
            write_kept(kept["bits"], tmp_path / "file", overwrite=True)

    def test_a_failed_write_leaves_what_was_there(self, folder, kept, monkeypatch):
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        calls = []

        def full(self, data):
            calls.append(self)
            if len(calls) == 3:
                raise OSError(28, "No space left on device")
            return real(self, data)

        real = type(folder).write_bytes
        monkeypatch.setattr(type(folder), "write_bytes", full)
        with pytest.raises(OutputError, match="No space left"):
            write_kept(kept["bits"], folder, overwrite=True)
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
        assert [path.name for path in folder.parent.iterdir()] == ["hybrid"]

    @pytest.mark.parametrize("name", ["arrays.npz", "charter.toml", "labels.fluid", "other.txt", "transfer.fluid"])
    def test_a_changed_file_is_named(self, name, folder):
        data = bytearray((folder / name).read_bytes())
        data[len(data) // 2] ^= 1
        (folder / name).write_bytes(data)
        with pytest.raises(InputError, match=f"{name} isn't as it was written"):
            read_kept(folder)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"format": "fluidmol hybrid 9"}, "format"),
            ({"format": "fluidmol hybrid 2"}, "format .fluidmol hybrid 2.*fluid hybrid fit"),
            ({"model": {"kind": "oracle"}}, "oracle"),
            ({"model": {"kind": "mixture"}}, "incomplete"),
            ({"near_public": {}}, "understood|no name"),
        ],
    )
    def test_a_manifest_that_cant_be_understood(self, change, said, folder):
        manifest = json.loads((folder / "model.json").read_text())
        (folder / "model.json").write_text(json.dumps(manifest | change))
        with pytest.raises(InputError, match=said):
            read_kept(folder)

    def test_no_json_and_no_folder(self, folder, tmp_path):
        with pytest.raises(MissingFileError, match="fluid hybrid fit"):
            read_kept(tmp_path)
        (folder / "model.json").write_text("{")
        with pytest.raises(InputError, match=r"model\.json"):
            read_kept(folder)

    def test_no_file_outside_is_read(self, folder, tmp_path):
        manifest = json.loads((folder / "model.json").read_text())
        manifest["files"]["../secret.txt"] = "0" * 64
        (tmp_path / "secret.txt").write_text("mine")
        (folder / "model.json").write_text(json.dumps(manifest))
        with pytest.raises(MissingFileError):
            read_kept(folder)


class TestCalibration:
    def test_what_coverage_costs_is_told(self, kept):
        told = kept["mixture"].facts["coverage"]
        assert [cost["level"] for cost in told] == [0.7, 0.8, 0.9, 0.95]
        for cost in told:
            assert cost["held"] >= cost["level"] - 0.05
            assert 0 <= cost["single"] <= 1 - cost["both"] + 1e-9
        assert told[0]["both"] <= told[-1]["both"], "more coverage rules out less"

    def test_folds_know_neither_their_compounds_nor_their_stereoisomers(self, publics, assays, monkeypatch):
        seen = []
        real = LocalModels.fit.__func__

        def spied(cls, assay, *more):
            seen.append(set(assay.compounds.skeletons))
            return real(cls, assay, *more)

        monkeypatch.setattr(LocalModels, "fit", classmethod(spied))
        fit_hybrid(assays["ada"], publics["mixture"], "ada", folds=3)
        everything = set(assays["ada"].compounds.skeletons)
        folds = seen[-3:]
        assert all(fold < everything for fold in folds)
        assert set.union(*(everything - fold for fold in folds)) == everything

    def test_sets_cover_what_they_were_calibrated_on(self, kept, assays):
        conformal = kept["mixture"].conformal
        assert coverage(conformal.sets(conformal.probability, 0.8), assays["ada"].active) >= 0.8

    def test_progress_counts_folds(self, publics, assays):
        told = []
        fit_hybrid(assays["ada"], publics["bits"], "ada", folds=2, progress=lambda *given: told.append(given))
        assert told == [(1, 2), (2, 2)]

    def test_without(self, publics, assays):
        fitted = fit_hybrid(assays["ada"], publics["bits"], "ada", folds=0)
        assert fitted.kept.conformal is None
        assert "isn't calibrated" in fitted.cautions[0]

    def test_one_class_has_no_calibration_but_the_others_experts(self, publics, chemistry):
        only = chemistry.take(np.flatnonzero(chemistry.active)[:12])
        fitted = fit_hybrid(only, publics["mixture"], "ada", folds=3)
        assert fitted.kept.conformal is None
        assert "0 compounds of one class" in fitted.cautions[0]

    def test_too_few(self, publics, chemistry):
        with pytest.raises(InputError, match="1 own compounds"):
            fit_hybrid(chemistry.take(np.array([0])), publics["bits"], "ada")

    def test_labels_that_know_the_own_compounds_are_said(self, publics, assays, charters):
        other = attrs.evolve(assays["ada"], outcome=1 - assays["ada"].outcome)
        fitted = fit_hybrid(other, publics["bits"], "ada", folds=2)
        assert "may be too narrow" in fitted.cautions[0]


class TestPublic:
    def test_what_doesnt_belong_together(self, publics, charters, chemistry):
        public = publics["bits"]
        with pytest.raises(InputError, match="another charter"):
            attrs.evolve(public, charter=charters["linear"])
        with pytest.raises(InputError, match="isn't the one that the charter names"):
            attrs.evolve(public, transfer=chemistry.compounds)

    def test_labels_packed_or_signed_by_the_coordinator(self, publics, tmp_path):
        keys = {name: PrivateKeys.generate(name) for name in ("hub", "ada")}
        parties = tuple(_party(keys[name]) for name in keys)
        charter = attrs.evolve(publics["bits"].charter, parties=parties, quorum=1)
        labels = attrs.evolve(publics["bits"].labels, charter=charter.digest)
        question = Learn(charter, labels)
        path = tmp_path / "labels.fluid"
        for data in (pack(labels), pack(question), signed(question, "", keys["hub"]), signed(labels, "", keys["hub"])):
            path.write_bytes(data)
            assert read_labels(path, charter) == labels
        for forged in (keys["ada"], PrivateKeys.generate("hub")):
            path.write_bytes(signed(question, "", forged))
            with pytest.raises(SignatureError, match=r"labels\.fluid"):
                read_labels(path, charter)

    def test_sealed_labels_are_pointed_to_the_home(self, publics, tmp_path):
        path = tmp_path / "labels.fluid.age"
        path.write_bytes(seal(pack(publics["bits"].labels), [PrivateKeys.generate("ada").public.sealing]))
        with pytest.raises(
            CodecError, match=r"sealed to the parties of its charter\. Take labels\.fluid from your home"
        ):
            read_labels(path, publics["bits"].charter)

    @pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04 damaged"])
    def test_bytes_that_are_no_labels(self, data, publics, tmp_path):
        path = tmp_path / "labels.fluid"
        path.write_bytes(data)
        with pytest.raises(CodecError, match=r"labels\.fluid"):
            read_labels(path, publics["bits"].charter)

    def test_a_value_that_is_no_labels(self, publics, transfer, tmp_path):
        path = tmp_path / "labels.fluid"
        path.write_bytes(pack(transfer))
        with pytest.raises(CodecError, match="holds CompoundSet"):
            read_labels(path, publics["bits"].charter)
        path.write_bytes(pack(publics["bits"].labels))
        with pytest.raises(InputError, match=r"holds a FederatedLabels\. Expected molecules"):
            read_transfer(path, _never)

    def test_transfer_sets(self, transfer, tmp_path):
        packed = tmp_path / "transfer.fluid"
        packed.write_bytes(pack(transfer))
        assert read_transfer(packed, _never) == transfer
        other = tmp_path / "public.smi"
        other.write_text("CCO\n")
        assert read_transfer(other, lambda path: path.name) == "public.smi"  # type: ignore[return-value]
        with pytest.raises(MissingFileError):
            read_transfer(tmp_path / "absent.fluid", _never)

    def test_a_transfer_set_of_false_keys(self, transfer, tmp_path):
        lying = CompoundSet(transfer.smiles, (*transfer.inchikeys[1:], transfer.inchikeys[0]))
        path = tmp_path / "transfer.fluid"
        path.write_bytes(pack(lying))
        with pytest.raises(CharterError, match="InChIKey"):
            read_transfer(path, _never)


def _party(keys):
    public = keys.public
    return Party(public.name, "coordinator" if public.name == "hub" else "partner", public.signing, public.sealing)


def _never(path):
    raise AssertionError(path)
