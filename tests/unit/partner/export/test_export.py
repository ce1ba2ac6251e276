"""ONNX files: what they say is what the model says, and private fingerprints are never in them."""

import builtins
import hashlib
import importlib
import json
from types import SimpleNamespace

import attrs
import numpy as np
import pytest
from scipy.sparse import csr_matrix

from fluidmol.chem.features import features
from fluidmol.chem.featurisers import FEATURISERS
from fluidmol.errors import InputError, UnavailableError, UsageError
from fluidmol.learning.aggregation import AGGREGATIONS
from fluidmol.learning.estimators.trees import Trees
from fluidmol.learning.experts.asking import SurrogateEnsemble
from fluidmol.partner.export.export import BOUND, export, run, write
from fluidmol.partner.export.export_parts import add_model, table_of
from fluidmol.partner.export.graph import INPUT, Graph
from fluidmol.partner.export.trees import add_forest
from fluidmol.partner.hybrid import OnMolecules
from fluidmol.partner.kept.fitting import student_of
from fluidmol.partner.local_models import OWN
from fluidmol.partner.mixture import MixtureSetting
from fluidmol.partner.notices import OF_PARTIES, PRIVATE
from fluidmol.values.experts import Experts
from fluidmol.values.parts import Part

onnx = pytest.importorskip("onnx", reason="onnx is an extra")
pytest.importorskip("onnxruntime", reason="onnxruntime is an extra")


def agreement(model, exported, kept, compounds):
    said = run(exported.data, table_of(kept, compounds))
    return float(np.abs(said - model(compounds)).max())


@pytest.mark.parametrize("kind", ["bits", "forest", "boosting", "linear"])
def test_hybrids_of_all_estimators_agree(kind, kept, chemistry):
    found = export(kept[kind])
    assert agreement(kept[kind].model.predict, found, kept[kind], chemistry.compounds) <= BOUND
    assert (found.part.name, found.part.private) == ("whole", True)


@pytest.mark.parametrize("kind", ["mixture", "bits", "forest", "boosting", "linear"])
def test_students_agree(kind, publics, chemistry):
    student = student_of(publics[kind])
    found = export(student)
    assert agreement(student.model.predict, found, student, chemistry.compounds) <= BOUND
    assert not found.part.private


@pytest.mark.parametrize(("part", "said"), [("own", PRIVATE), ("others", OF_PARTIES)])
def test_each_file_says_who_may_have_it(part, said, kept, tmp_path):
    found = export(kept["mixture"], part)
    beside = write(found, tmp_path / "m.onnx")
    model = onnx.load(tmp_path / "m.onnx")
    assert model.doc_string == said
    assert {entry.key: entry.value for entry in model.metadata_props} == {"notice": said}
    told = json.loads(beside.read_text())
    assert (told["notice"], told["private"]) == (said, part == "own")


@pytest.mark.parametrize("own", OWN)
def test_own_models_of_a_mixture_agree(own, kept, chemistry):
    hybrid = kept["mixture"]
    hybrid = attrs.evolve(hybrid, model=attrs.evolve(hybrid.model, choice=MixtureSetting(own)))
    found = export(hybrid, "own")

    def said(compounds):
        return hybrid.model.own.annotate(compounds)[0][own]

    assert agreement(said, found, hybrid, chemistry.compounds) <= BOUND
    assert found.part.private


def test_the_others_of_a_mixture_agree_and_hold_nothing_private(kept, chemistry):
    hybrid = kept["mixture"]
    found = export(hybrid, "others")
    asked = SurrogateEnsemble(hybrid.model.others, hybrid.public.charter, 2.0)
    said = OnMolecules(asked, hybrid.public.charter.featuriser).predict
    assert agreement(said, found, hybrid, chemistry.compounds) <= BOUND
    assert not found.part.private
    assert "ada" not in asked.experts.partners


def test_a_mixture_isnt_exported_as_a_whole(kept):
    with pytest.raises(UsageError, match=r"private compounds.*`part` own"):
        export(kept["mixture"])


def test_public_directions_arent_exported(kept):
    part = Part("directions", {"digest": "sha256:" + "0" * 64})
    charter = attrs.evolve(kept["linear"].public.charter, featuriser=part)
    with pytest.raises(InputError, match=r"public directions.*fluid predict"):
        export(SimpleNamespace(public=SimpleNamespace(charter=charter)))


def test_no_fingerprint_of_an_own_compound_is_in_any_file(kept):
    rows = kept["mixture"].model.own.teacher.nearness.known
    packed = np.packbits(rows.toarray().astype(bool), axis=1)
    for part in ("own", "others"):
        data = export(kept["mixture"], part).data
        assert not any(row.tobytes() in data for row in packed)
        width = rows.shape[1]
        shapes = [tuple(c.dims) for c in onnx.load_from_string(data).graph.initializer]
        assert not any(len(rows.data) in shape or width * rows.shape[0] in shape for shape in shapes)


