"""A small public chemistry in files, charters for seconds, and the command line in this process."""

import contextlib
import io
import os
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import attrs
import pytest

from fluidmol.chem.features import forget
from fluidmol.cli.main import main
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part

SCAFFOLDS = (
    "c1ccc({})cc1", "c1ccnc({})c1", "C1CCC({})CC1", "c1ccc2cc({})ccc2c1", "c1ccc(-c2ccc({})cc2)cc1", "c1csc({})c1",
    "c1coc({})c1", "O=C1CCC({})C1", "c1ccc2[nH]c({})cc2c1", "C1CCOC({})C1", "c1cnc({})nc1", "Cc1ccc({})cc1",
    "Clc1ccc({})cc1", "COc1ccc({})cc1", "Fc1cccc({})c1", "c1ccc(Oc2ccc({})cc2)cc1", "Cn1ccc({})n1",
    "c1ccc2nc({})ccc2c1", "c1ccc2oc({})cc2c1", "c1ccc2sc({})cc2c1", "N#Cc1ccc({})cc1", "FC(F)(F)c1ccc({})cc1",
)  # fmt: skip
ACTIVE = ("CCN(C)C", "CCCN(C)C", "CN1CCCCC1", "CCNC", "CCCN", "CN(CC)CC")
INACTIVE = ("C", "CO", "CCC(=O)O", "C(=O)OC", "F", "CC#N", "C(F)(F)F")


def molecules(scaffolds):
    """Pairs of SMILES and class: those with a basic amine are active."""
    return [(scaffold.format(group), int(group in ACTIVE)) for scaffold in scaffolds for group in ACTIVE + INACTIVE]


def table(rows, header="smiles,active"):
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


@pytest.fixture(scope="session")
def rows():
    """The source's SMILES with their classes, 156 of them."""
    return molecules(SCAFFOLDS[:12])


@pytest.fixture(scope="session")
def as_table():
    """Write rows as CSV."""
    return table


@pytest.fixture(scope="session")
def files(tmp_path_factory, rows):
    """Source, external and transfer file, and three quick charters."""
    folder = tmp_path_factory.mktemp("files")
    found = SimpleNamespace(
        source=folder / "assay.csv", external=folder / "external.csv", transfer=folder / "public.smi",
        forest=folder / "forest.toml", boosting=folder / "boosting.toml", experts=folder / "experts.toml",
    )  # fmt: skip
    found.source.write_text(table(rows))
    found.external.write_text(table(molecules(SCAFFOLDS[12:15])))
    found.transfer.write_text("".join(f"{smiles} M{i}\n" for i, (smiles, _) in enumerate(molecules(SCAFFOLDS[15:]))))
    paper = Charter.from_preset("paper-2025").to_toml()
    found.forest.write_text(paper.replace("trees = 150", "trees = 12").replace("bits = 2048", "bits = 256"))
    trees = Part("lightgbm", {"rounds": 15, "leaf": 2})
    boosting = attrs.evolve(
        Charter.from_preset("paper-2025"), featuriser=Part("combined", {"bits": 256}), teacher=trees, student=trees,
        hybrid=trees, proximity=Part("tanimoto-neighbours"), weighting=Part("powered"),
        selection=Part("all", {"hard": False}), union=Part("weighted"),
    )  # fmt: skip
    found.boosting.write_text(boosting.to_toml())
    default = Charter.from_preset("open").to_toml()
    quick = default.replace("rounds = 150", "rounds = 15").replace("folds = 5", "folds = 2")
    found.experts.write_text(quick.replace("bits = 2048", "bits = 256"))
    return found


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLUID_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("FLUID_DEBUG", raising=False)
        patch.setenv("COLUMNS", "80")
        yield


def run_main(*words):
    """Run a command line in this process; give its exit code and what it said."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    forget()  # as a new process would
    with warnings.catch_warnings(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(word) for word in words])
        except SystemExit as end:
            code = end.code or 0  # type: ignore[assignment]
    return SimpleNamespace(code=code, out=out.getvalue(), err=err.getvalue())


@pytest.fixture(scope="session")
def fluid():
    """The command ``fluid``, in this process."""
    return run_main


@pytest.fixture(scope="session")
def simulate(files):
    """``fluid simulate`` on the small chemistry; words replace or add options."""

    def run(out, *words, charter=files.forest, source=files.source, transfer=files.transfer, external=files.external):
        options = ["--source", source, "--transfer", transfer, "--out", out, "--partners", 3, "--workers", 2, "--quiet"]
        options += [] if charter is None else ["--charter", charter]
        options += [] if external is None else ["--external", external]
        return run_main("simulate", *options, *words)

    return run


@pytest.fixture(scope="session")
def good(simulate, tmp_path_factory):
    """A finished run."""
    folder = tmp_path_factory.mktemp("good") / "RUN"
    result = simulate(folder)
    assert result.code == 0, result.err
    return SimpleNamespace(folder=folder, out=result.out, err=result.err)


@pytest.fixture(scope="session")
def spawn():
    """Start ``fluid`` as a process of its own, leader of its group."""

    def start(*words, first="pass", **options):
        # Whoever runs the tests in the background may have told all its children to ignore Ctrl-C.
        heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
        script = f"{heard}; from fluidmol.cli.main import main; {first}; main()"
        command = [sys.executable, "-c", script, *map(str, words)]
        environ = {**os.environ, **options.pop("env", {})}
        return subprocess.Popen(
            command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
            **options,
        )  # fmt: skip

    return start


@pytest.fixture(scope="session")
def root():
    """The checkout."""
    return Path(__file__).parents[2]
