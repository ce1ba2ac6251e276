"""No module can run what it reads; and starting costs nothing that isn't needed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import fluidmol
import fluidmol_drop

SOURCES = [Path(package.__file__).parent for package in (fluidmol, fluidmol_drop)]
MODULES = sorted(path for source in SOURCES for path in source.rglob("*.py"))
FORBIDDEN = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "marshal", "shelve"}
DANGEROUS = {"eval", "exec", "__import__", "compile"}
HEAVY = ("rdkit", "sklearn", "lightgbm", "numba", "plotly", "pyarrow", "scipy", "numpy", "pandas", "joblib",
         "torch", "chemprop", "fsspec", "fluidmol_drop.server", "fluidmol_drop.client")  # fmt: skip


def faults(text):
    """Say which lines of a module import or call what no module of ours may."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                found = {name.name.split(".")[0] for name in names} & FORBIDDEN
            case ast.ImportFrom(module=module, names=names):
                found = {(module or "").split(".")[0]} & FORBIDDEN
                if module == "joblib":
                    found |= {name.name for name in names} & {"dump", "load"}
            case ast.Call(func=ast.Name(id=name)):
                found = {name} & DANGEROUS
            case ast.Call(func=ast.Attribute(value=ast.Name(id="joblib"), attr=name)):
                found = {name} & {"dump", "load"}
            case ast.Call(keywords=keywords):
                found = {k.arg for k in keywords if k.arg == "allow_pickle"}
            case _:
                continue
        for what in found:
            yield f"line {node.lineno}: {what}"


@pytest.mark.parametrize(
    "text",
    ["import pickle", "import os, dill.extend", "from cloudpickle import dumps", "from joblib import Parallel, load",
     "joblib.dump(1, 'x')", "eval('1')", "def f():\n  exec('1')", "np.load('x', allow_pickle=True)", "import marshal"],
)  # fmt: skip
def test_the_search_finds(text):
    assert list(faults(text))


def test_there_are_modules_to_search():
    assert len(MODULES) > 50


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(SOURCES[0].parent).as_posix())
def test_no_module_runs_what_it_reads(module):
    assert list(faults(module.read_text(encoding="utf-8"))) == []


REPORT = f"""
import atexit, sys
atexit.register(lambda: print("HEAVY", sorted(m for m in {HEAVY!r} if m in sys.modules)))
"""
STARTS = {
    "import fluidmol": "import fluidmol",
    "fluid --help": "import sys; sys.argv = ['fluid', '--help']\nfrom fluidmol.cli.main import main\nmain()",
    "fluid --version": "import sys; sys.argv = ['fluid', '--version']\nfrom fluidmol.cli.main import main\nmain()",
}


@pytest.mark.parametrize("name", STARTS)
def test_start_loads_nothing_heavy(name):
    done = subprocess.run(
        [sys.executable, "-c", REPORT + STARTS[name]], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "HEAVY []"


# What a start costs is the modules that it loads; how long that takes is for benchmarks/start.py.
MOST = {"import fluidmol": 80, "fluid --help": 445, "fluid --version": 445}


@pytest.mark.parametrize("name", STARTS)
def test_start_loads_few_modules(name):
    count = "import atexit, sys\natexit.register(lambda: print(len(sys.modules)))\n"
    done = subprocess.run(
        [sys.executable, "-c", count + STARTS[name]], capture_output=True, text=True, check=True, timeout=60
    )
    assert int(done.stdout.splitlines()[-1]) <= MOST[name]
