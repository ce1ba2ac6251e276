"""Engines without a cluster: what options and values refuse, and what joblib does within."""

import sys
from typing import ClassVar

import joblib
import pytest

from fluidmol.cli.workers import cores, engine_of
from fluidmol.engines import ray_cluster
from fluidmol.engines.engine import Engine
from fluidmol.engines.versions import PACKAGES, check_workers, versions_here
from fluidmol.errors import UnavailableError, UsageError
from fluidmol.parallel import WAVE, jobs, on_backend


class FarBackend(joblib.parallel.ThreadingBackend):
    """A cluster of seven cores, as joblib sees one: it gives all answers at once, and counts its own cores."""

    supports_return_generator = False
    calls: ClassVar = []

    def effective_n_jobs(self, n_jobs):
        return 7 if n_jobs == -1 else n_jobs

    def configure(self, n_jobs=1, parallel=None, **_):
        self.parallel = parallel
        self.calls.append(n_jobs)
        return 1


@pytest.fixture
def far(monkeypatch):
    monkeypatch.setitem(joblib.parallel.BACKENDS, "far", FarBackend)
    monkeypatch.setattr(FarBackend, "calls", [])


def test_a_cluster_s_cores_are_not_this_machine_s(far):
    with joblib.parallel_config(backend="far", n_jobs=2):
        assert jobs() == 2
    with joblib.parallel_config(backend="threading", n_jobs=2):
        assert jobs() == 2
    assert jobs() == 1


def test_a_backend_without_generators_gets_waves(far):
    n = 2 * 7 * WAVE + 1
    with joblib.parallel_config(backend="far", n_jobs=2):
        found = iter(on_backend(divmod, ((place, 3) for place in range(n))))
        assert next(found) == (0, 0)
        assert len(FarBackend.calls) == 1
        assert [next(found) for _ in range(n - 1)] == [divmod(place, 3) for place in range(1, n)]
    assert FarBackend.calls == [-1] * 3  # all cores of the cluster


def test_one_job_needs_no_backend(far):
    with joblib.parallel_config(backend="far", n_jobs=2):
        assert list(on_backend(pow, [(2, 3)], 1)) == [8]
    assert FarBackend.calls == []


@pytest.mark.parametrize(
    ("given", "problem"),
    [(("spark",), "`engine` is 'spark'"), (("dask",), "no `scheduler` is given"), (("ray",), "no `address` is given"),
     (("local", "tcp://10.0.0.5:8786"), "and no engine that has one")],
)  # fmt: skip
def test_engines_that_cannot_be(given, problem):
    with pytest.raises(UsageError, match=problem):
        Engine(*given)


@pytest.mark.parametrize(
    ("given", "problem"),
    [({"engine": "ray", "scheduler": "a:1"}, "--scheduler goes with --engine dask"),
     ({"engine": "dask", "address": "a:1"}, "--address goes with --engine ray"),
     ({"scheduler": "a:1"}, "--scheduler goes with --engine dask, and the engine is local"),
     ({"engine": "spark", "address": "a:1"}, "`engine` is 'spark'")],
)  # fmt: skip
def test_options_that_contradict_one_another(given, problem):
    with pytest.raises(UsageError, match=problem):
        engine_of(None, **given)


def test_options_name_an_engine():
    assert engine_of(None) == Engine("local", "", cores())
    assert engine_of(1, "dask", scheduler="tcp://a:1") == Engine("dask", "tcp://a:1", 1)
    assert engine_of(2, "ray", address="a:1") == Engine("ray", "a:1", 2)


@pytest.mark.parametrize(("kind", "module", "address"), [("dask", "distributed", "tcp://a:1"), ("ray", "ray", "a:1")])
def test_an_extra_that_is_not_installed_is_named(kind, module, address, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr(ray_cluster, "_check_reachable", lambda _: None)
    with pytest.raises(UnavailableError, match=rf"pip install 'fluidmol\[{kind}\]'"):
        Engine(kind, address).running().__enter__()


class TestVersions:
    @pytest.fixture
    def here(self):
        return versions_here()()

    def test_all_are_told(self, here):
        assert set(here) == {"python", *PACKAGES}
        assert all(here.values())

    def test_workers_like_this_machine(self, here):
        assert check_workers({"a": here, "b": here}, 5, "Dask at x") == "Dask at x: 5 cores of 2 workers"

    @pytest.mark.parametrize(("package", "version", "said"), [("rdkit", "1.0", "rdkit 1.0"), ("fluidmol", "", "no fl")])
    def test_another_one(self, here, package, version, said):
        with pytest.raises(UnavailableError, match=f"Dask at x: the worker b has {said}"):
            check_workers({"a": here, "b": {**here, package: version}}, 5, "Dask at x")

    @pytest.mark.parametrize(("cores", "said"), [(0, "no cores"), (1, "1 core,")])
    def test_too_few_cores(self, here, cores, said):
        with pytest.raises(UnavailableError, match=f"has {said}"):
            check_workers({"a": here}, cores, "Dask at x")