def test_parts_that_arent_there(kept):
    with pytest.raises(UsageError, match="Only a mixture has parts"):
        export(kept["bits"], "own")
    lonely = attrs.evolve(kept["mixture"], model=attrs.evolve(kept["mixture"].model, others=None))
    with pytest.raises(UsageError, match="asks nobody else"):
        export(lonely, "others")
    foreign = attrs.evolve(kept["mixture"], model=attrs.evolve(kept["mixture"].model, own=None))
    with pytest.raises(UsageError, match="no own model"):
        export(foreign, "own")


@pytest.mark.parametrize("aggregation", sorted(set(AGGREGATIONS) - {"weighted-mean", "reliability"}))
def test_rules_without_an_onnx_form_are_named(aggregation, kept):
    charter = attrs.evolve(kept["mixture"].public.charter, aggregation=Part(aggregation))
    other = attrs.evolve(kept["mixture"], model=attrs.evolve(kept["mixture"].model, charter=charter))
    with pytest.raises(InputError, match=aggregation):
        export(other, "others")


@pytest.mark.parametrize("weighting", [Part("powered", {"power": 6.0}), Part("as-stated")], ids=lambda part: part.name)
def test_experts_far_from_everything_agree(weighting, charters):
    # Weights so small that their powers vanish, trust of nothing, and certainty.
    charter = attrs.evolve(charters["mixture"], weighting=weighting)
    rng = np.random.default_rng(1)
    near, said = rng.normal(0, 60, (3, 9)), rng.normal(0, 9, (3, 9))
    asked = SurrogateEnsemble(Experts(("a", "b", "c"), said, near, [1, 1, 1], [0, 1, 0.5]), charter, 2.0)
    table = rng.random((500, 8)).astype(np.float32)
    graph = Graph()
    data = graph.finished(add_model(graph, asked), 8, "")
    assert np.abs(run(data, table) - asked.predict(csr_matrix(table))).max() <= BOUND


def test_thresholds_between_two_floats_part_as_they_did():
    # 0.1 is no float32: the nearest lies above it, and would go left if the threshold were rounded up.
    ends = np.array([0.1, np.nextafter(np.float32(0.1), np.float32(0)), 0.0, 1.0], dtype=np.float32)
    leaf = np.array([0.0, 0.2, 0.9])
    column, left, right = (np.array(values, np.int32) for values in ([0, -1, -1], [1, 0, 0], [2, 0, 0]))
    tree = Trees(np.zeros(1, np.int32), column, np.array([0.1, 0, 0]), left, right, leaf, 1)
    graph = Graph()
    said = run(graph.finished(add_forest(graph, INPUT, tree), 1, ""), ends[:, None])
    assert said.round(6).tolist() == [0.9, 0.2, 0.2, 0.9]


def test_a_file_that_disagrees_isnt_given(kept, monkeypatch):
    monkeypatch.setattr("fluidmol.partner.export.export.run", lambda _data, table: np.full(len(table), 0.123))
    with pytest.raises(InputError, match="differs from the model"):
        export(kept["bits"])
    monkeypatch.setattr("fluidmol.partner.export.export.run", lambda _data, table: np.full(len(table), np.nan))
    with pytest.raises(InputError, match="differs from the model"):
        export(kept["bits"])


def test_the_json_says_how_to_make_the_features(kept, chemistry, tmp_path):
    beside = write(export(kept["boosting"]), tmp_path / "new" / "model.onnx")
    facts = json.loads(beside.read_text())
    data = (tmp_path / "new" / "model.onnx").read_bytes()
    assert facts["sha256"] == hashlib.sha256(data).hexdigest()
    featuriser = Part.from_table(facts["featuriser"], "featuriser")
    table = features(chemistry.compounds, featuriser).toarray()
    assert np.abs(run(data, table) - kept["boosting"].model.predict(chemistry.compounds)).max() <= BOUND
    assert facts["input"]["shape"][1] == table.shape[1] == sum(block["columns"] for block in facts["blocks"])
    for said, block in zip(facts["blocks"], FEATURISERS.build(featuriser).blocks, strict=True):
        module, _, name = said["block"].partition(":")
        assert getattr(importlib.import_module(module), name)(**said["options"]) == block
    assert facts["checked"]["public_molecules"] == 40
    assert facts["checked"]["largest_difference"] <= facts["checked"]["allowed"] == BOUND
    assert str(tmp_path) not in beside.read_text()


def test_without_the_extra(kept, monkeypatch):
    real = builtins.__import__
    monkeypatch.setattr(
        importlib,
        "import_module",
        lambda name: (_ for _ in ()).throw(ImportError(name)) if "onnx" in name else real(name),
    )
    with pytest.raises(UnavailableError, match=r"pip install 'fluidmol\[onnx\]'"):
        export(kept["bits"])
