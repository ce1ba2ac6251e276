"""Parts describe themselves: nobody asks what class one is, and each keeps all of its protocol."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import fluidmol
from fluidmol.chem.domain import DOMAINS, DomainRecipe
from fluidmol.chem.featurisers import FEATURISERS, Featuriser
from fluidmol.chem.pool.picking import PICKERS, Picker
from fluidmol.chem.proximity import PROXIMITIES, Proximity
from fluidmol.chem.representation import MAKERS, Maker
from fluidmol.learning.aggregation import AGGREGATIONS, Aggregation
from fluidmol.learning.distillation import DISTILLATIONS, Distillation
from fluidmol.learning.estimators import ESTIMATORS, STUDENTS, Estimator
from fluidmol.learning.privacy import PRIVACIES
from fluidmol.learning.selection import SELECTIONS, Selection
from fluidmol.learning.union import UNIONS, DataCombination
from fluidmol.learning.weighting import WEIGHTINGS, Weighting
from fluidmol.studies.analyses import STUDIES
from fluidmol.values.parts import Catalogue, Part

SOURCE = Path(fluidmol.__file__).parent
MODULES = sorted(SOURCE.rglob("*.py"))
KINDS = [
    (AGGREGATIONS, Aggregation), (DISTILLATIONS, Distillation), (DOMAINS, DomainRecipe), (ESTIMATORS, Estimator),
    (FEATURISERS, Featuriser), (MAKERS, Maker), (PICKERS, Picker), (PROXIMITIES, Proximity), (SELECTIONS, Selection),
    (STUDENTS, Estimator), (UNIONS, DataCombination), (WEIGHTINGS, Weighting),
]  # fmt: skip
PARTS = [(catalogue, protocol, name) for catalogue, protocol in KINDS for name in catalogue]
NEVER_RETURN = {"cli/interrupts.py": {"leave"}, "values/strict_json.py": {"_refuse_constant"}}
CLASSES = {
    (type(catalogue.build(Part(name))).__module__, type(catalogue.build(Part(name))).__name__)
    for catalogue, _, name in PARTS
} | {(protocol.__module__, protocol.__name__) for _, protocol in KINDS}


def questions(text):
    """Say where a module asks whether something is of a catalogue's class."""
    tree = ast.parse(text)
    named = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }  # fmt: skip
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("isinstance", "issubclass")
        ):
            asked = {found.id for found in ast.walk(node.args[1]) if isinstance(found, ast.Name)}
            yield from (f"line {node.lineno}: {name}" for name in asked if named.get(name) in CLASSES)


def endless(text):
    """Name the functions that say they never return."""
    for node in ast.walk(ast.parse(text)):
        returns = getattr(node, "returns", None)
        names = {getattr(part, "id", getattr(part, "attr", "")) for part in ast.walk(returns)} if returns else set()
        if names & {"NoReturn", "Never"}:
            yield node.name


def test_the_search_finds_a_question():
    text = "from fluidmol.learning.union.mixture import Mixture as M\nisinstance(union, int | M)"
    assert list(questions(text)) == ["line 2: M"]


def test_the_search_finds_what_never_returns():
    assert list(endless("def blocks(self) -> typing.NoReturn: ...\ndef other(self) -> int: ...")) == ["blocks"]


def test_no_module_asks_of_what_class_a_part_is():
    found = {path: list(questions(path.read_text(encoding="utf-8"))) for path in MODULES}
    assert {path: where for path, where in found.items() if where} == {}


def test_nothing_never_returns_but_the_ways_out():
    found = {path.relative_to(SOURCE).as_posix(): set(endless(path.read_text(encoding="utf-8"))) for path in MODULES}
    assert {path: names for path, names in found.items() if names} == NEVER_RETURN


def test_every_catalogue_of_parts_is_walked():
    packages = [path.parent for path in MODULES if path.name == "__init__.py" and "Catalogue(" in path.read_text()]
    modules = [importlib.import_module(".".join(("fluidmol", *path.relative_to(SOURCE).parts))) for path in packages]
    found = {id(value) for module in modules for value in vars(module).values() if isinstance(value, Catalogue)}
    # A study and a way to be private have no protocol of parts.
    assert found == {id(catalogue) for catalogue, _ in KINDS} | {id(STUDIES), id(PRIVACIES)}


@pytest.mark.parametrize(
    ("catalogue", "protocol", "name"), PARTS, ids=[f"{catalogue.kind}-{name}" for catalogue, _, name in PARTS]
)
def test_a_part_has_all_of_its_protocol(catalogue, protocol, name):
    part = type(catalogue.build(Part(name)))
    assert protocol in part.__mro__, "the type checker compares a part with its protocol where it is written"
    if "__call__" in vars(protocol):
        wanted, found = (list(inspect.signature(one.__call__).parameters) for one in (protocol, part))
        assert found == wanted
