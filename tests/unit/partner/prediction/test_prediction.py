"""Predictions for use: in the file's order, explained, resumed, and whole or not at all."""

import csv

import attrs
import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from fluidmol.chem.features import features
from fluidmol.chem.similarity import nearest_tanimoto, pack_bits
from fluidmol.errors import InputError, OutputError
from fluidmol.partner.kept.fitting import labelled_fragments, student_of
from fluidmol.partner.prediction import job as jobs
from fluidmol.partner.prediction.job import Job
from fluidmol.partner.prediction.prediction_table import column_names
from fluidmol.partner.prediction.predictor import SHAPED, Predictor
from fluidmol.values.compounds import CompoundSet


@pytest.fixture(scope="session")
def predictor(kept):
    return Predictor(kept=kept["mixture"], level=0.8, n_evidence=2)


@pytest.fixture
def source(chemistry, tmp_path):
    path = tmp_path / "molecules.smi"
    lines = [f"{smiles} M{i}" for i, smiles in enumerate(chemistry.compounds.smiles)]
    path.write_text("\n".join([*lines[:60], "C1CC broken", "[Na+].[Cl-] salt", lines[0], *lines[60:]]) + "\n")
    return path


def workbook(path, **sheets):
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl isn't installed: fluidmol[excel]")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def read(path):
    return list(csv.DictReader(path.read_text().splitlines()))


class TestPredictor:
    def test_probabilities_are_the_models(self, predictor, kept, chemistry):
        said = predictor(chemistry.compounds)
        assert np.array_equal(said.probability, kept["mixture"].model.predict(chemistry.compounds))

    def test_own_compounds_are_inside_and_nearest_to_themselves(self, predictor, assays):
        said = predictor(assays["ada"].compounds)
        assert said.inside.all()
        assert (said.own_similarity == 1).all()
        assert {said.near_to(place) for place in range(len(assays["ada"]))} <= {"own", "own and public"}

    def test_a_molecule_unlike_all_is_outside(self, predictor):
        odd = CompoundSet(("FC(F)(F)C(F)(F)C(F)(F)F",), ("QYSGYZVSCZSLHT-UHFFFAOYSA-N",))
        said = predictor(odd)
        assert not said.inside[0]
        assert said.near_to(0) == "nothing known"
        assert said.public_similarity[0] < 0.4

    def test_what_is_near_to_public_molecules_only_is_named(self, predictor, kept):
        public = kept["mixture"].public.transfer
        said = predictor(public)
        only = said.near_public & ~said.near_own
        assert only.any()
        assert {said.near_to(int(place)) for place in np.flatnonzero(only)} == {"public"}
        assert said.inside[only].all()

    def test_evidence_is_the_nearest_public_molecules(self, predictor, kept, chemistry):
        public = kept["mixture"].public
        table = [
            pack_bits(features(c, kept["mixture"].near_public.fingerprint))
            for c in (chemistry.compounds, public.transfer)
        ]
        similarity = nearest_tanimoto(*table, 2)  # type: ignore[call-arg]
        said = predictor(chemistry.compounds)
        for row, shown in enumerate(said.evidence):
            assert [evidence.similarity for evidence in shown] == similarity[row].tolist()
            for evidence in shown:
                place = public.transfer.smiles.index(evidence.smiles)
                assert evidence.label == public.labels.value[place, 0]
                shares = dict(zip(public.labels.partners, public.labels.contribution[:, place, 0], strict=True))
                assert evidence.partners == tuple(
                    sorted(((n, s) for n, s in shares.items() if s >= SHAPED), key=lambda pair: (-pair[1], pair[0]))
                )

    def test_all_that_it_learnt_from_is_known(self, predictor, kept, assays):
        for learnt in (assays["ada"].compounds, kept["mixture"].public.transfer):
            assert not any(predictor(learnt).unknown_fragments)
        own = Predictor(kept=student_of(kept["mixture"].public))
        assert len(own.kept.fragments.known) <= len(predictor.kept.fragments.known)

    def test_what_nobody_has_an_opinion_of_is_unknown(self, kept):
        public = kept["mixture"].public
        silent = np.full_like(public.labels.value, np.nan)
        labels = attrs.evolve(public.labels, value=silent, contribution=np.zeros_like(public.labels.contribution))
        assert not len(labelled_fragments(attrs.evolve(public, labels=labels)).known)

    def test_conformal_sets_are_those_of_the_level(self, predictor, kept, chemistry):
        said = predictor(chemistry.compounds)
        assert np.array_equal(said.conformal, kept["mixture"].conformal.sets(said.probability, 0.8))

    def test_reliable_is_what_own_compounds_say_it_is(self, predictor, kept, chemistry):
        said, known = predictor(chemistry.compounds), kept["mixture"].conformal
        sureness = np.abs(known.probability - 0.5)
        least = min(np.abs(said.probability[said.reliable] - 0.5))
        assert (sureness >= least).mean() <= 0.75
        assert 0 < said.reliable.sum() < len(said.reliable)

    def test_a_student_knows_nothing_private(self, publics, chemistry):
        said = Predictor(kept=student_of(publics["mixture"]))(chemistry.compounds)
        assert said.reliable is None
        assert said.own_similarity is None
        assert said.conformal is None
        assert len(said.evidence[0]) == 3

    def test_no_molecules(self, predictor):
        assert len(predictor(CompoundSet((), ())).probability) == 0

    @pytest.mark.parametrize("options", [{"level": 0}, {"level": 1}, {"n_evidence": -1}, {"n_evidence": 21}])
    def test_numbers_out_of_range(self, options, kept):
        with pytest.raises(ValueError):  # noqa: PT011 - attrs says it
            Predictor(kept=kept["mixture"], **options)


