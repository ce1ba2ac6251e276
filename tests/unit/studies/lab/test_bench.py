"""One lab for the studies of one seed."""

from types import SimpleNamespace

import attrs
import pytest

from fluidmol.progress import Stages
from fluidmol.studies.consortium import Setup
from fluidmol.studies.lab import bench as module
from fluidmol.studies.lab.bench import Bench
from fluidmol.studies.lab.plan import StudyPlan
from fluidmol.studies.prepare import Sources
from fluidmol.values.parts import Part


@pytest.fixture
def prepared(monkeypatch, consortium):
    """Seeds that were prepared, and what was forgotten."""
    seeds, forgotten = [], []

    def prepare(_sources, charter, *_rest):
        seeds.append(charter.seed)
        return SimpleNamespace(consortium=attrs.evolve(consortium, charter=charter))

    monkeypatch.setattr(module, "prepare", prepare)
    monkeypatch.setattr(module, "forget", lambda: forgotten.append(1))
    return SimpleNamespace(seeds=seeds, forgotten=forgotten)


def test_the_same_lab_is_given_again_until_another_is_asked_for(prepared, consortium, tmp_path):
    bench = Bench()
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(name)
    sources = Sources(source=tmp_path / "a.csv", transfer=tmp_path / "b.csv")

    def lab(seed, setup):
        plan = StudyPlan(study=Part("benchmark"), sources=sources, charter=consortium.charter, setup=setup)
        return bench.lab(plan, seed, tmp_path / "LAB", cache=None, stages=Stages())[1]

    first = lab(1, Setup(n_partners=3))
    assert lab(1, Setup(n_partners=3)) is first
    assert prepared.seeds == [1]
    assert lab(2, Setup(n_partners=3)) is not first
    assert lab(2, Setup(n_partners=2)).charter.seed == 2
    assert lab(1, Setup(n_partners=3)) is not first  # only the last one is kept
    assert prepared.seeds == [1, 2, 2, 1]
    assert len(prepared.forgotten) == 4