class TestJob:
    def test_a_few_unknown_parts_are_written_and_the_others_counted(self, predictor, tmp_path):
        source = tmp_path / "odd.smi"
        source.write_text("OB(O)CCCCCC[Se]CCCCCC[Si](C)(C)CCCCCCCP(C)C odd\nc1ccccc1 plain\n")
        Job(source=source, out=tmp_path / "out.csv").run(predictor)
        odd, plain = (row["unknown_fragments"] for row in read(tmp_path / "out.csv"))
        assert odd == "CC[Si](C)(C)CC, CC[Se]CC, CCB(O)O, 1 more"
        assert plain == ""

    def test_a_row_for_each_in_order(self, predictor, source, chemistry, tmp_path):
        done = Job(source=source, out=tmp_path / "out.csv", chunk=25).run(predictor)
        rows = read(tmp_path / "out.csv")
        assert (done.n, done.n_problems, done.n_resumed) == (133, 2, 0)
        assert [row["smiles"] + " " + row["id"] for row in rows] == source.read_text().splitlines()
        assert "unreadable SMILES" in rows[60]["problem"]
        assert {rows[60][name] for name in ("probability", "class", "conformal_set", "evidence_1_smiles")} == {""}
        assert rows[62] == rows[0]
        good = [row for row in rows if not row["problem"]]
        said = dict(zip(chemistry.compounds.inchikeys, predictor(chemistry.compounds).probability, strict=True))
        assert all(abs(float(row["probability"]) - said[row["inchikey"]]) < 1e-6 for row in good)
        assert {row["class"] for row in good} == {"active", "inactive"}
        assert {row["conformal_set"] for row in good} <= {"active", "inactive", "both", "none"}
        assert {row["reliability"] for row in good} == {"high", "low"}
        assert sorted(path.name for path in tmp_path.iterdir()) == ["molecules.smi", "out.csv"]

    @pytest.mark.parametrize("size", [1000, 7])
    def test_pieces_make_no_difference(self, size, predictor, source, tmp_path):
        Job(source=source, out=tmp_path / "a.csv", chunk=50).run(predictor)
        Job(source=source, out=tmp_path / "b.csv", chunk=size).run(predictor)
        assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()

    def test_an_interruption_loses_one_piece(self, predictor, source, tmp_path, monkeypatch):
        job = Job(source=source, out=tmp_path / "out.csv", chunk=25)
        real, calls = jobs.rows, []

        def interrupted(*given):
            calls.append(given)
            if len(calls) == 3:
                raise KeyboardInterrupt
            return real(*given)

        monkeypatch.setattr(jobs, "rows", interrupted)
        with pytest.raises(KeyboardInterrupt):
            job.run(predictor)
        assert not job.out.exists()
        assert job.run(predictor).n_resumed == 50
        assert len(calls) == 3 + 4
        monkeypatch.undo()
        Job(source=source, out=tmp_path / "other.csv").run(predictor)
        assert job.out.read_bytes() == (tmp_path / "other.csv").read_bytes()

    @pytest.mark.parametrize("change", ["model", "input", "level", "pieces", "columns"])
    def test_another_job_begins_anew(self, change, predictor, source, tmp_path, monkeypatch):
        job = Job(source=source, out=tmp_path / "out.csv", chunk=50, model="a")
        monkeypatch.setattr(Job, "_join", lambda *_given: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            job.run(predictor)
        monkeypatch.undo()
        if change == "model":
            job = attrs.evolve(job, model="b")
        elif change == "pieces":
            job = attrs.evolve(job, chunk=40)
        elif change == "columns":
            monkeypatch.setattr(jobs, "column_names", lambda n: [*column_names(n)[:-1], "new", "problem"])
        elif change == "input":
            source.write_text(source.read_text().replace("M5\n", "M5x\n"))
        other = attrs.evolve(predictor, level=0.5) if change == "level" else predictor
        assert job.run(other).n_resumed == 0

    def test_what_is_said_of_a_molecule_doesnt_depend_on_a_tautomer_beside_it(self, predictor, tmp_path):
        pair = ("Oc1ccccn1", "O=c1cccc[nH]1")
        said = {}
        for name, asked in {"first": pair[:1], "second": pair[1:], "both": pair}.items():
            (tmp_path / f"{name}.smi").write_text("\n".join(asked))
            Job(source=tmp_path / f"{name}.smi", out=tmp_path / f"{name}.csv").run(predictor)
            said[name] = read(tmp_path / f"{name}.csv")
        assert len({row["inchikey"] for row in said["both"]}) == 1
        assert said["both"] == [*said["first"], *said["second"]]
        assert said["first"][0]["probability"] != said["second"][0]["probability"]

    def test_names_with_line_ends_stay_on_one_line(self, predictor, tmp_path):
        source = tmp_path / "names.csv"
        source.write_text('smiles,id\nCCO,"two\nlines"\nCCN,"a, b"\n')
        assert Job(source=source, out=tmp_path / "out.csv").run(predictor).n_problems == 0
        assert [row["id"] for row in read(tmp_path / "out.csv")] == ["two lines", "a, b"]

    def test_unusable_molecules_have_their_reasons(self, predictor, tmp_path):
        source = tmp_path / "bad.csv"
        source.write_text("smiles,id\nC1CC,1\n,2\nCC(C),3,4\nCCO,5\n")
        done = Job(source=source, out=tmp_path / "out.csv").run(predictor)
        assert (done.n, done.n_problems) == (4, 3)
        assert [row["problem"].partition(":")[0] for row in read(tmp_path / "out.csv")] == [
            "unreadable SMILES", "empty SMILES", "wrong number of fields", "",
        ]  # fmt: skip

    def test_only_unusable_molecules_are_an_error_that_names_the_commonest_reason(self, predictor, tmp_path):
        source = tmp_path / "bad.csv"
        source.write_text("smiles,id\n,1\nC1CC,2\nC1CCC,3\n")
        job = Job(source=source, out=tmp_path / "out.csv", chunk=2)
        with pytest.raises(InputError, match=r"nothing was written.*commonest.*first in line 3: unreadable SMILES"):
            job.run(predictor)
        assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]

    def test_parquet_is_predicted(self, predictor, tmp_path):
        table = pyarrow.table({"smiles": ["CCO", "CCN"], "id": ["a", "b"]})
        pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
        assert Job(source=tmp_path / "a.parquet", out=tmp_path / "out.csv").run(predictor).n_problems == 0
        assert [row["id"] for row in read(tmp_path / "out.csv")] == ["a", "b"]

    def test_another_sheet_is_another_job(self, predictor, tmp_path, monkeypatch):
        first, second = (["smiles", "id"], ["CCO", "a"]), (["smiles", "id"], ["CCN", "b"])
        source = workbook(tmp_path / "a.xlsx", one=first, two=second)
        job = Job(source=source, out=tmp_path / "out.csv", sheet="one")
        monkeypatch.setattr(Job, "_join", lambda *_given: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            job.run(predictor)
        monkeypatch.undo()
        assert attrs.evolve(job, sheet="2").run(predictor).n_resumed == 0
        assert [row["id"] for row in read(tmp_path / "out.csv")] == ["b"]

    def test_no_molecule(self, predictor, tmp_path):
        source = tmp_path / "none.csv"
        source.write_text("smiles,id\n")
        with pytest.raises(InputError, match="no molecule"):
            Job(source=source, out=tmp_path / "out.csv").run(predictor)

    def test_what_cant_be_written(self, predictor, source, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(OutputError, match="can't be written"):
            Job(source=source, out=tmp_path / "file" / "out.csv").run(predictor)

    def test_progress(self, predictor, source, tmp_path):
        told = []
        Job(source=source, out=tmp_path / "out.csv", chunk=100).run(predictor, lambda *given: told.append(given))
        assert told == [(100, 133), (133, 133)]

    def test_more_evidence_than_there_are_public_molecules(self, kept, source, tmp_path):
        public = kept["mixture"].public
        few = attrs.evolve(kept["mixture"].near_public, known=kept["mixture"].near_public.known[:2])
        poor = attrs.evolve(kept["mixture"], near_public=few)
        assert len(public.transfer) > 2
        Job(source=source, out=tmp_path / "out.csv").run(Predictor(kept=poor, n_evidence=4))
        row = read(tmp_path / "out.csv")[0]
        assert row["evidence_2_smiles"]
        assert row["evidence_3_smiles"] == row["evidence_4_partners"] == row["problem"] == ""
